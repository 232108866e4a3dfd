//! Changes of documents in Firestore: protobuf, or JSON of the same messages.

mod plain;
mod protobuf;

use omnifn_core::{
    Error, ErrorKind,
    event::{Change, ChangeKind, Class, CloudEvent, Json},
    json,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::eventarc::mismatch;

const TYPES: &str = "google.cloud.firestore.document.v1.";

/// A change, before and after as plain JSON.
pub(super) fn of_cloud_event(event: &CloudEvent) -> Result<Change<Json>, Error> {
    let verb = event.r#type.strip_prefix(TYPES).map(|verb| verb.trim_end_matches(".withAuthContext"));
    let declared = match verb {
        Some("created") => Some(ChangeKind::Inserted),
        Some("updated") => Some(ChangeKind::Updated),
        Some("deleted") => Some(ChangeKind::Deleted),
        Some("written") => None,
        _ => return Err(mismatch(&event.r#type, Class::Changes)),
    };
    let media_type = event.data_content_type.as_deref().unwrap_or_default().to_lowercase();
    let (new, old, name) = match media_type.starts_with("application/protobuf") {
        true => of_protobuf(&event.data)?,
        false => of_json(&event.data)?,
    };
    let kind = declared.unwrap_or(match (&old, &new) {
        (None, Some(_)) => ChangeKind::Inserted,
        (Some(_), Some(_)) => ChangeKind::Updated,
        (Some(_), None) => ChangeKind::Deleted,
        (None, None) => ChangeKind::Written,
    });
    let mut change = Change::new(kind, old, new);
    let path = event.extensions.get("document").cloned();
    let path = path
        .or_else(|| event.subject.as_deref().and_then(|subject| subject.strip_prefix("documents/")).map(str::to_owned));
    let path = path.or_else(|| name.split_once("/documents/").map(|(_, path)| path.to_owned()));
    change.key = path.map(Value::String);
    change.id = Some(event.id.clone());
    change.source = Some(event.source.clone());
    change.time = event.time();
    Ok(change)
}

type Read = (Option<Json>, Option<Json>, String);

fn of_protobuf(data: &[u8]) -> Result<Read, Error> {
    // The emulator sends base64 of it.
    let decoded = match protobuf::event(data) {
        Ok(decoded) => Ok(decoded),
        Err(error) => match base64_simd::STANDARD.decode_to_vec(data.trim_ascii()) {
            Ok(bytes) => protobuf::event(&bytes),
            Err(_) => Err(error),
        },
    };
    decoded.map_err(|e| {
        Error::new(ErrorKind::Decode, "the data of this event is not a valid Firestore document in protobuf")
            .with_source(e)
    })
}

fn of_json(data: &[u8]) -> Result<Read, Error> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Data<'a> {
        #[serde(borrow)]
        value: Option<&'a RawValue>,
        #[serde(borrow)]
        old_value: Option<&'a RawValue>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Document<'a> {
        #[serde(borrow)]
        name: Option<&'a RawValue>,
        #[serde(borrow)]
        fields: Option<&'a RawValue>,
    }
    let Data { value, old_value } = json::from_slice(data, "the data of this event of Firestore")?;
    let document = |document: Option<&RawValue>| -> Result<Option<(Json, Option<String>)>, Error> {
        // A document that does not exist is an empty object.
        let is_empty = |json: &str| json.trim_start_matches('{').trim_ascii_start().starts_with('}');
        let Some(json) = document.map(RawValue::get).filter(|json| json.starts_with('{') && !is_empty(json)) else {
            return Ok(None);
        };
        let Document { name, fields } = json::from_slice(json.as_bytes(), "the document of this event of Firestore")?;
        let mut out = Vec::with_capacity(json.len());
        let plain = plain::fields(fields.map_or("{}", RawValue::get), &mut out);
        plain.map_err(|error| {
            let text = "the fields of this event of Firestore cannot be read";
            Error::new(ErrorKind::Decode, text).with_json_source(&error)
        })?;
        Ok(Some((Json::new(out), name.and_then(|name| json::parse_str(name.get()).ok()))))
    };
    let (new, old) = (document(value)?, document(old_value)?);
    let name = new.as_ref().or(old.as_ref()).and_then(|(_, name)| name.clone()).unwrap_or_default();
    Ok((new.map(|(json, _)| json), old.map(|(json, _)| json), name))
}
