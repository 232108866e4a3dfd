//! Programs to package.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use cargo_omnifn::{
    cloud::Cloud,
    error::Result,
    model::{App, ProgramNote},
    package::{self, Artifact, Input},
};
use serde_json::{Value, json};

use crate::{cargo, programs};

/// A folder of a test's own, without what an earlier run left.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A program that is linked statically and has the notes of `examples/triggers`, as a build for all clouds would have them. It does
/// nothing, for no check and no package depends on what it does, and so one call of rustc is enough.
pub(crate) fn statically() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = folder("statically");
        let functions = programs::notes("triggers");
        let mut program = serde_json::to_value(note()).unwrap();
        program["program"] = functions.iter().map(|function| function["name"].clone()).collect();
        let mut notes = functions.iter().flat_map(|function| note_bytes(1, function)).collect::<Vec<_>>();
        notes.extend(note_bytes(2, &program));
        std::fs::write(folder.join("notes"), &notes).unwrap();
        let source = format!(
            "#[repr(C, align(4))] pub struct Notes([u8; {}]);\n\
             #[used] #[unsafe(link_section = \".note.omnifn\")] pub static NOTES: Notes = Notes(*include_bytes!(\"notes\"));\n\
             fn main() {{}}\n",
            notes.len()
        );
        let main = folder.join("triggers.rs");
        std::fs::write(&main, source).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = Command::new(rustc)
            .args(["--edition=2024", "-Ctarget-feature=+crt-static", "-Cstrip=symbols", "--out-dir"])
            .args([&folder, &main])
            .status();
        assert!(status.unwrap().success(), "rustc cannot link a program statically");
        folder.join("triggers")
    })
}

/// A note as it is in `.note.omnifn`: the lengths of its owner and its content, its kind, and both, each filled up to four bytes.
fn note_bytes(kind: u32, content: &Value) -> Vec<u8> {
    let (owner, content) = (b"OMNIFN\0", content.to_string());
    let mut bytes: Vec<u8> =
        [owner.len() as u32, content.len() as u32, kind].into_iter().flat_map(u32::to_le_bytes).collect();
    for part in [&owner[..], content.as_bytes()] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// `examples/triggers` for all clouds in one binary, linked statically; debug assertions are off, so that it passes for a release.
pub(crate) fn triggers() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = cargo::target_dir();
        let arguments = ["build", "--quiet", "-p", "triggers", "--no-default-features", "--features", "aws,gcp,azure"];
        let mut command = cargo::cargo(cargo::root(), &arguments);
        command
            .args(["--target", "x86_64-unknown-linux-gnu", "--target-dir"])
            .arg(&target)
            .args(["--config", r#"build.rustflags=["-Ctarget-feature=+crt-static"]"#])
            // What the macros and build scripts are compiled with stays as it is, so that they are compiled once for all tests.
            .args(["--config", "profile.dev.build-override.debug-assertions=true"])
            .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
            .env("CARGO_PROFILE_DEV_STRIP", "true")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo::run(command);
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
