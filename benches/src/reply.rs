//! Replies as the client receives them, so that programs with different envelopes can be compared byte for byte.

use serde_json::Value;

use crate::{drive::Work, wire::Message};

/// Headers that may differ: the time, the connection's own, and those that the layers of a peer add.
const IGNORED: [&str; 4] = ["connection", "date", "keep-alive", "x-request-id"];

/// Returns the reply in one common form.
pub(crate) fn normalized(work: &Work, reply: &Message) -> Result<String, String> {
    let body = String::from_utf8_lossy(&reply.body);
    let json = serde_json::from_slice::<Value>(&reply.body);
    match (work, json) {
        (Work::Event(_), Ok(json)) if json.get("statusCode").is_some() => Ok(of_gateway(&json)),
        (Work::Event(_), Ok(json)) => Ok(json.to_string()),
        (Work::Event(_), Err(error)) => Err(format!("the reply is not valid JSON: {error}: {body}")),
        // The host of Azure Functions reads an envelope.
        (Work::Request(_), Ok(json)) if json["Outputs"].is_object() => {
            let output = json["Outputs"].as_object().and_then(|outputs| outputs.values().next());
            output.map(of_gateway).ok_or_else(|| format!("no output: {body}"))
        }
        (Work::Request(_), _) => {
            let headers = reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            Ok(joined(&reply.status().to_string(), headers, &body))
        }
    }
}

/// A response as a gateway makes it of a function's reply.
fn of_gateway(reply: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut headers: Vec<String> = Vec::new();
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        headers.push(format!("{}: {}", name.to_ascii_lowercase(), text(value)));
    }
    for (name, values) in reply["multiValueHeaders"].as_object().into_iter().flatten() {
        let values = values.as_array().into_iter().flatten();
        headers.extend(values.map(|value| format!("{}: {}", name.to_ascii_lowercase(), text(value))));
    }
    let body = reply["body"].as_str().unwrap_or_default();
    // The gateway counts the body itself, so a correct length changes nothing.
    headers.retain(|header| *header != format!("content-length: {}", body.len()));
    let cookies = reply["cookies"].as_array().into_iter().flatten();
    headers.extend(cookies.map(|cookie| format!("set-cookie: {}", text(cookie))));
    let encoding = if reply["isBase64Encoded"] == Value::Bool(true) { "base64" } else { "text" };
    joined(&text(&reply["statusCode"]), headers, &format!("{encoding}: {body}"))
}

fn joined(status: &str, mut headers: Vec<String>, body: &str) -> String {
    headers.retain(|header| !IGNORED.iter().any(|name| header.split(':').next() == Some(name)));
    headers.sort_unstable();
    headers.dedup();
    format!("{status}\n{}\n\n{body}", headers.join("\n"))
}
