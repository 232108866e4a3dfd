//! What `#[function]` writes, as one would read it. `OMNIFN_BLESS=1 cargo test --test expansion` writes the files anew.

// The macro's own modules: it is a function from tokens to tokens.
#[path = "../../macros/src/args.rs"]
mod args;
#[path = "../../macros/src/check.rs"]
mod check;
#[path = "../../macros/src/errors.rs"]
mod errors;
#[path = "../../macros/src/expand.rs"]
mod expand;
#[path = "../../macros/src/grants.rs"]
mod grants;
#[path = "../../macros/src/item.rs"]
mod item;
#[path = "../../macros/src/options.rs"]
mod options;
#[path = "../../macros/src/trigger.rs"]
mod trigger;
#[path = "../../macros/src/types.rs"]
mod types;

use std::{fs, path::Path};

use proc_macro2::TokenStream;
use syn::Attribute;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expansion");

/// A fn with its attribute, as the compiler gives them to the macro.
fn expanded(source: &str) -> String {
    let tokens: TokenStream = source.parse().expect("tokens");
    let item: syn::ItemFn = syn::parse2(tokens).expect("a fn");
    let (ours, others): (Vec<Attribute>, _) = item.attrs.iter().cloned().partition(|a| a.path().is_ident("function"));
    let arguments = match &ours[0].meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let item = syn::ItemFn { attrs: others, ..item };
    let written = expand::function(arguments, quote::ToTokens::into_token_stream(item));
    let file = syn::parse2(written).expect("a file");
    prettyplease::unparse(&file)
}

#[test]
fn snapshots() {
    let mut cases: Vec<_> = fs::read_dir(FOLDER)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "in"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 6, "{} cases", cases.len());
    for case in cases {
        let found = expanded(&fs::read_to_string(&case).expect("a case"));
        let expected = case.with_extension("out");
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            fs::write(&expected, &found).expect("the file can be written");
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert!(expected == found, "{}: expected\n{expected}\nfound\n{found}", case.display());
    }
}

/// The user's tokens go through as they are, whatever they are.
#[test]
fn the_fn_is_untouched() {
    let source = "#[doc = \"a\"] pub async fn f(Path((a, b)): Path<(u8, u8)>) -> u8 where { let x = 1 + ; }";
    let written = expand::function("get = \"/{a}/{b}\"".parse().expect("tokens"), source.parse().expect("tokens"));
    let source: TokenStream = source.parse().expect("tokens");
    assert!(written.to_string().starts_with(&source.to_string()), "{written}");
}

/// A reader of a backtrace or a compiler's error sees few lines beside the user's own.
#[test]
fn the_call_is_short() {
    let written = expanded(&fs::read_to_string(Path::new(FOLDER).join("several_arguments.in")).expect("a case"));
    let mount = written.split("fn mount(self)").nth(1).expect("the call");
    let mount = mount.split("\n    }\n").next().expect("its end");
    let lines = mount.lines().skip(1).count();
    assert!(lines <= 24, "{lines} lines:{mount}");
    let semicolons = mount.matches(';').count();
    assert!(semicolons <= 6, "{semicolons} statements:{mount}");
}
