//! An event, as a person would post it by hand. No platform sends this form, so there is no other source for it: it is omnifn's own, as the
//! README shows it with `curl`. CloudEvents are written as their specification says
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
        return Err(Error::new(ErrorKind::Unsupported, "a post holds one event"));
    };
    if shape == "cloudevent" {
        let mut request = Request::post(path).body(Bytes::new())?;
        cloudevents::write_binary(&cloud_event(event)?, &mut request)?;
        return Ok(request);
    }
    if shape != "post" {
        return Err(Error::new(ErrorKind::Unsupported, format!("no shape {shape:?}")));
    }
    let (said, content_type, body) = said(event)?;
    let query: Vec<_> =
        said.iter().map(|(name, value)| format!("{}={}", uri::encode_query(name), uri::encode_query(value))).collect();
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
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} is no CloudEvent", other.what()))),
    }
}

type Said = (Vec<(String, String)>, Option<String>, Bytes);

/// The query, the media type, and the body.
fn said(event: Event) -> Result<Said, Error> {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: Option<String>| said.extend(value.map(|value| (name.to_owned(), value)));
    match event {
        Event::Message(message) => {
            say("id", message.id);
            say("time", message.time.map(time::rfc3339));
            say("subject", message.subject);
            say("key", message.key);
            say("sequence", message.sequence);
            say("partition", message.partition);
            say("attempt", message.attempt.map(|attempt| attempt.to_string()));
            said.extend(message.attributes);
            Ok((said, message.content_type, message.body))
        }
        Event::Object(object) => {
            say("key", Some(object.key));
            say("change", Some(object.change.name().to_owned()));
            say("bucket", Some(object.bucket));
            say("id", object.id);
            say("time", object.time.map(time::rfc3339));
            say("size", object.size.map(|size| size.to_string()));
            say("etag", object.etag);
            say("version", object.version);
            say("sequence", object.sequence);
            said.extend(object.metadata);
            Ok((said, object.content_type, object.content.unwrap_or_default()))
        }
        Event::Tick(tick) => {
            say("id", tick.id);
            say("time", tick.scheduled.map(time::rfc3339));
            Ok((said, None, tick.input))
        }
        Event::Cloud(event) => {
            say("id", Some(event.id));
            say("source", Some(event.source));
            say("type", Some(event.r#type));
            say("subject", event.subject);
            say("time", event.time_text);
            said.extend(event.extensions);
            Ok((said, event.data_content_type, event.data))
        }
        Event::Change(change) => {
            say("id", change.id.clone());
            say("kind", Some(change.kind.name().to_owned()));
            say("sequence", change.sequence.clone());
            say("time", change.time.map(time::rfc3339));
            let change = change.read::<serde_json::Value>()?;
            let body = json!({"old": change.old, "new": change.new, "key": change.key}).to_string();
            Ok((said, Some("application/json".to_owned()), body.into()))
        }
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} is no event", other.what()))),
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
            Err(Error::new(ErrorKind::Decode, "the reply is not what became of the records").with_source(error))
        }
    }
}
