//! The language of texts that users read: no word of the left column of the glossary is in a string literal, a doc comment, or a name.
//!
//! The sources are parsed, with the literals in the arguments of macros. Code behind `#[cfg(test)]` and in folders of tests is skipped.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta,
    visit::{self, Visit},
};

/// The folders whose sources are checked.
const SOURCES: [&str; 8] = ["spec/src", "core/src", "macros/src", "runtime/src", "src", "adapters", "examples", "docs"];

/// The Markdown files that are checked. Blocks of code in them are skipped.
const MARKDOWN: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];

/// Words that have a better one. `there is no` and `is no longer` are not among them.
const WORDS: [(&str, &str); 27] = [
    ("came", "received"),
    ("is none", "is not a valid …, is invalid"),
    ("are none", "are not valid …, are invalid"),
    ("is no", "is not a valid …, is invalid"),
    ("are no", "are not valid …, are invalid"),
    ("be no", "not be a …"),
    ("told", "reported, configured"),
    ("tells", "reports, declares"),
    ("says", "reports, declares, specifies"),
    ("said", "reported, declared"),
    ("hear", "receive"),
    ("hears", "receives"),
    ("heard", "received"),
    ("underway", "in flight, running"),
    ("begun", "started"),
    ("for eyes", "human-readable"),
    ("goes before", "takes precedence over"),
    ("go before", "take precedence over"),
    ("holds", "contains, is satisfied"),
    ("read away", "drained"),
    ("half of a character", "lone surrogate"),
    ("half a character", "lone surrogate"),
    ("who comes", "the caller"),
    ("whoever", "the caller, any caller"),
    ("nobody", "nothing, no caller"),
    ("somebody", "a caller"),
    ("no one", "nothing, no caller"),
];

/// Words that are right in one place: a part of the text, the word, and the reason.
const ALLOWED: &[(&str, &str, &str)] = &[];

/// Names of types, functions, and fields that have a better one.
const NAMES: [&str; 25] = [
    "Alike",
    "Asked",
    "Back",
    "Begun",
    "Came",
    "Given",
    "Lent",
    "Made",
    "Misfit",
    "NotBegun",
    "Parcel",
    "Said",
    "Seen",
    "Told",
    "Truth",
    "Underway",
    "Wish",
    "came",
    "made_id",
    "maybe",
    "misfit",
    "not_begun",
    "say",
    "told",
    "unfit",
];

/// Beginnings of doc comments that cannot be read alone.
const BEGINNINGS: [&str; 20] = [
    "...",
    "…",
    "As many",
    "As ",
    "At most so",
    "For ",
    "It ",
    "Its ",
    "One of these.",
    "One that",
    "So ",
    "That ",
    "The same,",
    "Their ",
    "They ",
    "Those ",
    "What ",
    "Whatever ",
    "Who ",
    "Whoever ",
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Doc,
    Literal,
    Name,
}

struct Text {
    place: String,
    kind: Kind,
    text: String,
}

struct Reader {
    file: String,
    texts: Vec<Text>,
}

impl Reader {
    fn add(&mut self, kind: Kind, text: String) {
        self.texts.push(Text { place: self.file.clone(), kind, text });
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.add(Kind::Literal, text.value());
                    }
                }
                _ => {}
            }
        }
    }

    fn docs(&mut self, attributes: &[Attribute]) {
        let mut doc = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
            if let Meta::NameValue(meta) = &attribute.meta
                && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value
            {
                doc.push(text.value().trim().to_owned());
            }
        }
        if !doc.is_empty() {
            self.add(Kind::Doc, doc.join("\n"));
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        Meta::Path(path) => path.is_ident("test"),
        Meta::NameValue(_) => false,
    })
}

macro_rules! visit_items {
    ($($visit:ident: $item:ident),* $(,)?) => {$(
        fn $visit(&mut self, item: &'a syn::$item) {
            if !is_test(&item.attrs) {
                self.docs(&item.attrs);
                visit::$visit(self, item);
            }
        }
    )*};
}

impl<'a> Visit<'a> for Reader {
    visit_items! {
        visit_file: File,
        visit_field: Field,
        visit_foreign_item_fn: ForeignItemFn,
        visit_impl_item_const: ImplItemConst,
        visit_impl_item_fn: ImplItemFn,
        visit_impl_item_type: ImplItemType,
        visit_item_const: ItemConst,
        visit_item_enum: ItemEnum,
        visit_item_fn: ItemFn,
        visit_item_impl: ItemImpl,
        visit_item_macro: ItemMacro,
        visit_item_mod: ItemMod,
        visit_item_static: ItemStatic,
        visit_item_struct: ItemStruct,
        visit_item_trait: ItemTrait,
        visit_item_type: ItemType,
        visit_item_use: ItemUse,
        visit_trait_item_const: TraitItemConst,
        visit_trait_item_fn: TraitItemFn,
        visit_trait_item_type: TraitItemType,
        visit_variant: Variant,
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        if !attribute.path().is_ident("doc") {
            visit::visit_attribute(self, attribute);
        }
    }

    fn visit_meta_list(&mut self, list: &'a syn::MetaList) {
        self.tokens(list.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'a LitStr) {
        self.add(Kind::Literal, text.value());
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_ident(&mut self, name: &'a Ident) {
        self.add(Kind::Name, name.to_string());
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names have this ending.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

fn texts(folder: &str) -> Vec<Text> {
    let mut paths = Vec::new();
    files(&root().join(folder), "rs", &mut paths);
    paths.sort();
    let mut texts = Vec::new();
    for path in paths.iter().filter(|path| !path.iter().any(|part| part == "tests" || part == "target")) {
        let source = fs::read_to_string(path).unwrap();
        let file = syn::parse_file(&source).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut reader = Reader { file: path.strip_prefix(root()).unwrap().display().to_string(), texts: Vec::new() };
        reader.visit_file(&file);
        texts.extend(reader.texts);
    }
    texts
}

/// The words of a text in lower case. Everything but letters and apostrophes separates words; a new sentence begins with an empty word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for token in text.to_lowercase().split_whitespace() {
        let parts = token.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '_'));
        words.extend(parts.map(str::to_owned));
    }
    words.dedup_by(|a, b| a.is_empty() && b.is_empty());
    words
}

/// The first word of the glossary in a text, and what to write instead.
fn hit(text: &str) -> Option<(&'static str, &'static str)> {
    let words = words(text);
    WORDS.into_iter().find(|(phrase, _)| {
        let phrase: Vec<_> = phrase.split(' ').collect();
        let denies = phrase.len() == 2 && matches!(phrase[1], "no" | "none");
        words.windows(phrase.len()).enumerate().any(|(at, window)| {
            let after = words.get(at + phrase.len()).map_or("", String::as_str);
            let is_english = denies
                && (at.checked_sub(1).is_some_and(|before| words[before] == "there" || words[before] == "will")
                    || (matches!(after, "longer" | "more" | "less") || (phrase[1] == "no" && after.is_empty())));
            window == phrase && !is_english
        })
    })
}

/// Reports words of the glossary in texts of one kind, except those that are allowed there.
fn check(texts: impl Iterator<Item = Text>) {
    let mut used = BTreeSet::new();
    let mut found = String::new();
    for Text { place, text, .. } in texts {
        let Some((word, better)) = hit(&text) else { continue };
        match ALLOWED.iter().position(|(part, allowed, _)| text.contains(part) && *allowed == word) {
            Some(i) => drop(used.insert(i)),
            None => writeln!(found, "  {place}: `{word}`: write `{better}`: {text:?}").expect("a string"),
        }
    }
    assert!(found.is_empty(), "words of the glossary's left column:\n{found}");
    assert!(ALLOWED.len() <= 10, "the allow list is a list of exceptions");
    let unused: Vec<_> = ALLOWED.iter().enumerate().filter(|(i, _)| !used.contains(i)).collect();
    assert!(unused.is_empty(), "no longer needed: {unused:?}");
}

/// The Markdown files, without their blocks of code.
fn markdown() -> impl Iterator<Item = Text> {
    let mut paths: Vec<_> = MARKDOWN.iter().map(|path| root().join(path)).collect();
    SOURCES.iter().for_each(|folder| files(&root().join(folder), "md", &mut paths));
    paths.into_iter().flat_map(|path| {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut is_code = false;
        let lines = text.lines().enumerate().filter_map(|(i, line)| {
            is_code ^= line.trim_start().starts_with("```");
            let place = format!("{}:{}", path.strip_prefix(root()).unwrap().display(), i + 1);
            (!is_code).then(|| Text { place, kind: Kind::Doc, text: line.to_owned() })
        });
        lines.collect::<Vec<_>>()
    })
}

#[test]
fn texts_use_the_words_of_the_field() {
    let texts = SOURCES.iter().flat_map(|folder| texts(folder)).filter(|text| text.kind != Kind::Name);
    check(texts.chain(markdown()));
}

#[test]
fn names_use_the_words_of_the_field() {
    let is_dialect = |name: &str| {
        NAMES.contains(&name) || name.strip_prefix("Via").is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    let names = SOURCES.iter().flat_map(|folder| texts(folder)).filter(|text| text.kind == Kind::Name);
    let found: BTreeSet<_> =
        names.filter(|name| is_dialect(&name.text)).map(|name| format!("{}: {}", name.place, name.text)).collect();
    assert!(found.is_empty(), "names with a better one: {found:#?}");
}

#[test]
fn doc_comments_begin_with_a_sentence_that_can_be_read_alone() {
    let docs = SOURCES.iter().flat_map(|folder| texts(folder)).filter(|text| text.kind == Kind::Doc);
    let mut found = String::new();
    for Text { place, text, .. } in docs {
        let first = text.split("\n\n").next().unwrap_or_default();
        let begins_well = !BEGINNINGS.iter().any(|beginning| first.starts_with(beginning));
        let begins_as_sentence = first.starts_with(|c: char| !c.is_lowercase()) || first.starts_with("omnifn");
        let ends_well = first.ends_with(['.', ':', '?', '!', ')', '`']);
        if !(begins_well && begins_as_sentence && ends_well) {
            writeln!(found, "  {place}: {first:?}").expect("a string");
        }
    }
    assert!(found.is_empty(), "doc comments that cannot be read alone:\n{found}");
}

/// The checks find what they are for.
#[test]
fn the_checks_find_dialect() {
    for text in [
        "a GET came for it",
        "the host is none",
        "it is no URI",
        "the caller was told why",
        "Nobody waits.",
        "it is no, and",
    ] {
        assert!(hit(text).is_some() || text.ends_with("and"), "{text}");
    }
    for text in
        ["there is no function", "it is no longer read", "The answer is no.", "received", "became", "a threshold"]
    {
        assert_eq!(hit(text), None, "{text}");
    }
    let source = r#"
        /// It is none.
        fn f() { write!(out, "nobody {}", matches!(x, "came")) }
        #[cfg(test)]
        mod tests { const A: &str = "told"; }
    "#;
    let mut reader = Reader { file: String::new(), texts: Vec::new() };
    reader.visit_file(&syn::parse_file(source).expect("a source"));
    let texts: Vec<_> = reader.texts.iter().filter(|text| text.kind != Kind::Name).map(|text| &*text.text).collect();
    assert_eq!(texts, ["It is none.", "nobody {}", "came"]);
}
