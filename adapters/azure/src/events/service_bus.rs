//! Messages of Service Bus: one, or many at once.

use omnifn_core::event::Message;
use serde_json::value::RawValue;

use super::envelope::{Values, attributes, instant};

pub(super) fn messages(values: &Values<'_>, trigger: &RawValue) -> Vec<Message> {
    let Some(bodies) = values.batch(trigger, &["MessageIdArray", "SequenceNumberArray", "EnqueuedTimeUtcArray"]) else {
        return vec![message(values, trigger)];
    };
    // Each property is a list, with one value for each message.
    let (mut ids, mut sequences) = (values.texts("MessageIdArray"), values.texts("SequenceNumberArray"));
    let (mut counts, mut times) = (values.texts("DeliveryCountArray"), values.texts("EnqueuedTimeUtcArray"));
    let (mut sessions, mut partitions) = (values.texts("SessionIdArray"), values.texts("PartitionKeyArray"));
    let mut media_types = values.texts("ContentTypeArray");
    let (mut subjects, mut labels) = (values.texts("SubjectArray"), values.texts("LabelArray"));
    let (mut own, mut older) = (values.maps("ApplicationPropertiesArray"), values.maps("UserPropertiesArray"));
    let messages = bodies.into_iter().map(|body| {
        let mut message = Message::new(body);
        message.id = ids.next().flatten();
        message.sequence = sequences.next().flatten();
        message.attempt = counts.next().flatten().and_then(|count| count.parse().ok());
        message.time = times.next().flatten().as_deref().and_then(instant);
        let (session, partition) = (sessions.next().flatten(), partitions.next().flatten());
        message.key = session.or(partition).filter(|key| !key.is_empty());
        message.content_type = media_types.next().flatten();
        let (subject, label) = (subjects.next().flatten(), labels.next().flatten());
        message.subject = subject.or(label);
        let (own, older) = (own.next().flatten(), older.next().flatten());
        message.attributes = attributes(own.or(older), None);
        message
    });
    messages.collect()
}

fn message(values: &Values<'_>, trigger: &RawValue) -> Message {
    let mut message = Message::new(values.content(trigger));
    message.id = values.text("MessageId").or_else(|| values.text("Id"));
    message.sequence = values.text("SequenceNumber");
    message.attempt = values.get("DeliveryCount");
    message.time = values.text("EnqueuedTimeUtc").as_deref().and_then(instant);
    message.key = values.text("SessionId").or_else(|| values.text("PartitionKey"));
    message.content_type = values.text("ContentType");
    message.subject = values.text("Subject").or_else(|| values.text("Label"));
    let own = values.get("ApplicationProperties").or_else(|| values.get("UserProperties"));
    message.attributes = attributes(own.or_else(|| values.get("Properties")), None);
    message
}
