//! What `function.json` says of a function: its trigger as one of Azure's bindings.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    cron::Cron,
    error::Result,
    model::{App, Function, Trigger},
};

/// The settings that hold the connections, where a function names none: the app's own storage account, and one of each service.
pub(super) const STORAGE: &str = "AzureWebJobsStorage";
const SERVICE_BUS: &str = "ServiceBus";
const EVENT_HUBS: &str = "EventHubs";
const COSMOS_DB: &str = "CosmosDB";

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

/// The kind of service that carries a function's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    StorageQueue,
    ServiceBus,
    EventGrid,
    EventHubs,
    Blob,
    Timer,
    CosmosDb,
}

/// The service of a function of events; none of one that answers HTTP requests.
pub(super) fn service(function: &Function) -> Option<Service> {
    let asked = function.options.service.as_deref();
    Some(match &function.trigger {
        Trigger::Http { .. } => return None,
        Trigger::Queue { .. } if asked == Some("storage-queue") => Service::StorageQueue,
        Trigger::Topic { .. } if asked == Some("event-grid") => Service::EventGrid,
        Trigger::Queue { .. } | Trigger::Topic { .. } => Service::ServiceBus,
        Trigger::Stream { .. } => Service::EventHubs,
        // A blob trigger tells of what came, and of nothing else.
        Trigger::Storage { on, .. } if asked != Some("event-grid") && on.iter().all(|on| on == "created") => Service::Blob,
        Trigger::Storage { .. } | Trigger::Event { .. } => Service::EventGrid,
        Trigger::Schedule { .. } => Service::Timer,
        Trigger::Changes { .. } => Service::CosmosDb,
    })
}

/// The trigger of a function of events.
///
/// # Errors
/// A timer cannot express its schedule.
pub(super) fn trigger(app: &App, function: &Function, service: Service) -> Result<Fields> {
    let options = &function.options;
    let name = || {
        let resource = function.trigger.resource().map(|(kind, logical)| app.resource(kind, logical).name);
        resource.unwrap_or_else(|| function.trigger.source().unwrap_or_default().to_owned())
    };
    let connection = |default: &str| options.connection.clone().unwrap_or_else(|| default.to_owned());
    let cardinality = || if options.batch_size.is_some_and(|size| size > 1) { "many" } else { "one" };
    Ok(match service {
        Service::StorageQueue => Fields::new("queueTrigger", "in", "message")
            .with("queueName", name())
            .with("connection", connection(STORAGE))
            .with("dataType", "string"),
        Service::ServiceBus => {
            let fields = Fields::new("serviceBusTrigger", "in", "message");
            let fields = match &function.trigger {
                Trigger::Topic { .. } => {
                    let subscription = options.subscription.clone().unwrap_or_else(|| function.name.clone());
                    fields.with("topicName", name()).with("subscriptionName", subscription)
                }
                _ => fields.with("queueName", name()),
            };
            fields.with("connection", connection(SERVICE_BUS)).with("cardinality", cardinality()).with("dataType", "string")
        }
        Service::EventHubs => Fields::new("eventHubTrigger", "in", "message")
            .with("eventHubName", name())
            .with("connection", connection(EVENT_HUBS))
            .with("consumerGroup", options.consumer_group.clone().unwrap_or_else(|| "$Default".to_owned()))
            .with("cardinality", cardinality())
            .with("dataType", "string"),
        Service::Blob => Fields::new("blobTrigger", "in", "object")
            .with("path", path(&name(), &function.trigger))
            .with("connection", connection(STORAGE))
            .with("source", "EventGrid")
            .with("dataType", "binary"),
        Service::EventGrid => Fields::new("eventGridTrigger", "in", "event"),
        Service::Timer => {
            let cron = Cron::parse(function.trigger.source().unwrap_or_default())?;
            Fields::new("timerTrigger", "in", "tick").with("schedule", cron.azure()?)
        }
        Service::CosmosDb => {
            let database = options.database.clone().unwrap_or_else(|| app.name.clone());
            Fields::new("cosmosDBTrigger", "in", "changes")
                .with("connection", connection(COSMOS_DB))
                .with("databaseName", database)
                .with("containerName", name())
                .with("leaseContainerName", "leases")
                // Each function keeps its own place in the container of all.
                .with("leaseContainerPrefix", function.name.clone())
                .with("createLeaseContainerIfNotExists", true)
                .with_some("maxItemsPerInvocation", options.batch_size)
                .with_some("startFromBeginning", (options.start.as_deref() == Some("oldest")).then_some(true))
        }
    })
}

/// How often an event is tried, where that is not a setting of the queue, the subscription or the topic.
pub(super) fn retry(function: &Function, service: Service) -> Option<Value> {
    let attempts = function.options.attempts.filter(|attempts| *attempts > 1)?;
    let applies = matches!(service, Service::EventHubs | Service::CosmosDb | Service::Timer);
    applies.then(|| json!({"strategy": "fixedDelay", "maxRetryCount": attempts - 1, "delayInterval": "00:00:10"}))
}

/// `uploads/pictures/{name}.jpg`: braces in a key stand for themselves where they are doubled.
fn path(container: &str, trigger: &Trigger) -> String {
    let Trigger::Storage { prefix, suffix, .. } = trigger else { return container.to_owned() };
    let written = |text: &Option<String>| text.as_deref().unwrap_or_default().replace('{', "{{").replace('}', "}}");
    format!("{container}/{}{{name}}{}", written(prefix), written(suffix))
}
