//! Azure's envelope on axum, by hand: `Json<Value>` in, `Json<Value>` out.

use axum::{Json, Router, routing::post};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await?;
    axum::serve(listener, Router::new().route("/hello", post(hello))).await
}

async fn hello(Json(envelope): Json<Value>) -> Json<Value> {
    let request = &envelope["Data"]["req"];
    let method: Method = request["Method"].as_str().and_then(|method| method.parse().ok()).unwrap_or_default();
    let uri: Uri = request["Url"].as_str().and_then(|url| url.parse().ok()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for (name, values) in request["Headers"].as_object().into_iter().flatten() {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(&name, value);
            }
        }
    }
    let body = request["Body"].as_str().unwrap_or_default();
    let words = common::hello(&method, &uri, &headers, body.as_bytes());
    Json(json!({
        "Outputs": { "res": { "statusCode": 200, "headers": { "content-type": common::TEXT }, "body": words } },
        "Logs": [],
        "ReturnValue": null,
    }))
}
