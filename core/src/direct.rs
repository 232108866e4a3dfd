//! The common part of providers that send the HTTP request itself instead of an event that describes it.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version, header};

use crate::{Error, ErrorKind, Payload};

/// The shapes of [`write()`]: over HTTP/1.1, and over HTTP/2, which carries the host in the target and may split cookies.
pub const SHAPES: &[&str] = &["http/1.1", "http/2"];

/// Converts a server's request into the form that functions see, for all versions of HTTP: the target is a path and a query,
/// the host is a header, and the cookies are one list.
///
/// ```
/// use omnifn_core::{Payload, direct};
///
/// let request = http::Request::builder().version(http::Version::HTTP_2).uri("http://example.com/a?b=c");
/// let request = direct::receive(request.body(Payload::default()).unwrap());
/// assert_eq!(request.uri(), "/a?b=c");
/// assert_eq!(request.headers()["host"], "example.com");
/// ```
pub fn receive(mut request: Request<Payload>) -> Request<Body> {
    normalize(&mut request);
    request.map(Payload::into_body)
}

/// Normalizes a request in place, as [`receive`] does.
pub fn normalize<B>(request: &mut Request<B>) {
    if let Some(authority) = request.uri().authority() {
        // The host of the target takes precedence over the header (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
        if let Ok(host) = HeaderValue::from_str(authority.as_str()) {
            request.headers_mut().insert(header::HOST, host);
        }
        let path = request.uri().path_and_query().cloned();
        *request.uri_mut() = path.map(Uri::from).unwrap_or_default();
    }
    if request.version() == Version::HTTP_2 {
        join_cookies(request.headers_mut());
    }
}

/// Joins the cookies that HTTP/2 may have split, as readers of HTTP/1.1 expect (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<_> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

/// Writes a request in one of [`SHAPES`].
///
/// # Errors
/// The shape is not one of them, or the host is not valid.
pub fn write(shape: &str, mut request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
    match shape {
        "http/1.1" => return Ok(request),
        "http/2" => {}
        other => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("unknown shape {other:?}: expected one of {SHAPES:?}"),
            ));
        }
    }
    *request.version_mut() = Version::HTTP_2;
    if let Some(host) = request.headers_mut().remove(header::HOST) {
        let mut target = std::mem::take(request.uri_mut()).into_parts();
        target.scheme = Some(http::uri::Scheme::HTTP);
        target.authority =
            Some(host.as_bytes().try_into().map_err(|e| Error::new(ErrorKind::Decode, "invalid host").with_source(e))?);
        *request.uri_mut() = target.try_into()?;
    }
    let cookies: Vec<_> = request.headers().get_all(header::COOKIE).iter().cloned().collect();
    request.headers_mut().remove(header::COOKIE);
    for crumb in cookies.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
        request.headers_mut().append(header::COOKIE, HeaderValue::from_bytes(crumb.trim_ascii_start())?);
    }
    Ok(request)
}

/// Reads the reply as a client does.
///
/// # Errors
/// There are none yet, because a server can send every reply.
pub fn read(reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
    let bodiless = reply.status().is_informational() || matches!(reply.status().as_u16(), 204 | 304);
    Ok(if bodiless { reply.map(|_| Bytes::new()) } else { reply })
}
