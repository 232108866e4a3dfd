//! Events of Event Hubs and IoT Hubs: one, or many at once.

use omnifn_core::event::Message;
use serde_json::{Map, Value, value::RawValue};

use super::envelope::{Values, attributes, instant};

pub(super) fn messages(values: &Values<'_>, trigger: &RawValue) -> Vec<Message> {
    const ARRAYS: [&str; 4] =
        ["SequenceNumberArray", "SystemPropertiesArray", "PropertiesArray", "EnqueuedTimeUtcArray"];
    let mut messages = match values.batch(trigger, &ARRAYS) {
        Some(bodies) => {
            let (mut sequences, mut keys) = (values.texts("SequenceNumberArray"), values.texts("PartitionKeyArray"));
            let mut times = values.texts("EnqueuedTimeUtcArray");
            let (mut own, mut system) = (values.maps("PropertiesArray"), values.maps("SystemPropertiesArray"));
            let messages = bodies.into_iter().map(|body| {
                let mut message = Message::new(body);
                message.sequence = sequences.next().flatten();
                message.key = keys.next().flatten();
                message.time = times.next().flatten().as_deref().and_then(instant);
                message.attributes = attributes(own.next().flatten(), system.next().flatten());
                message
            });
            messages.collect()
        }
        None => {
            let mut message = Message::new(values.content(trigger));
            message.sequence = values.text("SequenceNumber");
            message.key = values.text("PartitionKey");
            message.time = values.text("EnqueuedTimeUtc").as_deref().and_then(instant);
            message.attributes = attributes(values.get("Properties"), values.get("SystemProperties"));
            vec![message]
        }
    };
    // The data of the partition applies to all of the events.
    let context: Map<String, Value> = values.get("PartitionContext").unwrap_or_default();
    let part = |name: &str| context.get(name).and_then(Value::as_str).map(str::to_owned);
    for message in &mut messages {
        message.partition = part("PartitionId");
        message.source = part("EventHubName").or_else(|| part("EventHubPath"));
    }
    messages
}
