//! `host.json`: how the host treats the app as a whole.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    model::Function,
    plan::{
        azure::{Carrier, carrier},
        units::Unit,
    },
};

/// The name of the executable. No function can have it: their folders lie beside it, and no name of one has a dot.
pub(in super::super) const EXECUTABLE: &str = "omnifn.bin";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Host {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_bundle: Option<Bundle>,
    custom_handler: Handler,
    extensions: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Bundle {
    id: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Handler {
    description: Description,
    enable_proxying_http_request: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    default_executable_path: &'static str,
}

/// How long the host of a Flex Consumption app gives an invocation by default, in seconds.
/// ([The defaults](https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout).)
const TIMEOUT: u32 = 30 * 60;

impl Host {
    pub(super) fn of(unit: &Unit<'_>) -> Self {
        Host {
            version: "2.0",
            function_timeout: timeout(unit),
            extension_bundle: needs_bundle(unit)
                .then_some(Bundle { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.*, 5.0.0)" }),
            custom_handler: Handler {
                description: Description { default_executable_path: EXECUTABLE },
                enable_proxying_http_request: true,
            },
            extensions: extensions(unit),
        }
    }
}

/// One time holds for all functions: the longest. Where one says none, it is at least the host's own, so that none is cut short.
fn timeout(unit: &Unit<'_>) -> Option<String> {
    let longest = unit.functions.iter().filter_map(|function| function.deploy.timeout).max()?;
    let is_said = unit.functions.iter().all(|function| function.deploy.timeout.is_some());
    let seconds = Some(longest).filter(|seconds| is_said || *seconds > TIMEOUT)?;
    Some(format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

/// HTTP and timers are in the host itself.
fn needs_bundle(unit: &Unit<'_>) -> bool {
    unit.functions.iter().any(|function| !matches!(carrier(function), Carrier::Http | Carrier::Timer))
}

/// What the host knows for all functions of a service at once: the largest that one of them asks for.
fn extensions(unit: &Unit<'_>) -> Map<String, Value> {
    let largest = |kind: Carrier, read: fn(&Function) -> Option<u32>| {
        unit.functions.iter().copied().filter(|function| carrier(function) == kind).filter_map(read).max()
    };
    let batch = |kind| largest(kind, |function| function.options.batch_size);
    let window = |kind| largest(kind, |function| function.options.batch_window).map(|seconds| span(seconds.min(150)));
    let mut extensions = Map::new();
    let mut add = |name: &str, fields: Vec<(&str, Option<Value>)>| {
        let fields: Map<_, _> =
            fields.into_iter().filter_map(|(key, value)| value.map(|value| (key.to_owned(), value))).collect();
        if !fields.is_empty() {
            extensions.insert(name.to_owned(), Value::Object(fields));
        }
    };
    add("http", vec![("routePrefix", Some(json!("")))]);
    let attempts = largest(Carrier::StorageQueue, |function| function.options.attempts);
    add(
        "queues",
        vec![
            // One at a time reaches a function; so many are fetched at once, and 32 at most.
            ("batchSize", batch(Carrier::StorageQueue).map(|size| json!(size.min(32)))),
            ("maxDequeueCount", attempts.map(Value::from)),
        ],
    );
    // The host waits for a batch to fill only where a batch has a least size.
    let (size, wait) = (batch(Carrier::ServiceBus), window(Carrier::ServiceBus));
    let least = size.filter(|_| wait.is_some());
    add(
        "serviceBus",
        vec![
            ("maxMessageBatchSize", size.map(Value::from)),
            ("minMessageBatchSize", least.map(Value::from)),
            ("maxBatchWaitTime", wait.filter(|_| least.is_some()).map(Value::from)),
        ],
    );
    let (size, wait) = (batch(Carrier::EventHubs), window(Carrier::EventHubs));
    let least = size.filter(|_| wait.is_some());
    add(
        "eventHubs",
        vec![
            ("maxEventBatchSize", size.map(Value::from)),
            ("minEventBatchSize", least.map(Value::from)),
            ("maxWaitTime", wait.filter(|_| least.is_some()).map(Value::from)),
            ("initialOffsetOptions", offset(unit)),
        ],
    );
    extensions
}

/// Where streams are read from at first: at the newest only where all functions say so.
fn offset(unit: &Unit<'_>) -> Option<Value> {
    let mut starts = unit
        .functions
        .iter()
        .filter(|function| carrier(function) == Carrier::EventHubs)
        .map(|function| function.options.start.as_deref())
        .peekable();
    starts.peek()?;
    starts.all(|start| start == Some("latest")).then(|| json!({"type": "fromEnd"}))
}

fn span(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
