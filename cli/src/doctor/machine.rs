//! The machine: what is installed on it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What can be asked of a machine; a test has one of its own.
pub trait Machine {
    /// Where a command is, by `PATH`.
    fn find(&self, command: &str) -> Option<PathBuf>;
    /// What a command writes on standard output; nothing where it is missing or fails.
    fn run(&self, command: &str, arguments: &[&str]) -> Option<String>;
    /// Whether there is a file or a folder.
    fn exists(&self, path: &Path) -> bool;
}

/// The one that this program runs on.
#[derive(Debug, Clone, Copy)]
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn find(&self, command: &str) -> Option<PathBuf> {
        let path = env::var_os("PATH")?;
        let names = [command.to_owned(), format!("{command}{}", env::consts::EXE_SUFFIX)];
        let folders: Vec<_> = env::split_paths(&path).collect();
        folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).find(|path| path.is_file())
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Option<String> {
        let output = Command::new(command).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}
