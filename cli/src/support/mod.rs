//! Which function can run on which cloud: what the test suites found of every form of events, what the services hold at most
//! ([`limits`]), and what a function declares.

pub mod limits;
pub(crate) mod rules;
pub mod service;
pub mod tables;

use serde::Serialize;

use crate::{cloud::Cloud, error::Result, model::App};

pub use service::{Service, service};

/// How a function does on a cloud.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// The function.
    pub function: String,
    /// The cloud, as its cargo feature is called.
    pub cloud: &'static str,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// What carries its requests or events there.
    pub service: &'static str,
    /// The form they come in, as EVENTS.md and SUPPORT.md call it.
    pub shape: &'static str,
    /// What there is to know.
    pub findings: Vec<Finding>,
}

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All that is declared holds there.
    Ok,
    /// It runs, but something that is declared, or that functions of its kind rely on, does not hold.
    Degraded,
    /// The cloud refuses it, or has nothing that could carry it.
    Impossible,
}

impl Verdict {
    /// As `--json` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Degraded => "degraded",
            Verdict::Impossible => "impossible",
        }
    }
}

/// Something to know of a function on a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters. What is `ok` is told with `--all` alone.
    pub verdict: Verdict,
    /// What is the matter.
    pub why: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The page that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
}

/// Checks every function against every one of these clouds.
///
/// # Errors
/// This command's own tables cannot be read.
pub fn check(app: &App, clouds: &[Cloud]) -> Result<Vec<Cell>> {
    let mut cells = Vec::with_capacity(app.functions.len() * clouds.len());
    let apps: Vec<_> = clouds.iter().map(|cloud| (*cloud, app.on(*cloud))).collect();
    for at in 0..app.functions.len() {
        for (cloud, app) in &apps {
            let (cloud, function) = (*cloud, &app.functions[at]);
            let service = service(app, function, cloud);
            let mut findings = rules::findings(app, function, cloud, &service)?;
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
            let verdict = findings.first().map_or(Verdict::Ok, |worst| worst.verdict);
            let Service { title, shape, .. } = service;
            cells.push(Cell {
                function: function.name.clone(),
                cloud: cloud.name(),
                verdict,
                service: title,
                shape,
                findings,
            });
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests;
