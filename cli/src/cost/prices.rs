//! The prices: a dated file that this command brings, or another of the same form.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::money::Money;
use crate::error::{Error, Kind, Result};

const OWN: &str = include_str!("prices.json");

/// What the clouds ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When they were read.
    pub date: String,
    /// In which money.
    pub currency: String,
    /// AWS Lambda.
    pub aws: Aws,
    /// Cloud Run, billed by request.
    pub gcp: Gcp,
    /// Azure Functions on Flex Consumption, on demand.
    pub azure: Azure,
}

/// The prices of AWS Lambda.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Where they hold.
    pub region: String,
    /// The page.
    pub source: String,
    /// For a gibibyte for a second.
    pub gb_second: Architectures,
    /// For a million requests.
    pub million_requests: Money,
    /// What is free each month.
    pub free: Free,
}

/// A price for each architecture.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architectures {
    /// Intel's and AMD's.
    pub x86_64: Money,
    /// Arm's.
    pub arm64: Money,
}

/// The prices of Cloud Run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gcp {
    /// Where they hold.
    pub region: String,
    /// The page.
    pub source: String,
    /// For a CPU for a second.
    pub vcpu_second: Money,
    /// For a gibibyte for a second.
    pub gib_second: Money,
    /// For a million requests.
    pub million_requests: Money,
    /// What is free each month.
    pub free: FreeCpu,
}

/// The prices of Azure Functions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Azure {
    /// Where they hold.
    pub region: String,
    /// The page.
    pub source: String,
    /// For a gibibyte for a second.
    pub gb_second: Money,
    /// For a million executions.
    pub million_requests: Money,
    /// What is free each month.
    pub free: Free,
}

/// What is free each month.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Free {
    /// Gibibytes times seconds.
    pub gb_seconds: u64,
    /// Requests.
    pub requests: u64,
}

/// What is free each month, with CPUs.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeCpu {
    /// CPUs times seconds.
    pub vcpu_seconds: u64,
    /// Gibibytes times seconds.
    pub gib_seconds: u64,
    /// Requests.
    pub requests: u64,
}

/// Where a cloud's prices are from.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// The cloud.
    pub cloud: &'static str,
    /// Where they hold.
    pub region: String,
    /// The page.
    pub source: String,
    /// The region that is configured, if these are the prices of another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
}

impl Prices {
    /// Those of a file, or those that this command brings.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Self::parse(OWN, "this command's own price file") };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new("omnifn::cost::prices", format!("{} cannot be read", path.display()))
                .kind(Kind::Usage)
                .caused_by(error)
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    fn parse(text: &str, name: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::new("omnifn::cost::prices", format!("{name} contains no prices"))
                .kind(Kind::Usage)
                .caused_by(error)
                .help("write it as `cargo omnifn cost --show-prices` does")
        })
    }

    /// The file that this command brings, as it is.
    pub const fn own() -> &'static str {
        OWN
    }
}
