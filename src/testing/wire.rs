//! One exchange in one shape of one provider. The error of these functions means that the shape cannot carry what was sent.

use std::{
    panic::Location,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Error, Event, Inverse, Outcome, Payload, Reply, Router, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::Value;

use super::{everywhere::DeliveredRecord, mistakes::fail};

pub(super) async fn request<A: Inverse>(
    adapter: A,
    router: Router,
    shape: &str,
    request: Request<Bytes>,
) -> Result<Result<Response<Bytes>, Error>, Error> {
    let dispatch = Dispatch::new(adapter, router);
    let (adapter, cors) = (dispatch.adapter(), dispatch.router().cors());
    if let Some(answered) = adapter.answer_of_gateway(&request, cors) {
        return Ok(Ok(answered));
    }
    let asked = request.headers().clone();
    let message = adapter.write(shape, request)?;
    let reply = whole(dispatch.answer(message.map(Payload::Whole)).await).await;
    let response = reply.and_then(|reply| adapter.read(shape, reply));
    Ok(response.map(|response| adapter.pass_gateway(&asked, cors, response)))
}

pub(super) async fn invoke<A: Inverse>(
    adapter: A,
    router: Router,
    function: &Spec,
    shape: &str,
    payload: Bytes,
) -> Result<Result<Value, Error>, Error> {
    let dispatch = Dispatch::new(adapter, router);
    let message = dispatch.adapter().write_invocation(shape, function, payload)?;
    let reply = whole(dispatch.answer(message.map(Payload::Whole)).await).await;
    let result = reply.and_then(|reply| dispatch.adapter().read_result(shape, reply));
    Ok(result.and_then(|result| Ok(serde_json::from_slice(&result)?)))
}

pub(super) async fn deliver<A: Inverse>(
    adapter: A,
    router: Router,
    function: &'static Spec,
    shape: &str,
    events: &impl Fn() -> Vec<Event>,
    at: &Location<'_>,
) -> Result<Vec<DeliveredRecord>, Error> {
    let dispatch = Dispatch::new(adapter, router);
    let sent = identified(function, events());
    let count = sent.len();
    let message = dispatch.adapter().write_events(shape, function, sent)?;
    let mut outcomes = Vec::new();
    let observe = |reply: &Reply| {
        outcomes = match reply {
            Reply::Delivered(outcomes) => outcomes.clone(),
            Reply::Failed(error) => vec![Outcome::Failed(error.clone()); count],
            Reply::Http(_) => Vec::new(),
        }
    };
    let reply = dispatch.answer_observed(message.clone().map(Payload::Whole), observe).await;
    let reply = whole(reply).await;
    let acknowledged = reply.and_then(|reply| dispatch.adapter().read_outcomes(shape, &message, reply));
    let provider = dispatch.adapter().provider();
    let mut acknowledged = match acknowledged {
        Ok(acknowledged) => acknowledged,
        Err(error) => {
            fail(at, format_args!("{provider}, {shape}: the provider does not understand the reply: {error}"))
        }
    };
    if acknowledged.len() < count && !acknowledged.contains(&true) {
        // The whole delivery failed.
        acknowledged.resize(count, false);
    }
    if (acknowledged.len(), outcomes.len()) != (count, count) {
        let (acknowledged, outcomes) = (acknowledged.len(), outcomes.len());
        fail(
            at,
            format_args!("{provider}, {shape}: {count} events have {outcomes} outcomes, {acknowledged} in the reply"),
        );
    }
    let is_reported_individually = reports_each(dispatch.adapter(), function, shape, events).await;
    let records = outcomes.into_iter().zip(acknowledged);
    let records = records.map(|(outcome, is_acknowledged)| DeliveredRecord {
        outcome,
        is_acknowledged,
        is_reported_individually,
    });
    Ok(records.collect())
}

/// Returns whether a reply in this shape can report the events of a delivery individually: of two, the first is done, and the second is not.
async fn reports_each<A: Inverse>(adapter: &A, function: &Spec, shape: &str, events: &impl Fn() -> Vec<Event>) -> bool {
    let two: Vec<_> = events().into_iter().chain(events()).take(2).collect();
    let Ok(message) = adapter.write_events(shape, function, identified(function, two)) else { return true };
    let (origin, _) = adapter.decode(message.clone().map(Payload::Whole));
    let outcomes = vec![Outcome::Done, Outcome::Failed(Error::retry("the second of two"))];
    let Ok(reply) = whole(adapter.encode(origin, Reply::Delivered(outcomes))).await else { return false };
    adapter.read_outcomes(shape, &message, reply).is_ok_and(|acknowledged| acknowledged == [true, false])
}

/// Gives an id to each event that has none, and a sequence number to each record of a stream, as the platforms do.
fn identified(function: &Spec, mut events: Vec<Event>) -> Vec<Event> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let is_of_stream = matches!(function.class(), Class::Stream | Class::Changes);
    for event in &mut events {
        let (id, sequence) = match event {
            Event::Message(message) => (&mut message.id, Some(&mut message.sequence)),
            Event::Object(object) => (&mut object.id, Some(&mut object.sequence)),
            Event::Tick(tick) => (&mut tick.id, None),
            Event::Change(change) => (&mut change.id, Some(&mut change.sequence)),
            _ => continue,
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        id.get_or_insert_with(|| format!("test-{number}"));
        if let Some(sequence) = sequence.filter(|_| is_of_stream || function.class() == Class::Storage) {
            sequence.get_or_insert_with(|| format!("{number:016}"));
        }
    }
    events
}

pub(super) async fn whole(reply: Response<Payload>) -> Result<Response<Bytes>, Error> {
    let (head, payload) = reply.into_parts();
    Ok(Response::from_parts(head, payload.collect(usize::MAX).await?))
}
