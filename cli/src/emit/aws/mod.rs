//! What a program is on AWS, for all formats that speak of it: each unit as a Lambda function with its sizes, what starts it, its roles, and
//! the resources that are made with it.

mod http;
mod limits;
mod plan;
mod resources;
mod role;
mod storage;
mod text;

use std::collections::BTreeSet;

use super::yaml::{Map, Yaml, map};
use crate::{
    error::{Error, Kind, Result},
    model::{App, Function, Resource, ResourceKind, StorageTrigger, Trigger},
    plan::units::Unit,
    policy::{Arn, Place, Role},
};

pub(super) use http::routes;
pub(super) use resources::{DEAD_LETTERS, TABLE, made, parameters};
pub(super) use role::role;
pub(super) use storage::Change;
pub(super) use text::{check, document, head, log, pascal, schedule, stack, sub};

/// The memory of a function that asks for none, in MiB: Lambda's own.
const MEMORY: u32 = 128;
/// The time of a function that asks for none, in seconds: an HTTP API waits for 30 s. Lambda's own 3 s are little for a first call.
const TIMEOUT: u32 = 29;
/// How often an event is tried that has dead letters and says no number.
const ATTEMPTS: u32 = 5;
/// How long log lines are kept, in days.
pub(super) const LOG_DAYS: u32 = 30;

/// A program on AWS.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) app: &'a App,
    pub(super) units: Vec<Planned<'a>>,
    /// The front door of the HTTP functions.
    pub(super) front: Front,
    dialect: Dialect,
    /// Where AWS does less than was asked for.
    pub(super) remarks: Vec<String>,
}

/// What reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// CloudFormation, or SAM.
    CloudFormation,
    /// Serverless Framework. It takes the name out of an ARN that is joined, and of no other that has parameters. Notifications of a
    /// bucket would make it make the bucket, or a role that may do much: there, every bucket sends its changes through EventBridge.
    Serverless,
}

/// The front door of the HTTP functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Front {
    /// One HTTP API for all.
    HttpApi,
    /// A URL for each unit.
    FunctionUrl {
        /// Whether replies are sent while they come.
        streams: bool,
    },
}

/// A unit on AWS: one Lambda function.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    pub(super) unit: Unit<'a>,
    /// The first of its functions: the only one, unless they are HTTP functions.
    pub(super) function: &'a Function,
    /// What its resources' names begin with within a text.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) memory: u32,
    pub(super) timeout: u32,
    /// How many run at once at most.
    pub(super) reserved: Option<u32>,
    pub(super) environment: Map,
    pub(super) role: Role,
    pub(super) source: Source<'a>,
    /// What becomes of events that fail, where Lambda is only handed them.
    pub(super) retries: Option<Retries>,
}

/// How often a failed event is tried again, and where it goes then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retries {
    pub(super) again: Option<u32>,
    /// The ARN of a queue.
    pub(super) dead_letter: Option<Yaml>,
}

/// What starts a function.
#[derive(Debug)]
pub(super) enum Source<'a> {
    Http,
    /// Its callers, by Lambda's own API.
    Invoke,
    Queue {
        arn: Yaml,
        batch: Option<u32>,
        window: Option<u32>,
        instances: Option<u32>,
    },
    Topic {
        arn: Yaml,
        name: String,
    },
    Reader {
        kind: Reader,
        arn: Yaml,
        batch: Option<u32>,
        window: Option<u32>,
        start: &'static str,
        retries: Retries,
    },
    Bucket {
        id: String,
        arn: Yaml,
        change: Change<'a>,
    },
    Rule {
        pattern: Map,
    },
    Schedule {
        cron: String,
        time_zone: &'a str,
        role: Role,
    },
}

/// What is read record by record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Kinesis,
    DynamoDb,
}

impl Plan<'_> {
    /// Whether a bucket tells its one function of changes by itself. A bucket that is there already, or that several functions hear of,
    /// does so through EventBridge: it has one set of notifications, whose filters may not overlap.
    pub(super) fn notifies(&self, bucket: &Resource) -> bool {
        let hear = self.app.functions.iter().filter(
            |function| matches!(&function.trigger, Trigger::Storage(StorageTrigger { bucket: source, .. }) if *source == bucket.logical),
        );
        bucket.create && self.dialect == Dialect::CloudFormation && hear.count() == 1
    }

    /// The ARN of a resource: as the text makes it, or by its name where it is there already.
    pub(super) fn arn(&self, resource: &Resource) -> Yaml {
        match resource.kind {
            _ if !resource.create => self.named_arn(resource),
            ResourceKind::Topic => map! { "Ref" => id_of(resource) }.into(),
            _ => get(&id_of(resource), "Arn"),
        }
    }

    /// The same by its name alone, so that nothing waits for the resource.
    pub(super) fn named_arn(&self, resource: &Resource) -> Yaml {
        let arn = Arn::of(self.app, resource);
        match self.dialect {
            Dialect::CloudFormation => sub(arn.write(&Place::CLOUDFORMATION)),
            Dialect::Serverless => joined(&arn),
        }
    }

    /// How long a message that a function reads stays unseen, in seconds.
    pub(super) fn unseen(&self, function: &Function) -> u32 {
        let planned = self.units.iter().find(|planned| planned.function.name == function.name);
        let timeout = planned.map_or(TIMEOUT, |planned| planned.timeout);
        (6 * timeout + function.options.batch_window.unwrap_or(0)).min(12 * 60 * 60)
    }

    /// The path of the package that holds a unit.
    pub(super) fn package(&self, planned: &Planned<'_>) -> String {
        let name = if self.app.aws.split == Some(true) { planned.unit.label() } else { &self.app.name };
        format!("{}/aws/{name}.zip", self.app.artifacts)
    }

    /// `x86_64`, unless set.
    pub(super) fn architecture(&self) -> &str {
        self.app.aws.architecture.as_deref().unwrap_or("x86_64")
    }
}

impl Planned<'_> {
    /// The name of one of its resources within a text.
    pub(super) fn id(&self, what: &str) -> String {
        format!("{}{what}", self.id)
    }

    /// Its functions and where they are, as a comment above it.
    pub(super) fn words(&self) -> String {
        let each = self.unit.functions.iter().map(|function| format!("`{}`, {}", function.name, function.location));
        each.collect::<Vec<_>>().join("\n")
    }
}

impl Retries {
    pub(super) fn is_none(&self) -> bool {
        self.again.is_none() && self.dead_letter.is_none()
    }
}

/// The name of a resource within a text: `OrdersQueue`.
pub(super) fn id_of(resource: &Resource) -> String {
    format!("{}{}", pascal(&resource.logical), pascal(resource.kind.name()))
}

/// The resources of a text, if each has a name of its own.
///
/// # Errors
/// Two have the same.
pub(super) fn distinct(resources: Map) -> Result<Map> {
    let mut ids = BTreeSet::new();
    let twice = resources.keys().find(|id| !ids.insert(*id)).map(str::to_owned);
    match twice {
        None => Ok(resources),
        Some(id) => {
            let words = format!("two resources are both called `{id}` in CloudFormation, which has no `-` and no `_`");
            let help = "give the functions or the resources names that differ in letters and digits";
            Err(Error::new("omnifn::emit::names", words).kind(Kind::Impossible).help(help))
        }
    }
}

/// An ARN as `Fn::Join`, part by part.
fn joined(arn: &Arn) -> Yaml {
    let place = Place { partition: "@Partition", region: "@Region", account: "@AccountId" };
    let part = |part: &str| match part.strip_prefix('@') {
        Some(name) => Yaml::from(map! { "Ref" => format!("AWS::{name}") }),
        None => part.into(),
    };
    let parts: Vec<_> = arn.write(&place).split(':').map(part).collect();
    map! { "Fn::Join" => vec![Yaml::from(":"), parts.into()] }.into()
}

/// `Fn::GetAtt`.
pub(super) fn get(id: &str, attribute: &str) -> Yaml {
    map! { "Fn::GetAtt" => vec![id, attribute] }.into()
}
