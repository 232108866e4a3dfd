//! Changes of documents in Firestore: protobuf, or JSON of the same messages.

use std::collections::BTreeMap;

use omnifn_core::{
    Error, ErrorKind,
    event::{Change, ChangeKind, Class, CloudEvent, time},
    json,
};
use prost::Message as _;
use serde_json::{Map, Number, Value, json};

use super::eventarc::unfit;

const TYPES: &str = "google.cloud.firestore.document.v1.";

/// `google.events.cloud.firestore.v1.DocumentEventData`, as far as it is read.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DocumentEventData {
    #[prost(message, optional, tag = "1")]
    pub(crate) value: Option<Document>,
    #[prost(message, optional, tag = "2")]
    pub(crate) old_value: Option<Document>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Document {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(crate) fields: BTreeMap<String, Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Field {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 5, 6, 8, 9, 10, 11, 17, 18")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Kind {
    #[prost(bool, tag = "1")]
    Boolean(bool),
    #[prost(int64, tag = "2")]
    Integer(i64),
    #[prost(double, tag = "3")]
    Double(f64),
    #[prost(string, tag = "5")]
    Reference(String),
    #[prost(message, tag = "6")]
    Map(Fields),
    #[prost(message, tag = "8")]
    GeoPoint(LatLng),
    #[prost(message, tag = "9")]
    Array(List),
    #[prost(message, tag = "10")]
    Timestamp(Timestamp),
    #[prost(int32, tag = "11")]
    Null(i32),
    #[prost(string, tag = "17")]
    Text(String),
    #[prost(bytes = "vec", tag = "18")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Fields {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(crate) fields: BTreeMap<String, Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct List {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct LatLng {
    #[prost(double, tag = "1")]
    pub(crate) latitude: f64,
    #[prost(double, tag = "2")]
    pub(crate) longitude: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

/// A change, before and after as plain JSON.
pub(super) fn of_cloud_event(event: &CloudEvent) -> Result<Change<Value>, Error> {
    let verb = event.r#type.strip_prefix(TYPES).map(|verb| verb.trim_end_matches(".withAuthContext"));
    let declared = match verb {
        Some("created") => Some(ChangeKind::Inserted),
        Some("updated") => Some(ChangeKind::Updated),
        Some("deleted") => Some(ChangeKind::Deleted),
        Some("written") => None,
        _ => return Err(unfit(&event.r#type, Class::Changes)),
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

type Read = (Option<Value>, Option<Value>, String);

fn of_protobuf(data: &[u8]) -> Result<Read, Error> {
    // The emulator sends base64 of it.
    let decoded = match DocumentEventData::decode(data) {
        Ok(decoded) => Ok(decoded),
        Err(error) => match base64_simd::STANDARD.decode_to_vec(data.trim_ascii()) {
            Ok(bytes) => DocumentEventData::decode(&*bytes),
            Err(_) => Err(error),
        },
    };
    let wrong = |e| Error::new(ErrorKind::Decode, "the data of this event is no protobuf of Firestore").with_source(e);
    let DocumentEventData { value, old_value } = decoded.map_err(wrong)?;
    let name = value.as_ref().or(old_value.as_ref()).map(|document| document.name.clone()).unwrap_or_default();
    Ok((value.map(|document| map(document.fields)), old_value.map(|document| map(document.fields)), name))
}

fn map(fields: BTreeMap<String, Field>) -> Value {
    Value::Object(fields.into_iter().map(|(name, field)| (name, plain(field))).collect())
}

fn plain(field: Field) -> Value {
    match field.kind {
        None | Some(Kind::Null(_)) => Value::Null,
        Some(Kind::Boolean(value)) => value.into(),
        Some(Kind::Integer(value)) => value.into(),
        Some(Kind::Double(value)) => double(value),
        Some(Kind::Reference(value) | Kind::Text(value)) => value.into(),
        Some(Kind::Map(value)) => map(value.fields),
        Some(Kind::GeoPoint(LatLng { latitude, longitude })) => json!({"latitude": latitude, "longitude": longitude}),
        Some(Kind::Array(value)) => Value::Array(value.values.into_iter().map(plain).collect()),
        Some(Kind::Timestamp(Timestamp { seconds, nanos })) => {
            let seconds = seconds as f64;
            let at = time::from_seconds(seconds)
                .and_then(|at| at.checked_add(std::time::Duration::from_nanos(u64::try_from(nanos).ok()?)));
            at.map_or(Value::Null, |at| time::rfc3339(at).into())
        }
        Some(Kind::Bytes(value)) => base64_simd::STANDARD.encode_to_string(value).into(),
    }
}

/// A number that JSON has no word for is the text that protobuf's JSON has.
fn double(value: f64) -> Value {
    Number::from_f64(value).map_or_else(
        || {
            if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }
            .into()
        },
        Value::Number,
    )
}

fn of_json(data: &[u8]) -> Result<Read, Error> {
    let value: Value = json::from_slice(data, "the data of this event of Firestore")?;
    let document =
        |name: &str| value.get(name).filter(|document| document.as_object().is_some_and(|map| !map.is_empty()));
    let fields = |document: &Value| {
        let fields = document.get("fields").and_then(Value::as_object);
        let fields = fields.into_iter().flatten().map(|(name, field)| (name.clone(), plain_json(field, 0)));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    let (new, old) = (document("value"), document("oldValue"));
    let name = new.or(old).and_then(|document| document.get("name")).and_then(Value::as_str).unwrap_or_default();
    Ok((new.map(fields), old.map(fields), name.to_owned()))
}

/// A value in protobuf's JSON: `{"stringValue": "tea"}`.
fn plain_json(field: &Value, depth: usize) -> Value {
    let Some((tag, value)) = field.as_object().and_then(|map| map.iter().next()).filter(|_| depth < 100) else {
        return Value::Null;
    };
    match tag.as_str() {
        "integerValue" => {
            let number = value.as_str().and_then(|text| text.parse::<i64>().ok());
            number.map_or_else(|| value.clone(), Value::from)
        }
        "mapValue" => {
            let fields = value.get("fields").and_then(Value::as_object).into_iter().flatten();
            Value::Object(fields.map(|(name, field)| (name.clone(), plain_json(field, depth + 1))).collect())
        }
        "arrayValue" => {
            let values = value.get("values").and_then(Value::as_array).into_iter().flatten();
            Value::Array(values.map(|field| plain_json(field, depth + 1)).collect())
        }
        "nullValue" => Value::Null,
        _ => value.clone(),
    }
}
