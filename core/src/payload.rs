use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::{Error, ErrorKind};

/// A body that is here already, or one that is still coming.
///
/// ```
/// use omnifn_core::Payload;
///
/// let payload = Payload::from("hello");
/// assert_eq!(payload.whole().map(|bytes| bytes.as_ref()), Some(&b"hello"[..]));
/// ```
#[derive(Debug)]
pub enum Payload {
    /// All of it.
    Whole(Bytes),
    /// As it arrives.
    Stream(Body),
}

impl Payload {
    /// The bytes, where all of them are here.
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            Payload::Whole(bytes) => Some(bytes),
            Payload::Stream(_) => None,
        }
    }

    /// The payload as a body that can be polled.
    pub fn into_body(self) -> Body {
        match self {
            Payload::Whole(bytes) if bytes.is_empty() => Body::empty(),
            Payload::Whole(bytes) => Body::from(bytes),
            Payload::Stream(body) => body,
        }
    }

    /// Waits for the rest, up to `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] above the limit (at once where the length is declared, else when it is passed), and the
    /// body's own error where it ends too soon.
    pub async fn collect(self, limit: usize) -> Result<Bytes, Error> {
        let too_large =
            || Error::new(ErrorKind::TooLarge, format!("the body is larger than the limit of {limit} bytes"));
        let mut body = match self {
            Payload::Whole(bytes) if bytes.len() > limit => return Err(too_large()),
            Payload::Whole(bytes) => return Ok(bytes),
            Payload::Stream(body) => body,
        };
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large());
        }
        let mut first = Bytes::new();
        let mut more: Vec<u8> = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame
                .map_err(|e| Error::new(ErrorKind::BrokenBody, "the body broke off before its end").with_source(e))?;
            let Ok(data) = frame.into_data() else { continue };
            if first.len() + more.len() + data.len() > limit {
                return Err(too_large());
            }
            if first.is_empty() && more.is_empty() {
                first = data;
            } else {
                if more.is_empty() {
                    more.reserve(first.len() + data.len());
                    more.extend_from_slice(&std::mem::take(&mut first));
                }
                more.extend_from_slice(&data);
            }
            // Where it is known that nothing follows, nobody has to ask.
            if body.is_end_stream() {
                break;
            }
        }
        Ok(if more.is_empty() { first } else { more.into() })
    }
}

impl Default for Payload {
    fn default() -> Self {
        Payload::Whole(Bytes::new())
    }
}

impl From<&'static str> for Payload {
    fn from(text: &'static str) -> Self {
        Payload::Whole(Bytes::from_static(text.as_bytes()))
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        Payload::Whole(bytes)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Payload::Whole(bytes.into())
    }
}

impl From<Body> for Payload {
    fn from(body: Body) -> Self {
        Payload::Stream(body)
    }
}
