//! Tasks of Cloud Tasks.

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::event::{Message, time};

use super::text;

/// Reads a request that a queue posts, or any other that is not a CloudEvent. Its body is the user's own.
pub(super) fn message(headers: &HeaderMap, body: &Bytes) -> Message {
    let mut message = Message::new(body.clone());
    message.content_type = text(headers, "content-type");
    message.id = text(headers, "x-cloudtasks-taskname");
    message.source = text(headers, "x-cloudtasks-queuename");
    message.time = text(headers, "x-cloudtasks-tasketa").and_then(|eta| time::from_seconds(eta.parse().ok()?));
    // The first attempt is not a retry.
    let retries = text(headers, "x-cloudtasks-taskretrycount").and_then(|count| count.parse::<u32>().ok());
    message.attempt = retries.and_then(|count| count.checked_add(1));
    message
}
