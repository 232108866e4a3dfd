//! The measured programs: what each one is, and how it is built.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// What a program is measured for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Omnifn,
    /// Does the same work as omnifn's program, on the field's libraries.
    EqualWork,
    /// A library alone, without logs or limits: what the work costs at least.
    Reference,
}

/// One program.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its unique name in code and in the table of sizes.
    pub(crate) name: &'static str,
    /// Its label beside the other programs of a case.
    pub(crate) label: &'static str,
    pub(crate) role: Role,
    package: &'static str,
    bin: &'static str,
    /// The provider, for omnifn's programs.
    feature: Option<&'static str>,
}

const fn omnifn(name: &'static str, label: &'static str, feature: &'static str, bin: &'static str) -> Program {
    Program { name, label, role: Role::Omnifn, package: "omnifn-subject", bin, feature: Some(feature) }
}

const fn peer(name: &'static str, label: &'static str, package: &'static str, bin: &'static str) -> Program {
    Program { name, label, role: Role::EqualWork, package, bin, feature: None }
}

const fn reference(name: &'static str, label: &'static str, package: &'static str) -> Program {
    Program { name, label, role: Role::Reference, package, bin: package, feature: None }
}

/// All programs.
pub(crate) const ALL: &[Program] = &[
    omnifn("omnifn, AWS HTTP", "omnifn", "aws", "hello"),
    omnifn("omnifn, AWS SQS", "omnifn", "aws", "queue"),
    omnifn("omnifn, Cloud Run HTTP", "omnifn", "gcp", "hello"),
    omnifn("omnifn, Cloud Run CloudEvent", "omnifn", "gcp", "stored"),
    omnifn("omnifn, Azure HTTP", "omnifn", "azure", "hello"),
    omnifn("omnifn, local HTTP", "omnifn (local server)", "local", "hello"),
    peer("lambda_http + axum, AWS HTTP", "lambda_http + axum + tracing", "lambda-http-axum", "lambda-http-axum"),
    peer("lambda_runtime, AWS SQS", "lambda_runtime + SqsEvent + tracing", "lambda-runtime-sqs", "lambda-runtime-sqs"),
    peer("axum + tower_http, HTTP", "axum + tower_http + tracing", "axum-service", "http"),
    peer("axum + tower_http, CloudEvent", "axum + tower_http + tracing", "axum-service", "cloudevent"),
    peer("axum + tower_http, Azure", "axum + tower_http + tracing", "axum-service", "azure"),
    reference("plain lambda_http", "plain lambda_http, no logs", "plain-lambda-http"),
    reference("raw lambda_runtime", "raw lambda_runtime, event not read", "raw-lambda-runtime"),
    reference("bare axum", "bare axum, no logs", "bare-axum"),
    reference("bare hyper", "bare hyper, no logs", "bare-hyper"),
];

/// Returns the program of this name.
pub(crate) fn named(name: &str) -> Result<&'static Program, String> {
    ALL.iter().find(|program| program.name == name).ok_or_else(|| format!("unknown program {name:?}"))
}

static PROFILE: OnceLock<String> = OnceLock::new();

/// Sets the cargo profile that programs are built in. Only the first call has an effect.
pub(crate) fn use_profile(name: &str) {
    let _ = PROFILE.set(name.to_owned());
}

/// Returns the workspace of the programs.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects")
}

impl Program {
    /// Returns its settings. On Azure the benches post the host's envelope; without this setting omnifn reads the form of requests from
    /// `host.json`.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let envelope = ("OMNIFN_AZURE_HTTP".to_owned(), "data".to_owned());
        if self.feature == Some("azure") { vec![envelope] } else { Vec::new() }
    }

    /// Returns the path of the executable.
    pub(crate) fn path(&self) -> PathBuf {
        let feature = self.feature.unwrap_or("peer");
        let name = format!("{}-{}-{feature}-{}", self.package, self.bin, profile());
        workspace().join("target/programs").join(name)
    }

    /// Builds the program alone, so that the features of others do not change it.
    pub(crate) fn build(&self) -> Result<(), String> {
        eprintln!("building {}", self.name);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(workspace()).args(["build", "--locked", "--quiet", "--profile", profile()]);
        cargo.args(["--package", self.package, "--bin", self.bin, "--no-default-features"]);
        cargo.args(self.feature.iter().flat_map(|feature| ["--features", feature]));
        // The settings of this program's own build do not apply to them.
        cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(format!("building {:?} failed", self.name));
        }
        let built = workspace().join("target").join(profile()).join(self.bin);
        let copy = || {
            std::fs::create_dir_all(workspace().join("target/programs"))?;
            std::fs::copy(&built, self.path())
        };
        copy().map(|_| ()).map_err(|error| format!("{}: {error}", built.display()))
    }

    /// Returns the size of the stripped executable in bytes, if it is built.
    pub(crate) fn size(&self) -> Option<u64> {
        std::fs::metadata(self.path()).ok().map(|metadata| metadata.len())
    }
}

fn profile() -> &'static str {
    PROFILE.get().map_or("release", String::as_str)
}
