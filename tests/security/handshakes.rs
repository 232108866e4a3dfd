//! A sender that asks for consent gets it only if its origin is configured, at a rate that is, and where its events would be accepted.

use http::{Request, Response};
use omnifn::{bytes::Bytes, prelude::*};
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Payload, Peer};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

#[function(event = "order.placed")]
async fn placed(event: CloudEvent<Value>) -> Result<()> {
    Err(Error::status(599, format!("the function ran with {}", event.id)))
}

#[function(get = "/")]
async fn page() -> &'static str {
    "a page"
}

type Variables<'a> = &'a [(&'a str, &'a str)];
type Headers<'a> = &'a [(&'a str, &'a str)];

fn answer<A: Adapter>(
    new: impl Fn(&dyn omnifn_core::Settings) -> A,
    variables: Variables<'_>,
    app: App,
    request: http::request::Builder,
    body: &str,
) -> Response<Bytes> {
    let settings =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let dispatch = Dispatch::new(new(&settings), app.router().expect("an app"));
    let mut request = request.body(Payload::Whole(body.to_owned().into())).expect("a request");
    request.extensions_mut().insert(Peer(([127, 0, 0, 1], 1).into()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (head, payload) = dispatch.answer(request).await.into_parts();
        Response::from_parts(head, payload.collect(usize::MAX).await.expect("a body"))
    })
}

fn options(headers: Headers<'_>) -> http::request::Builder {
    let request = Request::builder().method("OPTIONS").uri("/_omnifn/placed");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

const CALLBACK: (&str, &str) = ("webhook-request-callback", "https://127.0.0.1:1/confirm?id=1");

/// Each provider with the handshake, and the origins that it allows by default.
fn consent(
    provider: &str,
    variables: Variables<'_>,
    headers: Headers<'_>,
) -> (u16, Option<String>, Option<String>, String) {
    let reply = match provider {
        "gcp" => answer(|settings| Gcp::new(settings), variables, omnifn::app!(placed), options(headers), ""),
        "azure" => answer(azure, variables, omnifn::app!(placed), options(headers), ""),
        other => panic!("{other}"),
    };
    let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    let body = String::from_utf8_lossy(reply.body()).into_owned();
    (reply.status().as_u16(), header("webhook-allowed-origin"), header("webhook-allowed-rate"), body)
}

fn azure(settings: &dyn omnifn_core::Settings) -> Azure {
    Azure::new(&|name: &str| match name {
        "OMNIFN_AZURE_HTTP" => Some("proxying".to_owned()),
        name => settings.get(name),
    })
}

#[test]
fn only_configured_origins_may_register() {
    const EVENT_GRID: &str = "eventgrid.azure.net";
    const LIST: &str = "events.example.com, Partner.Example ,";
    let longest = format!("{}.example", ["a".repeat(63).as_str(); 3].join("."));
    let refused = [
        "evil.example",
        "eventgrid.azure.net.evil.example",
        "xeventgrid.azure.net",
        "azure.net",
        "*",
        "https://eventgrid.azure.net",
        "eventgrid.azure.net, evil.example",
        "eventgrid.azure.net/",
        "",
        "-",
        &longest,
    ];
    for (provider, variables, allowed) in [
        ("azure", &[][..], &[EVENT_GRID, "EventGrid.Azure.Net"][..]),
        ("azure", &[("OMNIFN_WEBHOOK_ORIGINS", LIST)], &["events.example.com", "partner.example"]),
        ("gcp", &[], &[]),
        ("gcp", &[("OMNIFN_WEBHOOK_ORIGINS", LIST)], &["events.example.com", "partner.example"]),
        ("gcp", &[("OMNIFN_WEBHOOK_ORIGINS", EVENT_GRID)], &[EVENT_GRID]),
    ] {
        for origin in
            [EVENT_GRID, "EventGrid.Azure.Net", "events.example.com", "partner.example"].iter().chain(&refused)
        {
            let found = consent(provider, variables, &[("webhook-request-origin", origin), CALLBACK]);
            if allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin)) {
                assert_eq!((found.0, found.1.as_deref()), (200, Some(*origin)), "{provider} {variables:?}");
            } else {
                assert_eq!((found.0, &found.1, &found.2), (403, &None, &None), "{provider} {variables:?} {origin:?}");
                assert!(found.3.contains("OMNIFN_WEBHOOK_ORIGINS"), "{}", found.3);
            }
        }
        // Two origins in two headers are not one that is allowed.
        let both = [
            ("webhook-request-origin", allowed.first().copied().unwrap_or("a.example")),
            ("webhook-request-origin", "evil.example"),
        ];
        let found = consent(provider, variables, &both);
        assert_eq!((found.0, found.1), (400, None), "{provider} {variables:?}");
    }
}

#[test]
fn a_rate_is_granted_up_to_the_limit() {
    for provider in ["azure", "gcp"] {
        for (limit, requested, status, granted) in [
            (None, None, 200, Some("6000")),
            (None, Some("120"), 200, Some("120")),
            (None, Some("100000"), 200, Some("6000")),
            (None, Some("99999999999999999999999999"), 200, Some("6000")),
            (Some("600"), Some("601"), 200, Some("600")),
            (Some("600"), None, 200, Some("600")),
            (None, Some("0"), 400, None),
            (None, Some("-1"), 400, None),
            (None, Some("*"), 400, None),
            (None, Some("1e9"), 400, None),
            (None, Some(""), 400, None),
        ] {
            let mut variables = vec![("OMNIFN_WEBHOOK_ORIGINS", "events.example.com")];
            variables.extend(limit.map(|limit| ("OMNIFN_WEBHOOK_RATE", limit)));
            let mut headers = vec![("webhook-request-origin", "events.example.com"), CALLBACK];
            headers.extend(requested.map(|rate| ("webhook-request-rate", rate)));
            let found = consent(provider, &variables, &headers);
            assert_eq!((found.0, found.2.as_deref()), (status, granted), "{provider}: {limit:?}, {requested:?}");
        }
    }
}

/// Where a client's events would be refused, so is its request to register: as if there was no endpoint.
#[test]
fn no_consent_at_a_closed_door() {
    let headers = [("webhook-request-origin", "eventgrid.azure.net"), CALLBACK];
    let variables = [("OMNIFN_WEBHOOK_ORIGINS", "eventgrid.azure.net")];
    let validation = json!([validation_event("512d38b6")]).to_string();
    let request = |body: &str| match body {
        "" => options(&headers),
        _ => post(&[("aeg-event-type", "SubscriptionValidation")]),
    };
    for body in ["", &validation] {
        for (variables, status) in [(&variables[..], 404), (&[variables[0], ("OMNIFN_PRIVATE", "true")], 200)] {
            let app = || omnifn::app!(placed, page);
            let on_azure = answer(azure, variables, app(), request(body), body);
            assert_eq!(on_azure.status(), status, "{on_azure:?}");
            if body.is_empty() {
                let on_google = answer(|settings| Gcp::new(settings), variables, app(), request(body), body);
                assert_eq!(on_google.status(), status, "{on_google:?}");
                assert_eq!(on_google.headers().contains_key("webhook-allowed-origin"), status == 200);
            }
            assert_eq!(on_azure.headers().contains_key("webhook-allowed-origin"), status == 200 && body.is_empty());
            assert_eq!(on_azure.body().windows(8).any(|part| part == b"512d38b6"), status == 200 && !body.is_empty());
        }
    }
}

/// A local server is not the target of anybody's webhook.
#[test]
fn a_local_server_consents_to_nothing() {
    let variables = [("OMNIFN_WEBHOOK_ORIGINS", "events.example.com"), ("OMNIFN_PRIVATE", "true")];
    let headers = [("webhook-request-origin", "events.example.com"), CALLBACK];
    let reply = answer(|settings| Local::new(settings), &variables, omnifn::app!(placed), options(&headers), "");
    assert_eq!(reply.status(), 405);
    assert!(!reply.headers().contains_key("webhook-allowed-origin"));
}

fn validation_event(code: &str) -> Value {
    json!({
        "id": "2d1781af", "topic": "/subscriptions/1", "subject": "", "metadataVersion": "1", "dataVersion": "1",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": "2018-01-25T22:12:19.4556811Z",
        "data": {"validationCode": code, "validationUrl": "https://127.0.0.1:1/validate?id=1"},
    })
}

fn post(headers: Headers<'_>) -> http::request::Builder {
    let request = Request::post("/_omnifn/placed").header("content-type", "application/json");
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

#[test]
fn only_event_grid_itself_receives_a_validation_code() {
    let order = json!({
        "id": "7", "topic": "/t", "subject": "s", "eventType": "order.placed", "eventTime": "2026-01-25T22:12:19Z",
        "dataVersion": "1", "data": {},
    });
    let (validation, other) = (validation_event("512d38b6"), [("OMNIFN_WEBHOOK_ORIGINS", "events.example.com")]);
    let mut without_code = validation.clone();
    without_code["data"].as_object_mut().expect("an object").remove("validationCode");
    let handshake = Some("SubscriptionValidation");
    let cases: [(Variables<'_>, Option<&str>, Value, u16, &str); 9] = [
        (&[], handshake, json!([validation]), 200, r#"{"validationResponse":"512d38b6"}"#),
        // Another origin is configured.
        (&other, handshake, json!([validation]), 403, "OMNIFN_WEBHOOK_ORIGINS"),
        // Event Grid sends the header, and the event alone: an order beside it would be acknowledged, although no function ran.
        (&[], None, json!([validation]), 400, ""),
        (&[], None, json!([order, validation]), 400, ""),
        (&[], handshake, json!([validation, order]), 400, ""),
        (&[], handshake, json!([]), 400, ""),
        (&[], handshake, json!([order]), 400, ""),
        // Neither is the URL called, nor is the event an order.
        (&[], handshake, json!([without_code]), 400, ""),
        // Whoever may publish to a topic can send an event of this type. It is an event like any other.
        (&[], Some("Notification"), json!([validation]), 599, ""),
    ];
    for (variables, event_type, body, status, part) in cases {
        let headers: Vec<_> = event_type.map(|value| ("aeg-event-type", value)).into_iter().collect();
        let reply = answer(azure, variables, omnifn::app!(placed), post(&headers), &body.to_string());
        let text = String::from_utf8_lossy(reply.body());
        assert_eq!(reply.status(), status, "{event_type:?} {body}: {text}");
        assert!(text.contains(part), "{event_type:?} {body}: {text}");
    }
}

#[test]
fn an_invalid_setting_is_an_error_at_the_start() {
    for (name, value) in [
        ("OMNIFN_WEBHOOK_ORIGINS", "*"),
        ("OMNIFN_WEBHOOK_ORIGINS", "https://eventgrid.azure.net"),
        ("OMNIFN_WEBHOOK_ORIGINS", "eventgrid.azure.net evil.example"),
        ("OMNIFN_WEBHOOK_RATE", "0"),
        ("OMNIFN_WEBHOOK_RATE", "fast"),
        ("OMNIFN_WEBHOOK_RATE", "*"),
    ] {
        let settings = |known: &str| (known == name).then(|| value.to_owned());
        let functions = omnifn::app!(placed).functions();
        for checked in [Azure::new(&settings).check(&functions), Gcp::new(&settings).check(&functions)] {
            let error = checked.expect_err(value).to_string();
            assert!(error.starts_with(&format!("invalid value for {name}: expected")), "{error}");
        }
    }
}
