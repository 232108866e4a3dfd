//! Programs that a test builds, without the network, where cargo built the test itself.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The folder of this repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// The folder for what cargo builds: that of this test.
pub(crate) fn target_dir() -> PathBuf {
    let test = std::env::current_exe().expect("the test binary");
    let profile = test.parent().and_then(Path::parent).expect("target/debug/deps");
    profile.parent().expect("target").to_owned()
}

/// Cargo, offline, in a folder.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).args(arguments).arg("--offline").env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs it to its end, which is a good one.
pub(crate) fn run(mut command: Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{said}\n{errors}", output.status);
    output
}
