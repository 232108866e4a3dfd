//! A batch as SQS writes it, read in one pass; see [`Scan`] for what becomes of all others.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{Attributes, Sqs, Word};
use crate::http::scan::{Quoted, Scan, Seen};

/// Gives each message of a batch, with its whole record. `None` where there is anything to be said against one of them, or by `take`:
/// then serde reads the event.
pub(crate) fn read<'a>(event: &'a [u8], mut take: impl FnMut(Sqs<'a>, &'a str) -> Option<()>) -> Option<()> {
    // All of it, so that each part of it is a text, too.
    let event = std::str::from_utf8(event).ok()?;
    let (mut scan, mut seen) = (Scan::new(event.as_bytes()), Seen::default());
    scan.members(|scan, key| {
        (key.plain()? == b"Records").then_some(())?;
        seen.once(0, &mut (), ())?;
        scan.items(|scan| {
            scan.peek()?;
            let from = scan.place();
            let message = record(scan, event)?;
            take(message, event.get(from..scan.place())?)
        })
    })?;
    scan.end()
}

fn record<'a>(scan: &mut Scan<'a>, event: &'a str) -> Option<Sqs<'a>> {
    let mut sqs = Sqs::default();
    let mut source = None;
    let mut seen = Seen::default();
    let word = |scan: &mut Scan<'a>| word(scan, event);
    scan.members(|scan, key| match key.plain()? {
        b"messageId" => seen.once(0, &mut sqs.message_id, scan.maybe(word)?),
        b"body" => seen.once(1, &mut sqs.body, scan.maybe(word)?),
        b"attributes" => seen.once(2, &mut sqs.attributes, scan.maybe(|scan| attributes(scan, event))?),
        b"messageAttributes" => {
            let attributes = scan.maybe(|scan| serde_json::from_slice(scan.raw()?).ok())?;
            seen.once(3, &mut sqs.message_attributes, attributes)
        }
        b"eventSourceARN" => seen.once(4, &mut sqs.arn, scan.maybe(word)?),
        b"eventSource" => seen.once(5, &mut source, Some(scan.text()?.inner)),
        // Others name their source so.
        b"EventSource" => None,
        _ => scan.skip(),
    })?;
    (source? == b"aws:sqs").then_some(sqs)
}

fn attributes<'a>(scan: &mut Scan<'a>, event: &'a str) -> Option<Attributes<'a>> {
    let mut attributes = Attributes::default();
    let mut seen = Seen::default();
    let word = |scan: &mut Scan<'a>| word(scan, event);
    scan.members(|scan, key| match key.plain()? {
        b"SentTimestamp" => seen.once(0, &mut attributes.sent_timestamp, scan.maybe(word)?),
        b"ApproximateReceiveCount" => seen.once(1, &mut attributes.approximate_receive_count, scan.maybe(word)?),
        b"MessageGroupId" => seen.once(2, &mut attributes.message_group_id, scan.maybe(word)?),
        b"SequenceNumber" => seen.once(3, &mut attributes.sequence_number, scan.maybe(word)?),
        b"AWSTraceHeader" => seen.once(4, &mut attributes.trace, scan.maybe(word)?),
        _ => scan.skip(),
    })?;
    Some(attributes)
}

fn word<'a>(scan: &mut Scan<'a>, event: &'a str) -> Option<Word<'a>> {
    let text = scan.text()?;
    let text = match text.plain() {
        Some(plain) => {
            let end = scan.place() - 1;
            Cow::Borrowed(event.get(end - plain.len()..end)?)
        }
        None => Cow::Owned(unescaped(&text)?),
    };
    Some(Word(text))
}

fn unescaped(text: &Quoted<'_>) -> Option<String> {
    match text.unescaped() {
        Some(text) => String::from_utf8(text).ok(),
        None => serde_json::from_slice(&text.json()).ok(),
    }
}
