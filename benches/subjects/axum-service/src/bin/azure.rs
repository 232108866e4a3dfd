//! The function as an Azure Functions custom handler: the host posts each request in an envelope, and expects one in return.

use std::{borrow::Cow, collections::HashMap, net::Ipv4Addr};

use axum::{
    Json, Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
    routing::post,
};
use serde::{Deserialize, Serialize};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let routes = Router::new().route("/hello", post(receive));
    axum_service::serve(Ipv4Addr::LOCALHOST, "FUNCTIONS_CUSTOMHANDLER_PORT", routes).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Invocation<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    req: HttpRequest<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpRequest<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    headers: HashMap<String, Vec<String>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    outputs: Outputs,
    logs: [&'static str; 0],
    return_value: (),
}

#[derive(Serialize)]
struct Outputs {
    res: HttpResponse,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpResponse {
    status_code: u16,
    headers: HashMap<&'static str, &'static str>,
    body: String,
}

async fn receive(body: Bytes) -> Result<Json<Reply>, (StatusCode, String)> {
    let invalid = |what: &str, error: &dyn std::fmt::Display| (StatusCode::BAD_REQUEST, format!("{what}: {error}"));
    let invocation: Invocation<'_> =
        serde_json::from_slice(&body).map_err(|error| invalid("invalid envelope", &error))?;
    let request = invocation.data.req;
    let method: Method = request.method.parse().map_err(|error| invalid("invalid method", &error))?;
    let uri: Uri = request.url.parse().map_err(|error| invalid("invalid URL", &error))?;
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for (name, values) in request.headers {
        let name: HeaderName = name.parse().map_err(|error| invalid("invalid header name", &error))?;
        for value in values {
            let value = HeaderValue::try_from(value).map_err(|error| invalid("invalid header value", &error))?;
            headers.append(name.clone(), value);
        }
    }
    let body = request.body.unwrap_or_default();
    let text = hello(&method, &uri, &headers, body.as_bytes());
    let response = HttpResponse { status_code: 200, headers: [("content-type", common::TEXT)].into(), body: text };
    Ok(Json(Reply { outputs: Outputs { res: response }, logs: [], return_value: () }))
}

fn hello(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> String {
    common::hello(method, uri, headers, body)
}
