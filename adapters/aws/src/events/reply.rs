//! What became of the records, as Lambda and its event source mappings understand it.

use std::collections::BTreeSet;

use http::{HeaderValue, Response, header::CONTENT_TYPE};
use omnifn_core::{Error, ErrorKind, Outcome, Payload, json::write_text};

use super::Batch;
use crate::http::{failure, json};

/// A reply that names what failed, or a failed invocation where none can be named.
pub(crate) fn encode(batch: &Batch, outcomes: &[Outcome]) -> Response<Payload> {
    let failed = || outcomes.iter().enumerate().filter(|(_, outcome)| !outcome.is_acknowledged());
    match batch {
        Batch::Whole => match failed().next() {
            None => answer(b"null".to_vec()),
            Some((_, outcome)) => failure(&why(outcome, failed().count(), outcomes.len())),
        },
        Batch::Items(ids) => {
            let failed_ids: Vec<_> = failed()
                .map(|(index, _)| ids.get(index).and_then(Option::as_ref).filter(|id| !id.is_empty()))
                .collect();
            // Without an id there is only the whole batch.
            if let (Some(_), Some((_, outcome))) = (failed_ids.iter().find(|id| id.is_none()), failed().next()) {
                return failure(&why(outcome, failed().count(), outcomes.len()));
            }
            let mut named = BTreeSet::new();
            let ids = failed_ids.into_iter().flatten().filter(|id| named.insert(*id));
            let mut out = Vec::with_capacity(64);
            out.extend_from_slice(b"{\"batchItemFailures\":");
            json::list(&mut out, *b"[]", ids, |out, id| {
                out.extend_from_slice(b"{\"itemIdentifier\":");
                write_text(out, &String::from_utf8_lossy(id));
                out.push(b'}');
            });
            out.push(b'}');
            answer(out)
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

fn answer(body: Vec<u8>) -> Response<Payload> {
    let mut response = Response::new(Payload::Whole(body.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
