//! What is missing on this machine, for which cloud, and how to get it.
//!
//! Rust with a target for Linux and something that links for it is enough to build and to package; all else is for deploying and
//! trying out, and optional.

mod crates;
mod machine;
mod toolchain;
mod tools;

use serde::Serialize;

use crate::{cloud::Cloud, error::Error, model::CloudSettings, project::Project};

pub use machine::{Machine, ThisMachine};

/// What was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// One after another.
    pub checks: Vec<Check>,
    /// Whether each cloud's program can be built here.
    pub clouds: Vec<Buildable>,
}

/// One thing that was looked for.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What kind of thing it is.
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// Whether it is there.
    pub state: State,
    /// Where it is, which one it is, or what is the matter.
    pub detail: String,
    /// What it is for.
    pub purpose: &'static str,
    /// For which clouds; none for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clouds: Vec<&'static str>,
    /// The command that gets it, or what to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get: Option<String>,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is.
    Found,
    /// It is not, and nothing needs it to build.
    Optional,
    /// It is there, and could be better.
    Advice,
    /// It is not, or not as it has to be.
    Missing,
}

/// Whether a cloud's program can be built here.
#[derive(Debug, Clone, Serialize)]
pub struct Buildable {
    /// The cloud.
    pub cloud: &'static str,
    /// Whether it can.
    pub can_build: bool,
    /// By which target and what links it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why_not: Vec<String>,
    /// What to do first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub get: Option<String>,
}

/// The architecture that a cloud's program is built for, as Rust's targets name it.
pub(crate) fn architecture(cloud: Cloud, settings: &CloudSettings) -> &'static str {
    match (cloud, settings.architecture.as_deref()) {
        (Cloud::Aws | Cloud::Gcp, Some("arm64")) => "aarch64",
        _ => "x86_64",
    }
}

/// Looks at the machine, and at the package where there is one. Each cloud comes with the architecture it is built for.
pub fn examine(
    machine: &dyn Machine,
    project: Option<&Project>,
    profile: &str,
    clouds: &[(Cloud, &'static str)],
) -> Report {
    let mut report = Report::default();
    let rust = toolchain::examine(machine, project, clouds, &mut report);
    tools::examine(machine, clouds, &mut report);
    if let Some(project) = project {
        crates::examine(project, profile, clouds, &mut report);
    }
    report.clouds = clouds.iter().map(|(cloud, architecture)| rust.buildable(*cloud, architecture, project)).collect();
    report
}

/// Returns an error for each cloud whose program cannot be built here, with what to do first.
pub fn failure(clouds: &[Buildable]) -> Option<Error> {
    let cannot = clouds.iter().filter(|cloud| !cloud.can_build).map(|cloud| {
        let words = format!("a program for {} cannot be built here", cloud.cloud);
        let error = Error::new("omnifn::doctor::cannot_build", words);
        let error = cloud.why_not.iter().fold(error, |error, why| error.caused_by(why));
        match &cloud.get {
            Some(get) => error.help(get.clone()),
            None => error,
        }
    });
    Error::all(cannot.collect())
}

#[cfg(test)]
mod tests;
