//! From an artifact's files to the artifact: written, read again, checked.

use std::{collections::BTreeMap, fmt, path::Path};

use super::{
    Artifact, Input,
    checks::{self, Checks},
    elf::Machine,
    entry::{self, Entry, Stored},
    gcp,
    kind::{Kind, outside},
    platform::Platform,
    store::Store,
    zip,
};
use crate::{
    error::{self, Error, Result},
    model::Function,
};

/// An artifact that is to be made.
pub(super) struct Draft<'a> {
    /// What form it has.
    pub(super) kind: Kind,
    /// Its name in the cloud's folder.
    pub(super) name: String,
    /// Its files.
    pub(super) entries: Vec<Entry<'a>>,
    /// Which of them is the program; within an image, the name in its root.
    pub(super) executable: String,
    /// Where it is to run.
    pub(super) platform: &'static Platform,
    /// Its functions.
    pub(super) functions: Vec<&'a Function>,
    /// What is to be known of it.
    pub(super) words: Vec<String>,
    /// The commands that deploy it, by its size.
    pub(super) deploy: Box<dyn FnOnce(u64) -> Vec<String> + 'a>,
}

impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("kind", &self.kind).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What an artifact turned out to be.
struct Found {
    sha256: String,
    size: u64,
    unpacked: u64,
    program: Option<Stored>,
}

impl Draft<'_> {
    /// Whether its name and the paths in it stay where they are put.
    ///
    /// # Errors
    /// They do not.
    pub(super) fn check_names(&self) -> Result<()> {
        if !entry::is_one(&self.name) {
            return Err(outside(&self.name));
        }
        match self.entries.iter().find(|entry| !entry::stays(&entry.path)) {
            Some(entry) => Err(outside(&entry.path)),
            None => Ok(()),
        }
    }

    /// Writes it, reads it again, and checks what was read.
    pub(super) fn make(self, input: &Input<'_>, machine: Machine, store: &mut Store) -> Result<Artifact> {
        let path = store.stage(&self.name)?;
        let mut checks = Checks::new(input.allow);
        let found = self.write(&path, machine, &mut checks).map_err(|error| {
            Error::new("omnifn::package::write", format!("{} cannot be written", path.display())).caused_by(error)
        })?;
        match &found.program {
            None if self.kind == Kind::Image => {}
            None => checks.note("omnifn::package::executable", Err(self.unfit("is missing"))),
            Some(program) => {
                let runs = program.mode & 0o111 == 0o111;
                let words = format!("{}, mode {:04o}", self.executable, program.mode);
                let found = if runs { Ok(words) } else { Err(self.unfit("cannot be executed")) };
                checks.note("omnifn::package::executable", found);
                checks::binary(&mut checks, &program.content, input, machine, self.platform);
            }
        }
        checks.note("omnifn::package::size", self.size(found.size, found.unpacked));
        for words in &self.words {
            checks.warn("omnifn::package::time_zone", words);
        }
        Ok(Artifact {
            cloud: input.cloud.name(),
            kind: self.kind.name(),
            path: store.place(&self.name),
            sha256: found.sha256,
            size: found.size,
            unpacked: found.unpacked,
            architecture: machine.to_string(),
            functions: self.functions.iter().map(|function| function.name.clone()).collect(),
            checks: checks.finish()?,
            deploy: (self.deploy)(found.size),
        })
    }

    fn write(&self, path: &Path, machine: Machine, checks: &mut Checks<'_>) -> std::io::Result<Found> {
        if self.kind == Kind::Zip {
            std::fs::write(path, zip::write(&self.entries)?)?;
            let bytes = std::fs::read(path)?;
            let mut files = zip::read(&bytes)?;
            let unpacked = total(&files);
            let program = files.remove(&self.executable);
            return Ok(Found { sha256: entry::sha256(&bytes), size: bytes.len() as u64, unpacked, program });
        }
        entry::write_folder(path, &self.entries)?;
        let mut files = entry::read_folder(path, &self.entries)?;
        let size = total(&files);
        if self.kind == Kind::Folder {
            let sha256 = entry::sha256_of_all(&files);
            let program = files.remove(&self.executable);
            return Ok(Found { sha256, size, unpacked: size, program });
        }
        let image = gcp::read(&files, machine, checks);
        let digest = image.as_ref().map(|image| image.digest.trim_start_matches("sha256:").to_owned());
        let unpacked = image.as_ref().map_or(0, |image| image.unpacked);
        Ok(Found { sha256: digest.unwrap_or_default(), size, unpacked, program: image.map(|image| image.program) })
    }

    fn size(&self, size: u64, unpacked: u64) -> Result<String> {
        let Some(limit) = self.platform.unpacked.filter(|limit| unpacked > *limit) else {
            return Ok(format!("{size} bytes, {unpacked} unpacked"));
        };
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1_048_576.0);
        let words =
            format!("{} is {} unpacked, and {} takes {}", self.name, mib(unpacked), self.platform.name, mib(limit));
        Err(Error::new("omnifn::package::size", words).kind(error::Kind::Unfit).help(
            "write `strip = true`, `lto = true` and `opt-level = \"s\"` into [profile.release] of Cargo.toml, or make two programs \
             of it",
        ))
    }

    fn unfit(&self, what: &str) -> Error {
        let words = format!("`{}` {what} in {}", self.executable, self.name);
        Error::new("omnifn::package::executable", words).kind(error::Kind::Unfit).help("package it again")
    }
}

fn total(files: &BTreeMap<String, Stored>) -> u64 {
    files.values().map(|file| file.content.len() as u64).sum()
}
