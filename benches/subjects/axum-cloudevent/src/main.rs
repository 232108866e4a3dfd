//! A CloudEvent in binary mode on axum, by hand: its attributes out of the headers, the object out of the body.

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;

/// The attributes that every event has.
struct Attributes {
    id: String,
    source: String,
    event_type: String,
    subject: Option<String>,
    time: Option<String>,
}

/// What Cloud Storage says of an object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    bucket: String,
    name: String,
    size: Option<String>,
    etag: Option<String>,
    content_type: Option<String>,
    generation: Option<String>,
    #[serde(flatten)]
    more: serde_json::Map<String, Value>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind((std::net::Ipv4Addr::UNSPECIFIED, port)).await?;
    axum::serve(listener, Router::new().route("/", post(stored))).await
}

async fn stored(headers: HeaderMap, Json(object): Json<Stored>) -> StatusCode {
    let attribute = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (Some(id), Some(source), Some(event_type)) = (attribute("ce-id"), attribute("ce-source"), attribute("ce-type"))
    else {
        return StatusCode::BAD_REQUEST;
    };
    let attributes =
        Attributes { id, source, event_type, subject: attribute("ce-subject"), time: attribute("ce-time") };
    std::hint::black_box((
        &attributes.id,
        &attributes.source,
        &attributes.event_type,
        &attributes.subject,
        &attributes.time,
    ));
    std::hint::black_box((&object.etag, &object.content_type, &object.generation, &object.more));
    match object.bucket.is_empty() || object.name.is_empty() || object.size.is_none() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::NO_CONTENT,
    }
}
