//! `cargo omnifn new`

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    error::{Error, Kind, Result},
    files,
    output::Output,
    template::{Source, Template},
};

/// Make a new crate from a template.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The crate's name, and its folder, which is made.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it begins with.
    #[arg(long, short, value_name = "TEMPLATE", default_value = "http")]
    pub template: Template,
    /// Where omnifn's source is: a folder, instead of the registry. A cargo-omnifn that was built in a checkout of omnifn takes that
    /// checkout, unless told.
    #[arg(long, value_name = "PATH")]
    pub omnifn_path: Option<PathBuf>,
}

/// The version that new crates depend on.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// Runs it.
///
/// # Errors
/// The name cannot be that of a crate, its folder is there already, or it cannot be written. Then there is none.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    check_name(&args.name)?;
    let folder = Path::new(&args.name);
    if folder.symlink_metadata().is_ok() {
        return Err(Error::new("omnifn::new::there", format!("`{}` is there already", args.name))
            .kind(Kind::Usage)
            .help("choose another name, or move it away"));
    }
    let path = match &args.omnifn_path {
        Some(path) => Some(given(path)?),
        None => checkout().inspect(|path| {
            output.status(
                "Using",
                format_args!("omnifn from this checkout, {}; it is not taken from the registry", path.display()),
            );
        }),
    };
    let source = path.as_deref().map_or(Source::Version(VERSION), Source::Path);
    let alone = is_below_workspace(&here()?);
    write(folder, &args.template.files(&args.name, &source, alone))?;
    let name = &args.name;
    output.status("Created", format_args!("`{name}`, to begin with: cd {name} && cargo test && cargo run"));
    if output.json {
        return output.value(&json!({ "folder": folder, "omnifn": path }));
    }
    Ok(())
}

/// Writes a folder whole, or not at all.
fn write(folder: &Path, all: &[files::File]) -> Result<()> {
    let mut part = folder.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = files::write_all(&part, all, true).and_then(|()| {
        fs::rename(&part, folder).map_err(|error| {
            Error::new("omnifn::new::write", format!("`{}` cannot be made", folder.display())).caused_by(error)
        })
    });
    if written.is_err() {
        drop(fs::remove_dir_all(&part));
    }
    written
}

/// What cargo takes as the name of a package with a binary, and what is the name of no other crate in it.
fn check_name(name: &str) -> Result<()> {
    const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if \
                            impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try \
                            type typeof unsafe unsized use virtual where while yield";
    const TAKEN: &str = "alloc build core deps examples image incremental object_store omnifn proc_macro serde serde_html_form std test \
                         tokio url";
    let refuse = |why: &str| {
        Err(Error::new("omnifn::new::name", format!("`{name}` cannot be the name of a crate: {why}"))
            .kind(Kind::Usage)
            .help("a name is made of letters, digits, `-` and `_`, and begins with a letter: `cargo omnifn new shop`"))
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let underscored = name.replace('-', "_");
    let is_one_of = |words: &str| words.split_whitespace().any(|word| word == underscored);
    match () {
        () if name.is_empty() => refuse("it is empty"),
        () if !name.chars().all(fits) => refuse("it has other characters"),
        () if !name.starts_with(|c: char| c.is_ascii_alphabetic()) => refuse("it does not begin with a letter"),
        () if name.len() > 64 => refuse("it has more than 64 characters"),
        () if is_one_of(KEYWORDS) => refuse("it is a word of the language"),
        () if is_one_of(TAKEN) => refuse("another crate, or a folder of cargo, is called so"),
        () => Ok(()),
    }
}

fn here() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|error| Error::new("omnifn::new::write", "the working directory is not there").caused_by(error))
}

/// The folder that the arguments name, as the new crate can name it.
fn given(path: &Path) -> Result<PathBuf> {
    let whole = path.canonicalize().ok().filter(|path| is_omnifn(path));
    whole.ok_or_else(|| {
        Error::new("omnifn::new::omnifn_path", format!("`{}` is not the folder of omnifn", path.display()))
            .kind(Kind::Usage)
            .caused_by("there is no Cargo.toml of a package `omnifn` in it")
            .help("name the root of a checkout of omnifn")
    })
}

/// The checkout that this command was built in, as long as it is there. One that was installed from the registry has none.
fn checkout() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().filter(|root| is_omnifn(root)).map(Path::to_owned)
}

fn is_omnifn(folder: &Path) -> bool {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| line.trim_end() == "name = \"omnifn\"")
}

/// Whether cargo would look for the new crate among the members of a workspace around it.
fn is_below_workspace(folder: &Path) -> bool {
    let manifests = folder.ancestors().filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok());
    manifests.into_iter().any(|manifest| manifest.lines().any(|line| line.trim_start().starts_with("[workspace")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["shop", "my-shop", "Shop_2", "a"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", "empty"),
            ("2shop", "begin with a letter"),
            ("-shop", "begin with a letter"),
            ("my shop", "other characters"),
            ("a/b", "other characters"),
            ("../shop", "other characters"),
            ("läden", "other characters"),
            ("async", "word of the language"),
            ("test", "another crate"),
            ("proc-macro", "another crate"),
            ("omnifn", "another crate"),
            (&"a".repeat(65), "64"),
        ] {
            let error = check_name(bad).unwrap_err();
            assert!(error.message.contains(why) && error.kind == Kind::Usage, "{bad}: {error}");
        }
    }

    #[test]
    fn a_checkout_is_where_this_was_built() {
        assert!(checkout().is_some_and(|root| root.join("src/main_macro.rs").exists()));
        assert!(given(Path::new("no/such/folder")).is_err());
        assert!(is_below_workspace(Path::new(env!("CARGO_MANIFEST_DIR"))));
    }
}
