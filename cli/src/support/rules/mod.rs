//! What a function declares against what a cloud does.

mod aws;
pub(crate) mod azure;
mod gcp;

use crate::{
    cloud::Cloud,
    error::{Error, Result},
    literal,
    model::{App, Class, Function, Grant, ResourceKind, Trigger, Verb},
    plan::{
        resource_names,
        units::{Unit, is_http, is_public, units},
    },
};

use super::{
    Finding, Verdict,
    limits::{self, Limit},
    service::{Kind, Service},
    tables::{EventShape, Failures, Tables},
};

/// Everything that there is to know of a function on a cloud.
pub(super) fn findings(app: &App, function: &Function, cloud: Cloud, service: &Service) -> Result<Vec<Finding>> {
    let tables = Tables::get()?;
    let mut found = Vec::new();
    let streams = service.kind == Kind::FunctionUrl && app.aws.streaming == Some(true);
    match &function.trigger {
        Trigger::Http(_) => match tables.http(cloud, service.shape, streams) {
            Some(shape) => found.extend(shape.differs.iter().map(|differs| note(lower(differs)))),
            None => found.push(not_carried(function, cloud)),
        },
        // The payload and the result are JSON, which every form carries as it is.
        Trigger::Invoke => {}
        trigger => match tables.events(cloud, trigger.class(), service.shape) {
            Some(shape) => of_events(function, shape, &mut found),
            None => found.push(not_carried(function, cloud)),
        },
    }
    if let Some(limit) = payload(cloud, service.kind) {
        found.push(note(format!("{}: {limit}", limit.what)).source(limit.source));
    }
    match cloud {
        Cloud::Aws => aws::findings(app, function, service, &mut found),
        Cloud::Gcp => gcp::findings(app, function, service, &mut found),
        Cloud::Azure => azure::findings(app, function, service, &mut found),
    }
    found.extend(wider(function, cloud));
    found.extend(shared(app, function));
    found.extend(refused_preflights(app, function, cloud));
    found.extend(resource_names::errors_of(app, function, cloud).iter().map(of_error));
    if cloud == Cloud::Azure {
        found.extend(literal::azure::settings(app, function).iter().map(of_error));
    }
    Ok(found)
}

/// Names what a function may do beside what its grants say, because the cloud has no smaller role.
fn wider(function: &Function, cloud: Cloud) -> Vec<Finding> {
    let of_grant = |grant: &Grant| -> Option<Finding> {
        let things = if grant.kind == ResourceKind::Bucket { "objects" } else { "records" };
        let also = match (cloud, grant.kind, grant.verb) {
            (Cloud::Aws, ..) | (_, _, Verb::Reads | Verb::Publishes) => return None,
            (Cloud::Gcp, ResourceKind::Bucket, Verb::Gets | Verb::Lists) => return None,
            (Cloud::Gcp, ResourceKind::Bucket, Verb::Puts) => "delete and list",
            (Cloud::Gcp, ResourceKind::Bucket, Verb::Deletes) => "put and list",
            (_, _, Verb::Gets) => "list",
            (_, _, Verb::Lists) => "get",
            (_, _, Verb::Puts) => "get, list, and delete",
            (_, _, Verb::Deletes) => "get, list, and put",
            // That it may read, too, is so for `writes` since there are grants, and is stated beside the role.
            (_, _, Verb::Writes) => return None,
        };
        let source = match (cloud, grant.kind) {
            (Cloud::Gcp, ResourceKind::Bucket) => "https://cloud.google.com/storage/docs/access-control/iam-roles",
            (Cloud::Gcp, _) => "https://cloud.google.com/firestore/docs/security/iam",
            (_, ResourceKind::Bucket) => {
                "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage"
            }
            _ => "https://learn.microsoft.com/azure/cosmos-db/how-to-connect-role-based-access-control",
        };
        let why = format!("`{grant}`: the smallest role that allows it also allows to {also} {things}");
        Some(degraded(why).source(source))
    };
    function.grants.iter().filter_map(of_grant).collect()
}

/// Names what a function may do, and which secrets it can read, only because it shares a unit with others.
fn shared(app: &App, function: &Function) -> Option<Finding> {
    let units = units(app);
    let unit = units.iter().find(|unit| unit.functions.iter().any(|other| other.name == function.name))?;
    let mut more: Vec<String> = Vec::new();
    for other in unit.functions.iter().filter(|other| other.name != function.name) {
        let grants = other.grants.iter().filter(|grant| !function.grants.contains(grant)).map(ToString::to_string);
        let secrets = other.secrets.iter().filter(|secret| !function.secrets.contains(secret));
        let secrets = secrets.map(|secret| format!("secret = \"{secret}\""));
        more.extend(grants.chain(secrets).map(|words| format!("`{words}` of `{}`", other.name)));
    }
    (!more.is_empty()).then(|| {
        note(format!("it has the permissions of its unit `{}`, which it does not need itself: {}", unit.id, more.join(", "))).help(
            "to separate them, name units in [package.metadata.omnifn.units], as `api = [\"place\"]`, or write `http = \"per-function\"`",
        )
    })
}

/// A browser sends no identity with a preflight. Where the platform asks for one, the page of another origin gets no further.
fn refused_preflights(app: &App, function: &Function, cloud: Cloud) -> Option<Finding> {
    if app.cors.is_none() || !is_http(function) || is_public(function) || cloud == Cloud::Azure {
        return None;
    }
    let why = format!(
        "`cors` has no effect on a private function: a browser's preflight carries no identity, and {} refuses it",
        cloud.title()
    );
    let help = "write `visibility = \"public\"`, and let the program check who calls";
    // Where other functions are public, it may be meant so.
    let is_meant = app.functions.iter().any(|other| is_http(other) && is_public(other));
    Some(if is_meant { note(why) } else { degraded(why).help(help) })
}

/// The memory of the service that a function is in: the largest that one of its functions asks for.
pub(crate) fn shared_memory(app: &App, function: &Function) -> Option<u32> {
    let units = units(app);
    let unit = units.iter().find(|unit| unit.functions.iter().any(|other| other.name == function.name));
    unit.and_then(Unit::memory)
}

/// How large what comes can be.
fn payload(cloud: Cloud, kind: Kind) -> Option<Limit> {
    Some(match kind {
        Kind::HttpApi | Kind::FunctionUrl | Kind::Invoke => limits::AWS_SYNC_PAYLOAD,
        Kind::Sqs => limits::AWS_SQS_MESSAGE,
        Kind::Async => limits::AWS_ASYNC_PAYLOAD,
        Kind::Http if cloud == Cloud::Gcp => limits::GCP_HTTP1_BODY,
        Kind::PubSub => limits::GCP_MESSAGE,
        Kind::Eventarc => limits::GCP_EVENTARC_EVENT,
        Kind::ServiceBus => limits::AZURE_SERVICE_BUS_MESSAGE,
        _ => return None,
    })
}

/// What the table of events says of the form.
fn of_events(function: &Function, shape: &EventShape, found: &mut Vec<Finding>) {
    let relied = relied_on(function);
    let hidden: Vec<_> = shape.fields.keys().map(String::as_str).filter(|field| shape.hides(field)).collect();
    let (badly, merely): (Vec<_>, Vec<_>) = hidden.into_iter().partition(|field| relied.contains(field));
    if !badly.is_empty() {
        found.push(degraded(format!("a function does not see {}", fields(&badly))));
    }
    if !merely.is_empty() {
        found.push(note(format!("a function does not see {}", fields(&merely))));
    }
    if shape.failures == Failures::All && function.options.batch_size != Some(1) {
        let why = "if one of a batch fails, the reply cannot name it: the platform delivers all of them again";
        found.push(
            degraded(why)
                .help("let the function take duplicates, as `omnifn::idempotency` does, or write `batch_size = 1`"),
        );
    }
}

/// The fields that functions of a class are written around.
fn relied_on(function: &Function) -> Vec<&'static str> {
    let mut relied = match function.trigger.class() {
        Class::Http | Class::Invoke => vec![],
        Class::Queue => vec!["id", "body"],
        Class::Topic => vec!["id", "body"],
        Class::Stream => vec!["key", "body"],
        Class::Storage => vec!["bucket", "key", "change"],
        Class::Schedule => vec!["scheduled"],
        Class::Event => vec!["id", "source", "type", "data"],
        Class::Changes => vec!["kind", "key", "old", "new"],
    };
    if function.options.attempts.is_some() {
        relied.push("attempt");
    }
    relied
}

fn fields(names: &[&str]) -> String {
    format!("`{}`", names.join("`, `"))
}

fn not_carried(function: &Function, cloud: Cloud) -> Finding {
    impossible(format!("{} has nothing that carries `{}`", cloud.title(), function.trigger.class().key()))
}

/// The first letter as a sentence's within another.
fn lower(words: &str) -> String {
    let words = words.trim_end_matches('.');
    match words.split_once(' ') {
        Some((first @ ("The" | "In" | "Without" | "A" | "Every"), rest)) => format!("{} {rest}", first.to_lowercase()),
        _ => words.to_owned(),
    }
}

fn finding(verdict: Verdict, why: impl Into<String>) -> Finding {
    Finding { verdict, why: why.into(), help: None, source: None }
}

/// Something that differs, and takes nothing away.
fn note(why: impl Into<String>) -> Finding {
    finding(Verdict::Ok, why)
}

fn degraded(why: impl Into<String>) -> Finding {
    finding(Verdict::Degraded, why)
}

fn impossible(why: impl Into<String>) -> Finding {
    finding(Verdict::Impossible, why)
}

impl Finding {
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn source(mut self, source: &'static str) -> Self {
        self.source = Some(source);
        self
    }
}

/// Where a declared number is above a limit: what is wrong, and what to write.
fn above(option: &str, declared: Option<u32>, limit: Limit) -> Option<Finding> {
    let declared = declared.filter(|declared| *declared > limit.value)?;
    let Limit { service, what, value, source, .. } = limit;
    let why = format!("`{option} = {declared}` is above {service}'s {what}: {limit}");
    Some(impossible(why).help(format!("write `{option} = {value}` or less")).source(source))
}

/// An error that `emit` reports, too.
fn of_error(error: &Error) -> Finding {
    let why = error.causes.iter().fold(error.message.clone(), |words, cause| format!("{words}: {cause}"));
    let finding = impossible(why);
    match &error.help {
        Some(help) => finding.help(help.clone()),
        None => finding,
    }
}
