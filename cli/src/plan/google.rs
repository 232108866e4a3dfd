//! How each trigger is carried on Google Cloud, for all texts that speak of it.

use std::collections::BTreeMap;

use crate::{
    cloud::Cloud,
    cron::Cron,
    error::{Error, Kind, Result},
    model::{App, Function, ObjectChange, Resource, ResourceKind, StorageTrigger, Trigger},
};

use super::{
    limits::{at_most, impossible, of},
    names::ident,
    units::Unit,
};

/// What carries the events of a function to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nothing: HTTP requests come by themselves.
    Http,
    /// A push subscription to a topic.
    Push { topic: String, is_ordered: bool },
    /// The bucket's own notifications, through a topic: where there are dead letters, for Eventarc has none.
    Notification { bucket: Resource, events: Vec<&'static str>, prefix: Option<String> },
    /// Eventarc.
    Eventarc { source: Source, types: Vec<String> },
    /// A job of Cloud Scheduler.
    Job { schedule: String, time_zone: String },
}

/// What Eventarc takes events from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Cloud Storage.
    Bucket(Resource),
    /// Firestore: the collection and the database.
    Documents { collection: String, database: String },
    /// What a program publishes to the channel of this app.
    Channel,
    /// Another service of Google Cloud.
    Service,
}

/// The database that a function's tables are in.
pub(crate) fn database(function: &Function) -> String {
    function.options.database.clone().unwrap_or_else(|| "(default)".to_owned())
}

/// A topic within a text: queues, topics and streams are topics of Pub/Sub.
pub(crate) fn topic_id(kind: ResourceKind, logical: &str) -> String {
    ident(&format!("{}-{logical}", kind.name()))
}

/// The topics that the program needs, by what they are called within a text.
///
/// # Errors
/// Two of them have one name there.
pub(crate) fn topics(app: &App) -> Result<BTreeMap<String, Resource>> {
    let mut topics: BTreeMap<String, Resource> = BTreeMap::new();
    for resource in app.all_resources() {
        if !matches!(resource.kind, ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream) {
            continue;
        }
        if let Some(other) = topics.values().find(|other| other.name == resource.name) {
            let (a, b) = (other.kind.name(), resource.kind.name());
            let words = format!(
                "the {a} `{}` and the {b} `{}` would be one topic of Pub/Sub, for both are called `{}`",
                other.logical, resource.logical, resource.name
            );
            let help = format!(
                "give one of them another name: [package.metadata.omnifn.resources.\"{b}:{}\"] name = \"…\"",
                resource.logical
            );
            return Err(Error::new("omnifn::emit::names", words).kind(Kind::Usage).help(help));
        }
        topics.insert(topic_id(resource.kind, &resource.logical), resource);
    }
    Ok(topics)
}

/// How a function's events come to it.
///
/// # Errors
/// Google Cloud cannot carry them, or the function asks for more than Cloud Run gives.
pub(crate) fn route(app: &App, function: &Function) -> Result<Route> {
    let cloud = Cloud::Gcp;
    let longest = match &function.trigger {
        Trigger::Http(_) | Trigger::Invoke => 3600,
        Trigger::Schedule(_) => 1800,
        // Pub/Sub, which is under Eventarc, too, sends a message again that was not answered by then.
        _ => 600,
    };
    at_most(function, cloud, "timeout", function.deploy.timeout, longest, " s")?;
    at_most(function, cloud, "memory", function.deploy.memory, 32_768, " MiB")?;
    at_most(function, cloud, "concurrency", function.options.concurrency, 1000, "")?;
    Ok(match &function.trigger {
        Trigger::Http(_) | Trigger::Invoke => Route::Http,
        Trigger::Queue(source) => Route::Push { topic: topic_id(ResourceKind::Queue, source), is_ordered: false },
        Trigger::Topic(source) => Route::Push { topic: topic_id(ResourceKind::Topic, source), is_ordered: false },
        Trigger::Stream(source) => Route::Push { topic: topic_id(ResourceKind::Stream, source), is_ordered: true },
        Trigger::Storage(StorageTrigger { bucket: source, on, prefix, .. }) => {
            let bucket = app.resource(ResourceKind::Bucket, source);
            match function.options.dead_letter {
                Some(_) => Route::Notification {
                    bucket,
                    events: on.iter().map(|change| notified(*change)).collect(),
                    prefix: prefix.clone(),
                },
                None => Route::Eventarc {
                    source: Source::Bucket(bucket),
                    types: on.iter().map(|change| object_event(*change)).collect(),
                },
            }
        }
        Trigger::Schedule(source) => Route::Job {
            schedule: Cron::parse(source).and_then(|cron| cron.google()).map_err(|error| of(function, cloud, error))?,
            time_zone: function.options.time_zone.clone().unwrap_or_else(|| "Etc/UTC".to_owned()),
        },
        Trigger::Changes(source) => Route::Eventarc {
            source: Source::Documents {
                collection: app.resource(ResourceKind::Table, source).name,
                database: database(function),
            },
            types: vec!["google.cloud.firestore.document.v1.written".to_owned()],
        },
        Trigger::Event(source) => {
            if source.starts_with("google.cloud.audit.log.") {
                let why = "Eventarc's triggers of audit logs need the name of a service and of a method, which `event` does not declare";
                let help = format!(
                    "make the trigger yourself: gcloud eventarc triggers create {} --destination-run-path=/_omnifn/{} \
                     --event-filters=type={source},serviceName=…,methodName=…",
                    function.name, function.name
                );
                return Err(impossible(function, cloud, why, help));
            }
            let is_googles = source.starts_with("google.");
            let from = if is_googles { Source::Service } else { Source::Channel };
            Route::Eventarc { source: from, types: vec![source.clone()] }
        }
    })
}

/// The type of a change's CloudEvent.
pub(crate) fn object_event(change: ObjectChange) -> String {
    let kind = match change {
        ObjectChange::Created => "finalized",
        ObjectChange::Deleted => "deleted",
        ObjectChange::Archived => "archived",
        ObjectChange::Updated => "metadataUpdated",
    };
    format!("google.cloud.storage.object.v1.{kind}")
}

/// Returns the name of a bucket as a text writes it. A bucket that is created has the project before its name, because the names of buckets
/// are global, unless the settings name it. `literal` escapes a name for the text's reader.
pub(crate) fn bucket(app: &App, resource: &Resource, project: &str, literal: impl Fn(&str) -> String) -> String {
    let name = literal(&resource.name);
    if resource.create && !app.is_named(resource) { format!("{project}-{name}") } else { name }
}

/// Returns the project of the settings, or a placeholder for the reader to replace.
pub(crate) fn project(app: &App) -> &str {
    app.gcp.project.as_deref().unwrap_or("PROJECT")
}

/// The same in the bucket's own notifications.
fn notified(change: ObjectChange) -> &'static str {
    match change {
        ObjectChange::Created => "OBJECT_FINALIZE",
        ObjectChange::Deleted => "OBJECT_DELETE",
        ObjectChange::Archived => "OBJECT_ARCHIVE",
        ObjectChange::Updated => "OBJECT_METADATA_UPDATE",
    }
}

/// The name of a service's port, which says by which protocol it gets its requests.
pub(crate) fn port(app: &App) -> &'static str {
    if app.gcp.serves_http2() { "h2c" } else { "http1" }
}

/// How long Cloud Run gives an invocation by default, in seconds.
const TIMEOUT: u32 = 300;

/// How long a service gives an invocation: what is asked for, else Cloud Run's own.
pub(crate) fn timeout(declared: Option<u32>) -> u32 {
    declared.unwrap_or(TIMEOUT)
}

/// How long the service of several functions gives an invocation.
pub(crate) fn timeout_of(unit: &Unit<'_>) -> u32 {
    unit.timeout(TIMEOUT)
}

/// The CPUs that go with so much memory: <https://cloud.google.com/run/docs/configuring/services/memory-limits>.
pub(crate) fn cpus(memory: u32) -> u32 {
    match memory {
        0..=4096 => 1,
        4097..=8192 => 2,
        8193..=16_384 => 4,
        16_385..=24_576 => 6,
        _ => 8,
    }
}

/// The memory of a service: at least what Cloud Run gives.
pub(crate) fn memory(declared: Option<u32>) -> u32 {
    declared.unwrap_or(512).max(128)
}

/// What the options of a function say that Google Cloud does not carry, for comments.
pub(crate) fn not_carried(function: &Function, route: &Route) -> Vec<String> {
    let mut said = Vec::new();
    let options = &function.options;
    let is_pushed = matches!(route, Route::Push { .. } | Route::Notification { .. });
    if let (Some(attempts), true) = (options.attempts, is_pushed) {
        if options.dead_letter.is_none() {
            said.push(format!(
                "Not carried: attempts = {attempts}; without a dead letter topic, Pub/Sub tries for 7 days."
            ));
        } else if !(5..=100).contains(&attempts) {
            said.push(format!(
                "Pub/Sub takes 5 to 100 attempts: of attempts = {attempts} it becomes {}.",
                attempts.clamp(5, 100)
            ));
        }
    }
    if let Route::Eventarc { .. } = route {
        if let Some(attempts) = options.attempts {
            said.push(format!("Not carried: attempts = {attempts}; Eventarc tries for 24 hours."));
        }
        if let Some(dead) = &options.dead_letter {
            said.push(format!(
                "Not carried: dead_letter = \"{dead}\"; Eventarc has none. Set it on the subscription that it makes: gcloud pubsub \
                 subscriptions update … --dead-letter-topic={dead}"
            ));
        }
    }
    if let Route::Job { .. } = route {
        if let Some(dead) = &options.dead_letter {
            said.push(format!("Not carried: dead_letter = \"{dead}\"; Cloud Scheduler has none."));
        }
        if let Some(attempts) = options.attempts.filter(|attempts| *attempts > 6) {
            said.push(format!("Cloud Scheduler retries at most 5 times, so attempts = {attempts} becomes 6."));
        }
    }
    if let Some(size) = options.batch_size.filter(|size| *size > 1) {
        said.push(format!("Not carried: batch_size = {size}; a push is one event."));
    }
    said
}
