//! Events of older functions (`{"context": …, "data": …}`), as the CloudEvents that Google's own frameworks make of them.

use std::fmt;

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind,
    event::CloudEvent,
    json::{Object, Str, slice, text_at, to_bytes},
    log::cut_to,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A type of event in older terms, and in those of CloudEvents.
const TYPES: [(&str, &str); 20] = [
    ("google.pubsub.topic.publish", "google.cloud.pubsub.topic.v1.messagePublished"),
    ("providers/cloud.pubsub/eventTypes/topic.publish", "google.cloud.pubsub.topic.v1.messagePublished"),
    ("google.storage.object.finalize", "google.cloud.storage.object.v1.finalized"),
    ("google.storage.object.delete", "google.cloud.storage.object.v1.deleted"),
    ("google.storage.object.archive", "google.cloud.storage.object.v1.archived"),
    ("google.storage.object.metadataUpdate", "google.cloud.storage.object.v1.metadataUpdated"),
    ("providers/cloud.storage/eventTypes/object.change", "google.cloud.storage.object.v1.finalized"),
    ("providers/cloud.firestore/eventTypes/document.write", "google.cloud.firestore.document.v1.written"),
    ("providers/cloud.firestore/eventTypes/document.create", "google.cloud.firestore.document.v1.created"),
    ("providers/cloud.firestore/eventTypes/document.update", "google.cloud.firestore.document.v1.updated"),
    ("providers/cloud.firestore/eventTypes/document.delete", "google.cloud.firestore.document.v1.deleted"),
    ("providers/firebase.auth/eventTypes/user.create", "google.firebase.auth.user.v1.created"),
    ("providers/firebase.auth/eventTypes/user.delete", "google.firebase.auth.user.v1.deleted"),
    ("providers/google.firebase.analytics/eventTypes/event.log", "google.firebase.analytics.log.v1.written"),
    ("providers/google.firebase.database/eventTypes/ref.create", "google.firebase.database.ref.v1.created"),
    ("providers/google.firebase.database/eventTypes/ref.write", "google.firebase.database.ref.v1.written"),
    ("providers/google.firebase.database/eventTypes/ref.update", "google.firebase.database.ref.v1.updated"),
    ("providers/google.firebase.database/eventTypes/ref.delete", "google.firebase.database.ref.v1.deleted"),
    ("google.firebase.remoteconfig.update", "google.firebase.remoteconfig.remoteConfig.v1.updated"),
    ("google.testing.testMatrix.complete", "google.firebase.testlab.testMatrix.v1.completed"),
];

/// The services, by what a type begins with.
const SERVICES: [(&str, &str); 9] = [
    ("providers/cloud.firestore/", "firestore.googleapis.com"),
    ("providers/google.firebase.analytics/", "firebase.googleapis.com"),
    ("providers/firebase.auth/", "firebaseauth.googleapis.com"),
    ("providers/google.firebase.database/", "firebasedatabase.googleapis.com"),
    ("providers/cloud.pubsub/", "pubsub.googleapis.com"),
    ("providers/cloud.storage/", "storage.googleapis.com"),
    ("google.pubsub", "pubsub.googleapis.com"),
    ("google.storage", "storage.googleapis.com"),
    ("google.firebase.remoteconfig", "firebaseremoteconfig.googleapis.com"),
];

/// The members of an event, or of its context, as far as they are read.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Members<'a> {
    #[serde(borrow)]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    event_id: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    domain: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    /// `null` is a value, too.
    #[serde(borrow, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Returns a value if it is a string.
fn string(value: Option<&RawValue>) -> Option<String> {
    omnifn_core::json::parse_str(value?.get()).ok()
}

/// Returns the event; `None` if the body is not one of this kind.
pub(crate) fn convert(body: &Bytes) -> Option<Result<CloudEvent, Error>> {
    let Object(whole): Object<Members<'_>> = omnifn_core::json::parse(body).ok()?;
    let context =
        whole.context.and_then(|context| omnifn_core::json::parse_str::<Object<Members<'_>>>(context.get()).ok());
    let Object(context) = context.unwrap_or_default();
    let (kind, id) = (string(context.event_type.or(whole.event_type))?, string(context.event_id.or(whole.event_id))?);
    let data = whole.data?;
    let at = string(context.timestamp.or(whole.timestamp));
    let resource = context.resource.or(whole.resource);
    let domain = string(whole.domain.or(context.domain));
    Some(event(body, data, resource, domain.as_deref(), &kind, &id, at))
}

fn event(
    body: &Bytes,
    data: &RawValue,
    resource: Option<&RawValue>,
    domain: Option<&str>,
    kind: &str,
    id: &str,
    at: Option<String>,
) -> Result<CloudEvent, Error> {
    let Some((_, r#type)) = TYPES.iter().find(|(known, _)| *known == kind) else {
        let kind = cut_to(kind, 120);
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("received an event of the unknown older type {kind:?}"),
        ));
    };
    let named = |name: &str| text_at(resource?.get().as_bytes(), &[name]);
    let name = named("name").or_else(|| string(resource)).unwrap_or_default();
    let by_type = || SERVICES.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, service)| *service);
    let service = named("service").or_else(|| by_type().map(str::to_owned)).unwrap_or_default();
    let (service, name) = (service.as_str(), name.as_str());

    let (source, subject) = match service {
        "storage.googleapis.com" => split_storage(name),
        "firestore.googleapis.com" => split(name, "/documents/", "documents/"),
        "firebasedatabase.googleapis.com" => split_database(name, domain)?,
        "firebaseauth.googleapis.com" => {
            let user = text_at(data.get().as_bytes(), &["uid"]).map(|uid| format!("users/{uid}"));
            (name.to_owned(), user)
        }
        "firebase.googleapis.com" => split(name, "/events/", "events/"),
        _ => (name.to_owned(), None),
    };
    let changed = match service {
        "pubsub.googleapis.com" => Some(pubsub(data, id, at.as_deref())),
        "firebaseauth.googleapis.com" => renamed_times(data),
        _ => None,
    };
    let data = changed.map_or_else(|| slice(body, data.get().as_bytes()), Bytes::from);
    let mut event = CloudEvent::new(id, format!("//{service}/{source}"), *r#type, data);
    event.subject = subject;
    event.time_text = at;
    event.data_content_type = Some("application/json".to_owned());
    Ok(event)
}

/// `projects/_/buckets/b/objects/name#generation`.
fn split_storage(name: &str) -> (String, Option<String>) {
    let (source, subject) = split(name, "/objects/", "objects/");
    let subject = subject.map(|subject| match subject.rsplit_once('#') {
        Some((subject, generation)) if generation.bytes().all(|byte| byte.is_ascii_digit()) => subject.to_owned(),
        _ => subject,
    });
    (source, subject)
}

/// Returns the text before a mark, and the text after it, with the mark's word.
fn split(name: &str, mark: &str, word: &str) -> (String, Option<String>) {
    match name.split_once(mark) {
        Some((source, rest)) => (source.to_owned(), Some(format!("{word}{rest}"))),
        None => (name.to_owned(), None),
    }
}

/// `projects/_/instances/x/refs/path`, of which the location is in the domain.
fn split_database(name: &str, domain: Option<&str>) -> Result<(String, Option<String>), Error> {
    let domain =
        domain.ok_or_else(|| Error::new(ErrorKind::Decode, "this event of a Firebase database names no `domain`"))?;
    let location = match domain {
        "firebaseio.com" => "us-central1",
        other => other.split('.').next().unwrap_or_default(),
    };
    let (instance, subject) = split(name, "/refs/", "refs/");
    let instance =
        instance.replacen("projects/_/instances/", &format!("projects/_/locations/{location}/instances/"), 1);
    Ok((instance, subject))
}

/// The message as a push has it.
fn pubsub(data: &RawValue, id: &str, at: Option<&str>) -> Vec<u8> {
    let own = [("messageId", Some(id)), ("publishTime", at)];
    let is_own = |name: &str| own.iter().any(|(known, value)| *known == name && value.is_some());
    let mut members = |out: &mut Vec<u8>, name: &str, value: &RawValue| {
        if !is_own(name) {
            member(out, name, value.get().as_bytes());
        }
    };
    let Some(mut message) = rewritten(data, &mut members) else {
        return [b"{\"message\":", data.get().as_bytes(), b"}"].concat();
    };
    for (name, value) in own {
        if let Some(value) = value {
            member(&mut message, name, &to_bytes(&value));
        }
    }
    [b"{\"message\":{", &message[..], b"}}"].concat()
}

/// Returns the data of a user's account with the newer names of its times; `None` if it is not an object.
fn renamed_times(data: &RawValue) -> Option<Vec<u8>> {
    let renamed = |name: &str| match name {
        "createdAt" => "createTime".to_owned(),
        "lastSignedInAt" => "lastSignInTime".to_owned(),
        other => other.to_owned(),
    };
    let mut times =
        |out: &mut Vec<u8>, name: &str, value: &RawValue| member(out, &renamed(name), value.get().as_bytes());
    let mut members = |out: &mut Vec<u8>, name: &str, value: &RawValue| match rewritten(value, &mut times)
        .filter(|_| name == "metadata")
    {
        Some(times) => member(out, name, &[b"{", &times[..], b"}"].concat()),
        None => member(out, name, value.get().as_bytes()),
    };
    rewritten(data, &mut members).map(|members| [b"{", &members[..], b"}"].concat())
}

/// Writes a member of an object.
fn member(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    if !out.is_empty() {
        out.push(b',');
    }
    out.extend_from_slice(&to_bytes(&name));
    out.push(b':');
    out.extend_from_slice(value);
}

type Write<'w> = dyn FnMut(&mut Vec<u8>, &str, &RawValue) + 'w;

/// Writes the members of an object, one after another; `None` if it is not an object.
fn rewritten(object: &RawValue, write: &mut Write<'_>) -> Option<Vec<u8>> {
    struct Rewrite<'r, 'w>(&'r mut Write<'w>);

    impl<'de> Visitor<'de> for Rewrite<'_, '_> {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
            let mut out = Vec::new();
            while let Some((name, value)) = map.next_entry::<Str<'de>, &RawValue>()? {
                (self.0)(&mut out, &name, value);
            }
            Ok(out)
        }
    }

    let is_object = object.get().starts_with('{');
    is_object.then(|| serde_json::Deserializer::from_str(object.get()).deserialize_map(Rewrite(write)).ok())?
}
