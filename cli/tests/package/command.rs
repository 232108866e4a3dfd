//! The command itself, over a binary that says by its own notes what it is.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::binaries::{folder, statically};

/// Runs it in a folder where there is no crate.
fn omnifn(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"));
    command.args(["omnifn", "package"]).args(arguments).current_dir(folder).env_remove("OMNIFN_STAGE");
    command.output().unwrap()
}

fn error(output: &Output) -> Value {
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"].clone()
}

#[test]
fn a_binary_is_enough() {
    let here = folder("command");
    let output = omnifn(&here, &["--binary", statically().to_str().unwrap(), "--out", "made", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let artifacts = value["artifacts"].as_array().unwrap();
    let of = |key: &str| artifacts.iter().map(|artifact| artifact[key].as_str().unwrap()).collect::<Vec<_>>();
    let units = ["http", "settle", "announce", "measure", "index", "nightly", "placed", "balance"];
    let zips = units.map(|unit| format!("made/azure/{unit}.zip"));
    let others = ["made/aws/triggers.zip", "made/gcp/image", "made/gcp/source"];
    let paths: Vec<_> = others.into_iter().chain(zips.iter().map(String::as_str)).chain(["made/azure/app"]).collect();
    assert_eq!(of("path"), paths);
    assert_eq!(of("kind"), [&["zip", "image", "folder"][..], &["zip"; 8], &["folder"]].concat());
    let functions =
        artifacts.iter().map(|artifact| artifact["functions"].as_array().unwrap().len()).collect::<Vec<_>>();
    assert_eq!(functions, [&[8; 3][..], &[1; 8], &[8]].concat());
    assert!(paths.iter().all(|path| here.join(path).exists()));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("Packaged made/aws/triggers.zip"), "{words}");
    // For eyes: the commands.
    let binary = format!("aws={}", statically().display());
    let output = omnifn(&here, &["--target", "aws", "--binary", &binary, "--out", "made", "--split", "--quiet"]);
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(words.contains("made/aws/http.zip\n  zip for x86_64, "), "{words}");
    assert!(
        words.contains("\n  $ cargo omnifn emit sam --out .\n  $ sam deploy --template-file template.yaml "),
        "{words}"
    );
}

/// What is fit for one cloud is told with what is wrong for another, in one document.
#[test]
fn one_of_several_clouds_fails() {
    let here = folder("several");
    fs::write(here.join("text"), "no program").unwrap();
    let binary = format!("aws={}", statically().display());
    let arguments = ["--target", "aws,gcp", "--binary", &binary, "--binary", "gcp=text", "--out", "made"];
    let output = omnifn(&here, &[&arguments[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(4));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["artifacts"].as_array().unwrap().len(), 1);
    assert_eq!(value["artifacts"][0]["path"], "made/aws/triggers.zip");
    assert_eq!(value["error"]["code"], "omnifn::notes::no_binary");
    let output = omnifn(&here, &arguments);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8(output.stdout).unwrap().contains("made/aws/triggers.zip\n  zip for x86_64"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("error[omnifn::notes::no_binary]"));
}

#[test]
fn arguments_that_mean_nothing_are_refused() {
    let here = folder("arguments");
    let said = |arguments: &[&str], code: &str| {
        let output = omnifn(&here, &[arguments, &["--json"]].concat());
        assert_eq!((output.status.code(), error(&output)["code"].as_str().unwrap()), (Some(2), code), "{arguments:?}");
        error(&output)["message"].as_str().unwrap().to_owned()
    };
    let words = said(&["--binary", "a", "--allow", "debug,nonsense"], "omnifn::usage");
    assert!(words.contains("'nonsense'") && words.contains("`glibc`, `libraries`"), "{words}");
    let words = said(&["--target", "gcp", "--binary", "aws=a"], "omnifn::package::binary");
    assert!(words.contains("`--binary aws=a` is for AWS Lambda, which is not targeted"), "{words}");
    for twice in [["a", "b"], ["aws=a", "aws=b"]] {
        let words = said(&["--binary", twice[0], "--binary", twice[1]], "omnifn::package::binary");
        assert!(words.contains("is a second one"), "{words}");
    }
    // A file that cannot be read is that everywhere.
    for missing in ["nope", "aws=nope"] {
        said(&["--target", "aws", "--binary", missing], "omnifn::notes::unreadable");
    }
    assert_eq!(fs::read_dir(&here).unwrap().count(), 0);
}

#[test]
fn exit_codes() {
    let here = folder("exit");
    fs::write(here.join("text"), "no program").unwrap();
    let output = omnifn(&here, &["--binary", "text", "--json"]);
    assert_eq!((output.status.code(), error(&output)["code"].as_str().unwrap()), (Some(4), "omnifn::notes::no_binary"));
    // Without a binary there has to be a crate.
    let output = omnifn(&here, &["--json", "--manifest-path", "Cargo.toml"]);
    assert_eq!((output.status.code(), error(&output)["code"].as_str().unwrap()), (Some(2), "omnifn::project::none"));
    let output = omnifn(&here, &["--target", "oracle"]);
    assert_eq!(output.status.code(), Some(2));
    let output = omnifn(&here, &["--binary", "aws="]);
    assert!(output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("a path is missing"));
}
