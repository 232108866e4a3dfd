//! A request that is not signed costs nothing: neither a MAC nor the memory for its body.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{body::Body, extract::DefaultBodyLimit};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use omnifn::{bytes::Bytes, webhook::Webhook};

const SCHEMES: [fn(&str) -> Webhook; 3] = [|s| Webhook::slack(s), |s| Webhook::github(s), |s| Webhook::stripe(s)];

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A request whose body counts how many of its chunks of 64 KiB were read.
fn request(headers: &HeaderMap, chunks: usize, limit: usize) -> (Request<Body>, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let chunks = (0..chunks).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 64 << 10]))
    });
    let mut request = Request::new(Body::from_stream(futures_util::stream::iter(chunks)));
    request.headers_mut().clone_from(headers);
    DefaultBodyLimit::max(limit).apply(&mut request);
    (request, read)
}

#[tokio::test]
async fn the_body_is_read_as_far_as_it_must_be() {
    let body = vec![b'x'; 4 * (64 << 10)];
    for scheme in SCHEMES {
        let webhook = scheme("hunter2").or_secret("hunter3");
        let signed = webhook.sign(&body, now());
        let (whole, _) = request(&signed, 4, usize::MAX);
        let read = webhook.verify_request(whole, now()).await.expect("signed");
        assert_eq!(read.body().len(), body.len());
        assert_eq!(read.headers(), &signed);

        // Not signed, or not like this.
        let mut wrong = signed.clone();
        wrong.values_mut().for_each(|value| *value = HeaderValue::from_static("t=,v1=00"));
        for headers in [HeaderMap::new(), wrong] {
            let (unsigned, read) = request(&headers, 4, usize::MAX);
            let error = webhook.verify_request(unsigned, now()).await.expect_err("not signed");
            assert_eq!((error.status_code(), read.load(Ordering::Relaxed)), (StatusCode::UNAUTHORIZED, 0));
        }
        // Signed with another secret.
        let (other, _) = request(&scheme("other").sign(&body, now()), 4, usize::MAX);
        let error = webhook.verify_request(other, now()).await.expect_err("another secret");
        assert_eq!(error.status_code(), StatusCode::UNAUTHORIZED);
        // An endless body is read to the limit.
        let (large, read) = request(&signed, usize::MAX, 1 << 20);
        let error = webhook.verify_request(large, now()).await.expect_err("too large");
        assert_eq!(error.status_code(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(read.load(Ordering::Relaxed) <= 18, "{read:?}");
    }
}

#[tokio::test]
async fn an_old_request_is_refused_before_its_body_is_read() {
    for scheme in [SCHEMES[0], SCHEMES[2]] {
        let webhook = scheme("hunter2");
        let signed = webhook.sign(&[b'x'; 64 << 10], now());
        let (old, read) = request(&signed, 1, usize::MAX);
        let error = webhook.verify_request(old, now() + Duration::from_secs(301)).await.expect_err("old");
        assert_eq!((error.status_code(), read.load(Ordering::Relaxed)), (StatusCode::UNAUTHORIZED, 0));
        assert!(error.to_string().contains("old"), "the time is checked first: {error}");
    }
}

/// Each signature is compared with the MAC of each secret.
#[test]
fn one_of_eight_signatures_is_of_the_last_secret() {
    let secrets = |last: &str| ["b", "c", last].into_iter().fold(Webhook::stripe("a"), Webhook::or_secret);
    let signed = Webhook::stripe("d").sign(b"a body", now());
    let real = signed["stripe-signature"].to_str().expect("text").to_owned();
    let forged = |count: usize| format!(",v1={}", "0".repeat(64)).repeat(count);
    let value = format!("t=1700000000{}{}", forged(7), real.trim_start_matches("t=1700000000"));
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static("stripe-signature"),
        HeaderValue::try_from(value).expect("a value"),
    )]);
    secrets("d").verify(&headers, b"a body", now()).expect("the last signature is of the last secret");
    secrets("e").verify(&headers, b"a body", now()).expect_err("forged");
    secrets("d").verify(&headers, b"another body", now()).expect_err("another body");
}

/// Anyone can sign with a secret that is blank.
#[tokio::test]
async fn a_blank_secret_is_no_secret() {
    for scheme in SCHEMES {
        for blank in ["", " ", "\n", "\t \r\n", "\u{a0}\u{2003}", "\0"] {
            let webhook = scheme(blank);
            // As the sender would sign who guesses it: the schemes sign with the first secret.
            let forged = forge(scheme, blank);
            let error = webhook.verify(&forged, b"a body", now()).expect_err("blank");
            assert_eq!(error.status_code(), StatusCode::UNAUTHORIZED, "{blank:?}");
            webhook.clone().or_secret("hunter2").verify(&forged, b"a body", now()).expect_err("blank");
            scheme("hunter2").or_secret(blank).verify(&forged, b"a body", now()).expect_err("blank");
            let real = scheme("hunter2").sign(b"a body", now());
            webhook.or_secret("hunter2").verify(&real, b"a body", now()).expect("the other secret counts");
        }
    }
}

/// Signs as any sender can, without [`Webhook::sign`], which has no blank secrets either.
fn forge(scheme: fn(&str) -> Webhook, secret: &str) -> HeaderMap {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut headers = scheme("any").sign(b"a body", now());
    let mac = |prefix: &str| {
        let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        hex::encode(mac.chain_update(prefix).chain_update("a body").finalize().into_bytes())
    };
    for (name, value) in &mut headers {
        let text = match name.as_str() {
            "x-slack-signature" => format!("v0={}", mac("v0:1700000000:")),
            "x-hub-signature-256" => format!("sha256={}", mac("")),
            "stripe-signature" => format!("t=1700000000,v1={}", mac("1700000000.")),
            _ => continue,
        };
        *value = HeaderValue::try_from(text).expect("a value");
    }
    headers
}
