use std::path::{Path, PathBuf};

use super::*;

/// A machine with these commands and folders, and with this Rust.
#[derive(Debug)]
struct Made {
    rust: Option<&'static str>,
    host: &'static str,
    commands: &'static [&'static str],
    paths: &'static [&'static str],
}

impl Machine for Made {
    fn find(&self, command: &str) -> Option<PathBuf> {
        self.commands.contains(&command).then(|| Path::new("/usr/bin").join(command))
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Option<String> {
        let (release, host) = (self.rust.filter(|_| command == "rustc")?, self.host);
        Some(match arguments {
            ["-vV"] => format!("rustc {release}\nrelease: {release}\nhost: {host}\n"),
            _ => "/rust\n".to_owned(),
        })
    }

    fn exists(&self, path: &Path) -> bool {
        self.paths.iter().any(|there| Path::new("/rust/lib/rustlib").join(there) == path)
    }
}

const LINUX: Made = Made {
    rust: Some("1.95.0"),
    host: "x86_64-unknown-linux-gnu",
    commands: &["cc", "apt-get", "rustup"],
    paths: &["x86_64-unknown-linux-gnu/lib"],
};

fn report(machine: &Made, clouds: &[(Cloud, &'static str)]) -> Report {
    examine(machine, None, "release", clouds)
}

fn by(machine: &Made, architecture: &'static str) -> Buildable {
    report(machine, &[(Cloud::Aws, architecture)]).clouds.remove(0)
}

#[test]
fn a_machine_with_rust_and_a_linker_is_enough() {
    let linux = by(&LINUX, "x86_64");
    assert_eq!(linux.by.as_deref(), Some("x86_64-unknown-linux-gnu, linked by cc"));
    let with_musl = Made { paths: &["x86_64-unknown-linux-musl/lib", "x86_64-unknown-linux-gnu/lib"], ..LINUX };
    assert_eq!(by(&with_musl, "x86_64").by.as_deref(), Some("x86_64-unknown-linux-musl, linked by cc"));
    let mac = Made {
        host: "aarch64-apple-darwin",
        commands: &["cc", "brew"],
        paths: &["x86_64-unknown-linux-musl/lib", "aarch64-apple-darwin/bin/rust-lld"],
        ..LINUX
    };
    assert_eq!(by(&mac, "x86_64").by.as_deref(), Some("x86_64-unknown-linux-musl, linked by rust-lld"));
}

#[test]
fn what_is_missing_is_named_with_what_gets_it() {
    let no_linker = by(&Made { commands: &["apt-get", "rustup"], ..LINUX }, "x86_64");
    assert!(!no_linker.can_build);
    let arm = by(&LINUX, "aarch64");
    assert!(!arm.can_build && arm.why_not[0].contains("aarch64"), "{arm:?}");
    assert_eq!(arm.get.as_deref(), Some("rustup target add aarch64-unknown-linux-musl"));
    let installed = Made { paths: &["aarch64-unknown-linux-gnu/lib"], ..LINUX };
    let report = report(&installed, &[(Cloud::Aws, "aarch64")]);
    let gnu = report.checks.iter().find(|check| check.name == "aarch64-unknown-linux-gnu").unwrap();
    assert_eq!(gnu.get.as_deref(), Some("sudo apt-get install gcc-aarch64-linux-gnu"));
    let cross = Made { commands: &["aarch64-linux-gnu-gcc"], ..installed };
    assert_eq!(by(&cross, "aarch64").by.as_deref(), Some("aarch64-unknown-linux-gnu, linked by aarch64-linux-gnu-gcc"));
    let zig = Made { commands: &["cargo-zigbuild"], paths: &["aarch64-unknown-linux-gnu/lib"], ..LINUX };
    assert_eq!(by(&zig, "aarch64").by.as_deref(), Some("aarch64-unknown-linux-gnu, linked by cargo-zigbuild"));
}

#[test]
fn rust_has_to_be_new_enough() {
    let state = |rust| report(&Made { rust, ..LINUX }, &[(Cloud::Gcp, "x86_64")]).checks[0].state;
    assert_eq!(state(Some("1.95.0")), State::Found);
    assert_eq!(state(Some("1.100.0-nightly")), State::Found);
    assert_eq!(state(Some(env!("CARGO_PKG_RUST_VERSION"))), State::Found);
    assert_eq!(state(Some("1.80.1")), State::Missing);
    assert_eq!(state(None), State::Missing);
    assert!(!by(&Made { rust: Some("1.80.1"), ..LINUX }, "x86_64").can_build);
    assert!(!by(&Made { rust: None, ..LINUX }, "x86_64").can_build);
}

/// Whatever is not there comes with what gets it, or with what to write.
#[test]
fn nothing_is_missing_without_words() {
    for machine in [&LINUX, &Made { commands: &[], paths: &[], ..LINUX }, &Made { rust: None, commands: &[], ..LINUX }]
    {
        let clouds = [(Cloud::Aws, "aarch64"), (Cloud::Gcp, "x86_64"), (Cloud::Azure, "x86_64")];
        for check in report(machine, &clouds).checks {
            assert_eq!(check.get.is_none(), check.state == State::Found, "{check:?}");
            assert!(!check.purpose.is_empty() && !check.detail.is_empty(), "{check:?}");
        }
    }
}
