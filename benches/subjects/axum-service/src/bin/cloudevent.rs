//! The function on Cloud Run for events of a bucket: Eventarc posts a CloudEvent in binary mode.

use std::net::Ipv4Addr;

use axum::{
    Json, Router,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    routing::post,
};
use serde::Deserialize;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    axum_service::serve(Ipv4Addr::UNSPECIFIED, "PORT", Router::new().route("/", post(receive))).await
}

/// The attributes of a CloudEvent, from the `ce-` headers.
struct Attributes {
    id: String,
    source: String,
    event_type: String,
    subject: Option<String>,
    time: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Attributes {
    type Rejection = (StatusCode, String);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        if optional(&parts.headers, "ce-specversion").as_deref() != Some("1.0") {
            return Err((StatusCode::BAD_REQUEST, "expected a CloudEvent of version 1.0".to_owned()));
        }
        Ok(Attributes {
            id: required(&parts.headers, "ce-id")?,
            source: required(&parts.headers, "ce-source")?,
            event_type: required(&parts.headers, "ce-type")?,
            subject: optional(&parts.headers, "ce-subject"),
            time: optional(&parts.headers, "ce-time"),
        })
    }
}

fn optional(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn required(headers: &HeaderMap, name: &str) -> Result<String, (StatusCode, String)> {
    optional(headers, name).ok_or_else(|| (StatusCode::BAD_REQUEST, format!("missing header {name}")))
}

/// The data of a Cloud Storage event. Numbers are strings, as in all of Google's JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectData {
    bucket: String,
    name: String,
    size: Option<String>,
    etag: Option<String>,
    generation: Option<String>,
    content_type: Option<String>,
}

/// What the function receives.
struct Object {
    id: String,
    deleted: bool,
    time: Option<String>,
    bucket: String,
    key: String,
    size: Option<u64>,
    etag: Option<String>,
    version: Option<String>,
    content_type: Option<String>,
}

async fn receive(attributes: Attributes, Json(data): Json<ObjectData>) -> Result<StatusCode, (StatusCode, String)> {
    let deleted = match attributes.event_type.as_str() {
        "google.cloud.storage.object.v1.finalized" => false,
        "google.cloud.storage.object.v1.deleted" => true,
        other => return Err((StatusCode::BAD_REQUEST, format!("unexpected event type {other}"))),
    };
    if !attributes.source.ends_with(&data.bucket) || attributes.subject.is_none() {
        return Err((StatusCode::BAD_REQUEST, format!("unexpected source {}", attributes.source)));
    }
    let size = match data.size.map(|size| size.parse()).transpose() {
        Ok(size) => size,
        Err(error) => return Err((StatusCode::BAD_REQUEST, format!("invalid size: {error}"))),
    };
    let object = Object {
        id: attributes.id,
        deleted,
        time: attributes.time,
        bucket: data.bucket,
        key: data.name,
        size,
        etag: data.etag,
        version: data.generation,
        content_type: data.content_type,
    };
    stored(object).await.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn stored(object: Object) -> Result<(), String> {
    // Every field is built, as a real function would read them.
    let object = std::hint::black_box(object);
    if object.deleted || object.size.is_none() || object.bucket.is_empty() || object.key.is_empty() {
        return Err(format!("event {} is about no stored object", object.id));
    }
    std::hint::black_box((object.time, object.etag, object.version, object.content_type));
    Ok(())
}
