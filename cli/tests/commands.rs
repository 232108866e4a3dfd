//! What every command writes, and with which code it ends: as the files in `cmd/` show. `TRYCMD=overwrite cargo test -p cargo-omnifn
//! --test commands` writes them anew.

use std::{
    io::Read as _,
    process::{Command, Output, Stdio},
};

use clap::CommandFactory as _;

#[test]
fn commands_write_what_they_wrote() {
    let cases = trycmd::TestCases::new();
    cases.case("tests/cmd/*.trycmd");
    // `$ cargo omnifn …` starts this program, as cargo does.
    cases.register_bin("cargo", std::path::Path::new(env!("CARGO_BIN_EXE_cargo-omnifn")));
    cases.case("README.md");
    // The machine that is made up has commands that are scripts.
    if cfg!(unix) {
        cases.case("tests/cmd/*.toml");
    }
}
fn omnifn(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("CLICOLOR");
    command
}

fn output(arguments: &[&str]) -> Output {
    omnifn(arguments).output().expect("it can be started")
}

fn commands() -> Vec<String> {
    let command = cargo_omnifn::cli::Cli::command();
    command.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn every_shell_has_completions_of_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = output(&["completions", shell]);
        let script = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success() && output.stderr.is_empty(), "{shell}");
        for command in commands() {
            assert!(script.contains(&command), "{shell} says nothing of {command}");
        }
        assert!(script.contains("cargo-omnifn"), "{shell}");
    }
}

#[test]
fn every_command_has_a_page_and_pages_are_written_again() {
    let folder = std::env::temp_dir().join(format!("omnifn-man-{}", std::process::id()));
    let out = folder.to_str().expect("text");
    for _ in 0..2 {
        let output = output(&["man", "--out", out]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut pages: Vec<_> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    pages.sort();
    let mut wanted: Vec<_> = commands().iter().map(|command| format!("cargo-omnifn-{command}.1")).collect();
    wanted.push("cargo-omnifn.1".to_owned());
    wanted.sort();
    assert_eq!(pages, wanted);
    let page = folder.join("cargo-omnifn-check.1");
    std::fs::write(&page, "mine").expect("a file");
    assert_eq!(output(&["man", "--out", out]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&page).expect("a file"), "mine");
    assert!(output(&["man", "--out", out, "--force"]).status.success());
    assert!(std::fs::read_to_string(&page).expect("a file").contains(".TH"));
    std::fs::remove_dir_all(folder).expect("a folder");
}

const CHECK: [&str; 3] = ["check", "--manifest", "tests/programs/triggers.json"];

#[test]
fn colours_are_for_those_who_want_them() {
    let is_coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output =
            omnifn(&CHECK).args(arguments).envs(variables.iter().copied()).output().expect("it can be started");
        String::from_utf8(output.stdout).expect("text").contains('\x1b')
    };
    assert!(!is_coloured(&[], &[]), "nothing that is piped is coloured");
    assert!(is_coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(is_coloured(&["--color", "always"], &[]));
    assert!(is_coloured(&["--color=always"], &[("NO_COLOR", "1")]), "what is said goes before the variable");
    assert!(!is_coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&[], &[("NO_COLOR", "1")]));
    for (when, wanted) in [("always", true), ("never", false)] {
        let wrong = output(&["check", "--nothing", "--color", when]);
        assert_eq!(String::from_utf8_lossy(&wrong.stderr).contains('\x1b'), wanted, "{when}");
        let wrong = output(&["check", "--nothing", &format!("--color={when}")]);
        assert_eq!(String::from_utf8_lossy(&wrong.stderr).contains('\x1b'), wanted, "{when}");
    }
}

#[test]
fn with_json_there_is_one_document_on_standard_output_and_nothing_else() {
    for (arguments, code) in [
        (vec!["check", "--manifest", "tests/programs/triggers.json"], 0),
        (vec!["check", "--manifest", "tests/programs/triggers.json", "--target", "aws", "--stage", "none"], 2),
        (vec!["check", "--manifest", "tests/programs/triggers.json", "--target", "azure"], 3),
        (vec!["check", "--limits"], 0),
        (vec!["cost", "--manifest", "tests/programs/api.json"], 0),
        (vec!["doctor"], 0),
        (vec!["nothing"], 2),
        (vec![], 2),
        (vec!["completions"], 2),
    ] {
        let output = omnifn(&arguments).arg("--json").output().expect("it can be started");
        let value: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(value.get("error").is_some(), code != 0, "{arguments:?}: {value}");
        assert_eq!(
            value.get("cells").is_some(),
            arguments.contains(&"--manifest") && code != 2 && arguments[0] == "check"
        );
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What is named in a file becomes names of files, too.
#[test]
fn a_manifest_with_a_name_that_is_none_is_refused() {
    let file = std::env::temp_dir().join(format!("omnifn-manifest-{}.json", std::process::id()));
    let manifest = std::fs::read_to_string("tests/programs/thumbnail.json").expect("a file");
    std::fs::write(&file, manifest.replace("\"thumbnail\"", "\"../thumbnail\"")).expect("a file");
    let output = output(&["check", "--manifest", file.to_str().expect("text"), "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((output.status.code(), &value["error"]["code"]), (Some(2), &"omnifn::notes::name".into()));
    let words = value["error"]["message"].as_str().expect("words");
    assert!(words.contains("a function \"../thumbnail\""), "{words}");
    std::fs::remove_file(file).expect("a file");
}

/// A reader that goes away early, as `head`, is no reason to panic.
#[test]
fn a_closed_output_is_no_panic() {
    for arguments in
        [&["completions", "bash"][..], &["man"], &["check", "--limits"], &["--help"], &["check", "--nothing"], &CHECK]
    {
        let mut child =
            omnifn(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
        drop(child.stdout.take());
        let mut words = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut words).expect("text");
        assert!(child.wait().expect("it ends").code().is_some_and(|code| code < 3), "{arguments:?}");
        assert!(!words.contains("panicked"), "{arguments:?}: {words}");
    }
}

/// A disk that is full is a failure, and told where it can be.
#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_nothing_is_a_failure() {
    let triggers = ["--manifest", "tests/programs/triggers.json"];
    let with = |command: &[&'static str]| [command, &triggers].concat();
    for arguments in [
        with(&["emit", "sam"]),
        with(&["emit", "sam", "--json"]),
        with(&["check"]),
        with(&["check", "--json", "--target", "azure"]),
        with(&["cost"]),
        with(&["policy"]),
        with(&["policy", "--explain"]),
        vec!["check", "--limits"],
        vec!["cost", "--show-prices"],
        vec!["manifest", "tests/cmd/chatbot.elf"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["--help"],
        vec!["--version"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
        let output = omnifn(&arguments).stdout(full).output().expect("it can be started");
        let words = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {words}");
        assert!(words.contains("error[omnifn::output]: the result cannot be written"), "{arguments:?}: {words}");
        assert!(words.contains("cause: No space left on device"), "{arguments:?}: {words}");
    }
}

#[test]
fn the_help_of_every_command_is_shown() {
    let shown = std::fs::read_to_string("tests/cmd/help.trycmd").expect("a file");
    for command in commands() {
        assert!(shown.contains(&format!("$ cargo-omnifn {command} --help\n")), "tests/cmd/help.trycmd lacks {command}");
    }
}

#[test]
fn a_package_is_examined_with_its_features_and_profile() {
    let shop = ["doctor", "--json", "--target", "gcp", "--manifest-path", "tests/cmd/shop/Cargo.toml"];
    let output = output(&shop);
    assert_eq!(output.status.code(), Some(1));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of_package = |check: &&serde_json::Value| check["group"] == "package";
    let checks: Vec<_> = value["checks"].as_array().expect("a list").iter().filter(of_package).collect();
    let [feature, profile] = &checks[..] else { panic!("{checks:?}") };
    assert_eq!((&feature["name"], &feature["state"]), (&"feature gcp".into(), &"missing".into()));
    assert_eq!(
        (&profile["state"], &profile["get"]),
        (&"advice".into(), &"take panic = \"abort\" out of [profile.release]".into())
    );
    let causes = value["error"]["causes"].to_string();
    assert!(causes.contains("no feature `gcp`"), "{causes}");
}
