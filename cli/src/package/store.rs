//! The folder of a cloud's artifacts: what is new takes its place when all is fit, and nothing else is touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{Artifact, entry, make, text};
use crate::error::{Error, Kind, Result};

/// The list of what was written: the next run may replace that, and nothing else.
const LIST: &str = "artifacts.json";

/// A cloud's folder, with a place beside it for what is not yet checked.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    staging: PathBuf,
    /// The names of what an earlier run wrote.
    ours: Vec<String>,
    /// The names of what this one writes.
    names: Vec<String>,
    force: bool,
}

impl Store {
    /// Opens a folder.
    ///
    /// # Errors
    /// It cannot be written to.
    pub(super) fn open(folder: &Path, force: bool) -> Result<Self> {
        let staging = folder.join(format!(".part-{}", std::process::id()));
        fs::create_dir_all(&staging).map_err(|error| cannot_write(folder, error))?;
        Ok(Store { folder: folder.to_owned(), staging, ours: listed(folder), names: Vec::new(), force })
    }

    /// Where an artifact is to be written, until all are checked.
    ///
    /// # Errors
    /// Something else is in its place.
    pub(super) fn stage(&mut self, name: &str) -> Result<PathBuf> {
        if !entry::is_one(name) || name == LIST {
            return Err(make::outside(name));
        }
        let place = self.place(name);
        if place.exists() && !self.force && !self.ours.iter().any(|ours| ours == name) {
            let words = format!("{} is there, and was not written by an earlier run", place.display());
            return Err(Error::new("omnifn::files::there", words)
                .kind(Kind::Usage)
                .help("move it away, choose another folder with `--out`, or replace it with `--force`"));
        }
        self.names.push(name.to_owned());
        Ok(self.staging.join(name))
    }

    /// Where an artifact goes.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Puts all that was staged in its place, takes away what an earlier run wrote and this one did not, and writes the list.
    ///
    /// # Errors
    /// A file cannot be moved.
    pub(super) fn keep(&mut self, artifacts: &[Artifact]) -> Result<()> {
        for name in self.ours.iter().chain(&self.names) {
            let place = self.place(name);
            remove(&place).map_err(|error| cannot_write(&place, error))?;
        }
        for name in &self.names {
            let place = self.place(name);
            fs::rename(self.staging.join(name), &place).map_err(|error| cannot_write(&place, error))?;
        }
        crate::files::write(&self.folder.join(LIST), text(&artifacts)?.as_bytes())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What is left there was not fit.
        let _ = fs::remove_dir_all(&self.staging);
    }
}

/// The names in the list of an earlier run, as far as they are names of files in the folder.
fn listed(folder: &Path) -> Vec<String> {
    #[derive(Deserialize)]
    struct Listed {
        path: PathBuf,
    }
    let list = fs::read(folder.join(LIST)).ok();
    let list: Vec<Listed> = list.and_then(|list| serde_json::from_slice(&list).ok()).unwrap_or_default();
    list.iter().filter_map(|listed| Some(listed.path.file_name()?.to_str()?.to_owned())).collect()
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn cannot_write(path: &Path, error: io::Error) -> Error {
    Error::new("omnifn::files::write", format!("{} cannot be written", path.display())).caused_by(error)
}
