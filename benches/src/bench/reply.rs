//! What a reply says to the client behind it, so that those of two wire forms can be compared byte for byte.

use serde_json::Value;

use super::{drive::Work, wire::Message};

/// A reply in a form of its own.
pub(super) fn plain(work: &Work, reply: &Message) -> Result<String, String> {
    match work {
        Work::Event(_) => of_lambda(&reply.body),
        Work::Request(_) => of_http(reply),
    }
}

fn of_lambda(body: &[u8]) -> Result<String, String> {
    let reply: Value = serde_json::from_slice(body).map_err(|error| format!("the reply is no JSON: {error}"))?;
    if reply.get("statusCode").is_none() {
        return Ok(reply.to_string());
    }
    Ok(response(&reply))
}

/// A gateway's view: the status, the headers however they are grouped, the cookies, the body.
fn response(reply: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut headers: Vec<String> = Vec::new();
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        headers.push(format!("{}: {}", name.to_ascii_lowercase(), text(value)));
    }
    for (name, values) in reply["multiValueHeaders"].as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            headers.push(format!("{}: {}", name.to_ascii_lowercase(), text(value)));
        }
    }
    headers.sort_unstable();
    headers.dedup();
    // The gateway counts the body itself, so a function that says its true length says nothing.
    let length = format!("content-length: {}", reply["body"].as_str().unwrap_or_default().len());
    headers.retain(|header| *header != length);
    for cookie in reply["cookies"].as_array().into_iter().flatten() {
        headers.push(format!("set-cookie: {}", text(cookie)));
    }
    let body = reply["body"].as_str().unwrap_or_default();
    let encoding = if reply["isBase64Encoded"] == Value::Bool(true) { "base64" } else { "text" };
    format!("{}\n{}\n\n{encoding}: {body}", text(&reply["statusCode"]), headers.join("\n"))
}

fn of_http(reply: &Message) -> Result<String, String> {
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    // Azure's host reads an envelope.
    if let Ok(envelope) = serde_json::from_str::<Value>(&body)
        && let Some(outputs) = envelope["Outputs"].as_object()
    {
        return outputs.values().next().map(response).ok_or_else(|| format!("no output: {body}"));
    }
    // Two servers may give the date in two seconds.
    let known = |name: &str| name != "date" && name != "connection" && name != "keep-alive";
    let mut headers: Vec<String> =
        reply.headers.iter().filter(|(name, _)| known(name)).map(|(n, v)| format!("{n}: {v}")).collect();
    headers.sort_unstable();
    Ok(format!("{}\n{}\n\n{body}", reply.status(), headers.join("\n")))
}
