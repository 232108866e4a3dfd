//! The outcomes of the records, in the form that Lambda and its event source mappings read.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use omnifn_core::{Error, ErrorKind, Outcome, Payload, json};
use serde::Serialize;

use super::{Batch, unsupported::failure};
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
    partition: &'a str,
    offset: u64,
}

/// Returns a reply that names the failed records, or a failed invocation.
///
/// The invocation fails if all records did, because only a mapping with `ReportBatchItemFailures` reads the names: any other takes every
/// reply for a success. It also fails if the records cannot be named, and if the mapping does not read the names (`names_failures`).
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome], names_failures: bool) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    let (count, failed_records) = (failed().count(), failed().map(|(index, _)| index));
    let named = match batch {
        Batch::Items(ids) if count == 0 || (names_failures && count < outcomes.len()) => names(ids, failed_records),
        Batch::Partitions(positions) if count < outcomes.len() => first_positions(positions, failed_records),
        _ => None,
    };
    match (named, failed().next()) {
        (Some(reply), _) => respond(reply),
        (None, Some((_, outcome))) => failure(&why(outcome, count, outcomes.len())),
        (None, None) => respond(Bytes::from_static(b"null")),
    }
}

/// Names each failed record, once; `None` if one of them has no name.
fn names(ids: &[Option<Bytes>], failed: impl Iterator<Item = usize>) -> Option<Bytes> {
    let mut named = BTreeSet::new();
    let mut items = Vec::new();
    for index in failed {
        let id = ids.get(index)?.as_ref().filter(|id| !id.is_empty())?;
        if named.insert(id) {
            items.push(Item { item_identifier: String::from_utf8_lossy(id) });
        }
    }
    // One id may be of several records. If no id is left, all of the batch has failed.
    let all: BTreeSet<_> = ids.iter().flatten().collect();
    let is_whole = !items.is_empty() && named.len() == all.len();
    (!is_whole).then(|| json::to_bytes(&BatchResponse { batch_item_failures: items }))
}

/// Names the first failed record of each partition of Kafka; `None` if one of them has no position.
fn first_positions(positions: &[Option<(String, u64)>], failed: impl Iterator<Item = usize>) -> Option<Bytes> {
    let mut first: BTreeMap<&str, u64> = BTreeMap::new();
    for index in failed {
        let (partition, offset) = positions.get(index)?.as_ref()?;
        first.entry(partition).and_modify(|first| *first = (*offset).min(*first)).or_insert(*offset);
    }
    let items = first.into_iter().map(|(partition, offset)| Item { item_identifier: Position { partition, offset } });
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
