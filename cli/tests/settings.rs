//! Which settings count for a binary that is given: `emit` and `package` agree, and none are dropped in silence.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

const BINARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/chatbot.elf");

/// A folder of a test's own, below no Cargo.toml.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("omnifn-settings-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    assert!(folder.ancestors().all(|folder| !folder.join("Cargo.toml").exists()));
    folder
}

/// A package whose settings call it `shop`.
fn package(folder: &Path, name: &str, more: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let text = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n[package.metadata.omnifn]\nname = \"shop\"\n[package.metadata.omnifn.functions.slack-command]\nmemory = 777\n{more}"
    );
    fs::write(folder.join("Cargo.toml"), text).unwrap();
}

fn omnifn(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"));
    command.args(arguments).current_dir(folder).env_remove("OMNIFN_STAGE").env_remove("CARGO_MANIFEST_DIR");
    command.output().unwrap()
}

/// What `emit` and `package` make of the binary there: the name, which both have to say alike, and whether the function's memory is set.
fn told(folder: &Path, more: &[&str]) -> Result<(String, bool), (Option<i32>, String)> {
    let [emitted, packaged] = both(folder, more);
    let (emitted, packaged) = match (emitted, packaged) {
        (Ok(emitted), Ok(packaged)) => (emitted, packaged),
        (Err(emitted), Err(packaged)) => {
            assert_eq!(emitted, packaged, "they fail alike");
            return Err(emitted);
        }
        other => panic!("one fails: {other:?}"),
    };
    let text = emitted["files"][0]["content"].as_str().unwrap().to_owned();
    let path = packaged["artifacts"][0]["path"].as_str().unwrap();
    let name = Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned();
    assert!(text.contains(&format!("of `{name}`")), "{name}: {text}");
    Ok((name, text.contains("777")))
}

fn both(folder: &Path, more: &[&str]) -> [Result<Value, (Option<i32>, String)>; 2] {
    let package = ["package", "--target", "aws", "--allow", "provider,debug", "--out", "made"];
    [&["emit", "sam"][..], &package].map(|command| {
        let output = omnifn(folder, &[command, &["--json", "--binary", BINARY], more].concat());
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        match value["error"]["code"].as_str() {
            None => Ok(value),
            Some(code) => Err((output.status.code(), code.to_owned())),
        }
    })
}

fn said(name: &str, is_set: bool) -> Result<(String, bool), (Option<i32>, String)> {
    Ok((name.to_owned(), is_set))
}

#[test]
fn emit_and_package_take_the_same_settings() {
    let here = folder("agree");
    assert_eq!(told(&here, &[]), said("chatbot", false), "no package is by");
    package(&here, "chatbot", "");
    assert_eq!(told(&here, &[]), said("shop", true), "the binary's own");
    assert_eq!(told(&here.join("src"), &[]), said("shop", true), "from a folder below");
    package(&here, "other", "");
    assert_eq!(told(&here, &[]), said("chatbot", false), "another one that nobody named");
    assert_eq!(told(&here, &["--manifest-path", "Cargo.toml"]), said("shop", true), "another one that is named");
    assert_eq!(told(&here, &["-p", "other"]), said("shop", true));
    assert_eq!(told(&here, &["-p", "nobody"]), Err((Some(2), "omnifn::project::which".to_owned())));
    fs::remove_dir_all(here).unwrap();
}

/// At a workspace's top, the settings are those of the member whose binary it is.
#[test]
fn a_member_of_the_workspace_has_its_own() {
    let here = folder("members");
    package(&here.join("chatbot"), "chatbot", "");
    package(&here.join("other"), "other", "");
    fs::write(here.join("Cargo.toml"), "[workspace]\nmembers = [\"chatbot\", \"other\"]\nresolver = \"3\"\n").unwrap();
    assert_eq!(told(&here, &[]), said("shop", true));
    assert_eq!(told(&here.join("other"), &[]), said("shop", true));
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn settings_that_cannot_be_read_are_an_error() {
    let here = folder("broken");
    let broken = || Err((Some(2), "omnifn::project::broken".to_owned()));
    package(&here, "chatbot", "this is no TOML");
    assert_eq!(told(&here, &[]), broken());
    assert_eq!(told(&here.join("src"), &[]), broken(), "from a folder below");
    assert_eq!(told(&here, &["--manifest-path", "Cargo.toml"]), broken());
    package(&here, "chatbot", "[dependencies]\nshared = { workspace = true }\n");
    assert_eq!(told(&here, &[]), broken(), "its workspace is not there");
    fs::remove_file(here.join("Cargo.toml")).unwrap();
    fs::create_dir(here.join("Cargo.toml")).unwrap();
    assert_eq!(told(&here, &[]), broken(), "it is a folder");
    let output = omnifn(&here, &["package", "--binary", BINARY]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("cargo cannot read Cargo.toml") && words.contains("cause: ") && words.contains("help: "));
    fs::remove_dir_all(here).unwrap();
}
