//! Programs to package.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use cargo_omnifn::{
    cli::Cloud,
    error::Result,
    model::{App, ProgramNote},
    package::{self, Artifact, Input},
};
use serde_json::{Value, json};

use crate::programs;

/// A folder of a test's own, without what an earlier run left.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// `examples/triggers` for all clouds in one binary, linked statically; debug assertions are off, so that it passes for a release.
pub(crate) fn statically() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("programs");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let status = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "-p", "triggers", "--no-default-features"])
            .args(["--features", "aws,gcp,azure", "--target", "x86_64-unknown-linux-gnu", "--target-dir"])
            .arg(&target)
            .args(["--config", r#"build.rustflags=["-Ctarget-feature=+crt-static"]"#])
            .current_dir(workspace)
            .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_STRIP", "true")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .status();
        assert!(status.unwrap().success(), "examples/triggers does not build");
        target.join("x86_64-unknown-linux-gnu/debug/triggers")
    })
}

/// A binary that is linked dynamically with glibc: that of these tests.
pub(crate) fn dynamically() -> Vec<u8> {
    std::fs::read(std::env::current_exe().unwrap()).unwrap()
}

/// The program of the example.
pub(crate) fn app(settings: Value) -> App {
    programs::program("triggers", settings, None)
}

/// What a build for all clouds says of itself.
pub(crate) fn note() -> ProgramNote {
    let note = json!({"v": 1, "program": [], "crate": "triggers", "version": "0.1.0", "omnifn": "0.1.0",
        "providers": ["aws", "gcp", "azure"], "panic": "unwind", "debug": false});
    serde_json::from_value(note).unwrap()
}

/// Packages a binary as it says of itself.
pub(crate) fn package(cloud: Cloud, binary: &Path, out: &Path, app: &App, note: &ProgramNote) -> Result<Vec<Artifact>> {
    allowing(&[], cloud, binary, out, app, note)
}

/// The same, with checks that may fail.
pub(crate) fn allowing(
    allow: &[&str],
    cloud: Cloud,
    binary: &Path,
    out: &Path,
    app: &App,
    note: &ProgramNote,
) -> Result<Vec<Artifact>> {
    let allow: Vec<String> = allow.iter().map(|code| (*code).to_owned()).collect();
    package::package(&Input { cloud, app, program: Some(note), binary, allow: &allow, split: false, out, force: false })
}
