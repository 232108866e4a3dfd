//! An extension of Lambda that does nothing: where one is registered, the platform sends SIGTERM before it ends the process.
//!
//! The contract: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>. An internal extension is registered
//! while the program starts, by the program itself, and the start is over when it asks for its next event.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header::CONTENT_TYPE};

use super::{
    client::{Client, RuntimeApi},
    request::Request,
};
use crate::{http1::Headers, log};

const ROOT: &str = "/2020-01-01/extension/";
const NAME: HeaderName = HeaderName::from_static("lambda-extension-name");
const IDENTIFIER: HeaderName = HeaderName::from_static("lambda-extension-identifier");

/// Registers it, and lets it wait for events that never come. Where it cannot be, that is one line, and no signal comes.
pub(super) async fn register(api: Arc<RuntimeApi>) {
    let mut client = Client::new(api);
    match identifier(&mut client).await {
        // On a connection of its own: there is no answer as long as the process lives.
        Ok(identifier) => drop(tokio::spawn(async move { wait(client, identifier).await })),
        Err(why) => log::warn(format_args!(
            "the app wants to know when it ends, and the platform will not say so: no extension can be \
             registered: {why}"
        )),
    }
}

async fn identifier(client: &mut Client) -> Result<HeaderValue, String> {
    const EVENTS: Bytes = Bytes::from_static(b"{\"events\":[]}");
    let mut request = Request::post(&client.api.endpoint, &[ROOT, "register"], EVENTS.len());
    request.header(NAME, &HeaderValue::from_static("omnifn"));
    request.header(CONTENT_TYPE, &HeaderValue::from_static("application/json"));
    let response = client.exchange(&mut request.whole(EVENTS), Headers::All(&[])).await;
    let identifier = response.as_ref().ok().and_then(|head| head.headers.get(IDENTIFIER).cloned());
    let answer = client.answered(response).await?;
    identifier
        .filter(|_| answer.status.is_success())
        .ok_or_else(|| format!("the platform answered {}{}", answer.status.as_u16(), answer.text))
}

async fn wait(mut client: Client, identifier: HeaderValue) {
    let mut request = Request::get(&client.api.endpoint, &[ROOT, "event/next"]);
    request.header(IDENTIFIER, &identifier);
    let _never = client.exchange(&mut request.bare(), Headers::Unread).await;
}
