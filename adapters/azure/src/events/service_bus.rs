//! Messages of Service Bus: one, or many at once.

use bytes::Bytes;
use omnifn_core::{Error, event::Message};
use serde::Deserialize;

use super::envelope::{Forged, List, Plain, Properties, Text, Values, attributes, instant};

/// The metadata of messages of Service Bus and of Storage Queues. In a batch, each property is a list with one value for each message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Metadata {
    pub(super) id: Text,
    pub(super) dequeue_count: Text,
    pub(super) pop_receipt: Text,
    pub(super) insertion_time: Text,
    message_id: Text,
    sequence_number: Text,
    delivery_count: Text,
    enqueued_time_utc: Text,
    session_id: Text,
    partition_key: Text,
    content_type: Text,
    subject: Text,
    label: Text,
    application_properties: Properties,
    user_properties: Properties,
    properties: Properties,
    message_id_array: List<Plain>,
    sequence_number_array: List<Plain>,
    delivery_count_array: List<Plain>,
    enqueued_time_utc_array: List<Plain>,
    session_id_array: List<Plain>,
    partition_key_array: List<Plain>,
    content_type_array: List<Plain>,
    subject_array: List<Plain>,
    label_array: List<Plain>,
    application_properties_array: List<Properties>,
    user_properties_array: List<Properties>,
}

pub(super) fn is_batch(values: &Values<'_, Metadata>) -> bool {
    let metadata = &values.metadata;
    let lists = [&metadata.message_id_array, &metadata.sequence_number_array, &metadata.enqueued_time_utc_array];
    values.is_batch(lists.iter().any(|list| list.is_there()))
}

/// Returns the messages of a batch. Its content is a list, which overwrites no metadata.
pub(super) fn batch(
    values: Values<'_, Metadata>,
    envelope: &Bytes,
) -> Result<impl Iterator<Item = Result<Message, Error>> + Send + use<>, Error> {
    let bodies = values.bodies(envelope)?;
    let mut lists = values.metadata;
    Ok(bodies.map(move |body| {
        let (id, sequence, count) =
            (lists.message_id_array.next(), lists.sequence_number_array.next(), lists.delivery_count_array.next());
        let time = lists.enqueued_time_utc_array.next();
        let (session, partition) = (lists.session_id_array.next(), lists.partition_key_array.next());
        let media_type = lists.content_type_array.next();
        let (subject, label) = (lists.subject_array.next(), lists.label_array.next());
        let (own, older) = (lists.application_properties_array.next(), lists.user_properties_array.next());
        let mut message = Message::new(body?);
        message.id = id?.0;
        message.sequence = sequence?.0;
        message.attempt = count?.0.and_then(|count| count.parse().ok());
        message.time = time?.0.as_deref().and_then(instant);
        message.key = session?.0.or(partition?.0).filter(|key| !key.is_empty());
        message.content_type = media_type?.0;
        message.subject = subject?.0.or(label?.0);
        let (own, older) = (own?, older?);
        message.attributes = attributes(if own.0.is_some() { own } else { older }, Properties::default());
        Ok(message)
    }))
}

pub(super) fn fill(message: &mut Message, metadata: Metadata, forged: &Forged) {
    let keep = |name: &str, value: Text| forged.keep(name, value).0;
    message.id = keep("MessageId", metadata.message_id).or_else(|| keep("Id", metadata.id));
    message.sequence = keep("SequenceNumber", metadata.sequence_number);
    message.attempt = forged.keep("DeliveryCount", metadata.delivery_count).number();
    message.time = forged.keep("EnqueuedTimeUtc", metadata.enqueued_time_utc).instant();
    message.key = keep("SessionId", metadata.session_id).or_else(|| keep("PartitionKey", metadata.partition_key));
    message.content_type = keep("ContentType", metadata.content_type);
    message.subject = keep("Subject", metadata.subject).or_else(|| keep("Label", metadata.label));
    let properties = [
        ("ApplicationProperties", metadata.application_properties),
        ("UserProperties", metadata.user_properties),
        ("Properties", metadata.properties),
    ];
    let own = properties.into_iter().map(|(name, value)| forged.keep(name, value)).find(|value| value.0.is_some());
    message.attributes = attributes(own.unwrap_or_default(), Properties::default());
}
