//! The events that `aws_lambda_events` has among its fixtures.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Returns the event of this name.
pub(crate) fn named(name: &str) -> String {
    let file = folder().join(format!("example-{name}.json"));
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns all events, by name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder()).expect("a folder of fixtures").map(|file| file.expect("a file").path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.map(|file| (file.display().to_string(), fs::read(&file).expect("a fixture"))).collect()
}

fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // Of this machine's crates alone: those of other platforms were perhaps never downloaded.
        let about = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
        let about = String::from_utf8(about.stdout).expect("UTF-8");
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo reports its host");
        let metadata = Command::new(env!("CARGO"))
            .args(["metadata", "--offline", "--format-version=1", "--filter-platform", host])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo's metadata");
        let packages = metadata["packages"].as_array().expect("packages");
        let package = packages.iter().find(|package| package["name"] == "aws_lambda_events");
        let manifest = package.and_then(|package| package["manifest_path"].as_str()).expect("a dev-dependency");
        Path::new(manifest).with_file_name("src/fixtures")
    })
}
