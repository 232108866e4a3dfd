//! CloudEvents in all three forms: each event is written and read again unchanged, and whatever else is received is an event or an error.

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use omnifn_core::{
    cloudevents::{self, Mode},
    event::CloudEvent,
};
use serde_json::Value;

use crate::json;

/// A message of events.
#[derive(Debug, Arbitrary)]
pub struct Events<'a> {
    event: Event<'a>,
    others: u8,
    edits: Vec<json::Edit<'a>>,
    headers: Vec<(&'a [u8], &'a [u8])>,
    cut: Option<u16>,
}

#[derive(Debug, Arbitrary)]
struct Event<'a> {
    id: &'a str,
    source: &'a str,
    r#type: &'a str,
    subject: Option<&'a str>,
    schema: Option<&'a str>,
    time: Option<u8>,
    media_type: Option<u8>,
    extensions: Vec<(&'a str, &'a str)>,
    data: Data<'a>,
}

#[derive(Debug, Arbitrary)]
enum Data<'a> {
    None,
    Bytes(&'a [u8]),
    Text(&'a str),
    Json(json::Hostile<'a>),
}

const MEDIA_TYPES: [&str; 6] =
    ["application/json", "text/plain; charset=utf-8", "application/octet-stream", "text/json", "a/b+json", "image/png"];

const TIMES: [&str; 4] = ["2026-11-23T05:42:33Z", "2026-11-23T05:42:33.123456789+02:00", "yesterday", ""];

impl Event<'_> {
    fn event(&self) -> CloudEvent {
        let data = match &self.data {
            Data::None => Bytes::new(),
            Data::Bytes(bytes) => Bytes::copy_from_slice(bytes),
            Data::Text(text) => Bytes::copy_from_slice(text.as_bytes()),
            Data::Json(value) => value.value().to_string().into(),
        };
        let mut event = CloudEvent::new(self.id, self.source, self.r#type, data);
        event.subject = self.subject.map(str::to_owned);
        event.data_schema = self.schema.map(str::to_owned);
        event.time_text = self.time.map(|which| TIMES[usize::from(which) % TIMES.len()].to_owned());
        event.data_content_type =
            self.media_type.map(|which| MEDIA_TYPES[usize::from(which) % MEDIA_TYPES.len()].to_owned());
        event.extensions =
            self.extensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        event
    }
}

/// What the specification demands of an event.
fn is_valid(event: &CloudEvent) -> bool {
    const OWN: [&str; 9] =
        ["id", "source", "type", "specversion", "subject", "time", "datacontenttype", "dataschema", "data"];
    let is_name = |name: &String| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !name.is_empty() && !OWN.contains(&&**name) && name.bytes().all(is_plain)
    };
    [&event.id, &event.source, &event.r#type].iter().all(|text| !text.is_empty())
        && event.subject.as_deref() != Some("")
        && event.time_text.as_deref().is_none_or(|text| text.starts_with("2026"))
        && event.extensions.keys().all(is_name)
}

fn read(mode: Mode, headers: &HeaderMap, body: &Bytes) -> Vec<CloudEvent> {
    let read = cloudevents::read(mode, headers, body);
    let read = read.unwrap_or_else(|error| panic!("{mode:?}: {error}: {headers:?} {body:?}"));
    read.into_iter()
        .map(|read| {
            let read = read.unwrap_or_else(|error| panic!("{mode:?}: {error}: {headers:?} {body:?}"));
            assert_eq!(read.warning, None);
            read.event
        })
        .collect()
}

/// Reads events that are valid, and then what the edits make of them.
pub fn pass(events: Events<'_>) {
    let event = events.event.event();
    let mut binary = Request::new(Bytes::new());
    let is_written = cloudevents::write_binary(&event, &mut binary).is_ok();
    let structured = cloudevents::write_structured(&event);
    let many = vec![event.clone(); usize::from(events.others % 4) + 1];
    let batch = cloudevents::write_batch(&many);
    if is_valid(&event) {
        assert!(is_written, "{event:?}");
        assert_eq!(read(Mode::Binary, binary.headers(), binary.body()), std::slice::from_ref(&event));
        for (mode, body, count) in [(Mode::Structured, &structured, 1), (Mode::Batched, &batch, many.len())] {
            let read = read(mode, &HeaderMap::new(), body);
            assert_eq!(read.len(), count);
            read.into_iter().for_each(|read| assert_same(read, &event));
        }
    }
    let mut headers = binary.headers().clone();
    for (name, value) in &events.headers {
        let name = HeaderName::from_bytes(&[b"ce-", *name].concat());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    if let Some((_, value)) = events.headers.first()
        && let Ok(value) = HeaderValue::from_bytes(value)
    {
        let media_types = HeaderMap::from_iter([(CONTENT_TYPE, value)]);
        let _ = cloudevents::mode(&media_types);
    }
    for body in [structured, batch] {
        let mut body = body;
        if let Ok(mut document) = serde_json::from_slice::<Value>(&body) {
            events.edits.iter().for_each(|edit| edit.apply(&mut document));
            body = document.to_string().into();
        }
        let length = events.cut.map_or(body.len(), |length| usize::from(length).min(body.len()));
        for mode in [Mode::Binary, Mode::Structured, Mode::Batched] {
            if let Ok(read) = cloudevents::read(mode, &headers, &body.slice(..length)) {
                for received in read.into_iter().flatten() {
                    let event = received.event;
                    assert!(![&event.id, &event.source, &event.r#type].iter().any(|text| text.is_empty()), "{event:?}");
                    let _ = (event.time(), event.read::<Option<Value>>());
                }
            }
        }
    }
}

/// In JSON, data that is JSON has a media type and no certain form.
fn assert_same(mut read: CloudEvent, written: &CloudEvent) {
    let [found, expected] = [&read, written].map(|event| serde_json::from_slice::<Value>(&event.data).ok());
    if found.is_some() && found == expected {
        read.data = written.data.clone();
    }
    assert_eq!(read, *written);
}
