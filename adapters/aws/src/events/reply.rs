//! The outcomes of the records, in the form that Lambda and its event source mappings read.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher as _, RandomState},
};

use bytes::Bytes;
use http::Response;
use omnifn_core::{Error, ErrorKind, Outcome, Payload, json};
use serde::Serialize;

use super::{Batch, Items, kafka::Lists, unsupported::failure};
use crate::http::reply::respond;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchResponse<I> {
    batch_item_failures: Vec<Item<I>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<I> {
    item_identifier: I,
}

/// The place in a partition of Kafka from which Lambda continues:
/// <https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html>.
#[derive(Serialize)]
struct Position<'a> {
    /// The topic and the number, as `orders-0`.
    partition: Cow<'a, str>,
    offset: u64,
}

/// Returns a reply that names the failed records, or a failed invocation.
///
/// The invocation fails if all records did, because only a mapping with `ReportBatchItemFailures` reads the names: any other takes every
/// reply for a success. It also fails if the records cannot be named, and if the mapping does not read the names (`names_failures`).
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome], names_failures: bool) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    let count = failed().count();
    let named = match batch {
        Batch::Items(items) if count == 0 || (names_failures && count < outcomes.len()) => {
            names(items, outcomes, count)
        }
        Batch::Partitions(lists) if count < outcomes.len() => first_positions(lists, outcomes),
        _ => None,
    };
    match (named, failed().next()) {
        (Some(reply), _) => respond(reply),
        (None, Some((_, outcome))) => failure(&why(outcome, count, outcomes.len())),
        (None, None) => respond(Bytes::from_static(b"null")),
    }
}

/// Names each message of which a record failed, once; `None` if one of them has no name.
fn names(messages: &Items, outcomes: &[Outcome], failed: usize) -> Option<Bytes> {
    // The hashes of the names, so that no name is kept twice.
    let (hasher, mut named) = (RandomState::new(), HashSet::new());
    let (mut items, mut outcomes) = (Vec::new(), outcomes.iter());
    let messages = || messages.messages().filter(|_| failed > 0);
    for (id, records) in messages() {
        let failed = outcomes.by_ref().take(records).filter(|outcome| !outcome.is_acknowledged()).count();
        if failed > 0 {
            let id = id.filter(|id| !id.is_empty())?;
            if named.insert(hasher.hash_one(&id)) {
                items.push(Item { item_identifier: id });
            }
        }
    }
    // One id may be of several messages. If no id is left, all of the batch has failed.
    let is_other = |(id, records): (Option<String>, usize)| {
        records > 0 && id.is_some_and(|id| !named.contains(&hasher.hash_one(&id)))
    };
    let is_whole = !items.is_empty() && !messages().any(is_other);
    (!is_whole).then(|| json::to_bytes(&BatchResponse { batch_item_failures: items }))
}

/// Names the first failed record of each partition of Kafka; `None` if one of them has no position.
fn first_positions(lists: &Lists, outcomes: &[Outcome]) -> Option<Bytes> {
    let mut first: BTreeMap<Bytes, u64> = BTreeMap::new();
    let failed = lists.positions().zip(outcomes).filter(|(_, outcome)| !outcome.is_acknowledged());
    for (position, _) in failed {
        let (partition, offset) = position?;
        first.entry(partition).and_modify(|first| *first = offset.min(*first)).or_insert(offset);
    }
    let items = first.iter().map(|(partition, offset)| Item {
        item_identifier: Position { partition: String::from_utf8_lossy(partition), offset: *offset },
    });
    Some(json::to_bytes(&BatchResponse { batch_item_failures: items.collect() }))
}

fn why(outcome: &Outcome, failed: usize, of: usize) -> Error {
    match outcome.error() {
        Some(error) if of == 1 => error.clone(),
        Some(error) => {
            let words = format!("{failed} of {of} records failed, the first of them so: {error}");
            Error::new(error.kind(), words).with_name(error.name())
        }
        None => Error::new(ErrorKind::Function, "there was no time left to begin"),
    }
}
