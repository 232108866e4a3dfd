//! The events and requests that the programs receive, in the platforms' own forms.

use serde_json::{Value, json};

/// A browser's request behind an HTTP API: 17 headers, two cookies, the claims of a JWT, and a JSON body; 2 kB.
pub(crate) fn http_api() -> Vec<u8> {
    http_api_with(ORDER, false)
}

const ORDER: &str =
    r#"{"order": "A-1093", "lines": [{"sku": "blue-mug", "n": 2}, {"sku": "tea", "n": 1}], "note": "ring twice"}"#;

fn http_api_with(body: &str, is_base64: bool) -> Vec<u8> {
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    let headers = json!({
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.9,de;q=0.7",
        "cache-control": "no-cache",
        "content-length": body.len().to_string(),
        "content-type": if is_base64 { "image/jpeg" } else { "application/json" },
        "host": "r3pmxmplak.execute-api.eu-west-1.amazonaws.com",
        "origin": "https://shop.example.com",
        "referer": "https://shop.example.com/orders?page=3",
        "sec-fetch-dest": "empty",
        "sec-fetch-mode": "cors",
        "sec-fetch-site": "cross-site",
        "user-agent": agent,
        "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
        "x-forwarded-for": "205.255.255.176",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    });
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/orders",
        "rawQueryString": "name=Ada&page=3",
        "cookies": ["session=0a1b2c3d4e5f60718293a4b5c6d7e8f9", "theme=dark"],
        "headers": headers,
        "queryStringParameters": { "name": "Ada", "page": "3" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "authorizer": { "jwt": {
                "claims": {
                    "sub": "5be86359-073c-434b-ad2d-a3932222dabe", "scope": "orders/read orders/write",
                    "iss": "https://id.example.com/", "exp": "1794000000",
                },
                "scopes": ["orders/read"],
            } },
            "domainName": "r3pmxmplak.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": "POST", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "205.255.255.176", "userAgent": agent,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1_773_119_783_207_u64,
        },
        "pathParameters": { "proxy": "orders" },
        "isBase64Encoded": is_base64,
        "body": body,
    });
    event.to_string().into_bytes()
}

/// A request behind an HTTP API with a binary body, which the event carries in base64.
pub(crate) fn http_api_base64(bytes: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // Pseudorandom bytes; the length needs no padding.
    let letters = (0..bytes.div_ceil(3) * 4).scan(20_u32, |seed, _| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(char::from(ALPHABET[(*seed >> 26) as usize]))
    });
    http_api_with(&letters.collect::<String>(), true)
}

/// A batch of SQS messages.
pub(crate) fn sqs(count: usize) -> Vec<u8> {
    let record = |index: usize| {
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{index:012}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a5uIjG2jBN5aZ4uGZqk5sLZ1uPYQQGnE0sK0bZK6cG+1AXk9Q==",
            "body": json!({ "number": index + 1, "count": 2 }).to_string(),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1773119783207",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1773119783210",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
            "awsRegion": "eu-west-1",
        })
    };
    json!({ "Records": (0..count).map(record).collect::<Vec<_>>() }).to_string().into_bytes()
}

fn post(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    request
}

/// A browser's request as a server behind a load balancer receives it.
pub(crate) fn http() -> Vec<u8> {
    let headers = [
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("x-forwarded-for", "205.255.255.176"),
        ("x-forwarded-proto", "https"),
    ];
    post("/orders?name=Ada&page=3", &headers, ORDER.as_bytes())
}

/// An event of a Cloud Storage bucket as Eventarc delivers it: a CloudEvent in binary mode.
pub(crate) fn stored() -> Vec<u8> {
    let object = json!({
        "kind": "storage#object", "id": "photos/cat.jpg/1773119783207123",
        "selfLink": "https://www.googleapis.com/storage/v1/b/photos/o/cat.jpg", "name": "cat.jpg", "bucket": "photos",
        "generation": "1773119783207123", "metageneration": "1", "contentType": "image/jpeg",
        "timeCreated": "2026-03-10T05:16:23.207Z", "updated": "2026-03-10T05:16:23.207Z", "storageClass": "STANDARD",
        "timeStorageClassUpdated": "2026-03-10T05:16:23.207Z", "size": "352427", "md5Hash": "k6CyFfUQj7dZFqj+x4yXKA==",
        "mediaLink": "https://storage.googleapis.com/download/storage/v1/b/photos/o/cat.jpg?generation=1773119783207123&alt=media",
        "crc32c": "7bXRkw==", "etag": "CJPX0Zq2s4QDEAE=",
    });
    let headers = [
        ("content-type", "application/json"),
        ("ce-id", "7816420482318470"),
        ("ce-source", "//storage.googleapis.com/projects/_/buckets/photos"),
        ("ce-specversion", "1.0"),
        ("ce-type", "google.cloud.storage.object.v1.finalized"),
        ("ce-subject", "objects/cat.jpg"),
        ("ce-time", "2026-03-10T05:16:23.207Z"),
        ("ce-bucket", "photos"),
        ("user-agent", "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    post("/", &headers, object.to_string().as_bytes())
}

/// A request in the envelope that the host of Azure Functions posts to a custom handler.
pub(crate) fn azure() -> Vec<u8> {
    let identity: Value = json!({
        "AuthenticationType": null, "IsAuthenticated": false, "Actor": null, "BootstrapContext": null, "Claims": [],
        "Label": null, "Name": null,
        "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    });
    let envelope = json!({
        "Data": { "req": {
            "Url": "http://localhost:7071/api/orders?name=Ada&page=3",
            "Method": "POST",
            "Query": { "name": "Ada", "page": "3" },
            "Headers": {
                "Accept": ["application/json"], "Accept-Encoding": ["gzip, deflate, br"],
                "Content-Type": ["application/json"], "Content-Length": [ORDER.len().to_string()], "Host": ["hello.azurewebsites.net"],
                "User-Agent": ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
                "X-Forwarded-For": ["205.255.255.176:50123"],
                "X-ARR-SSL": ["2048|256|CN=example|CN=*.azurewebsites.net"],
                "X-Forwarded-Proto": ["https"], "DISGUISED-HOST": ["hello.azurewebsites.net"],
            },
            "Params": {},
            "Identities": [identity],
            "Body": ORDER,
        } },
        "Metadata": {
            "name": "Ada", "page": "3", "Headers": { "Host": "hello.azurewebsites.net" },
            "sys": {
                "MethodName": "orders", "UtcNow": "2026-03-10T05:16:23.207Z",
                "RandGuid": "5be86359-073c-434b-ad2d-a3932222dabe",
            },
        },
    });
    post("/hello", &[("content-type", "application/json; charset=utf-8")], envelope.to_string().as_bytes())
}
