//! Files that an artifact is made of.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Component, Path},
};

use sha2::{Digest as _, Sha256};

/// A file that goes into an artifact.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// Its path, with `/`, from the artifact's top.
    pub(crate) path: String,
    /// Its permissions.
    pub(crate) mode: u32,
    /// The content of the entry.
    pub(crate) content: Cow<'a, [u8]>,
}

impl<'a> Entry<'a> {
    /// A file.
    pub(crate) fn new(path: impl Into<String>, mode: u32, content: impl Into<Cow<'a, [u8]>>) -> Self {
        Entry { path: path.into(), mode, content: content.into() }
    }
}

/// Whether a path stays in the folder that it is laid in, step by step: no root, no `.` and no `..`.
pub(crate) fn stays(path: &str) -> bool {
    let mut steps = Path::new(path).components();
    !path.is_empty() && !path.contains(['\\', '\0']) && steps.all(|step| matches!(step, Component::Normal(_)))
}

/// Whether it is the name of one file, and of nothing above or below.
pub(crate) fn is_one(name: &str) -> bool {
    stays(name) && !name.contains('/')
}

/// A file as an artifact holds it, when it is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its permissions.
    pub(crate) mode: u32,
    /// The content of the entry.
    pub(crate) content: Vec<u8>,
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of a folder: of its files' lines in the form of `sha256sum`, each with its mode in front, in the order of their paths.
pub(crate) fn sha256_of_all(files: &BTreeMap<String, Stored>) -> String {
    let lines = files.iter().map(|(path, file)| format!("{:04o} {}  {path}\n", file.mode, sha256(&file.content)));
    sha256(lines.collect::<String>().as_bytes())
}

/// Writes files below a folder.
pub(crate) fn write_folder(folder: &Path, entries: &[Entry<'_>]) -> io::Result<()> {
    if let Some(entry) = entries.iter().find(|entry| !stays(&entry.path)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{:?} would be outside of it", entry.path)));
    }
    fs::create_dir_all(folder)?;
    for entry in entries {
        let path = folder.join(&entry.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, &entry.content)?;
        set_mode(&path, entry.mode)?;
    }
    Ok(())
}

/// Reads all files below a folder. Where the system knows no modes, they are taken to be as they should.
pub(crate) fn read_folder(folder: &Path, written: &[Entry<'_>]) -> io::Result<BTreeMap<String, Stored>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else {
                let should = written.iter().find(|entry| entry.path == path).map(|entry| entry.mode);
                let mode = mode(&entry.metadata()?, should);
                files.insert(path, Stored { mode, content: fs::read(entry.path())? });
            }
        }
    }
    Ok(files)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata, _: Option<u32>) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata, should: Option<u32>) -> u32 {
    should.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_outside() {
        for good in ["a", "a/b.json", "..a", "a..b/c", ".a"] {
            assert!(stays(good), "{good}");
        }
        for bad in ["", "/", "/a", "..", "../a", "a/../../b", "./a", "a\\..\\b", "a\0"] {
            assert!(!stays(bad) && !is_one(bad), "{bad}");
        }
        assert!(is_one("a.zip") && !is_one("a/b.zip"));
        let folder = std::env::temp_dir().join(format!("omnifn-entry-{}", std::process::id()));
        let entries = [Entry::new("in", 0o644, &b"in"[..]), Entry::new("../omnifn-entry-out", 0o644, &b"out"[..])];
        let error = write_folder(&folder, &entries).unwrap_err();
        assert!(error.to_string().contains("\"../omnifn-entry-out\" would be outside"), "{error}");
        assert!(!folder.exists(), "nothing is begun");
    }

    #[test]
    fn digests() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let file = |mode| BTreeMap::from([("a".to_owned(), Stored { mode, content: b"abc".to_vec() })]);
        assert_ne!(sha256_of_all(&file(0o644)), sha256_of_all(&file(0o755)), "a mode counts");
    }
}
