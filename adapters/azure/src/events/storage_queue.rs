//! Messages of Storage Queues.

use omnifn_core::event::Message;
use serde_json::value::RawValue;

use super::envelope::{Values, instant};

/// Returns whether the metadata is that of a Storage Queue.
pub(super) fn is_message(values: &Values<'_>) -> bool {
    ["DequeueCount", "PopReceipt", "InsertionTime"].iter().any(|name| values.text(name).is_some())
}

pub(super) fn message(values: &Values<'_>, trigger: &RawValue) -> Message {
    let mut message = Message::new(values.content(trigger));
    message.id = values.text("Id");
    message.attempt = values.get("DequeueCount");
    message.time = values.text("InsertionTime").as_deref().and_then(instant);
    message
}
