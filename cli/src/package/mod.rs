//! What each cloud takes: zips, folders and images, made of a binary and of what its notes say, and read again before they stay.
//!
//! The bytes of an artifact follow from the bytes of the binary and the settings alone: entries are sorted, their times fixed, their
//! modes stored. The binary's own bytes follow from the source, the toolchain and the dependencies, not from where they lie:
//! [`crate::build::flags`].

pub mod azure;

mod aws;
mod checks;
mod deploy;
mod elf;
mod entry;
mod gcp;
mod kind;
mod make;
mod platform;
mod store;
mod zip;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub use self::checks::{Check, Verdict, check};
use self::{elf::Machine, entry::Entry, kind::Kind as Form, make::Draft, store::Store};
use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    model::{App, Function, ProgramNote},
    plan::units::units,
};

/// A binary, and how it is to be packaged.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The cloud.
    pub cloud: Cloud,
    /// The program.
    pub app: &'a App,
    /// How it was built, as its notes say; none where it has a `main` of its own.
    pub program: Option<&'a ProgramNote>,
    /// The binary.
    pub binary: &'a Path,
    /// The names of checks that may fail, as `debug` or `omnifn::package::debug`.
    pub allow: &'a [String],
    /// Whether each function of AWS has a zip of its own.
    pub split: bool,
    /// The folder of all artifacts; each cloud has one of its own in it.
    pub out: &'a Path,
    /// Whether what was not written by an earlier run may be replaced.
    pub force: bool,
}

/// An artifact that is fit to be deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The cloud.
    pub cloud: &'static str,
    /// `zip`, `folder` or `image`.
    pub kind: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Its SHA-256: of a zip, its bytes; of an image, its manifest; of a folder, its files' paths, modes and digests.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The size of what is in it, unpacked.
    pub unpacked: u64,
    /// Its architecture.
    pub architecture: String,
    /// Its functions.
    pub functions: Vec<String>,
    /// What was checked.
    pub checks: Vec<Check>,
    /// The commands that deploy it.
    pub deploy: Vec<String>,
}

/// Makes the artifacts of a cloud, reads them again, and puts them in their places when all are fit.
///
/// # Errors
/// The binary is not fit for the cloud, the cloud cannot do what a function asks for, or a file cannot be written. Nothing was
/// changed then.
pub fn package(input: &Input<'_>) -> Result<Vec<Artifact>> {
    let settings = match input.cloud {
        Cloud::Aws => &input.app.aws,
        Cloud::Gcp => &input.app.gcp,
        Cloud::Azure => &input.app.azure,
    };
    let machine = platform::machine(input.cloud, settings)?;
    let bytes = std::fs::read(input.binary).map_err(|error| {
        Error::new("omnifn::package::binary", format!("{} cannot be read", input.binary.display()))
            .kind(Kind::Usage)
            .caused_by(error)
    })?;
    let drafts = match input.cloud {
        Cloud::Aws => aws::drafts(input, &bytes),
        Cloud::Azure => azure_drafts(input, &bytes)?,
        Cloud::Gcp => gcp_drafts(input, machine, &bytes)?,
    };
    // Before anything is there.
    let wrong = drafts.iter().filter_map(|draft| draft.check_names().err());
    if let Some(error) = Error::all(distinct(wrong.collect())) {
        return Err(error);
    }
    let folder = input.out.join(input.cloud.name());
    let mut store = Store::open(&folder, input.force)?;
    let mut artifacts = Vec::with_capacity(drafts.len());
    let mut errors = Vec::new();
    for draft in drafts {
        match draft.make(input, machine, &mut store) {
            Ok(artifact) => artifacts.push(artifact),
            Err(error) => errors.push(error),
        }
    }
    match Error::all(distinct(errors)) {
        Some(error) => Err(error),
        None => {
            store.keep(&artifacts)?;
            Ok(artifacts)
        }
    }
}

/// A zip for each unit, and one folder in which all of them are unpacked.
fn azure_drafts<'a>(input: &Input<'a>, bytes: &'a [u8]) -> Result<Vec<Draft<'a>>> {
    let (app, units) = (input.app, units(input.app));
    let path = input.out.join("azure");
    let (mut drafts, mut unpacked, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let draft = |kind, name: String, entries, executable: String, functions, words, deploy| Draft {
        kind,
        name,
        entries,
        executable,
        platform: &platform::AZURE,
        functions,
        words,
        deploy,
    };
    for unit in &units {
        let entries = match azure::entries(app, unit, bytes) {
            Ok(entries) => entries,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        unpacked.extend(
            entries.iter().cloned().map(|entry| Entry { path: format!("{}/{}", unit.id, entry.path), ..entry }),
        );
        let (name, executable) = (format!("{}.zip", unit.id), azure::EXECUTABLE.to_owned());
        let (functions, words) = (unit.functions.clone(), azure::words(unit));
        drafts.push(draft(Form::Zip, name, entries, executable, functions, words, Box::new(|_| Vec::new())));
    }
    if let Some(error) = Error::all(errors) {
        return Err(error);
    }
    // What is in the zips, for a look at it and for `func start`.
    let executable = units.first().map(|unit| format!("{}/{}", unit.id, azure::EXECUTABLE)).unwrap_or_default();
    let (functions, deploy) = (app.functions.iter().collect(), Box::new(move |_| deploy::azure(app, &path)));
    drafts.push(draft(Form::Folder, "app".to_owned(), unpacked, executable, functions, Vec::new(), deploy));
    Ok(drafts)
}

fn gcp_drafts<'a>(input: &Input<'a>, machine: Machine, bytes: &'a [u8]) -> Result<Vec<Draft<'a>>> {
    let app = input.app;
    let executable = input.program.map_or(&app.name, |program| &program.package).clone();
    let functions: Vec<&Function> = app.functions.iter().collect();
    let folder = input.out.join("gcp");
    let mut drafts = Vec::new();
    let is_dynamic = elf::read(bytes).is_ok_and(|elf| elf.interpreter.is_some());
    // Where it is the user's word that a dynamic binary may pass, the deploy without build alone can run it.
    let left_out =
        is_dynamic && machine == Machine::X86_64 && input.allow.iter().any(|allow| allow.ends_with("libraries"));
    if !left_out {
        let path = folder.join("image");
        let program = input.program;
        drafts.push(Draft {
            kind: Form::Image,
            name: "image".to_owned(),
            entries: gcp::image(&executable, &app.name, program, machine, bytes)?,
            executable: executable.clone(),
            platform: &platform::IMAGE,
            functions: functions.clone(),
            words: Vec::new(),
            deploy: Box::new(move |_| deploy::image(app, program, &path, machine)),
        });
    }
    // Cloud Run is x86_64; the other architecture is for Knative.
    if machine == Machine::X86_64 {
        let path = folder.join("source");
        let command = executable.clone();
        drafts.push(Draft {
            kind: Form::Folder,
            name: "source".to_owned(),
            entries: vec![Entry::new(executable.clone(), 0o755, bytes)],
            executable,
            platform: &platform::SOURCE,
            functions,
            words: Vec::new(),
            deploy: Box::new(move |_| deploy::source(app, &path, &command)),
        });
    }
    Ok(drafts)
}

/// Returns each error once: a fault of a binary occurs in every artifact that contains it.
pub(crate) fn distinct(errors: Vec<Error>) -> Vec<Error> {
    let mut told: Vec<Error> = Vec::new();
    for mut error in errors {
        let more = std::mem::take(&mut error.more);
        for error in std::iter::once(error).chain(more) {
            if !told.iter().any(|other| other.code == error.code && other.message == error.message) {
                told.push(error);
            }
        }
    }
    told
}

/// JSON for eyes, with a line's end behind it.
fn text(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new("omnifn::package", "a text cannot be written as JSON").caused_by(error))?;
    Ok(text + "\n")
}
