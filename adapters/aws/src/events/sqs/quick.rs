//! A batch as SQS writes it, read in one pass; see [`Scan`] for what becomes of all others. Nothing in it is null, and no text but
//! a body has an escape.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{Attributes, Sqs, Word};
use crate::http::scan::{Quoted, Scan};

/// Gives each message of a batch, with its whole record. `None` where there is anything to be said against one of them, or by `take`:
/// then serde reads the event.
pub(crate) fn read<'a>(event: &'a [u8], mut take: impl FnMut(Sqs<'a>, &'a str) -> Option<()>) -> Option<()> {
    // All of it, so that each part of it is a text, too.
    let event = std::str::from_utf8(event).ok()?;
    let (mut scan, mut list) = (Scan::new(event.as_bytes()), None);
    scan.members(|scan, key| {
        (key.plain()? == b"Records").then_some(())?;
        once(&mut list, ())?;
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
    let (mut id, mut body, mut arn, mut source) = (None, None, None, None);
    let (mut attributes, mut message_attributes) = (None, None);
    scan.members(|scan, key| match key.plain()? {
        b"messageId" => once(&mut id, plain(scan, event)?),
        b"body" => once(&mut body, scan.text()?),
        b"attributes" => once(&mut attributes, said(scan, event)?),
        b"messageAttributes" => once(&mut message_attributes, scan.raw()?),
        b"eventSourceARN" => once(&mut arn, plain(scan, event)?),
        b"eventSource" => once(&mut source, scan.text()?.plain()?),
        // Others name their source so.
        b"EventSource" => None,
        _ => scan.skip(),
    })?;
    (source? == b"aws:sqs").then_some(())?;
    Some(Sqs {
        message_id: id.map(word),
        body: match body {
            Some(body) => Some(text(&body)?),
            None => None,
        },
        attributes,
        message_attributes: match message_attributes {
            None | Some(b"{}") => None,
            Some(attributes) => serde_json::from_slice(attributes).ok()?,
        },
        arn: arn.map(word),
    })
}

fn said<'a>(scan: &mut Scan<'a>, event: &'a str) -> Option<Attributes<'a>> {
    let (mut sent, mut count, mut group, mut sequence, mut trace) = (None, None, None, None, None);
    scan.members(|scan, key| match key.plain()? {
        b"SentTimestamp" => once(&mut sent, plain(scan, event)?),
        b"ApproximateReceiveCount" => once(&mut count, plain(scan, event)?),
        b"MessageGroupId" => once(&mut group, plain(scan, event)?),
        b"SequenceNumber" => once(&mut sequence, plain(scan, event)?),
        b"AWSTraceHeader" => once(&mut trace, plain(scan, event)?),
        _ => scan.skip(),
    })?;
    Some(Attributes {
        sent_timestamp: sent.map(word),
        approximate_receive_count: count.map(word),
        message_group_id: group.map(word),
        sequence_number: sequence.map(word),
        trace: trace.map(word),
    })
}

/// A key that comes twice is refused.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    let is_first = place.is_none();
    *place = Some(value);
    is_first.then_some(())
}

/// A text without an escape.
fn plain<'a>(scan: &mut Scan<'a>, event: &'a str) -> Option<&'a str> {
    let length = scan.text()?.plain()?.len();
    let end = scan.place().checked_sub(1)?;
    event.get(end.checked_sub(length)?..end)
}

fn word(text: &str) -> Word<'_> {
    Word(Cow::Borrowed(text))
}

fn text<'a>(text: &Quoted<'a>) -> Option<Word<'a>> {
    let text = match text.plain() {
        Some(plain) => Cow::Borrowed(std::str::from_utf8(plain).ok()?),
        None => Cow::Owned(match text.unescaped() {
            Some(text) => String::from_utf8(text).ok()?,
            None => serde_json::from_slice(&text.json()).ok()?,
        }),
    };
    Some(Word(text))
}
