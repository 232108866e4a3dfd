//! Events of Event Hubs and IoT Hubs: one, or many at once.

use bytes::Bytes;
use omnifn_core::{Error, event::Message};
use serde::Deserialize;

use super::envelope::{Forged, List, Plain, Properties, Text, Values, attributes, instant};

/// The metadata of events. In a batch, each property of an event is a list with one value for each.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Metadata {
    sequence_number: Text,
    partition_key: Text,
    enqueued_time_utc: Text,
    properties: Properties,
    system_properties: Properties,
    /// The data of the partition, which applies to all of the events.
    partition_context: Properties,
    sequence_number_array: List<Plain>,
    partition_key_array: List<Plain>,
    enqueued_time_utc_array: List<Plain>,
    properties_array: List<Properties>,
    system_properties_array: List<Properties>,
}

pub(super) fn is_batch(values: &Values<'_, Metadata>) -> bool {
    let metadata = &values.metadata;
    let texts = [&metadata.sequence_number_array, &metadata.enqueued_time_utc_array];
    let maps = [&metadata.system_properties_array, &metadata.properties_array];
    values.is_batch(texts.iter().any(|list| list.is_there()) || maps.iter().any(|list| list.is_there()))
}

/// Returns the partition of a batch, and its events. Its content is a list, which overwrites no metadata.
pub(super) fn batch(
    values: Values<'_, Metadata>,
    envelope: &Bytes,
) -> Result<(Option<String>, impl Iterator<Item = Result<Message, Error>> + Send + use<>), Error> {
    let bodies = values.bodies(envelope)?;
    let mut lists = values.metadata;
    let (partition, source) = place(&lists.partition_context);
    let of_all = partition.clone();
    let messages = bodies.map(move |body| {
        let (sequence, key) = (lists.sequence_number_array.next(), lists.partition_key_array.next());
        let time = lists.enqueued_time_utc_array.next();
        let (own, system) = (lists.properties_array.next(), lists.system_properties_array.next());
        let mut message = Message::new(body?);
        message.sequence = sequence?.0;
        message.key = key?.0;
        message.time = time?.0.as_deref().and_then(instant);
        message.attributes = attributes(own?, without_copies(system?));
        (message.partition, message.source) = (partition.clone(), source.clone());
        Ok(message)
    });
    Ok((of_all, messages))
}

pub(super) fn fill(message: &mut Message, metadata: Metadata, forged: &Forged) {
    message.sequence = forged.keep("SequenceNumber", metadata.sequence_number).0;
    message.key = forged.keep("PartitionKey", metadata.partition_key).0;
    message.time = forged.keep("EnqueuedTimeUtc", metadata.enqueued_time_utc).instant();
    let own = forged.keep("Properties", metadata.properties);
    message.attributes = attributes(own, without_copies(forged.keep("SystemProperties", metadata.system_properties)));
    (message.partition, message.source) = place(&forged.keep("PartitionContext", metadata.partition_context));
}

/// The host's copies of other metadata among the properties of the system (`GetSystemPropertiesForBinding` in
/// <https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/eventhub/Microsoft.Azure.WebJobs.Extensions.EventHubs/src/Triggers/EventHubTriggerBindingStrategy.cs>).
const COPIES: [&str; 5] = ["SequenceNumber", "Offset", "OffsetString", "PartitionKey", "EnqueuedTimeUtc"];

/// Leaves the copies out, which no sender has written.
fn without_copies(mut system: Properties) -> Properties {
    if let Some(properties) = &mut system.0 {
        COPIES.iter().for_each(|name| drop(properties.remove(*name)));
    }
    system
}

/// Returns the partition and the name of the hub.
fn place(context: &Properties) -> (Option<String>, Option<String>) {
    let part = |name: &str| context.0.as_ref()?.get(name).cloned();
    (part("PartitionId"), part("EventHubName").or_else(|| part("EventHubPath")))
}
