//! The documentation: its links and anchors exist, its examples are doctests, and the README shows a real file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// The address of this repository, at which links from the book and the README lead to its files.
const REPOSITORY: &str = "https://github.com/omnifn/omnifn/";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the Markdown files below a folder, as paths from the root.
fn markdown(folder: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if !path.ends_with("target") => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "md") => {
                    found.push(path.strip_prefix(root()).expect("below the root").to_owned());
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// Returns all documents whose links are checked.
fn documents() -> Vec<PathBuf> {
    let mut all: Vec<_> = ["docs", "examples", "benches", "tests/peers"].into_iter().flat_map(markdown).collect();
    all.push("cli/README.md".into());
    all.push("llms.txt".into());
    for entry in fs::read_dir(root()).expect("the root") {
        let name = PathBuf::from(entry.expect("an entry").file_name());
        if name.extension().is_some_and(|extension| extension == "md") {
            all.push(name);
        }
    }
    all
}

/// What is checked of a document.
#[derive(Default)]
struct Document {
    links: Vec<String>,
    anchors: BTreeSet<String>,
    /// The info string of each fenced block.
    fences: Vec<String>,
}

/// Returns the text of a document, with what mdBook includes in it.
fn text(path: &Path) -> String {
    let text = read(path);
    let lines = text.lines().map(|line| {
        let included = line.strip_prefix("{{#include ").and_then(|line| line.strip_suffix("}}"));
        match included {
            Some(included) => read(&normal(&path.parent().unwrap_or(Path::new("")).join(included))),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

fn document(path: &Path) -> Document {
    let text = text(path);
    let mut document = Document::default();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                document.links.push(dest_url.into_string());
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => document.fences.push(info.into_string()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let anchor = anchor(&heading.take().unwrap_or_default());
                let number = document.anchors.iter().filter(|other| {
                    other.strip_prefix(&anchor).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
                });
                let repeated = document.anchors.contains(&anchor).then(|| format!("{anchor}-{}", number.count()));
                document.anchors.insert(repeated.unwrap_or(anchor));
            }
            _ => {}
        }
    }
    document
}

/// Returns the anchor of a heading, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Returns a path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => assert!(normal.pop(), "{} is above the root", path.display()),
            Component::CurDir => {}
            component => normal.push(component),
        }
    }
    normal
}

/// Returns the file of the repository that a link leads to, with its anchor; `None` if it leads elsewhere.
fn target(from: &Path, link: &str) -> Option<(PathBuf, Option<String>)> {
    let (address, anchor) = match link.split_once('#') {
        Some((address, anchor)) => (address, Some(anchor.to_owned())),
        None => (link, None),
    };
    let file = match address.strip_prefix(REPOSITORY) {
        Some(rest) => {
            let rest = rest.strip_prefix("blob/main/").or_else(|| rest.strip_prefix("tree/main/"))?;
            PathBuf::from(rest)
        }
        None if address.contains("://") || address.starts_with("mailto:") => return None,
        None if address.is_empty() => from.to_owned(),
        None => normal(&from.parent().unwrap_or(Path::new("")).join(address)),
    };
    Some((file, anchor))
}

#[test]
fn every_link_leads_somewhere() {
    let mut documents_read = BTreeMap::new();
    let (mut dead, mut checked) = (Vec::new(), 0);
    for path in documents() {
        for link in document(&path).links {
            let Some((file, anchor)) = target(&path, &link) else { continue };
            checked += 1;
            if !root().join(&file).exists() {
                dead.push(format!("{}: {link}: there is no such file", path.display()));
            } else if let Some(anchor) = anchor {
                let document = documents_read.entry(file.clone()).or_insert_with(|| document(&file));
                if !document.anchors.contains(&anchor) {
                    dead.push(format!("{}: {link}: there is no such heading", path.display()));
                }
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
    assert!(checked > 150, "only {checked} links were found");
}

/// A relative link out of `docs/` would be dead in the book, and any relative link of the README on docs.rs.
#[test]
fn links_work_where_the_pages_are_published() {
    let mut wrong = Vec::new();
    for path in markdown("docs").into_iter().chain([PathBuf::from("README.md")]) {
        // Included pages have links of their own, which have to work in the book as well.
        for link in document(&path).links {
            let is_relative = !link.contains("://") && !link.starts_with('#');
            // By the depth of the path, because what a page includes is written for another folder.
            let depth = path.parent().map_or(0, |folder| folder.components().count().saturating_sub(1));
            let up = link.split('/').filter(|part| *part == "..").count();
            let leaves = is_relative && up > depth;
            if leaves || is_relative && path == Path::new("README.md") {
                wrong.push(format!("{}: {link}: write {REPOSITORY}blob/main/…", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_chapter_is_in_the_summary() {
    let summary = document(Path::new("docs/SUMMARY.md"));
    let listed: BTreeSet<_> = summary.links.iter().map(|link| Path::new("docs").join(link)).collect();
    let chapters: BTreeSet<_> = markdown("docs").into_iter().filter(|path| !path.ends_with("SUMMARY.md")).collect();
    assert_eq!(listed, chapters);
}

/// Every example in Rust is a doctest: its chapter is mounted in `src/book.rs`, and nothing is ignored.
#[test]
fn every_example_is_compiled() {
    let book = read(Path::new("src/book.rs"));
    let mut wrong = Vec::new();
    for path in markdown("docs").into_iter().chain([PathBuf::from("README.md")]) {
        let fences = document(&path).fences;
        let rust: Vec<_> = fences.iter().filter(|info| info.is_empty() || info.starts_with("rust")).collect();
        let mounted = path == Path::new("README.md")
            || path.strip_prefix("docs").is_ok_and(|chapter| book.contains(&format!("\"{}\"", chapter.display())));
        if !rust.is_empty() && !mounted {
            wrong.push(format!("{} is not in src/book.rs", path.display()));
        }
        if let Some(info) = fences.iter().find(|info| info.contains("ignore")) {
            wrong.push(format!("{}: ```{info}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_shows_the_example() {
    let readme = read(Path::new("README.md"));
    assert!(readme.lines().count() <= 150, "{} lines", readme.lines().count());
    let example = read(Path::new("examples/hello/src/main.rs"));
    assert!(
        readme.contains(&format!("```rust\n{example}```\n")),
        "the first example is not examples/hello/src/main.rs"
    );
}
