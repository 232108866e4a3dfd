//! Events in the host's envelope, and those that Event Grid posts to a webhook.

mod blob;
mod document;
mod grid;
mod message;
mod values;
mod webhook;

use bytes::Bytes;
use http::{HeaderValue, Response, header, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Outcome, Payload, Record, Refusal, Reply, Spec,
    event::{Class, Tick},
    log::Journal,
};
use serde::Deserialize;

use crate::{
    Azure,
    http::{Aside, reply},
};
use values::{Envelope, Values};

/// How events are read and answered, where a program has functions for them.
#[derive(Debug)]
pub(crate) struct Codec {
    pub(crate) decode: fn(&Azure, &Parts, &Bytes, &'static Spec, Journal) -> Decoded,
    pub(crate) posted: fn(&Azure, &Parts, &Bytes, &'static Spec) -> Decoded,
    pub(crate) encode: fn(Vec<Outcome>, &Journal) -> Response<Payload>,
}

pub(crate) const CODEC: Codec = Codec { decode, posted: webhook::decode, encode };

fn decode(azure: &Azure, head: &Parts, body: &Bytes, function: &'static Spec, journal: Journal) -> Decoded {
    let mut invocation = azure.platform.invocation(
        &azure.host,
        &head.headers,
        &http::HeaderMap::new(),
        Some(Aside { function: Some(function.name.to_owned()), identities: None }),
    );
    invocation.raw = Some(body.clone());
    invocation.journal = Some(journal);
    match records(body, function) {
        Ok(records) => Decoded::Delivery(Delivery { function, records, invocation }.into()),
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

fn records(body: &Bytes, function: &'static Spec) -> Result<Vec<Record>, Error> {
    let wrong = |e: serde_json::Error| {
        let words =
            "the Functions host posts an envelope of JSON (`Data` and `Metadata`), and what came cannot be read as one";
        Error::new(ErrorKind::Decode, words).with_json_source(&e)
    };
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(wrong)?;
    let values = Values::of(&envelope)?;
    match function.class() {
        Class::Queue | Class::Topic | Class::Stream => message::records(&values, function),
        Class::Storage => blob::records(&values),
        Class::Schedule => timer(&values).map(|tick| vec![Record::new(Ok(Event::from(tick)))]),
        Class::Event => grid::records(&values, function),
        Class::Changes => document::records(&values),
        class => {
            Err(Error::new(ErrorKind::Unsupported, format!("an envelope came for a function of {}", class.takes())))
        }
    }
}

/// A timer. When it was planned for, the host does not say.
fn timer(values: &Values<'_>) -> Result<Tick, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Timer {
        is_past_due: bool,
    }
    let timer: Timer = values
        .trigger()
        .and_then(|value| serde_json::from_str(value.get()).ok())
        .ok_or_else(|| values.unfit("a timer (`timerTrigger`)"))?;
    let mut tick = Tick::new();
    tick.late = Some(timer.is_past_due);
    tick.attempt = values.retry_count().and_then(|count| count.checked_add(1));
    Ok(tick)
}

/// What became of the records: a whole envelope where all are done; else a failure, after which the host does as the trigger says.
fn encode(outcomes: Vec<Outcome>, journal: &Journal) -> Response<Payload> {
    if outcomes.iter().any(|outcome| !outcome.is_acknowledged()) {
        return Reply::Delivered(outcomes).into_http();
    }
    let mut envelope = br#"{"Outputs":{},"Logs":["#.to_vec();
    reply::logs(&mut envelope, &journal.take());
    envelope.extend_from_slice(br#"],"ReturnValue":null}"#);
    let mut response = Response::new(Payload::from(envelope));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
