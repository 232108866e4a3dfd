//! A reply, as the client behind a gateway receives it.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, SET_COOKIE},
};
use omnifn_core::{
    Error, ErrorKind,
    json::{self, Fields, Object, RawStr},
};
use serde::{Deserialize, de::IgnoredAny};

use crate::{detect::Shape, http::stream};

/// A reply, of any shape.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status_code: u16,
    #[serde(borrow)]
    status_description: Option<RawStr<'a>>,
    #[serde(borrow)]
    headers: Option<Fields<'a>>,
    #[serde(borrow)]
    multi_value_headers: Option<Fields<'a>>,
    #[serde(borrow)]
    cookies: Option<Vec<RawStr<'a>>>,
    #[serde(borrow)]
    body: Option<RawStr<'a>>,
    is_base64_encoded: Option<bool>,
}

/// Returns the result of a direct invocation.
pub(super) fn result(reply: Response<Bytes>) -> Result<Bytes, Error> {
    succeeded(&reply)?;
    json::from_slice::<IgnoredAny>(reply.body(), "the result")?;
    Ok(reply.into_body())
}

fn succeeded(reply: &Response<Bytes>) -> Result<(), Error> {
    let Some(error) = reply.headers().get("lambda-runtime-function-error-type") else { return Ok(()) };
    let words = format!("the invocation failed ({error:?}): {}", String::from_utf8_lossy(reply.body()));
    Err(Error::new(ErrorKind::Function, words))
}

pub(super) fn response(shape: Shape, reply: &Response<Bytes>) -> Result<Response<Bytes>, Error> {
    succeeded(reply)?;
    let streamed = reply.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == stream::MEDIA_TYPE);
    if !streamed {
        let document = parse(reply.body())?;
        let body = body(&document, reply.body())?;
        return finish(shape, document, reply.body(), body);
    }
    if !shape.can_stream() {
        return Err(not_understood(format!("a {shape} takes no streamed reply")));
    }
    let end = reply.body().windows(stream::DELIMITER.len()).position(|bytes| bytes == stream::DELIMITER);
    let end = end.ok_or_else(|| not_understood("the stream has no eight NULs behind its head".to_owned()))?;
    let (head, rest) = (reply.body().slice(..end), reply.body().slice(end + stream::DELIMITER.len()..));
    finish(shape, parse(&head)?, &head, rest)
}

fn parse(document: &[u8]) -> Result<Document<'_>, Error> {
    // Lambda treats a reply as text.
    std::str::from_utf8(document).map_err(|e| not_understood("the reply is not UTF-8".to_owned()).with_source(e))?;
    serde_json::from_slice::<Object<_>>(document)
        .map(|Object(document)| document)
        .map_err(|e| not_understood("the reply is not the document that a gateway reads".to_owned()).with_source(e))
}

fn finish(shape: Shape, document: Document<'_>, text: &Bytes, body: Bytes) -> Result<Response<Bytes>, Error> {
    let status = StatusCode::from_u16(document.status_code)
        .map_err(|e| not_understood(format!("the status is {}", document.status_code)).with_source(e))?;
    if let Some(description) = &document.status_description
        && !description.starts_with(status.as_str().as_bytes())
    {
        return Err(not_understood("`statusDescription` is of another status".to_owned()));
    }
    let mut headers = HeaderMap::new();
    match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => {
            let cookies = document.cookies.ok_or_else(|| not_understood("there is no list of cookies".to_owned()))?;
            append(&mut headers, document.headers, text)?;
            for cookie in cookies {
                headers.append(SET_COOKIE, value(cookie, text)?);
            }
        }
        Shape::HttpApiV1 | Shape::RestV1 => {
            append(&mut headers, document.headers, text)?;
            append(&mut headers, document.multi_value_headers, text)?;
        }
        Shape::Alb | Shape::VpcLatticeV1 | Shape::VpcLatticeV2 => append(&mut headers, document.headers, text)?,
        Shape::AlbMulti => append(&mut headers, document.multi_value_headers, text)?,
    }
    let bodiless = status.is_informational() || matches!(status.as_u16(), 204 | 304);
    let mut response = Response::new(if bodiless { Bytes::new() } else { body });
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn body(document: &Document<'_>, text: &Bytes) -> Result<Bytes, Error> {
    let Some(body) = document.body.clone() else { return Ok(Bytes::new()) };
    if document.is_base64_encoded != Some(true) {
        return Ok(body.into_bytes(text));
    }
    let bytes = base64_simd::STANDARD.decode_to_vec(&*body);
    bytes
        .map(Bytes::from)
        .map_err(|_| not_understood("the body is declared as base64, but is not valid base64".to_owned()))
}

fn append(headers: &mut HeaderMap, pairs: Option<Fields<'_>>, text: &Bytes) -> Result<(), Error> {
    for (name, text_value) in pairs.unwrap_or_default().0 {
        let name = HeaderName::from_bytes(&name)
            .map_err(|e| not_understood("the name of a header is not valid".to_owned()).with_source(e))?;
        headers.append(name, value(text_value, text)?);
    }
    Ok(())
}

fn value(value: RawStr<'_>, text: &Bytes) -> Result<HeaderValue, Error> {
    HeaderValue::from_maybe_shared(value.into_bytes(text))
        .map_err(|e| not_understood("the value of a header is not valid".to_owned()).with_source(e))
}

/// Returns the error of a reply that a client receives as a 502.
fn not_understood(words: String) -> Error {
    Error::new(ErrorKind::Decode, words)
}
