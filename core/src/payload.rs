use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::{Error, ErrorKind};

/// A message body: complete bytes, or a stream.
///
/// ```
/// use omnifn_core::Payload;
///
/// let payload = Payload::from("hello");
/// assert_eq!(payload.whole().map(|bytes| bytes.as_ref()), Some(&b"hello"[..]));
/// ```
#[derive(Debug)]
pub enum Payload {
    /// The complete body.
    Whole(Bytes),
    /// A body that is read as it arrives.
    Stream(Body),
}

impl Payload {
    /// Returns the bytes of a complete body.
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            Payload::Whole(bytes) => Some(bytes),
            Payload::Stream(_) => None,
        }
    }

    /// Converts the payload into a body that can be polled.
    pub fn into_body(self) -> Body {
        match self {
            Payload::Whole(bytes) if bytes.is_empty() => Body::empty(),
            Payload::Whole(bytes) => Body::from(bytes),
            Payload::Stream(body) => body,
        }
    }

    /// Collects the body, up to `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] above the limit (at once if the length is declared, otherwise when it is exceeded), and
    /// [`ErrorKind::BrokenBody`] with the body's own error if it ends too soon.
    pub async fn collect(self, limit: usize) -> Result<Bytes, Error> {
        let too_large =
            || Error::new(ErrorKind::TooLarge, format!("the body is larger than the limit of {limit} bytes"));
        let body = match self {
            Payload::Whole(bytes) if bytes.len() > limit => return Err(too_large()),
            Payload::Whole(bytes) => return Ok(bytes),
            Payload::Stream(body) => body,
        };
        if body.size_hint().lower() > limit as u64 {
            return Err(too_large());
        }
        match Limited::new(body, limit).collect().await {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => Err(Error::new(ErrorKind::BrokenBody, "the body ended early").with_source(error)),
        }
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
