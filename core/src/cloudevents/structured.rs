use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, value::RawValue};

use super::{Received, check, is_name, malformed, set, version};
use crate::{
    Delivery, Error,
    event::CloudEvent,
    json::{self, Elements, Entries, Str},
};

type Fields<'a> = Entries<&'a RawValue>;

/// Decodes an event from JSON.
///
/// # Errors
/// 400 if the event is malformed, 415 if its version is not 1.0.
pub fn read(body: &Bytes) -> Result<Received, Error> {
    event(body, json::parse(body))
}

/// Returns the events of a batch, each as a JSON document of its own.
pub(super) fn batch(body: &Bytes) -> Result<Elements, Error> {
    Elements::read(body.clone(), Delivery::RECORDS, "the batch of CloudEvents")
}

fn event(body: &Bytes, fields: serde_json::Result<Fields<'_>>) -> Result<Received, Error> {
    let Entries(mut fields) =
        fields.map_err(|e| malformed("it is not a JSON object".to_owned()).with_json_source(&e))?;
    // A member that is null is absent. Only `data` can be the JSON value null, unless there is other data.
    let has_binary_data = fields.get("data_base64").is_some_and(|value| value.get() != "null");
    fields.retain(|name, value| value.get() != "null" || (name == "data" && !has_binary_data));
    let mut ignored = Vec::new();
    let mut event = CloudEvent::new("", "", "", Bytes::new());
    let spec_version = fields.get("specversion").and_then(|value| json::parse_str::<Str<'_>>(value.get()).ok());
    version(spec_version.as_deref())?;
    for (name, value) in &fields {
        if name == "data" || name == "data_base64" {
            continue;
        }
        // A list or an object is not a valid value of an attribute, however large it is.
        let is_simple = !value.get().starts_with(['[', '{']);
        match json::parse_str(if is_simple { value.get() } else { "null" }) {
            Ok(Value::String(text)) if is_core(name) || is_name(name) => set(&mut event, name, text),
            Ok(value @ (Value::Bool(_) | Value::Number(_))) if !is_core(name) && is_name(name) => {
                set(&mut event, name, value.to_string());
            }
            _ if is_core(name) => return Err(malformed(format!("its attribute `{name}` is not a string"))),
            _ => ignored.push(name.to_owned()),
        }
    }
    event.data = data(body, &fields, event.data_content_type.as_deref())?;
    if event.data_content_type.is_none() && fields.contains_key("data") {
        event.data_content_type = Some("application/json".to_owned());
    }
    check(
        [("id", &event.id), ("source", &event.source), ("type", &event.r#type)],
        event.subject.as_deref(),
        event.time_text.as_deref(),
    )?;
    Ok(Received::new(event, &ignored))
}

fn is_core(name: &str) -> bool {
    matches!(name, "specversion" | "id" | "source" | "type" | "subject" | "time" | "datacontenttype" | "dataschema")
}

/// Returns the data as bytes: JSON unchanged, and the contents of a string if the media type is not JSON.
fn data(body: &Bytes, fields: &BTreeMap<String, &RawValue>, media_type: Option<&str>) -> Result<Bytes, Error> {
    match (fields.get("data"), fields.get("data_base64")) {
        (Some(_), Some(_)) => Err(malformed("it has both `data` and `data_base64`".to_owned())),
        (None, None) => Ok(Bytes::new()),
        (Some(data), None) => match json::parse_str::<String>(data.get()) {
            Ok(text) if !is_json(media_type) => Ok(text.into()),
            _ => Ok(json::slice(body, data.get().as_bytes())),
        },
        (None, Some(data)) => {
            let text: String = json::parse_str(data.get())
                .map_err(|e| malformed("`data_base64` is not a string".to_owned()).with_json_source(&e))?;
            let decoded = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
            decoded.map(Bytes::from).map_err(|_| malformed("`data_base64` is not valid base64".to_owned()))
        }
    }
}

/// Whether data of this media type is JSON, which is the default without a media type.
fn is_json(media_type: Option<&str>) -> bool {
    let Some(media_type) = media_type else { return true };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// Writes an event as JSON.
pub fn write(event: &CloudEvent) -> Bytes {
    value(event).to_string().into()
}

/// Writes events as a JSON array.
pub fn write_batch(events: &[CloudEvent]) -> Bytes {
    Value::Array(events.iter().map(value).collect()).to_string().into()
}

fn value(event: &CloudEvent) -> Value {
    let optional = [
        ("subject", &event.subject),
        ("time", &event.time_text),
        ("dataschema", &event.data_schema),
        ("datacontenttype", &event.data_content_type),
    ];
    let named = [("specversion", "1.0"), ("id", &event.id), ("source", &event.source), ("type", &event.r#type)];
    let attributes =
        named.into_iter().chain(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
    let extensions = event.extensions.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut map: Map<String, Value> =
        attributes.chain(extensions).map(|(name, value)| (name.to_owned(), value.into())).collect();
    if !event.data.is_empty() {
        let (name, data) = match (is_json(event.data_content_type.as_deref()), std::str::from_utf8(&event.data)) {
            (true, Ok(text)) if event.data_content_type.is_some() => match json::parse_str(text) {
                Ok(json) => ("data", json),
                Err(_) => ("data_base64", base64(&event.data)),
            },
            (false, Ok(text)) => ("data", text.into()),
            _ => ("data_base64", base64(&event.data)),
        };
        map.insert(name.to_owned(), data);
    }
    Value::Object(map)
}

fn base64(data: &Bytes) -> Value {
    base64_simd::STANDARD.encode_to_string(data).into()
}
