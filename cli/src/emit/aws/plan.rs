//! From what is declared to what there is on AWS.

use super::{
    ATTEMPTS, Change, Dialect, Front, MEMORY, Plan, Planned, Reader, Retries, Source, TIMEOUT, get, id_of, limits,
    pascal, sub,
};
use crate::{
    cloud::Cloud,
    cron::Cron,
    emit::yaml::{Map, Yaml, map},
    error::{Error, Kind, Result},
    model::{App, Class, Function, Resource, ResourceKind, StorageTrigger, Trigger},
    plan::{
        arn::{Name, Place},
        resource_names,
        units::{Unit, units},
        variables,
    },
    policy::{self, Holder, Role},
};

impl<'a> Plan<'a> {
    /// # Errors
    /// AWS cannot do what a function asks for; each of these is named.
    pub(in crate::emit) fn new(app: &'a App, dialect: Dialect) -> Result<Self> {
        let front = front(app)?;
        limits::architecture(app)?;
        let mut plan =
            Plan { app, units: Vec::with_capacity(app.functions.len()), front, dialect, remarks: Vec::new() };
        let mut errors = Vec::new();
        for unit in units(app) {
            match plan.unit(unit) {
                Ok(planned) => plan.units.push(planned),
                Err(mut error) => {
                    let more = std::mem::take(&mut error.more);
                    errors.push(error);
                    errors.extend(more);
                }
            }
        }
        errors.extend(resource_names::errors(app, Cloud::Aws));
        match Error::all(errors) {
            Some(error) => Err(error),
            None => Ok(plan),
        }
    }

    fn unit(&mut self, unit: Unit<'a>) -> Result<Planned<'a>> {
        let function = unit.functions[0];
        limits::check(self.app, &unit)?;
        let mut roles = policy::roles_of(self.app, &unit).into_iter();
        let (own, of_schedule) = (roles.next(), roles.next());
        let role = own.unwrap_or_else(|| role_of_nothing(&unit, Holder::Function));
        let timeout = unit.timeout(TIMEOUT);
        for function in &unit.functions {
            self.remark(function, function.deploy.timeout.unwrap_or(TIMEOUT));
        }
        let source = self.source(&unit, function, of_schedule)?;
        let is_queue = matches!(source, Source::Queue { instances: Some(_), .. });
        let pushed = matches!(
            source,
            Source::Topic { .. } | Source::Bucket { .. } | Source::Rule { .. } | Source::Schedule { .. }
        );
        Ok(Planned {
            function,
            id: pascal(unit.label()),
            name: Name::of_unit(self.app, &unit).write(&Place::CLOUDFORMATION),
            memory: unit.memory().unwrap_or(MEMORY).max(MEMORY),
            timeout,
            reserved: unit.instances().filter(|_| !is_queue),
            environment: self.environment(&unit),
            role,
            source,
            retries: pushed.then(|| self.retries(function, 2)).filter(|retries| !retries.is_none()),
            unit,
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
            say(format!("Lambda tries an event that it receives at most 3 times, not {attempts} times"));
        }
        if function.trigger.class() == Class::Queue && options.attempts.is_some() && options.dead_letter.is_none() {
            say("SQS counts attempts only if there is a `dead_letter`; otherwise it delivers a message again until the message expires"
                .to_owned());
        }
        if function.trigger.class() == Class::Queue && function.deploy.instances == Some(1) {
            say("SQS reads with at least 2 readers; one of them waits for the single instance".to_owned());
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

    fn environment(&self, unit: &Unit<'a>) -> Map {
        // A stage's setting takes precedence over a secret of that name; what the text itself sets takes precedence over both.
        let told = ["OMNIFN_FUNCTION", "OMNIFN_AWS_STREAMING"];
        let own = unit.environment().into_iter().filter(|(name, _)| !told.contains(name));
        let own = own.fold(Map::default(), |map, (name, value)| map.with(name, value));
        let places = variables::aws(self.app, unit, &Place::CLOUDFORMATION, "${AWS::URLSuffix}").into_iter();
        let own = places.fold(own, |map, (name, value)| map.with(name, sub(value)));
        let secrets = unit.secrets().into_iter().fold(own, |map, name| {
            let secret = self.secret(name);
            map.with(name, Yaml::Template(format!("{{{{resolve:secretsmanager:{secret}:SecretString}}}}")))
        });
        let streams = unit.serves_http() && self.front == Front::FunctionUrl { streams: true };
        let streams = streams.then_some("1");
        Map::default().maybe("OMNIFN_FUNCTION", unit.selected()).and(secrets).maybe("OMNIFN_AWS_STREAMING", streams)
    }

    /// The secrets that a unit reads: the names of their variables, and theirs in Secrets Manager.
    pub(in crate::emit) fn secrets<'p>(&self, planned: &'p Planned<'_>) -> impl Iterator<Item = (&'p str, String)> {
        planned.unit.secrets().into_iter().map(|name| (name, self.secret(name)))
    }

    /// The name of a secret in Secrets Manager: `shop/prod/KEY`, or what the settings of the resource `secret:KEY` say.
    pub(in crate::emit) fn secret(&self, name: &str) -> String {
        let set = self.app.resources.get(&format!("secret:{name}")).and_then(|set| set.name.clone());
        let stage = self.app.stage.as_deref().map(|stage| format!("{stage}/")).unwrap_or_default();
        set.unwrap_or_else(|| format!("{}/{stage}{name}", self.app.name))
    }

    fn retries(&self, function: &Function, most: u32) -> Retries {
        // Where dead letters go somewhere, a record does not come again for as long as the stream keeps it.
        let attempts = function.options.attempts.or(function.options.dead_letter.as_ref().map(|_| ATTEMPTS));
        let again = attempts.map(|attempts| attempts.saturating_sub(1).min(most));
        let queue = function.options.dead_letter.as_deref().map(|name| self.app.resource(ResourceKind::Queue, name));
        Retries { again, dead_letter: queue.map(|queue| self.arn(&queue)) }
    }

    fn source(&self, unit: &Unit<'a>, function: &'a Function, of_schedule: Option<Role>) -> Result<Source<'a>> {
        let options = &function.options;
        let (batch, window) = (options.batch_size, options.batch_window);
        let resource = |kind, name: &str| self.app.resource(kind, name);
        Ok(match &function.trigger {
            Trigger::Http(_) => Source::Http,
            Trigger::Invoke => Source::Invoke,
            Trigger::Queue(source) => {
                let queue = resource(ResourceKind::Queue, source);
                // Without waiting, SQS gives 10 at most.
                let window = window.or(batch.filter(|batch| *batch > 10).map(|_| 1));
                let instances = function.deploy.instances.filter(|instances| *instances >= 2);
                Source::Queue { arn: self.arn(&queue), batch, window, instances }
            }
            Trigger::Topic(source) => {
                let topic = resource(ResourceKind::Topic, source);
                Source::Topic { arn: self.arn(&topic), name: topic.name }
            }
            Trigger::Stream(source) | Trigger::Changes(source) => {
                let (kind, reader) = match function.trigger {
                    Trigger::Stream(_) => (ResourceKind::Stream, Reader::Kinesis),
                    _ => (ResourceKind::Table, Reader::DynamoDb),
                };
                let resource = resource(kind, source);
                let arn = if reader == Reader::Kinesis { self.arn(&resource) } else { stream_of(&resource) };
                // Read from the oldest record, nothing is lost that came before the function did.
                let start = if options.start.as_deref() == Some("latest") { "LATEST" } else { "TRIM_HORIZON" };
                Source::Reader { kind: reader, arn, batch, window, start, retries: self.retries(function, 10_000) }
            }
            Trigger::Storage(StorageTrigger { bucket: source, .. }) => {
                let bucket = resource(ResourceKind::Bucket, source);
                let change = Change::of(&function.trigger);
                if self.notifies(&bucket) {
                    Source::Bucket { id: id_of(&bucket), arn: self.named_arn(&bucket), change }
                } else {
                    let name = sub(Name::of(self.app, &bucket).write(&Place::CLOUDFORMATION));
                    Source::Rule { pattern: change.pattern(name) }
                }
            }
            Trigger::Event(source) => {
                let pattern = Map::default().maybe("source", options.source.as_deref().map(|source| vec![source]));
                Source::Rule { pattern: pattern.with("detail-type", vec![source.as_str()]) }
            }
            Trigger::Schedule(source) => {
                let role = of_schedule.unwrap_or_else(|| role_of_nothing(unit, Holder::Schedule));
                let cron = Cron::parse(source).and_then(|cron| cron.aws()).map_err(|error| named(function, error))?;
                Source::Schedule { cron, time_zone: options.time_zone.as_deref().unwrap_or("UTC"), role }
            }
        })
    }
}

fn role_of_nothing(unit: &Unit<'_>, holder: Holder) -> Role {
    let functions = unit.functions.iter().map(|function| function.name.clone()).collect();
    Role { unit: unit.label().to_owned(), functions, holder, permissions: Vec::new() }
}

/// The ARN of a table's stream: that of the table that is made, or the value of a parameter.
fn stream_of(table: &Resource) -> Yaml {
    if table.create {
        get(&id_of(table), "StreamArn")
    } else {
        map! { "Ref" => format!("{}StreamArn", id_of(table)) }.into()
    }
}

fn named(function: &Function, error: Error) -> Error {
    Error { message: format!("`{}` ({}): {}", function.name, function.location, error.message), ..error }
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
