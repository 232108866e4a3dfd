//! Events of older functions (`{"context": …, "data": …}`), as the CloudEvents that Google's own frameworks make of them.

use bytes::Bytes;
use omnifn_core::{Error, ErrorKind, event::CloudEvent};
use serde_json::{Map, Value, json};

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

/// Returns the event; `None` if the body is not one of this kind.
pub(crate) fn convert(body: &Bytes) -> Option<Result<CloudEvent, Error>> {
    let Ok(Value::Object(whole)) = serde_json::from_slice::<Value>(body) else { return None };
    let context = whole.get("context").and_then(Value::as_object).unwrap_or(&whole);
    let text = |name: &str| context.get(name).or_else(|| whole.get(name)).and_then(Value::as_str);
    let (kind, id) = (text("eventType")?, text("eventId")?);
    whole.get("data")?;
    Some(event(&whole, context, kind, id, text("timestamp")))
}

fn event(
    whole: &Map<String, Value>,
    context: &Map<String, Value>,
    kind: &str,
    id: &str,
    at: Option<&str>,
) -> Result<CloudEvent, Error> {
    let Some((_, r#type)) = TYPES.iter().find(|(known, _)| *known == kind) else {
        let kind: String = kind.chars().take(120).collect();
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("an event of the older type {kind:?} came, which is not known"),
        ));
    };
    let resource = context.get("resource").or_else(|| whole.get("resource")).unwrap_or(&Value::Null);
    let named = |name: &str| resource.get(name).and_then(Value::as_str);
    let name = named("name").or_else(|| resource.as_str()).unwrap_or_default();
    let by_type = || SERVICES.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, service)| *service);
    let service = named("service").or_else(by_type).unwrap_or_default();
    let mut data = whole.get("data").cloned().unwrap_or_default();

    let (source, subject) = match service {
        "storage.googleapis.com" => split_storage(name),
        "firestore.googleapis.com" => split(name, "/documents/", "documents/"),
        "firebasedatabase.googleapis.com" => {
            let domain = whole.get("domain").or_else(|| context.get("domain")).and_then(Value::as_str);
            split_database(name, domain)?
        }
        "firebaseauth.googleapis.com" => {
            let user = data.get("uid").and_then(Value::as_str).map(|uid| format!("users/{uid}"));
            (name.to_owned(), user)
        }
        "firebase.googleapis.com" => split(name, "/events/", "events/"),
        _ => (name.to_owned(), None),
    };
    match service {
        "pubsub.googleapis.com" => data = pubsub(data, id, at),
        "firebaseauth.googleapis.com" => renamed_times(&mut data),
        _ => {}
    }
    let mut event = CloudEvent::new(id, format!("//{service}/{source}"), *r#type, Bytes::from(data.to_string()));
    event.subject = subject;
    event.time_text = at.map(str::to_owned);
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

/// What stands before a mark, and what stands behind it, with the mark's word.
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
fn pubsub(data: Value, id: &str, at: Option<&str>) -> Value {
    let Value::Object(mut message) = data else { return json!({"message": data}) };
    message.insert("messageId".to_owned(), id.into());
    if let Some(at) = at {
        message.insert("publishTime".to_owned(), at.into());
    }
    json!({"message": message})
}

fn renamed_times(data: &mut Value) {
    let Some(metadata) = data.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    for (old, new) in [("createdAt", "createTime"), ("lastSignedInAt", "lastSignInTime")] {
        if let Some(value) = metadata.remove(old) {
            metadata.insert(new.to_owned(), value);
        }
    }
}
