//! Which settings count for a binary that is given: `emit` and `package` agree, and none are dropped in silence.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    package,
};
use clap::ValueEnum as _;
use serde_json::{Map, Value, json};

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

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
fn crate_in(folder: &Path, name: &str, more: &str) {
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
    crate_in(&here, "chatbot", "");
    assert_eq!(told(&here, &[]), said("shop", true), "the binary's own");
    assert_eq!(told(&here.join("src"), &[]), said("shop", true), "from a folder below");
    crate_in(&here, "other", "");
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
    crate_in(&here.join("chatbot"), "chatbot", "");
    crate_in(&here.join("other"), "other", "");
    fs::write(here.join("Cargo.toml"), "[workspace]\nmembers = [\"chatbot\", \"other\"]\nresolver = \"3\"\n").unwrap();
    assert_eq!(told(&here, &[]), said("shop", true));
    assert_eq!(told(&here.join("other"), &[]), said("shop", true));
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn settings_that_cannot_be_read_are_an_error() {
    let here = folder("broken");
    let broken = || Err((Some(2), "omnifn::project::broken".to_owned()));
    crate_in(&here, "chatbot", "this is no TOML");
    assert_eq!(told(&here, &[]), broken());
    assert_eq!(told(&here.join("src"), &[]), broken(), "from a folder below");
    assert_eq!(told(&here, &["--manifest-path", "Cargo.toml"]), broken());
    crate_in(&here, "chatbot", "[dependencies]\nshared = { workspace = true }\n");
    assert_eq!(told(&here, &[]), broken(), "its workspace is not there");
    fs::remove_file(here.join("Cargo.toml")).unwrap();
    fs::create_dir(here.join("Cargo.toml")).unwrap();
    assert_eq!(told(&here, &[]), broken(), "it is a folder");
    let output = omnifn(&here, &["package", "--binary", BINARY]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("cargo cannot read Cargo.toml") && words.contains("cause: ") && words.contains("help: "));
    fs::remove_dir_all(here).unwrap();
}

/// Each setting that README shows, with the keys that lead to it.
fn shown() -> Vec<(Vec<String>, Value)> {
    fn leaves(value: &toml::Value, path: &[String], all: &mut Vec<(Vec<String>, Value)>) {
        match value {
            // A table with a name in capitals in it is a value, as that of `environment`.
            toml::Value::Table(table) if path.last().is_none_or(|key| key != "environment") => {
                table.iter().for_each(|(key, value)| leaves(value, &[path, std::slice::from_ref(key)].concat(), all));
            }
            value => all.push((path.to_owned(), serde_json::to_value(value).unwrap())),
        }
    }
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let text = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let table: toml::Table = text.parse().unwrap();
    let mut all = Vec::new();
    leaves(&table["package"]["metadata"]["omnifn"], &[], &mut all);
    all
}

fn put(into: &mut Value, path: &[String], value: Value) {
    match path {
        [] => *into = value,
        [key, rest @ ..] => {
            let map = into.as_object_mut().unwrap();
            put(map.entry(key.clone()).or_insert_with(|| Value::Object(Map::new())), rest, value);
        }
    }
}

/// The texts of every format for every cloud, and of the package for Azure, where there are some.
fn texts(functions: &[Value], settings: Value, stage: Option<&str>) -> Vec<Option<String>> {
    let app = support::app("triggers", functions.to_vec().into(), settings, stage);
    let of = |(format, cloud): (Format, Cloud)| {
        let files = emit::render(&app, format, &[cloud]).ok()?;
        Some(files.iter().map(|file| file.content.as_str()).collect())
    };
    let all = Format::value_variants().iter().flat_map(|format| Cloud::ALL.map(|cloud| (*format, cloud)));
    // What Azure's host reads is in the zip.
    let host = package::azure::texts(&app.on(Cloud::Azure)).ok().map(|files| format!("{files:?}"));
    all.map(of).chain([host]).collect()
}

/// No setting that README shows is without effect: each alone changes a text that is emitted.
#[test]
fn every_setting_of_the_readme_has_an_effect() {
    let all = shown();
    assert!(all.len() > 30, "{all:?}");
    for (path, value) in all {
        let words = path.join(".");
        // For which machine a program is built is no part of these texts: `build::target` tests it.
        if words == "gcp.architecture" {
            continue;
        }
        let (mut path, mut value) = (path, value);
        let mut functions = support::notes("triggers");
        // Timers of Azure's Flex Consumption know no time zone.
        if !words.starts_with("azure.functions.") {
            functions
                .iter_mut()
                .for_each(|function| drop(function["options"].as_object_mut().unwrap().remove("time_zone")));
        }
        // A function that such a setting is for, and that says nothing of it itself.
        if path[0] == "functions" {
            path[1] = match path[2].as_str() {
                "visibility" | "auth" | "concurrency" => "welcome",
                "time_zone" => "nightly",
                _ => "settle",
            }
            .to_owned();
            for function in &mut functions {
                let name = function["name"].clone();
                let kept = if name == "settle" && path[2] == "attempts" {
                    json!({"dead_letter": "orders-dead"})
                } else {
                    json!({})
                };
                let function = function.as_object_mut().unwrap();
                function.insert("options".to_owned(), kept);
                function.remove("deploy");
            }
            // Private, with a key for functions, is what a function without the settings is.
            match path[2].as_str() {
                "visibility" => value = json!("public"),
                "auth" => value = json!("admin"),
                _ => {}
            }
        }
        match words.as_str() {
            "units.api" => value = json!(["welcome"]),
            // README shows the broker that there is without the setting.
            "gcp.broker" => value = json!("shop"),
            _ => {}
        }
        let mut without = json!({});
        match words.as_str() {
            "azure.functions.nightly.schedule" => {
                without = json!({"azure": {"functions": {"nightly": {"time_zone": "UTC"}}}});
            }
            "aws.streaming" => without = json!({"aws": {"http": "function-url"}}),
            "resources.secret:DATABASE_URL.name" => without = json!({"secrets": ["DATABASE_URL"]}),
            words if words.starts_with("stages.prod.") => without = json!({"stages": {"prod": {}}}),
            _ => {}
        }
        let stage = (path[0] == "stages").then_some("prod");
        let mut with = without.clone();
        put(&mut with, &path, value.clone());
        let changes = texts(&functions, without, stage)
            .into_iter()
            .zip(texts(&functions, with, stage))
            .any(|(without, with)| with.is_some() && with != without);
        assert!(changes, "`{words} = {value}` changes nothing");
    }
}
