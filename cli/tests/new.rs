//! `cargo omnifn new`: each template is a crate whose tests pass, without the network, and which builds for a cloud. Building them takes
//! long, so `.ci/run templates` does that; `templates.rs` runs their tests as modules.

#[path = "support/cargo.rs"]
mod cargo;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cargo_omnifn::template::Template;
use clap::ValueEnum as _;
use serde_json::Value;

/// A folder of this test's own, empty.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn omnifn(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-omnifn"));
    command.arg("omnifn").args(arguments).current_dir(folder).env_remove("CARGO_BUILD_TARGET");
    command.env("CARGO_TARGET_DIR", cargo::target_dir());
    command
}

fn failed(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
#[ignore = "builds five crates: `.ci/run templates`"]
fn each_template_passes_its_own_tests() {
    let folder = empty("new");
    for template in Template::ALL {
        let template = template.to_possible_value().unwrap();
        let name = format!("new-{}", template.get_name());
        cargo::run(omnifn(&folder, &["new", &name, "--template", template.get_name()]));
        let made = folder.join(&name);
        // The versions that are here already.
        fs::copy(cargo::root().join("Cargo.lock"), made.join("Cargo.lock")).unwrap();
        let mut command = cargo::cargo(&made, &["test", "--bins"]);
        let output = cargo::run({
            command.env("CARGO_TARGET_DIR", cargo::target_dir());
            command
        });
        let (said, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("test result: ok") && !said.contains(" 0 passed"), "{name}: {said}");
        assert!(!warned.contains("warning"), "{name}: {warned}");
        let readme = fs::read_to_string(made.join("README.md")).unwrap();
        assert!(!readme.contains("{{") && readme.starts_with(&format!("# {name}\n")), "{readme}");
        let agents = fs::read_to_string(made.join("AGENTS.md")).unwrap();
        assert!(!agents.contains("{{") && agents.contains(&name), "{agents}");
        assert!(fs::read_to_string(made.join(".gitignore")).unwrap().contains("/target"));
    }

    // From there to a cloud's binary, and to what it says of itself.
    let made = folder.join("new-http");
    let output = cargo::run(omnifn(&made, &["build", "--target", "azure", "--profile", "dev", "--offline", "--json"]));
    let built: Value = serde_json::from_slice(&output.stdout).unwrap();
    let binary = built[0]["binary"].as_str().unwrap();
    assert_eq!(built[0]["cloud"], "azure");
    let output = cargo::run(omnifn(&made, &["manifest", binary, "--json"]));
    let manifest: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(manifest["program"]["program"], serde_json::json!(["hello", "sum"]));
    assert_eq!(manifest["program"]["providers"], serde_json::json!(["azure"]));
    let table = String::from_utf8(cargo::run(omnifn(&made, &["manifest", binary])).stdout).unwrap();
    assert!(table.contains("GET /hello/{name}") && table.contains("src/main.rs:"), "{table}");

    // Cargo's own words stay, and ours say which command it was.
    fs::write(made.join("src/main.rs"), "fn main() { not_there() }").unwrap();
    let (code, said) = failed(omnifn(&made, &["build", "--target", "azure", "--profile", "dev", "--offline"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot find function `not_there`") && said.contains("omnifn::build"), "{said}");
}

#[test]
fn a_crate_is_made_whole_or_not_at_all() {
    let folder = empty("refused");
    fs::create_dir(folder.join("there")).unwrap();
    for (arguments, code) in [
        (&["new", "there"][..], "omnifn::new::there"),
        (&["new", "2nd"], "omnifn::new::name"),
        (&["new", "shop", "--omnifn-path", "."], "omnifn::new::omnifn_path"),
    ] {
        let (exit, said) = failed(omnifn(&folder, arguments));
        assert_eq!(exit, Some(2), "{said}");
        assert!(said.contains(code), "{said}");
    }
    let (exit, _) = failed(omnifn(&folder, &["new", "shop", "--template", "blog"]));
    assert_eq!(exit, Some(2));
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["there"]);
}

#[test]
fn the_source_of_omnifn_is_said() {
    let folder = empty("source");
    let root = cargo::root().display().to_string();
    let output = cargo::run(omnifn(&folder, &["new", "by-checkout"]));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&root));
    let manifest = fs::read_to_string(folder.join("by-checkout/Cargo.toml")).unwrap();
    assert!(manifest.contains(&format!("omnifn = {{ path = {root:?} }}")), "{manifest}");
    // It lies below this repository's own workspace.
    assert!(manifest.contains("\n[workspace]\n"), "{manifest}");
    let output = cargo::run(omnifn(&folder, &["new", "by-path", "--omnifn-path", &root]));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("checkout"));
    let file = |source, name: &str| {
        let files = Template::Chatbot.files("shop", &source, false);
        files.into_iter().find(|file| file.path == Path::new(name)).unwrap().content
    };
    let manifest = file(cargo_omnifn::template::Source::Version("0.1"), "Cargo.toml");
    assert!(manifest.contains("omnifn = { version = \"0.1\", features = [\"webhook\"] }"), "{manifest}");
    assert!(!manifest.contains("[workspace]") && !manifest.contains("{{"), "{manifest}");
}
