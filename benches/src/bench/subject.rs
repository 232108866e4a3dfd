//! The subjects: what each is, and how it is built.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// One program to measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// What tables call it.
    pub(super) name: &'static str,
    /// Its package in `benches/subjects`.
    package: &'static str,
    bin: &'static str,
    /// One or more, with commas.
    feature: Option<&'static str>,
    /// What its environment says.
    pub(super) variable: Option<(&'static str, &'static str)>,
    /// Whether a panic ends it at once, as the baselines of the peers were built.
    aborts: bool,
}

const fn ours(name: &'static str, feature: &'static str, bin: &'static str) -> Subject {
    Subject { name, package: "omnifn-subject", bin, feature: Some(feature), variable: None, aborts: false }
}

const fn peer(name: &'static str) -> Subject {
    Subject { name, package: name, bin: name, feature: None, variable: None, aborts: true }
}

const LAMBDA_HTTP_ECHO: Subject =
    Subject { name: "lambda-http echo", variable: Some(("ECHO", "1")), ..peer("lambda-http") };

/// The host's own default: an envelope.
const fn azure(name: &'static str, bin: &'static str) -> Subject {
    Subject { variable: Some(("OMNIFN_AZURE_HTTP", "data")), ..ours(name, "azure", bin) }
}

/// In the very profile that ours have, for what they weigh.
const fn unwinding(name: &'static str, of: Subject) -> Subject {
    Subject { name, aborts: false, ..of }
}

/// All of them.
pub(super) const ALL: &[Subject] = &[
    ours("omnifn aws", "aws", "hello"),
    ours("omnifn aws, by hand", "aws", "by-hand"),
    ours("omnifn aws echo", "aws", "echo"),
    ours("omnifn aws queue", "aws", "queue"),
    ours("omnifn gcp", "gcp", "hello"),
    ours("omnifn gcp storage", "gcp", "stored"),
    azure("omnifn azure", "hello"),
    ours("omnifn local", "local", "hello"),
    ours("omnifn gcp echo", "gcp", "echo"),
    azure("omnifn azure echo", "echo"),
    ours("omnifn local echo", "local", "echo"),
    ours("omnifn gcp queue", "gcp", "queue"),
    azure("omnifn azure queue", "queue"),
    ours("omnifn local queue", "local", "queue"),
    ours("omnifn aws storage", "aws", "stored"),
    azure("omnifn azure storage", "stored"),
    ours("omnifn local storage", "local", "stored"),
    ours("omnifn many", "local", "many"),
    ours("omnifn aws, with `tracing`", "aws,tracing", "hello"),
    ours("omnifn aws, with `otel`", "aws,otel", "hello"),
    ours("omnifn aws, with `lambda-runtime`", "lambda-runtime", "hello"),
    ours("omnifn gcp, with `h2c`", "gcp,h2c", "hello"),
    peer("lambda-http"),
    LAMBDA_HTTP_ECHO,
    peer("lambda-http-axum"),
    peer("lambda-runtime"),
    peer("lambda-runtime-typed"),
    peer("lambda-runtime-sqs"),
    peer("hyper-loop"),
    unwinding("lambda-http, unwinding", peer("lambda-http")),
    unwinding("hyper-server, unwinding", peer("hyper-server")),
    peer("hyper-server"),
    peer("axum-server"),
    peer("axum-cloudevent"),
    peer("axum-azure"),
];

/// Those that are only there for their size.
pub(super) const FOR_SIZE: [&str; 6] = [
    "omnifn aws, with `tracing`",
    "omnifn aws, with `otel`",
    "omnifn aws, with `lambda-runtime`",
    "omnifn gcp, with `h2c`",
    "lambda-http, unwinding",
    "hyper-server, unwinding",
];

/// The one of a name.
pub(super) fn named(name: &str) -> Result<&'static Subject, String> {
    ALL.iter().find(|subject| subject.name == name).ok_or_else(|| format!("there is no subject {name:?}"))
}

/// The workspace of the subjects.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects")
}

impl Subject {
    /// Where it lies when it is built.
    pub(super) fn program(&self) -> PathBuf {
        let feature = self.feature.map(|feature| format!("-{feature}")).unwrap_or_default();
        let profile = if self.feature.is_none() && !self.aborts { "-unwinding" } else { "" };
        folder().join("target/bin").join(format!("{}{feature}-{}{profile}", self.package, self.bin))
    }

    fn profile(&self) -> &'static str {
        if self.aborts { "abort" } else { "release" }
    }

    /// Builds it alone, so that no other's features are in it.
    pub(super) fn build(&self) -> Result<(), String> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(folder()).args(["build", "--locked", "--quiet", "--profile", self.profile()]);
        cargo.args(["--package", self.package, "--bin", self.bin]);
        cargo.args(self.feature.iter().flat_map(|feature| ["--features", feature]));
        // This program's own build must not choose for them.
        cargo.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
        let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(format!("{} could not be built", self.name));
        }
        let built = folder().join("target").join(self.profile()).join(self.bin);
        let program = self.program();
        let copy = || {
            std::fs::create_dir_all(folder().join("target/bin"))?;
            // A new file: the old one may be running.
            let _ = std::fs::remove_file(&program);
            std::fs::copy(&built, &program)
        };
        copy().map(|_| ()).map_err(|error| format!("{}: {error}", built.display()))
    }

    /// Its size, stripped.
    pub(super) fn size(&self) -> Option<u64> {
        std::fs::metadata(self.program()).ok().map(|metadata| metadata.len())
    }

    /// How many crates are in it, itself and those that only the compiler runs left out.
    pub(super) fn crates(&self) -> Option<usize> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(folder()).args(["tree", "--locked", "--edges", "no-proc-macro,normal", "--prefix", "none"]);
        cargo.args(["--format", "{p}", "--package", self.package]);
        cargo.args(self.feature.iter().flat_map(|feature| ["--features", feature]));
        let output = cargo.output().ok().filter(|output| output.status.success())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names: std::collections::BTreeSet<&str> =
            text.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).collect();
        Some(names.len().saturating_sub(1))
    }
}
