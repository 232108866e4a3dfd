//! What brings a function its events: Subscriptions to Channels, Triggers of a Broker, PingSources.

use std::collections::BTreeMap;

use super::{Document, commands, gcloud};
use crate::{
    cloud::Cloud,
    cron::Cron,
    emit::{
        words,
        yaml::{Map, map},
    },
    error::Result,
    model::{App, Function, ObjectChange, ResourceKind, StorageTrigger, Trigger},
    plan::{google, limits, names::slug, units::Unit},
};

pub(super) fn documents(app: &App, unit: &Unit<'_>, function: &Function) -> Result<Vec<Document>> {
    let mut documents = match &function.trigger {
        Trigger::Http(_) | Trigger::Invoke => return Ok(Vec::new()),
        Trigger::Queue(source) => vec![subscription(app, unit, function, ResourceKind::Queue, source)],
        Trigger::Topic(source) => vec![subscription(app, unit, function, ResourceKind::Topic, source)],
        Trigger::Stream(source) => vec![subscription(app, unit, function, ResourceKind::Stream, source)],
        Trigger::Schedule(source) => vec![ping(app, unit, function, source)?],
        Trigger::Event(source) => {
            let of_source = function.options.source.as_deref().map(|source| ("source", source));
            let attributes: Vec<_> = [("type", source.as_str())].into_iter().chain(of_source).collect();
            vec![trigger(app, unit, function, None, vec![exact(&attributes)])]
        }
        Trigger::Storage(StorageTrigger { bucket: source, on, prefix, suffix }) => {
            let bucket = app.resource(ResourceKind::Bucket, source);
            let bucket = google::bucket(app, &bucket, google::project(app), str::to_owned);
            let of_change = |change: &ObjectChange| {
                let kind = google::object_event(*change);
                let mut filters = vec![exact(&[("type", &kind), ("bucket", &bucket)])];
                let subject = |word: &str, value: String| map! { word => map! { "subject" => value } };
                filters.extend(prefix.as_ref().map(|prefix| subject("prefix", format!("objects/{prefix}"))));
                filters.extend(suffix.as_ref().map(|suffix| subject("suffix", suffix.clone())));
                trigger(app, unit, function, (on.len() > 1).then_some(change.name()), filters)
            };
            on.iter().map(of_change).collect()
        }
        Trigger::Changes(source) => {
            let table = app.resource(ResourceKind::Table, source).name;
            let kind = "google.cloud.firestore.document.v1.written";
            let subject = map! { "prefix" => map! { "subject" => format!("documents/{table}/") } };
            vec![trigger(app, unit, function, None, vec![exact(&[("type", kind)]), subject])]
        }
    };
    if let Some(first) = documents.first_mut() {
        first.comments.extend(not_carried(function));
        let there = gcloud::trigger(app, unit, function);
        first.comments.extend((!there.is_empty()).then(|| "On Cloud Run:".to_owned()));
        first.comments.extend(commands(there));
    }
    Ok(documents)
}

/// The channels that functions take messages of, send to, and leave dead letters in.
pub(super) fn channels(app: &App) -> Vec<Document> {
    let mut channels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in app.all_resources() {
        if resource.create && matches!(resource.kind, ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream)
        {
            let what = format!("the {} `{}`", resource.kind.name(), resource.logical);
            channels.entry(slug(&resource.name)).or_default().push(what);
        }
    }
    let document = |(name, what): (String, Vec<String>)| Document {
        comments: vec![format!(
            "{}, of the kind that the cluster has for channels. A program sends to it by posting CloudEvents to its address.",
            upper(&what.join(", "))
        )],
        value: map! { "apiVersion" => "messaging.knative.dev/v1", "kind" => "Channel", "metadata" => map! { "name" => name } },
    };
    channels.into_iter().map(document).collect()
}

fn subscription(app: &App, unit: &Unit<'_>, function: &Function, kind: ResourceKind, source: &str) -> Document {
    let own = function.options.subscription.as_deref().map(slug).unwrap_or_else(|| name(app, function));
    let mut comments = vec![format!("{}: the messages of a channel.", words::of(function))];
    if kind == ResourceKind::Stream {
        comments.push("Messages keep their order only where the cluster's channels do, as KafkaChannel.".to_owned());
    }
    let spec = map! { "channel" => reference("messaging.knative.dev/v1", "Channel", &slug(&app.resource(kind, source).name)), "subscriber" => subscriber(unit, function) }
    .maybe("delivery", delivery(app, function));
    Document { comments, value: object("messaging.knative.dev/v1", "Subscription", &own, spec) }
}

fn trigger(app: &App, unit: &Unit<'_>, function: &Function, change: Option<&str>, filters: Vec<Map>) -> Document {
    let broker = app.gcp.broker.as_deref().unwrap_or("default");
    let own = change.map_or_else(|| name(app, function), |change| format!("{}-{change}", name(app, function)));
    let mut comments = vec![format!("{}: events of the broker `{broker}`.", words::of(function))];
    if matches!(function.trigger, Trigger::Storage(_) | Trigger::Changes(_)) {
        comments.push(
            "A source of the cluster has to bring these events to the broker, in the form that Eventarc gives them."
                .to_owned(),
        );
    }
    let spec = map! { "broker" => broker, "filters" => filters, "subscriber" => subscriber(unit, function) }
        .maybe("delivery", delivery(app, function));
    Document { comments, value: object("eventing.knative.dev/v1", "Trigger", &own, spec) }
}

fn ping(app: &App, unit: &Unit<'_>, function: &Function, source: &str) -> Result<Document> {
    let cron = Cron::parse(source).map_err(|error| limits::of(function, Cloud::Gcp, error))?;
    // Where Cloud Scheduler has no form for it, the clock here reads it as crontab does.
    let schedule = cron.google().unwrap_or_else(|_| source.to_owned());
    let spec = map! { "schedule" => schedule }
        .maybe("timezone", function.options.time_zone.as_deref())
        .with("sink", subscriber(unit, function));
    let comments = vec![format!("{}: its times.", words::of(function))];
    Ok(Document { comments, value: object("sources.knative.dev/v1", "PingSource", &name(app, function), spec) })
}

fn name(app: &App, function: &Function) -> String {
    crate::plan::names::fit(&format!("{}-{}", crate::plan::names::base(app), slug(&function.name)), 63)
}

fn object(version: &str, kind: &str, name: &str, spec: Map) -> Map {
    map! { "apiVersion" => version, "kind" => kind, "metadata" => map! { "name" => name }, "spec" => spec }
}

fn reference(version: &str, kind: &str, name: &str) -> Map {
    map! { "apiVersion" => version, "kind" => kind, "name" => name }
}

/// The function: its service, and the path that its events are posted to.
fn subscriber(unit: &Unit<'_>, function: &Function) -> Map {
    map! { "ref" => reference("serving.knative.dev/v1", "Service", &unit.name), "uri" => format!("/_omnifn/{}", function.name) }
}

fn exact(attributes: &[(&str, &str)]) -> Map {
    map! { "exact" => attributes.iter().fold(Map::default(), |all, (name, value)| all.with(*name, *value)) }
}

/// How often, and what then.
fn delivery(app: &App, function: &Function) -> Option<Map> {
    let options = &function.options;
    if options.attempts.is_none() && options.dead_letter.is_none() {
        return None;
    }
    let mut delivery = Map::default();
    if let Some(dead) = &options.dead_letter {
        let channel = slug(&app.resource(ResourceKind::Queue, dead).name);
        delivery = delivery
            .with("deadLetterSink", map! { "ref" => reference("messaging.knative.dev/v1", "Channel", &channel) });
    }
    if let Some(attempts) = options.attempts {
        delivery = delivery
            .with("retry", attempts.saturating_sub(1))
            .with("backoffPolicy", "exponential")
            .with("backoffDelay", "PT1S");
    }
    Some(delivery)
}

fn not_carried(function: &Function) -> Vec<String> {
    let options = &function.options;
    let mut said = Vec::new();
    if let Some(size) = options.batch_size.filter(|size| *size > 1) {
        said.push(format!("Not carried: batch_size = {size}; each event is posted by itself."));
    }
    if matches!(function.trigger, Trigger::Schedule(_)) {
        said.extend(options.attempts.map(|attempts| {
            format!("Not carried: attempts = {attempts}; a PingSource retries as its cluster is configured.")
        }));
        said.extend(
            options
                .dead_letter
                .as_ref()
                .map(|dead| format!("Not carried: dead_letter = \"{dead}\"; a PingSource has none.")),
        );
    }
    said
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
