use std::fmt;
#[cfg(feature = "serve")]
use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING},
};
#[cfg(feature = "serve")]
use http::{Method, Uri};
#[cfg(feature = "serve")]
use httparse::Header;
use httparse::Status;

/// As many header lines a head has at most.
pub(super) const HEADERS: usize = 100;

/// The longest target of a request, in bytes, which is what `http::Uri` can hold.
const TARGET_LIMIT: usize = u16::MAX as usize - 1;

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// It is no HTTP/1: what is wrong with it.
    Syntax(&'static str),
    /// More header lines than are read.
    TooManyHeaders,
    /// The target of the request is too long.
    LongTarget,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bad::Syntax(what) => f.write_str(what),
            Bad::TooManyHeaders => write!(f, "more than {HEADERS} header lines"),
            Bad::LongTarget => write!(f, "a target of more than {TARGET_LIMIT} bytes"),
        }
    }
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// After so many bytes.
    Known(u64),
    /// Where its last chunk says so.
    Chunked,
    /// The message does not say: a request has none then, a response has all until the connection ends.
    Unsaid,
}

/// What the header lines say of the message itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) length: Length,
    /// `connection: close`.
    pub(crate) close: bool,
    /// `connection: keep-alive`, which HTTP/1.0 needs.
    pub(crate) keep_alive: bool,
    /// `expect: 100-continue`: the body comes when it was asked for.
    pub(crate) waits: bool,
}

/// The head of a request.
#[cfg(feature = "serve")]
#[derive(Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) fields: Fields,
}

/// Where the head ends that `buffer` begins with, its empty line included. `seen` is how much of it was looked at before, so that a
/// head that comes byte by byte is read once.
pub(crate) fn end_of_head(buffer: &[u8], seen: &mut usize) -> Option<usize> {
    // A line that ended just before may turn out to be the last one.
    let from = seen.saturating_sub(2);
    for line in memchr::memchr_iter(b'\n', buffer.get(from..)?) {
        let next = from + line + 1;
        match buffer.get(next..) {
            Some([b'\n', ..]) => return Some(next + 1),
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            _ => {}
        }
    }
    *seen = buffer.len();
    None
}

/// Reads the head of a request: all of it, with its empty line, and nothing else.
#[cfg(feature = "serve")]
pub(crate) fn request(head: &Bytes) -> Result<RequestHead, Bad> {
    let mut lines = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Request::new(&mut []);
    whole(head, parsed.parse_with_uninit_headers(head, &mut lines))?;
    let (Some(method), Some(target), Some(minor)) = (parsed.method, parsed.path, parsed.version) else {
        return Err(PARTIAL);
    };
    if target.len() > TARGET_LIMIT {
        return Err(Bad::LongTarget);
    }
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| Bad::Syntax("its method is none"))?;
    let uri = Uri::from_maybe_shared(head.slice_ref(target.as_bytes()));
    let uri = uri.map_err(|_| Bad::Syntax("its target is none"))?;
    let version = version(minor);
    let (headers, fields) = fields(head, parsed.headers, version)?;
    Ok(RequestHead { method, uri, version, headers, fields })
}

pub(super) const PARTIAL: Bad = Bad::Syntax("its head is not whole");

/// Whether all of the head was read, and nothing else is in it: two who find the end of one are to agree about it.
pub(super) fn whole(head: &[u8], parsed: httparse::Result<usize>) -> Result<(), Bad> {
    use httparse::Error;

    match parsed {
        Ok(Status::Complete(end)) if end == head.len() => Ok(()),
        Ok(_) => Err(PARTIAL),
        Err(Error::TooManyHeaders) => Err(Bad::TooManyHeaders),
        Err(Error::HeaderName) => Err(Bad::Syntax("the name of a header is none")),
        Err(Error::HeaderValue) => Err(Bad::Syntax("the value of a header is none")),
        Err(Error::NewLine) => Err(Bad::Syntax("a line ends in the middle")),
        Err(Error::Status) => Err(Bad::Syntax("its status is none")),
        Err(Error::Token) => Err(Bad::Syntax("its first line is none of HTTP/1")),
        Err(Error::Version) => Err(Bad::Syntax("its version is not HTTP/1.0 or HTTP/1.1")),
    }
}

pub(super) fn version(minor: u8) -> Version {
    if minor == 0 { Version::HTTP_10 } else { Version::HTTP_11 }
}

/// The header lines, without copies: each value is a part of `head`.
#[cfg(feature = "serve")]
fn fields(head: &Bytes, lines: &[Header<'_>], version: Version) -> Result<(HeaderMap, Fields), Bad> {
    let mut headers = HeaderMap::with_capacity(lines.len());
    let mut fields = Fields::NONE;
    for line in lines {
        let name = HeaderName::from_bytes(line.name.as_bytes());
        let name = name.map_err(|_| Bad::Syntax("the name of a header is none"))?;
        let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value));
        let value = value.map_err(|_| Bad::Syntax("the value of a header is none"))?;
        if fields.read(line.name, line.value, version)? {
            headers.try_append(name, value).map_err(|_| Bad::TooManyHeaders)?;
        }
    }
    Ok((headers, fields))
}

impl Fields {
    pub(super) const NONE: Fields = Fields { length: Length::Unsaid, close: false, keep_alive: false, waits: false };

    /// Reads what a header line says of the message itself; whether it says anything that was not said before.
    pub(super) fn read(&mut self, name: &str, value: &[u8], version: Version) -> Result<bool, Bad> {
        let is = |other: HeaderName| name.eq_ignore_ascii_case(other.as_str());
        if is(CONTENT_LENGTH) {
            let length = Length::Known(digits(value).ok_or(Bad::Syntax("its content-length is no number"))?);
            match self.length {
                Length::Unsaid => self.length = length,
                // What is said twice in the same words is said once.
                same if same == length => return Ok(false),
                _ => return Err(Bad::Syntax("its length is said in two ways")),
            }
        } else if is(TRANSFER_ENCODING) {
            if version == Version::HTTP_10 {
                return Err(Bad::Syntax("HTTP/1.0 has no transfer-encoding"));
            }
            if self.length != Length::Unsaid {
                return Err(Bad::Syntax("its length is said in two ways"));
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Bad::Syntax("its transfer-encoding is not `chunked` alone"));
            }
            self.length = Length::Chunked;
        } else if is(CONNECTION) {
            self.close |= has_token(value, b"close");
            self.keep_alive |= has_token(value, b"keep-alive");
        } else if is(EXPECT) {
            self.waits = version == Version::HTTP_11 && value.eq_ignore_ascii_case(b"100-continue");
        }
        Ok(true)
    }
}

/// A number of digits and nothing else.
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether a list has this word.
fn has_token(list: &[u8], token: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(token))
}

/// Writes header lines, without the empty line that ends them.
pub(crate) fn write_fields(out: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        write_field(out, name.as_str(), value.as_bytes());
    }
}

/// Writes one header line.
pub(crate) fn write_field(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.reserve(name.len() + value.len() + 4);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// The trailers behind the last chunk, with their empty line.
pub(super) fn trailers(block: &Bytes) -> Result<HeaderMap, Bad> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS];
    match httparse::parse_headers(block, &mut lines) {
        Ok(Status::Complete((_, lines))) => {
            let mut headers = HeaderMap::with_capacity(lines.len());
            for line in lines {
                let name = HeaderName::from_bytes(line.name.as_bytes());
                let value = HeaderValue::from_maybe_shared(block.slice_ref(line.value));
                let (Ok(name), Ok(value)) = (name, value) else { return Err(Bad::Syntax("a trailer is none")) };
                headers.try_append(name, value).map_err(|_| Bad::TooManyHeaders)?;
            }
            Ok(headers)
        }
        Err(httparse::Error::TooManyHeaders) => Err(Bad::TooManyHeaders),
        _ => Err(Bad::Syntax("a trailer is none")),
    }
}
