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

/// Returns a reply that names the failed records, or a failed invocation if they cannot be named.
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome]) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    match batch {
        Batch::Whole => match failed().next() {
            None => respond(Bytes::from_static(b"null")),
            Some((_, outcome)) => failure(&why(outcome, failed().count(), outcomes.len())),
        },
        Batch::Partitions(positions) => {
            let failed_positions: Vec<_> =
                failed().map(|(index, _)| positions.get(index).and_then(Option::as_ref)).collect();
            if let (true, Some((_, outcome))) = (failed_positions.contains(&None), failed().next()) {
                return failure(&why(outcome, failed().count(), outcomes.len()));
            }
            let mut first: BTreeMap<&str, u64> = BTreeMap::new();
            for (partition, offset) in failed_positions.into_iter().flatten() {
                first.entry(partition).and_modify(|first| *first = (*offset).min(*first)).or_insert(*offset);
            }
            let items =
                first.into_iter().map(|(partition, offset)| Item { item_identifier: Position { partition, offset } });
            respond(json::to_bytes(&BatchResponse { batch_item_failures: items.collect() }))
        }
        Batch::Items(ids) => {
            let failed_ids: Vec<_> = failed()
                .map(|(index, _)| ids.get(index).and_then(Option::as_ref).filter(|id| !id.is_empty()))
                .collect();
            // A record without an id can fail only with the whole batch.
            if let (Some(_), Some((_, outcome))) = (failed_ids.iter().find(|id| id.is_none()), failed().next()) {
                return failure(&why(outcome, failed().count(), outcomes.len()));
            }
            let mut named = BTreeSet::new();
            let ids = failed_ids.into_iter().flatten().filter(|id| named.insert(*id));
            let items = ids.map(|id| Item { item_identifier: String::from_utf8_lossy(id).into_owned() });
            respond(json::to_bytes(&BatchResponse { batch_item_failures: items.collect() }))
        }
    }
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
