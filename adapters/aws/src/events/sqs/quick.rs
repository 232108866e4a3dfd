//! A batch as SQS writes it, read in one pass; see [`Scanner`] for what becomes of all others. Nothing in it is null, and no text but
//! a body has an escape.

use std::borrow::Cow;

use omnifn_core::json::{Alike, Scanner, once};

use super::{Attributes, Sqs, Word};

/// Gives each message of a batch, with its whole record. `None` where there is anything to be said against one of them, or by `take`:
/// then serde reads the event.
pub(crate) fn read<'a>(event: &'a [u8], mut take: impl FnMut(Sqs<'a>, &'a str) -> Option<()>) -> Option<()> {
    // All of it, so that each part of it is a text, too.
    let event = std::str::from_utf8(event).ok()?;
    let (mut scanner, mut list) = (Scanner::new(event), None);
    let mut before = Before::default();
    scanner.object(|scanner, key| {
        (key == "Records").then_some(())?;
        once(&mut list, ())?;
        scanner.list(|scanner| {
            scanner.peek()?;
            let from = scanner.place();
            let message = record(scanner, &mut before)?;
            take(message, event.get(from..scanner.place())?)
        })
    })?;
    scanner.end()
}

/// How the last message was written.
#[derive(Default)]
struct Before<'a> {
    record: Alike<'a>,
    attributes: Alike<'a>,
}

fn record<'a>(scanner: &mut Scanner<'a>, before: &mut Before<'a>) -> Option<Sqs<'a>> {
    let (mut id, mut body, mut arn, mut source) = (None, None, None, None);
    let (mut attributes, mut message_attributes) = (None, None);
    scanner.object_like(&mut before.record, |scanner, key| match key {
        "messageId" => once(&mut id, scanner.plain()?),
        "body" => once(&mut body, scanner.text()?),
        "attributes" => once(&mut attributes, said(scanner, &mut before.attributes)?),
        "messageAttributes" => once(&mut message_attributes, scanner.value()?),
        "eventSourceARN" => once(&mut arn, scanner.plain()?),
        // Records of others are left as soon as they say so.
        "eventSource" => once(&mut source, (scanner.plain()? == "aws:sqs").then_some(())?),
        // Others name their source so.
        "EventSource" => None,
        _ => scanner.skip(),
    })?;
    source?;
    Some(Sqs {
        message_id: id.map(word),
        body: body.map(Word),
        attributes,
        message_attributes: match message_attributes {
            None | Some("{}") => None,
            Some(attributes) => serde_json::from_str(attributes).ok()?,
        },
        arn: arn.map(word),
    })
}

fn said<'a>(scanner: &mut Scanner<'a>, before: &mut Alike<'a>) -> Option<Attributes<'a>> {
    let (mut sent, mut count, mut group, mut sequence, mut trace) = (None, None, None, None, None);
    scanner.object_like(before, |scanner, key| match key {
        "SentTimestamp" => once(&mut sent, scanner.plain()?),
        "ApproximateReceiveCount" => once(&mut count, scanner.plain()?),
        "MessageGroupId" => once(&mut group, scanner.plain()?),
        "SequenceNumber" => once(&mut sequence, scanner.plain()?),
        "AWSTraceHeader" => once(&mut trace, scanner.plain()?),
        _ => scanner.skip(),
    })?;
    Some(Attributes {
        sent_timestamp: sent.map(word),
        approximate_receive_count: count.map(word),
        message_group_id: group.map(word),
        sequence_number: sequence.map(word),
        trace: trace.map(word),
    })
}

fn word(text: &str) -> Word<'_> {
    Word(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests;
