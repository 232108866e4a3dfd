//! The work that subjects are given, of any size.

use serde_json::{Value, json};

/// A request behind an HTTP API, as its event: 17 headers, two cookies, a JWT's claims; 2 kB.
pub(super) fn http_api() -> Vec<u8> {
    http_api_with(ORDER, false, 0)
}

const ORDER: &str =
    r#"{"order": "A-1093", "lines": [{"sku": "blue-mug", "n": 2}, {"sku": "tea", "n": 1}], "note": "ring twice"}"#;

/// The same with another body, and more headers.
pub(super) fn http_api_with(body: &str, is_base64: bool, more_headers: usize) -> Vec<u8> {
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
    let mut headers = json!({
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
    for index in 0..more_headers {
        headers[format!("x-more-{index}")] = json!("the value of one more header");
    }
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

/// A request whose body is so many bytes, in base64.
pub(super) fn http_api_base64(bytes: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // Any bytes will do, and these need no padding.
    let letters = (0..bytes.div_ceil(3) * 4).scan(20_u32, |seed, _| {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(char::from(ALPHABET[(*seed >> 26) as usize]))
    });
    http_api_with(&letters.collect::<String>(), true, 0)
}

/// What a message of a queue says.
pub(super) fn order(number: usize) -> String {
    json!({ "number": number, "count": 2 }).to_string()
}

/// Messages of a queue.
pub(super) fn sqs(count: usize) -> Vec<u8> {
    let record = |index: usize| {
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{index:012}"),
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a5uIjG2jBN5aZ4uGZqk5sLZ1uPYQQGnE0sK0bZK6cG+1AXk9Q==",
            "body": order(index + 1),
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

/// A request as a browser's, without a cloud's envelope.
pub(super) fn http() -> Vec<u8> {
    http_with(ORDER.as_bytes(), 0)
}

/// The same with another body, and more headers.
pub(super) fn http_with(body: &[u8], more_headers: usize) -> Vec<u8> {
    let names: Vec<String> = (0..more_headers).map(|index| format!("x-more-{index}")).collect();
    let mut headers = vec![
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
        ("x-forwarded-for", "205.255.255.176"),
        ("x-forwarded-proto", "https"),
    ];
    headers.extend(names.iter().map(|name| (name.as_str(), "the value of one more header")));
    post("/orders?name=Ada&page=3", &headers, body)
}

/// A bucket's event, as Eventarc delivers it: a CloudEvent in binary mode.
pub(super) fn stored() -> Vec<u8> {
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

/// A notification of S3.
pub(super) fn s3() -> Vec<u8> {
    let record = json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventTime": "2026-03-10T05:16:23.207Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": { "principalId": "AIDAJDPLRKLG7UEXAMPLE" },
        "requestParameters": { "sourceIPAddress": "205.255.255.176" },
        "responseElements": { "x-amz-request-id": "C3D13FE58DE4C810" },
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "stored",
            "bucket": {
                "name": "photos", "ownerIdentity": { "principalId": "A3NL1KOZZKExample" }, "arn": "arn:aws:s3:::photos",
            },
            "object": {
                "key": "cat.jpg", "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5",
            },
        },
    });
    json!({ "Records": [record] }).to_string().into_bytes()
}

/// A message that Pub/Sub pushes.
pub(super) fn pubsub() -> Vec<u8> {
    let message = json!({
        "attributes": { "color": "red" }, "data": "eyJudW1iZXIiOjEsImNvdW50IjoyfQ==", "messageId": "2070443601311540",
        "message_id": "2070443601311540", "publishTime": "2026-03-10T05:16:23.207Z", "publish_time": "2026-03-10T05:16:23.207Z",
    });
    let push = json!({ "message": message, "subscription": "projects/shop/subscriptions/orders" });
    post("/", &[("content-type", "application/json")], push.to_string().as_bytes())
}

/// What the development server takes for an event: its data as the body.
pub(super) fn by_hand(function_and_query: &str, data: &str) -> Vec<u8> {
    post(&format!("/_omnifn/{function_and_query}"), &[("content-type", "application/json")], data.as_bytes())
}

/// An envelope of Azure's host for an event.
fn envelope(function: &str, data: &Value, metadata: &Value) -> Vec<u8> {
    let envelope = json!({ "Data": data, "Metadata": metadata }).to_string();
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("x-azure-functions-invocationid", "7f0d54a1-3c43-4a52-9b8a-2f1f2d5f0b7a"),
    ];
    post(&format!("/{function}"), &headers, envelope.as_bytes())
}

/// Messages of Service Bus, which the host gives in one batch. In its envelope, lists are texts.
pub(super) fn service_bus(count: usize) -> Vec<u8> {
    let list = |of: &dyn Fn(usize) -> Value| Value::from((1..=count).map(of).collect::<Vec<_>>()).to_string();
    let metadata = json!({
        "MessageIdArray": list(&|number| json!(format!("m-{number}"))),
        "SequenceNumberArray": list(&|number| json!(number)),
        "DeliveryCountArray": list(&|_| json!(1)),
        "ApplicationPropertiesArray": list(&|_| json!({})),
        "sys": { "MethodName": "settle" },
    });
    envelope("settle", &json!({ "order": list(&|number| json!(order(number))) }), &metadata)
}

/// A CloudEvent of Event Grid about a blob.
pub(super) fn event_grid() -> Vec<u8> {
    let event = json!({
        "specversion": "1.0", "id": "831e1650-001e-001b-66ab-eeb76e069631",
        "source": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "subject": "/blobServices/default/containers/photos/blobs/cat.jpg",
        "type": "Microsoft.Storage.BlobCreated", "time": "2026-03-10T05:16:23.2071033Z",
        "data": {
            "api": "PutBlob", "eTag": "0x8D4BCC2E4835CD0", "contentType": "image/jpeg", "contentLength": 524_288,
            "blobType": "BlockBlob", "url": "https://a.blob.core.windows.net/photos/cat.jpg",
            "sequencer": "00000000000004420000000000028963",
        },
    });
    envelope("stored", &json!({ "object": event }), &json!({ "sys": { "MethodName": "stored" } }))
}

/// A request in the envelope of Azure's host.
pub(super) fn azure() -> Vec<u8> {
    azure_with(ORDER)
}

/// The same with another body.
pub(super) fn azure_with(body: &str) -> Vec<u8> {
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
                "Content-Type": ["application/json"], "Content-Length": [body.len().to_string()], "Host": ["hello.azurewebsites.net"],
                "User-Agent": ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
                "X-Forwarded-For": ["205.255.255.176:50123"],
                "X-ARR-SSL": ["2048|256|CN=example|CN=*.azurewebsites.net"],
                "X-Forwarded-Proto": ["https"], "DISGUISED-HOST": ["hello.azurewebsites.net"],
            },
            "Params": {},
            "Identities": [identity],
            "Body": body,
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
