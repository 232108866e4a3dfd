//! What `[package.metadata.omnifn]` sets for a cloud and for a resource.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// What is set for a cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CloudSettings {
    /// The region.
    pub region: Option<String>,
    /// `arm64` or `x86_64`.
    pub architecture: Option<String>,
    /// The project (Google Cloud).
    pub project: Option<String>,
    /// The name of an image, as `europe-docker.pkg.dev/p/r/shop` (Google Cloud, Knative).
    pub image: Option<String>,
    /// The front door of the HTTP functions on AWS: `function-url`, or `http-api` (the default).
    pub http: Option<String>,
    /// Whether function URLs send replies while they come (AWS).
    pub streaming: Option<bool>,
    /// Whether a package of its own is made for each unit (AWS).
    pub split: Option<bool>,
    /// Whether requests are sent by HTTP/2, for which the program needs the cargo feature `omnifn/h2c` (Google Cloud, Knative).
    pub http2: Option<bool>,
    /// The broker that events come from (Knative); `default` by default.
    pub broker: Option<String>,
    /// The schedules of functions on this cloud, by the names of the functions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub functions: BTreeMap<String, ScheduleSettings>,
}

/// The schedule of a function on one cloud, where it differs from that of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleSettings {
    /// The cron expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What is set for a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceSettings {
    /// Its name in the cloud.
    pub name: Option<String>,
    /// Whether it is made with the functions.
    pub create: Option<bool>,
    /// Whether the name is that of the stage.
    #[serde(skip)]
    pub(crate) is_of_stage: bool,
}

/// The keys that AWS has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Aws {
    region: Option<String>,
    architecture: Option<String>,
    http: Option<String>,
    streaming: Option<bool>,
    split: Option<bool>,
    #[serde(default)]
    functions: BTreeMap<String, ScheduleSettings>,
}

/// Those of Google Cloud, and of Knative.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gcp {
    region: Option<String>,
    architecture: Option<String>,
    project: Option<String>,
    image: Option<String>,
    http2: Option<bool>,
    broker: Option<String>,
    #[serde(default)]
    functions: BTreeMap<String, ScheduleSettings>,
}

/// Those of Azure, whose machines have one architecture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Azure {
    region: Option<String>,
    #[serde(default)]
    functions: BTreeMap<String, ScheduleSettings>,
}

pub(crate) fn aws<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CloudSettings, D::Error> {
    let Aws { region, architecture, http, streaming, split, functions } = Aws::deserialize(deserializer)?;
    Ok(CloudSettings { region, architecture, http, streaming, split, functions, ..CloudSettings::default() })
}

pub(crate) fn gcp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CloudSettings, D::Error> {
    let Gcp { region, architecture, project, image, http2, broker, functions } = Gcp::deserialize(deserializer)?;
    Ok(CloudSettings { region, architecture, project, image, http2, broker, functions, ..CloudSettings::default() })
}

pub(crate) fn azure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CloudSettings, D::Error> {
    let Azure { region, functions } = Azure::deserialize(deserializer)?;
    Ok(CloudSettings { region, functions, ..CloudSettings::default() })
}

impl CloudSettings {
    /// Whether requests are sent by HTTP/2.
    pub(crate) fn serves_http2(&self) -> bool {
        self.http2 == Some(true)
    }

    /// These, and of those that are missing here, the others.
    pub(crate) fn over(self, other: CloudSettings) -> CloudSettings {
        let mut functions = other.functions;
        for (name, own) in self.functions {
            let set = functions.entry(name).or_default();
            set.schedule = own.schedule.or(set.schedule.take());
            set.time_zone = own.time_zone.or(set.time_zone.take());
        }
        CloudSettings {
            functions,
            region: self.region.or(other.region),
            architecture: self.architecture.or(other.architecture),
            project: self.project.or(other.project),
            image: self.image.or(other.image),
            http: self.http.or(other.http),
            streaming: self.streaming.or(other.streaming),
            split: self.split.or(other.split),
            http2: self.http2.or(other.http2),
            broker: self.broker.or(other.broker),
        }
    }
}
