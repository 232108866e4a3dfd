//! Requests and replies by chance, for round trips through an adapter and its inverse.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use omnifn_core::{Decoded, Inverse, Payload, Reply};
use proptest::prelude::*;

/// A request that a client could send.
pub(crate) fn request() -> impl Strategy<Value = Request<Bytes>> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]);
    let path = "(/[a-zA-Z0-9._~!$&'()*+,;=:@%\\\\é日-]{0,12}){1,4}";
    let query = prop::option::of("[a-zA-Z0-9._~!$&'()*+,;=:@%/?é日-]{0,24}");
    (method, path, query, headers(), body()).prop_map(|(method, path, query, headers, body)| {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut request = Request::new(body);
        *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
        *request.uri_mut() = Uri::try_from(format!("{path}{query}")).expect("a URI");
        *request.headers_mut() = headers;
        request.headers_mut().insert("host", HeaderValue::from_static("api.example.com"));
        request
    })
}

/// An answer that a function could give.
pub(crate) fn response() -> impl Strategy<Value = Response<Bytes>> {
    let status = prop::sample::select(vec![200, 201, 202, 301, 400, 404, 418, 429, 500, 503, 599]);
    let cookies = prop::collection::vec("[a-z]{1,4}=[a-zA-Z0-9, ]{0,8}; Path=/", 0..4);
    (status, headers(), cookies, body()).prop_map(|(status, headers, cookies, body)| {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        *response.headers_mut() = headers;
        for cookie in cookies {
            response.headers_mut().append("set-cookie", cookie.trim().parse().expect("a value"));
        }
        response
    })
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name =
        prop::sample::select(vec!["accept", "x-a", "x-b", "content-type", "user-agent", "x-very-long-header-name"]);
    let value = prop::collection::vec(prop_oneof![0x21_u8..0x7f, 0x80_u8..=0xff], 0..16);
    prop::collection::vec((name, value), 0..8).prop_map(|headers| {
        let pairs = headers
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_bytes(&value).expect("a value")));
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name, value);
        }
        map
    })
}

fn body() -> impl Strategy<Value = Bytes> {
    let bytes = prop::collection::vec(any::<u8>(), 0..64).prop_map(Bytes::from);
    prop_oneof![Just(Bytes::new()), any::<String>().prop_map(Bytes::from), bytes]
}

/// The request comes out of the adapter as it went into its inverse.
pub(crate) fn request_comes_through<A: Inverse>(adapter: &A, shape: &str, request: &Request<Bytes>) {
    let message = adapter.write(shape, request.clone()).expect("the shape carries it");
    let (_, decoded) = adapter.decode(message.map(Payload::Whole));
    let Decoded::Call(call) = decoded else { panic!("{shape}: no call but {decoded:?}") };
    let (head, body) = call.request.into_parts();
    assert_eq!((request.method(), request.uri()), (&head.method, &head.uri), "{shape}");
    for name in request.headers().keys() {
        let values = |headers: &HeaderMap| headers.get_all(name).iter().cloned().collect::<Vec<_>>();
        assert_eq!(values(request.headers()), values(&head.headers), "{shape}: {name}");
    }
    assert_eq!(*request.body(), whole(Payload::Stream(body)), "{shape}");
}

/// The answer comes out of the inverse as it went into the adapter.
pub(crate) fn reply_comes_through<A: Inverse>(adapter: &A, shape: &str, response: &Response<Bytes>) {
    let request = Request::builder().uri("/").header("host", "x").body(Bytes::new()).expect("a request");
    let message = adapter.write(shape, request).expect("the shape carries it");
    let (origin, _) = adapter.decode(message.map(Payload::Whole));
    let reply = adapter.encode(origin, Reply::Http(response.clone().map(Payload::Whole)));
    let found = adapter.read(shape, reply.map(whole)).expect("the provider takes it");
    assert_eq!(response.status(), found.status(), "{shape}");
    assert_eq!(response.headers(), found.headers(), "{shape}");
    assert_eq!(response.body(), found.body(), "{shape}");
}

/// A body that is all there.
pub(crate) fn whole(payload: Payload) -> Bytes {
    let mut collected = pin!(payload.into_body().collect());
    match collected.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(body)) => body.to_bytes(),
        other => panic!("no whole body: {}", other.is_ready()),
    }
}
