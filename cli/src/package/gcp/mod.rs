//! Google Cloud Run and Knative: an image, and the folder for a deploy without build.

mod image;
mod layout;
mod root;

use std::collections::BTreeMap;

use super::{
    checks::Checks,
    elf::Machine,
    entry::{Entry, Stored},
};
use crate::{
    error::{Error, Kind, Result},
    model::ProgramNote,
};

/// The files of an image's layout.
///
/// # Errors
/// It cannot be written, which has no cause outside of this program.
pub(super) fn image(
    name: &str,
    title: &str,
    program: Option<&ProgramNote>,
    machine: Machine,
    bytes: &[u8],
) -> Result<Vec<Entry<'static>>> {
    let version = program.map_or("0.0.0", |program| &program.version);
    let tag = tag(version);
    let about = image::About { title, version, tag: &tag, machine };
    image::write(&about, name, bytes)
        .map_err(|error| Error::new("omnifn::package::image", "the image cannot be written").caused_by(error))
}

/// The version as a tag of an image, which can hold no `+`.
pub(super) fn tag(version: &str) -> String {
    version.replace('+', "-")
}

/// An image that was read again.
pub(super) struct Read {
    /// The digest of its manifest.
    pub(super) digest: String,
    /// The size of its root.
    pub(super) unpacked: u64,
    /// The program in it, and its mode.
    pub(super) program: Stored,
}

/// Reads an image's layout again: every digest, and whether its root can run the program.
pub(super) fn read(files: &BTreeMap<String, Stored>, machine: Machine, checks: &mut Checks<'_>) -> Option<Read> {
    let code = "omnifn::package::image";
    let wrong = |what: String| {
        Error::new(code, "the image cannot be read again").kind(Kind::Unfit).caused_by(what).help("package it again")
    };
    let image = match layout::read(files) {
        Ok(image) => image,
        Err(what) => {
            checks.note(code, Err(wrong(what)));
            return None;
        }
    };
    let entrypoint = image.configuration.config().as_ref().and_then(|config| config.entrypoint().as_ref());
    let entrypoint = entrypoint.and_then(|words| words.first()).map(|path| path.trim_start_matches('/'));
    let program = entrypoint.and_then(|path| image.root.get(path)).cloned();
    let has = |path: &str, mode: u32| image.root.get(path).is_some_and(|file| file.mode == mode);
    let found = match &program {
        None => Err(wrong("its entrypoint is not in its root".to_owned())),
        Some(_) if *image.configuration.architecture() != image::arch(machine) => {
            Err(wrong(format!("it declares the architecture {}", image.configuration.architecture())))
        }
        Some(_) if !has("tmp", 0o1777) || !has(root::CERTIFICATES, 0o644) => {
            Err(wrong("its root has no folder for what is passing, or no roots of trust".to_owned()))
        }
        Some(_) => Ok(format!("every digest is right; {} files and folders", image.root.len())),
    };
    checks.note(code, found);
    let unpacked = image.root.values().map(|file| file.content.len() as u64).sum();
    Some(Read { digest: image.digest, unpacked, program: program? })
}
