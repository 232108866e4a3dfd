//! What `function.json` says of a function: its trigger as one of Azure's bindings.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    cron::Cron,
    error::Result,
    literal::azure as literal,
    model::{App, Function, StorageTrigger, Trigger},
    plan::azure::{self, Carrier},
};

/// An object of JSON in the order in which it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    pub(super) fn new(kind: &str, direction: &str, name: &str) -> Self {
        Fields::default().with("type", kind).with("direction", direction).with("name", name)
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    pub(super) fn with_some(self, key: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// The name of a binding whose messages are written in base64, by which the adapter knows them where it cannot read this file.
const BINARY: &str = "bytes";

/// The trigger of a function of events; what answers HTTP requests has its own for each route.
///
/// # Errors
/// A timer cannot express its schedule.
pub(super) fn trigger(app: &App, function: &Function) -> Result<Fields> {
    let options = &function.options;
    let name = || {
        let resource = function.trigger.resource().map(|(kind, logical)| app.resource(kind, logical).name);
        resource.unwrap_or_else(|| function.trigger.source().unwrap_or_default().to_owned())
    };
    let connection = azure::connection(function);
    let names = [
        (function.trigger.class().key(), function.trigger.resource().map(|_| name())),
        ("connection", options.connection.clone()),
        ("subscription", options.subscription.clone()),
        ("consumer_group", options.consumer_group.clone()),
        ("database", options.database.clone()),
    ];
    for (key, name) in names {
        literal::name(function, key, &name.unwrap_or_default())?;
    }
    let cardinality = || if options.batch_size.is_some_and(|size| size > 1) { "many" } else { "one" };
    Ok(match azure::carrier(function) {
        // Without a route: by the function's name.
        Carrier::Http => Fields::new("httpTrigger", "in", "req"),
        Carrier::StorageQueue => Fields::new("queueTrigger", "in", BINARY)
            .with("queueName", name())
            .with_some("connection", connection)
            .with("dataType", "binary"),
        Carrier::ServiceBus => {
            let fields = Fields::new("serviceBusTrigger", "in", BINARY);
            let fields = match &function.trigger {
                Trigger::Topic(_) => {
                    fields.with("topicName", name()).with("subscriptionName", azure::subscription(function))
                }
                _ => fields.with("queueName", name()),
            };
            fields.with_some("connection", connection).with("cardinality", cardinality()).with("dataType", "binary")
        }
        Carrier::EventHubs => Fields::new("eventHubTrigger", "in", BINARY)
            .with("eventHubName", name())
            .with_some("connection", connection)
            .with("consumerGroup", azure::consumer_group(function).unwrap_or("$Default"))
            .with("cardinality", cardinality())
            .with("dataType", "binary"),
        Carrier::Blob => Fields::new("blobTrigger", "in", "object")
            .with("path", path(&name(), &function.trigger))
            .with_some("connection", connection)
            .with("source", "EventGrid")
            .with("dataType", "binary"),
        Carrier::EventGrid => Fields::new("eventGridTrigger", "in", "event"),
        Carrier::Timer => {
            let cron = Cron::parse(function.trigger.source().unwrap_or_default())?;
            Fields::new("timerTrigger", "in", "tick").with("schedule", cron.azure()?)
        }
        Carrier::Cosmos => Fields::new("cosmosDBTrigger", "in", "changes")
            .with_some("connection", connection)
            .with("databaseName", azure::database(app, function))
            .with("containerName", name())
            .with("leaseContainerName", azure::leases(&function.name))
            .with("createLeaseContainerIfNotExists", true)
            .with_some("maxItemsPerInvocation", options.batch_size)
            .with_some("startFromBeginning", (options.start.as_deref() == Some("oldest")).then_some(true)),
    })
}

/// How often an event is tried, where that is not a setting of the queue, the subscription or the topic.
pub(super) fn retry(function: &Function) -> Option<Value> {
    let attempts = function.options.attempts.filter(|attempts| *attempts > 1)?;
    let applies = matches!(azure::carrier(function), Carrier::EventHubs | Carrier::Cosmos | Carrier::Timer);
    applies.then(|| json!({"strategy": "fixedDelay", "maxRetryCount": attempts - 1, "delayInterval": "00:00:10"}))
}

/// Returns the path of the blobs that a function takes.
fn path(container: &str, trigger: &Trigger) -> String {
    match trigger {
        Trigger::Storage(StorageTrigger { prefix, suffix, .. }) => {
            literal::blobs(container, prefix.as_deref(), suffix.as_deref())
        }
        _ => container.to_owned(),
    }
}
