//! The notes that `#[function]` and `omnifn::main!` left in a binary.
//!
//! They are ELF notes of the owner `OMNIFN` in the section `.note.omnifn`, and the same bytes in `__DATA,__omnifn` (Mach-O) and `.omnifn`
//! (COFF): type 1 is a function, type 2 the program, each a JSON object. Nothing is run, so a binary of another machine says as much.

mod frame;
mod section;

use std::{fs, path::Path};

use omnifn_spec::{name, note};
use semver::Version;
use serde::Serialize;
use serde_json::Value;

use crate::{
    error::{Error, Kind, Result},
    model::{FunctionNote, Location, ProgramNote},
    text::is_unseen,
};

/// How many notes a binary has at most: a function, or the program, has one.
const MOST: usize = 4096;

/// How many bytes of notes are read at most, those of other owners too.
const MOST_BYTES: usize = 16 << 20;

/// What a binary says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// What `omnifn::main!` wrote; none where the program has a `main` of its own.
    pub program: Option<ProgramNote>,
    /// Every function in the binary: those of the program in its order, then those that it does not have.
    pub functions: Vec<FunctionNote>,
}

/// Reads a binary's notes.
///
/// # Errors
/// It cannot be read, is no binary, holds no notes, or notes that are broken, incomplete or of another version.
pub fn read(path: &Path) -> Result<Manifest> {
    let data = fs::read(path).map_err(|error| {
        Error::new("omnifn::notes::unreadable", format!("{} cannot be read", path.display()))
            .kind(Kind::Usage)
            .caused_by(error)
            .help("name a program that cargo built, or none, and it is built")
    })?;
    parse(&data, &path.display().to_string())
}

/// Reads the notes of a binary that is in memory; `name` is what errors call it.
///
/// # Errors
/// As those of [`read`].
pub fn parse(data: &[u8], name: &str) -> Result<Manifest> {
    let sections = section::find(data).map_err(|error| {
        Error::new("omnifn::notes::no_binary", format!("{name} is no binary that can be read"))
            .caused_by(error)
            .help("name a program that cargo built: an ELF, Mach-O or PE file, whole")
    })?;
    let bytes = sections.iter().fold(0_usize, |sum, section| sum.saturating_add(section.data.len()));
    if bytes > MOST_BYTES {
        return Err(many(name, &format!("{bytes} bytes of notes"), &format!("{MOST_BYTES} bytes")));
    }
    let mut notes = Vec::new();
    for section in &sections {
        frame::notes(section, &mut notes).map_err(|why| broken(name).caused_by(why))?;
        check_many(notes.len(), name)?;
    }
    if notes.is_empty() {
        return Err(Error::new("omnifn::notes::none", format!("{name} contains no notes of functions")).help(
            "notes are written by `#[function]` and `omnifn::main!` of omnifn 0.1 and newer: build the program anew, and do not remove \
             the section `.note.omnifn`",
        ));
    }
    manifest(&notes, name)
}

fn manifest(notes: &[frame::Note<'_>], name: &str) -> Result<Manifest> {
    let mut values = Vec::with_capacity(notes.len());
    for note in notes {
        let value: Value = serde_json::from_slice(note.content).map_err(|error| broken(name).caused_by(error))?;
        values.push((note.kind, value));
    }
    version(&values, name)?;
    let mut manifest = Manifest::default();
    for (kind, value) in values {
        let broken = |error: serde_json::Error| broken(name).caused_by(error);
        match kind {
            note::FUNCTION => {
                let function = serde_json::from_value(value).map_err(broken)?;
                if !manifest.functions.contains(&function) {
                    manifest.functions.push(function);
                }
            }
            _ => {
                let program: ProgramNote = serde_json::from_value(value).map_err(broken)?;
                match &manifest.program {
                    Some(other) if *other != program => return Err(several(name, [other, &program])),
                    _ => manifest.program = Some(program),
                }
            }
        }
    }
    check_names(&manifest, name)?;
    // Linkers have orders of their own.
    let by = |note: &FunctionNote| {
        let Location { module, line, .. } = note.location.clone();
        (note.name.clone(), module, line)
    };
    manifest.functions.sort_by_key(by);
    if let Some(program) = &manifest.program {
        manifest.functions = in_order(program, manifest.functions)?;
    }
    Ok(manifest)
}

/// All notes of one binary come from one omnifn, and so have one version.
fn version(values: &[(u32, Value)], name: &str) -> Result<()> {
    let of = |value: &Value| value.get("v").and_then(Value::as_u64);
    let Some((_, other)) = values.iter().find(|(_, value)| of(value) != Some(u64::from(note::VERSION))) else {
        return Ok(());
    };
    let Some(found) = of(other) else { return Err(broken(name).caused_by("a note does not have its version, `v`")) };
    let omnifn = values.iter().find_map(|(_, value)| value.get("omnifn").and_then(Value::as_str));
    // It becomes a word of a command.
    let omnifn = omnifn.and_then(|version| Version::parse(version).ok());
    let needed = match omnifn {
        Some(version) => format!("install the one of its omnifn: cargo install cargo-omnifn --version {version}"),
        None => "install the cargo-omnifn whose version is that of the omnifn in its Cargo.lock".to_owned(),
    };
    let words = format!(
        "the notes of {name} are of version {found}, and this cargo-omnifn {} reads version {}",
        env!("CARGO_PKG_VERSION"),
        note::VERSION
    );
    Err(Error::new("omnifn::notes::version", words).help(needed))
}

/// Whether so many notes are read.
pub(crate) fn check_many(notes: usize, file: &str) -> Result<()> {
    match notes {
        0..=MOST => Ok(()),
        _ => Err(many(file, &format!("more than {MOST} notes"), &format!("{MOST} notes"))),
    }
}

fn many(file: &str, found: &str, most: &str) -> Error {
    Error::new("omnifn::notes::many", format!("{file} contains {found}, but at most {most} are read"))
        .help("build the program anew; if that does not help, make several programs of it")
}

/// Names and versions become those of files and words of commands, and every text is shown: what the macro and cargo would not write is
/// refused here, before anything uses it.
pub(crate) fn check_names(manifest: &Manifest, file: &str) -> Result<()> {
    let wrong = |what: &str, named: &str, why: &str| {
        Error::new("omnifn::notes::name", format!("{file} names {what} {named:?}, and nothing can be called so"))
            .caused_by(why)
            .help("build the program anew, by the omnifn of its Cargo.lock")
    };
    let mut errors = Vec::new();
    let mut check = |what: &str, named: &str, why: Option<&str>| errors.extend(why.map(|why| wrong(what, named, why)));
    for function in &manifest.functions {
        check("a function", &function.name, name::function(&function.name).err());
        for secret in &function.secrets {
            check("a secret", secret, name::variable(secret).err());
        }
    }
    if let Some(program) = &manifest.program {
        check("a package", &program.package, wrong_package(&program.package));
        for (what, version) in [("a version", &program.version), ("a version of omnifn", &program.omnifn)] {
            let why = Version::parse(version).err().map(|error| format!("it is not a semantic version: {error}"));
            check(what, version, why.as_deref());
        }
        for function in &program.functions {
            check("a function", function, name::function(function).err());
        }
        let why = program.cors.as_ref().and_then(|cors| cors.check().err());
        check("a declaration of", "cors", why.as_deref());
        for provider in &program.providers {
            check("a provider", provider, wrong_package(provider));
        }
    }
    if errors.is_empty()
        && let Some(text) = serde_json::to_value(manifest).ok().as_ref().and_then(unseen)
    {
        let why = "it contains a control character, a line separator, or one that changes the direction of text";
        errors.push(wrong("a text", text, why));
    }
    Error::all(errors).map_or(Ok(()), Err)
}

/// Returns why this cannot be the name of a package, by the rule of cargo; `None` if it can.
fn wrong_package(name: &str) -> Option<&'static str> {
    let fits = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let why = "a name begins with a letter or `_`, and goes on with letters, digits, `-` and `_`";
    (!fits).then_some(why)
}

/// Returns a text that would not be seen on a terminal as it is.
fn unseen(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.contains(is_unseen).then_some(text),
        Value::Array(values) => values.iter().find_map(unseen),
        Value::Object(fields) => fields.values().find_map(unseen),
        _ => None,
    }
}

fn several(file: &str, programs: [&ProgramNote; 2]) -> Error {
    let [one, other] = programs.map(|program| format!("{:?} {:?}", program.package, program.version));
    Error::new("omnifn::notes::several", format!("{file} contains the notes of two programs: {one} and {other}"))
        .caused_by("a binary has one `omnifn::main!`, so one of the notes was added or changed later")
        .help("build the program anew; if that does not help, link only one crate that contains `omnifn::main!`")
}

fn broken(name: &str) -> Error {
    Error::new("omnifn::notes::broken", format!("the notes of {name} are broken"))
        .help("build the program anew; if that does not help, the linker or a tool after it has changed the section `.note.omnifn`")
}

/// The program's functions in its order, then the others.
fn in_order(program: &ProgramNote, mut functions: Vec<FunctionNote>) -> Result<Vec<FunctionNote>> {
    let package = program.package.replace('-', "_");
    let mut taken = Vec::with_capacity(functions.len());
    for name in &program.functions {
        let all: Vec<_> = (0..functions.len()).filter(|i| functions[*i].name == *name).collect();
        let is_own = |i: &usize| functions[*i].location.module.split("::").next() == Some(&package);
        let own: Vec<_> = all.iter().copied().filter(is_own).collect();
        let at = match (&all[..], &own[..]) {
            ([only], _) | (_, [only]) => *only,
            ([], _) => return Err(missing(name)),
            _ => return Err(ambiguous(name, all.iter().map(|i| &functions[*i]))),
        };
        taken.push(functions.remove(at));
    }
    taken.extend(functions);
    Ok(taken)
}

fn missing(name: &str) -> Error {
    Error::new(
        "omnifn::notes::missing",
        format!("the program has a function `{name}`, but the binary contains no note of it"),
    )
    .help("build the program anew; if that does not help, the linker has dropped a part of the section `.note.omnifn`")
}

fn ambiguous<'n>(name: &str, functions: impl Iterator<Item = &'n FunctionNote>) -> Error {
    let places = functions.map(|function| function.location.to_string()).collect::<Vec<_>>().join(", ");
    Error::new("omnifn::notes::ambiguous", format!("several functions in the binary are called `{name}`: {places}"))
        .help("give the program's own another name with `#[function(…, name = \"…\")]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages() {
        for good in ["shop", "_shop", "shop-2", "käse"] {
            assert_eq!(wrong_package(good), None, "{good}");
        }
        for bad in ["", "2a", "-a", "..", "../a", "/a", "C:a", "a\\b", "a b", "a\n"] {
            assert!(wrong_package(bad).is_some(), "{bad}");
        }
    }
}
