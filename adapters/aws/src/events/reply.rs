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

/// Returns a reply that names the failed records, or a failed invocation if they cannot be named.
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome]) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    match batch {
        Batch::Whole => match failed().next() {
            None => respond(Bytes::from_static(b"null")),
            Some((_, outcome)) => failure(&why(outcome, failed().count(), outcomes.len())),
        },
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
