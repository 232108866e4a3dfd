//! What a program is on AWS, for all formats that speak of it: each function with its sizes, what starts it, its roles, and the resources
//! that are made with it.

mod http;
mod limits;
mod resources;
mod role;
mod storage;
mod text;

use std::collections::BTreeSet;

use super::yaml::{Map, Yaml, map};
use crate::{
    cron::Cron,
    error::{Error, Kind, Result},
    model::{App, Class, Function, Resource, ResourceKind, Trigger},
    policy::{self, Arn, Holder, Place, Role, arn::Name},
};

pub(super) use http::routes;
pub(super) use resources::{DEAD_LETTERS, made, parameters};
pub(super) use role::role;
pub(super) use storage::Change;
pub(super) use text::{document, head, is_public, log, pascal, schedule, stack, sub};

/// The memory of a function that asks for none, in MiB: Lambda's own.
const MEMORY: u32 = 128;
/// The time of a function that asks for none, in seconds: an HTTP API waits for 30 s. Lambda's own 3 s are little for a first call.
const TIMEOUT: u32 = 29;
/// How long log lines are kept, in days.
pub(super) const LOG_DAYS: u32 = 30;

/// A program on AWS.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) app: &'a App,
    pub(super) functions: Vec<Planned<'a>>,
    /// What stands in front of HTTP functions.
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
    /// bucket would make it make the bucket, or a role that may do much: there, every bucket tells of changes through EventBridge.
    Serverless,
}

/// What stands in front of HTTP functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Front {
    /// One HTTP API for all.
    HttpApi,
    /// A URL for each function.
    FunctionUrl {
        /// Whether replies are sent while they come.
        streams: bool,
    },
}

/// A function on AWS.
#[derive(Debug)]
pub(super) struct Planned<'a> {
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
    Queue { arn: Yaml, batch: Option<u32>, window: Option<u32>, instances: Option<u32> },
    Topic { arn: Yaml, name: String },
    Reader { kind: Reader, arn: Yaml, batch: Option<u32>, window: Option<u32>, start: &'static str, retries: Retries },
    Bucket { id: String, arn: Yaml, change: Change<'a> },
    Rule { pattern: Map },
    Schedule { cron: String, time_zone: &'a str, role: Role },
}

/// What is read record by record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Kinesis,
    DynamoDb,
}

impl<'a> Plan<'a> {
    /// # Errors
    /// AWS cannot do what a function asks for; each of these is named.
    pub(super) fn new(app: &'a App, dialect: Dialect) -> Result<Self> {
        let front = front(app)?;
        limits::architecture(app)?;
        let mut plan =
            Plan { app, functions: Vec::with_capacity(app.functions.len()), front, dialect, remarks: Vec::new() };
        let mut errors = Vec::new();
        for function in &app.functions {
            match plan.function(function) {
                Ok(planned) => plan.functions.push(planned),
                Err(error) => errors.push(error),
            }
        }
        for resource in app.all_resources() {
            errors.extend(limits::name_of(app, &resource).err());
        }
        match Error::all(errors) {
            Some(error) => Err(error),
            None => Ok(plan),
        }
    }

    fn function(&mut self, function: &'a Function) -> Result<Planned<'a>> {
        limits::check(self.app, function)?;
        let mut roles = policy::roles_of(self.app, function).into_iter();
        let (own, of_schedule) = (roles.next(), roles.next());
        let role =
            own.unwrap_or(Role { function: function.name.clone(), holder: Holder::Function, permissions: Vec::new() });
        let timeout = function.deploy.timeout.unwrap_or(TIMEOUT);
        self.remark(function, timeout);
        let source = self.source(function, of_schedule)?;
        let is_queue = matches!(source, Source::Queue { instances: Some(_), .. });
        let pushed = matches!(
            source,
            Source::Topic { .. } | Source::Bucket { .. } | Source::Rule { .. } | Source::Schedule { .. }
        );
        Ok(Planned {
            function,
            id: pascal(&function.name),
            name: Name::of_function(self.app, function).write(&Place::CLOUDFORMATION),
            memory: function.deploy.memory.unwrap_or(MEMORY).max(MEMORY),
            timeout,
            reserved: function.deploy.instances.filter(|_| !is_queue),
            environment: self.environment(function),
            role,
            source,
            retries: pushed.then(|| self.retries(function, 2)).filter(|retries| !retries.is_none()),
        })
    }

    /// Says where AWS does less than a function asks for.
    fn remark(&mut self, function: &Function, timeout: u32) {
        let (name, options) = (&function.name, &function.options);
        let mut say = |words: String| self.remarks.push(format!("{name}: {words}"));
        if function.trigger.class() == Class::Http && self.front == Front::HttpApi && timeout >= 30 {
            say(format!(
                "an HTTP API waits for 30 s at most, and the function may take {timeout} s; a function URL waits (`aws.http = \"function-url\"`)"
            ));
        }
        let is_pushed =
            matches!(function.trigger.class(), Class::Topic | Class::Storage | Class::Schedule | Class::Event);
        if is_pushed && let Some(attempts) = options.attempts.filter(|attempts| *attempts > 3) {
            say(format!("Lambda tries an event that it was handed 3 times at most, not {attempts} times"));
        }
        if function.trigger.class() == Class::Queue && options.attempts.is_some() && options.dead_letter.is_none() {
            say("SQS counts attempts only where there is a `dead_letter`; a message comes again until it is too old"
                .to_owned());
        }
        if function.trigger.class() == Class::Queue && function.deploy.instances == Some(1) {
            say("SQS reads with 2 readers at least; one of them waits for the single instance".to_owned());
        }
        if function.trigger.class() == Class::Queue
            && let Some((kind, source)) = function.trigger.resource()
            && !self.app.resource(kind, source).create
        {
            say(format!(
                "the queue `{source}` is there already, and has its own attempts, dead letters and visibility timeout"
            ));
        }
        if let Some(memory) = function.deploy.memory.filter(|memory| *memory < MEMORY) {
            say(format!("Lambda's least memory is {MEMORY} MiB, not {memory} MiB"));
        }
    }

    fn environment(&self, function: &Function) -> Map {
        let own = function.environment.iter().filter(|(name, _)| !name.starts_with("OMNIFN_FUNCTION"));
        let own = own.fold(Map::default(), |map, (name, value)| map.with(name, value.as_str()));
        let secrets = function.secrets.iter().fold(own, |map, name| {
            map.with(name, format!("{{{{resolve:secretsmanager:{}:SecretString}}}}", self.secret(name)))
        });
        let streams = function.trigger.class() == Class::Http && self.front == Front::FunctionUrl { streams: true };
        let streams = streams.then_some("1");
        map! { "OMNIFN_FUNCTION" => function.name.as_str() }.and(secrets).maybe("OMNIFN_AWS_STREAMING", streams)
    }

    /// The name of a secret in Secrets Manager: `shop/prod/KEY`, or what the settings of the resource `secret:KEY` say.
    pub(super) fn secret(&self, name: &str) -> String {
        let set = self.app.resources.get(&format!("secret:{name}")).and_then(|set| set.name.clone());
        let stage = self.app.stage.as_deref().map(|stage| format!("{stage}/")).unwrap_or_default();
        set.unwrap_or_else(|| format!("{}/{stage}{name}", self.app.name))
    }

    fn retries(&self, function: &Function, most: u32) -> Retries {
        let again = function.options.attempts.map(|attempts| attempts.saturating_sub(1).min(most));
        let queue = function.options.dead_letter.as_deref().map(|name| self.app.resource(ResourceKind::Queue, name));
        Retries { again, dead_letter: queue.map(|queue| self.arn(&queue)) }
    }

    fn source(&mut self, function: &'a Function, of_schedule: Option<Role>) -> Result<Source<'a>> {
        let options = &function.options;
        let (batch, window) = (options.batch_size, options.batch_window);
        let resource = |kind, name: &str| self.app.resource(kind, name);
        Ok(match &function.trigger {
            Trigger::Http { .. } => Source::Http,
            Trigger::Queue { source } => {
                let queue = resource(ResourceKind::Queue, source);
                // Without waiting, SQS gives 10 at most.
                let window = window.or(batch.filter(|batch| *batch > 10).map(|_| 1));
                let instances = function.deploy.instances.filter(|instances| *instances >= 2);
                Source::Queue { arn: self.arn(&queue), batch, window, instances }
            }
            Trigger::Topic { source } => {
                let topic = resource(ResourceKind::Topic, source);
                Source::Topic { arn: self.arn(&topic), name: topic.name }
            }
            Trigger::Stream { source } | Trigger::Changes { source } => {
                let (kind, reader) = match function.trigger {
                    Trigger::Stream { .. } => (ResourceKind::Stream, Reader::Kinesis),
                    _ => (ResourceKind::Table, Reader::DynamoDb),
                };
                let resource = resource(kind, source);
                let arn = if reader == Reader::Kinesis { self.arn(&resource) } else { stream_of(&resource) };
                // Read from the oldest record, nothing is lost that came before the function did.
                let start = if options.start.as_deref() == Some("latest") { "LATEST" } else { "TRIM_HORIZON" };
                Source::Reader { kind: reader, arn, batch, window, start, retries: self.retries(function, 10_000) }
            }
            Trigger::Storage { source, .. } => {
                let bucket = resource(ResourceKind::Bucket, source);
                let change = Change::of(&function.trigger);
                if self.notifies(&bucket) {
                    Source::Bucket { id: id_of(&bucket), arn: self.named_arn(&bucket), change }
                } else {
                    let name = sub(Name::of(self.app, &bucket).write(&Place::CLOUDFORMATION));
                    Source::Rule { pattern: change.pattern(name) }
                }
            }
            Trigger::Event { source } => Source::Rule { pattern: map! { "detail-type" => vec![source.as_str()] } },
            Trigger::Schedule { source } => {
                let role = of_schedule.unwrap_or(Role {
                    function: function.name.clone(),
                    holder: Holder::Schedule,
                    permissions: Vec::new(),
                });
                let cron = Cron::parse(source).and_then(|cron| cron.aws()).map_err(|error| named(function, error))?;
                Source::Schedule { cron, time_zone: options.time_zone.as_deref().unwrap_or("UTC"), role }
            }
        })
    }

    /// Whether a bucket tells its one function of changes by itself. A bucket that is there already, or that several functions hear of,
    /// does so through EventBridge: it has one set of notifications, whose filters may not overlap.
    pub(super) fn notifies(&self, bucket: &Resource) -> bool {
        let hear = self.app.functions.iter().filter(
            |function| matches!(&function.trigger, Trigger::Storage { source, .. } if *source == bucket.logical),
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
        let planned = self.functions.iter().find(|planned| planned.function.name == function.name);
        let timeout = planned.map_or(TIMEOUT, |planned| planned.timeout);
        (6 * timeout + function.options.batch_window.unwrap_or(0)).min(12 * 60 * 60)
    }

    /// The path of the package that holds a function.
    pub(super) fn package(&self, function: &Function) -> String {
        let name = if self.app.aws.split == Some(true) { &function.name } else { &self.app.name };
        format!("target/omnifn/aws/{name}.zip")
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

    /// Where it stands, as a comment above it.
    pub(super) fn words(&self) -> String {
        format!("`{}`, {}", self.function.name, self.function.source)
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

/// The ARN of a table's stream: that of the table that is made, or the value of a parameter.
fn stream_of(table: &Resource) -> Yaml {
    if table.create {
        get(&id_of(table), "StreamArn")
    } else {
        map! { "Ref" => format!("{}StreamArn", id_of(table)) }.into()
    }
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

fn named(function: &Function, error: Error) -> Error {
    Error { message: format!("`{}` ({}): {}", function.name, function.source, error.message), ..error }
}

fn front(app: &App) -> Result<Front> {
    let streams = app.aws.streaming == Some(true);
    match app.aws.http.as_deref() {
        Some("function-url") => Ok(Front::FunctionUrl { streams }),
        None | Some("http-api") if streams => Err(Error::new(
            "omnifn::emit::streaming",
            "an HTTP API cannot stream replies, as `aws.streaming = true` asks for",
        )
        .kind(Kind::Impossible)
        .help("set `aws.http = \"function-url\"` beside it")),
        None | Some("http-api") => Ok(Front::HttpApi),
        Some(other) => Err(Error::new("omnifn::emit::http", format!("`aws.http = \"{other}\"` is not known"))
            .kind(Kind::Usage)
            .help("set `http-api` or `function-url` in [package.metadata.omnifn.aws]")),
    }
}
