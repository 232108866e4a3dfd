use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};

use super::*;

/// A key that was made for these tests.
const KEY: &[u8] = include_bytes!("test-key.der");

/// An issuer with one key, and how often it was asked.
fn issuer(is_broken: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut key = Jwk::from_encoding_key(&EncodingKey::from_rsa_der(KEY), Algorithm::RS256).unwrap();
    key.common.key_id = Some("k1".to_owned());
    let keys = json!({"keys": [key]}).to_string();
    let discovery = json!({"issuer": address, "jwks_uri": format!("{address}/keys")}).to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            lines.take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).for_each(drop);
            count.fetch_add(1, Ordering::SeqCst);
            let (status, body) = match first.split(' ').nth(1).unwrap() {
                _ if is_broken => ("500 Internal Server Error", ""),
                "/keys" => ("200 OK", keys.as_str()),
                "/.well-known/openid-configuration" => ("200 OK", discovery.as_str()),
                _ => ("404 Not Found", ""),
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all((head + body).as_bytes()).unwrap();
        }
    });
    (address, asked)
}

fn verifier(issuer: &str) -> Verifier {
    let settings = |name: &str| match name {
        "OMNIFN_OIDC_AUDIENCE" => Some("https://shop.example, other".to_owned()),
        "OMNIFN_OIDC_SENDER" => Some("pusher@p.iam.gserviceaccount.com,app-7".to_owned()),
        "OMNIFN_OIDC_ISSUER" => Some(issuer.to_owned()),
        _ => None,
    };
    Verifier::configured(&settings).unwrap().unwrap()
}

fn signed(claims: &Value, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::RS256) };
    encode(&header, claims, &EncodingKey::from_rsa_der(KEY)).unwrap()
}

fn with(token: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {token}").parse().unwrap())])
}

#[tokio::test]
async fn only_a_valid_token_of_a_sender_is_accepted() {
    let (issuer, asked) = issuer(false);
    let verifier = verifier(&issuer);
    let now = get_current_timestamp();
    let good = json!({"iss": issuer, "aud": "https://shop.example", "exp": now + 600, "iat": now, "sub": "1",
        "email": "pusher@p.iam.gserviceaccount.com", "email_verified": true});
    let changed = |changes: Value| {
        let mut claims = good.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        signed(&claims, Some("k1"))
    };
    for (changes, status) in [
        (json!({}), None),
        (json!({"aud": "other"}), None),
        (json!({"aud": ["x", "other"]}), None),
        (json!({"email": null, "azp": "app-7"}), None),
        (json!({"email": null, "appid": "app-7"}), None),
        (json!({"email": null, "sub": "app-7"}), None),
        (json!({"aud": "https://evil.example"}), Some(401)),
        (json!({"aud": null}), Some(401)),
        (json!({"iss": "https://evil.example"}), Some(401)),
        (json!({"iss": null}), Some(401)),
        (json!({"exp": now - 600}), Some(401)),
        (json!({"exp": null}), Some(401)),
        (json!({"nbf": now + 600}), Some(401)),
        (json!({"email": "someone@evil.iam.gserviceaccount.com"}), Some(403)),
        (json!({"email_verified": false}), Some(403)),
        (json!({"email_verified": null}), Some(403)),
    ] {
        let found = verifier.verify(&with(&changed(changes.clone()))).await;
        assert_eq!(found.as_ref().err().map(|error| error.status_code().as_u16()), status, "{changes}: {found:?}");
    }
    let token = changed(json!({}));
    let (message, _) = token.rsplit_once('.').unwrap();
    let (head, _) = token.split_once('.').unwrap();
    let other = signed(&json!({"sub": "x"}), Some("k1"));
    let [_, payload, _] = other.split('.').collect::<Vec<_>>()[..] else { panic!("{other}") };
    // A public key is no secret: a token that is signed with it as one is not valid.
    let secret = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::HS256) };
    for forged in [
        String::new(),
        "x".to_owned(),
        "e30.e30.e30".to_owned(),
        format!("{message}."),
        format!("{message}.SIGNATURE_REMOVED_BY_GOOGLE"),
        format!("{message}.AAAA"),
        format!("{head}.{payload}.{}", token.rsplit_once('.').unwrap().1),
        format!("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.{}.", token.split('.').nth(1).unwrap()),
        encode(&secret, &good, &EncodingKey::from_secret(KEY).unwrap()).unwrap(),
        signed(&good, None),
        signed(&good, Some("k2")),
    ] {
        let error = verifier.verify(&with(&forged)).await.unwrap_err();
        assert_eq!(error.status_code(), 401, "{forged}: {error}");
    }
    let mut twice = with(&token);
    twice.append(AUTHORIZATION, "Bearer x".parse().unwrap());
    for headers in [
        HeaderMap::new(),
        HeaderMap::from_iter([(AUTHORIZATION, format!("Basic {token}").parse().unwrap())]),
        HeaderMap::from_iter([(AUTHORIZATION, token.parse().unwrap())]),
        twice,
    ] {
        let error = verifier.verify(&headers).await.unwrap_err();
        assert_eq!(error.status_code(), 401, "{error}");
    }
    // The keys were fetched once: an unknown id does not fetch them again at once.
    assert_eq!(asked.load(Ordering::SeqCst), 2, "the configuration and the keys");
}

#[tokio::test]
async fn without_keys_the_event_is_delivered_again() {
    let (issuer, asked) = issuer(true);
    let verifier = verifier(&issuer);
    let claims = json!({"iss": issuer, "aud": "other", "exp": get_current_timestamp() + 600, "sub": "app-7"});
    for _ in 0..3 {
        let error = verifier.verify(&with(&signed(&claims, Some("k1")))).await.unwrap_err();
        assert_eq!(error.status_code(), 503, "{error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let elsewhere = super::tests::verifier("http://issuer.example");
    let error = elsewhere.verify(&with(&signed(&claims, Some("k1")))).await.unwrap_err();
    assert!(error.to_string().contains("is not an https address"), "{error}");
}

#[test]
fn the_sender_has_to_be_named() {
    assert!(Verifier::configured(&|_: &str| None).unwrap().is_none());
    let settings = |name: &str| (name == "OMNIFN_OIDC_AUDIENCE").then(|| "a".to_owned());
    let error = Verifier::configured(&settings).unwrap_err().to_string();
    assert!(error.contains("OMNIFN_OIDC_SENDER"), "{error}");
}

/// An adapter whose every request is an event, and which accepts those of verified senders.
struct Posted;

impl omnifn_core::Adapter for Posted {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "posted"
    }

    fn is_posted_event(&self, head: &http::request::Parts) -> bool {
        head.uri.path() == "/event"
    }

    fn decode(&self, request: http::Request<omnifn_core::Payload>) -> ((), omnifn_core::Decoded) {
        let mut answer = http::Response::new(omnifn_core::Payload::default());
        if omnifn_core::VerifiedSender::sent(request.extensions()) {
            *answer.status_mut() = http::StatusCode::NO_CONTENT;
        }
        ((), omnifn_core::Decoded::Answer(answer))
    }

    fn encode(&self, _: (), reply: omnifn_core::Reply) -> http::Response<omnifn_core::Payload> {
        reply.into_http()
    }
}

#[tokio::test]
async fn a_posted_event_is_verified_and_a_request_is_not() {
    let (issuer, _) = issuer(false);
    let router = omnifn_core::App::new().router().unwrap();
    let dispatch = crate::dispatch::Dispatch::new(Posted, router).with_senders(Some(verifier(&issuer).into()));
    let claims = json!({"iss": issuer, "aud": "other", "exp": get_current_timestamp() + 600, "sub": "app-7"});
    let good = format!("Bearer {}", signed(&claims, Some("k1")));
    for (path, authorization, status) in
        [("/event", &*good, 204), ("/event", "Bearer x", 401), ("/event", "", 401), ("/", &good, 200), ("/", "", 200)]
    {
        let request = http::Request::post(path).header(AUTHORIZATION, authorization);
        let reply = dispatch.answer(request.body(omnifn_core::Payload::default()).unwrap()).await;
        assert_eq!(reply.status(), status, "{path} {authorization}");
    }
}
