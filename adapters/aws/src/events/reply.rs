//! The outcomes of the records, in the form that Lambda and its event source mappings read.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Response;
use omnifn_core::{Error, ErrorKind, Outcome, Payload, json};
use serde::Serialize;

use super::{Batch, unsupported::failure};
use crate::http::reply::respond;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchResponse {
    batch_item_failures: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    item_identifier: String,
}

/// Returns a reply that names the failed records, or a failed invocation.
///
/// The invocation fails if all records did, because only a mapping with `ReportBatchItemFailures` reads the names: any other takes every
/// reply for a success. It also fails if the records cannot be named, and if the mapping does not read the names (`names_failures`).
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome], names_failures: bool) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    let count = failed().count();
    let named = match batch {
        Batch::Items(ids) if count == 0 || (names_failures && count < outcomes.len()) => {
            names(ids, failed().map(|(index, _)| index))
        }
        Batch::Items(_) | Batch::Whole => None,
    };
    match (named, failed().next()) {
        (Some(batch_item_failures), _) => respond(json::to_bytes(&BatchResponse { batch_item_failures })),
        (None, Some((_, outcome))) => failure(&why(outcome, count, outcomes.len())),
        (None, None) => respond(Bytes::from_static(b"null")),
    }
}

/// Returns the name of each failed record, once; `None` if one of them has none.
fn names(ids: &[Option<Bytes>], failed: impl Iterator<Item = usize>) -> Option<Vec<Item>> {
    let mut named = BTreeSet::new();
    let mut items = Vec::new();
    for index in failed {
        let id = ids.get(index)?.as_ref().filter(|id| !id.is_empty())?;
        if named.insert(id) {
            items.push(Item { item_identifier: String::from_utf8_lossy(id).into_owned() });
        }
    }
    Some(items)
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
