//! A folder beside what is there, where what is new waits until all of it can take its place.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is new, and what had its place: when it is dropped before [`keep`](Self::keep), all is as it was.
#[derive(Debug)]
pub(crate) struct Staging {
    folder: PathBuf,
    /// The folders that were made for it, the outermost first.
    made: Vec<PathBuf>,
    /// What was moved, from where to where.
    moved: Vec<(PathBuf, PathBuf)>,
    /// How many places were set aside.
    aside: usize,
}

impl Staging {
    /// Begins one in a folder, which is made where it is not there.
    pub(crate) fn open(parent: &Path) -> io::Result<Self> {
        let mut staging = Staging { folder: PathBuf::new(), made: Vec::new(), moved: Vec::new(), aside: 0 };
        staging.make(parent)?;
        staging.folder = fresh(parent)?;
        Ok(staging)
    }

    /// Where something new is to be written.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes a folder, with those above it; they go again where nothing is kept.
    pub(crate) fn make(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        let missing: Vec<_> = missing.map(Path::to_owned).collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(&folder) {
                Ok(()) => self.made.push(folder),
                // Another program was quicker; so it is there, and not ours.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Puts what was written in its place; what is there is set aside.
    pub(crate) fn put(&mut self, staged: &Path, place: &Path) -> io::Result<()> {
        if let Some(parent) = place.parent() {
            self.make(parent)?;
        }
        self.set_aside(place)?;
        self.rename(staged, place)
    }

    /// Sets aside what is there, if anything is.
    pub(crate) fn set_aside(&mut self, place: &Path) -> io::Result<()> {
        if fs::symlink_metadata(place).is_err() {
            return Ok(());
        }
        self.aside += 1;
        let aside = self.folder.join(format!(".old-{}", self.aside));
        self.rename(place, &aside)
    }

    /// All is in its place: what had been there goes.
    pub(crate) fn keep(mut self) {
        self.moved.clear();
        self.made.clear();
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        self.moved.push((from.to_owned(), to.to_owned()));
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let mut is_back = true;
        for (from, to) in self.moved.drain(..).rev() {
            is_back &= fs::rename(to, from).is_ok();
        }
        // What could not be put back stays where somebody can find it.
        if is_back && !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
        for folder in self.made.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new folder that nobody else has made, and so no link that leads elsewhere.
fn fresh(parent: &Path) -> io::Result<PathBuf> {
    let mut at = 0_u32;
    loop {
        let folder = parent.join(format!(".omnifn-{}-{at}.part", std::process::id()));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && at < 1000 => at += 1,
            made => return made.map(|()| folder),
        }
    }
}
