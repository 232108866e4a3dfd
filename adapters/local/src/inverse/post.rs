//! Writes an event in omnifn's own form for the local server, which the README shows with `curl`. No platform sends this form. CloudEvents are written as their specification requires
//! (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>).

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use omnifn_core::{
    Error, ErrorKind, Event, Spec, cloudevents,
    event::{CloudEvent, time},
    uri,
};
use serde::Deserialize;
use serde_json::json;

pub(super) fn write(shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
    let path = format!("/_omnifn/{}", function.name);
    if shape == "cloudevents-batch" {
        let events: Vec<CloudEvent> = events.into_iter().map(cloud_event).collect::<Result<_, _>>()?;
        let mut request = Request::post(path).body(cloudevents::write_batch(&events))?;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/cloudevents-batch+json"));
        return Ok(request);
    }
    let mut events = events.into_iter();
    let (Some(event), None) = (events.next(), events.next()) else {
        return Err(Error::new(ErrorKind::Unsupported, "a request contains one event"));
    };
    if shape == "cloudevent" {
        let mut request = Request::post(path).body(Bytes::new())?;
        cloudevents::write_binary(&cloud_event(event)?, &mut request)?;
        return Ok(request);
    }
    if shape != "post" {
        return Err(Error::new(ErrorKind::Unsupported, format!("no shape {shape:?}")));
    }
    let (query, content_type, body) = query_of(event)?;
    let query: Vec<_> =
        query.iter().map(|(name, value)| format!("{}={}", uri::encode_query(name), uri::encode_query(value))).collect();
    let mut request = Request::new(body);
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = uri::origin_form(&path, &query.join("&"))?;
    if let Some(content_type) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::try_from(content_type)?);
    }
    Ok(request)
}

fn cloud_event(event: Event) -> Result<CloudEvent, Error> {
    match event {
        Event::Cloud(event) => Ok(*event),
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} is not a CloudEvent", other.what()))),
    }
}

type Parts = (Vec<(String, String)>, Option<String>, Bytes);

/// The query, the media type, and the body.
fn query_of(event: Event) -> Result<Parts, Error> {
    let mut query: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: Option<String>| query.extend(value.map(|value| (name.to_owned(), value)));
    match event {
        Event::Message(message) => {
            add("id", message.id);
            add("time", message.time.map(time::rfc3339));
            add("subject", message.subject);
            add("key", message.key);
            add("sequence", message.sequence);
            add("partition", message.partition);
            add("attempt", message.attempt.map(|attempt| attempt.to_string()));
            query.extend(message.attributes);
            Ok((query, message.content_type, message.body))
        }
        Event::Object(object) => {
            add("key", Some(object.key));
            add("change", Some(object.change.name().to_owned()));
            add("bucket", Some(object.bucket));
            add("id", object.id);
            add("time", object.time.map(time::rfc3339));
            add("size", object.size.map(|size| size.to_string()));
            add("etag", object.etag);
            add("version", object.version);
            add("sequence", object.sequence);
            query.extend(object.metadata);
            Ok((query, object.content_type, object.content.unwrap_or_default()))
        }
        Event::Tick(tick) => {
            add("id", tick.id);
            add("time", tick.scheduled.map(time::rfc3339));
            Ok((query, None, tick.input))
        }
        Event::Cloud(event) => {
            add("id", Some(event.id));
            add("source", Some(event.source));
            add("type", Some(event.r#type));
            add("subject", event.subject);
            add("time", event.time_text);
            query.extend(event.extensions);
            Ok((query, event.data_content_type, event.data))
        }
        Event::Change(change) => {
            add("id", change.id.clone());
            add("kind", Some(change.kind.name().to_owned()));
            add("sequence", change.sequence.clone());
            add("time", change.time.map(time::rfc3339));
            let change = change.read::<serde_json::Value>()?;
            let body = json!({"old": change.old, "new": change.new, "key": change.key}).to_string();
            Ok((query, Some("application/json".to_owned()), body.into()))
        }
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} is not an event", other.what()))),
    }
}

/// Returns for each record whether it is done.
pub(super) fn outcomes(reply: &Response<Bytes>) -> Result<Vec<bool>, Error> {
    #[derive(Deserialize)]
    struct Shown {
        records: Vec<One>,
    }
    #[derive(Deserialize)]
    struct One {
        outcome: String,
    }
    match serde_json::from_slice::<Shown>(reply.body()) {
        Ok(shown) => {
            let is_done = |one: &One| matches!(one.outcome.as_str(), "done" | "discard" | "filtered");
            Ok(shown.records.iter().map(is_done).collect())
        }
        Err(_) if !reply.status().is_success() => Ok(vec![false]),
        Err(error) => {
            Err(Error::new(ErrorKind::Decode, "the reply does not contain the outcomes of the records")
                .with_source(error))
        }
    }
}
