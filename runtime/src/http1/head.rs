use std::fmt;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONNECTION, CONTENT_LENGTH, EXPECT, TE, TRANSFER_ENCODING},
};
#[cfg(feature = "poll")]
use httparse::Status;

use super::{
    lines::{Lines, NO_VALUE},
    names::Names,
};

/// As many header lines a head has at most.
pub(super) const HEADERS: usize = 100;

/// The longest target of a request, in bytes, which is what `http::Uri` can hold.
pub(super) const TARGET_LIMIT: usize = u16::MAX as usize - 1;

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// It is no HTTP/1: what is wrong with it.
    Syntax(&'static str),
    /// More header lines than are read.
    TooManyHeaders,
    /// The head is too long, which its reader says.
    #[cfg(feature = "serve")]
    LongHead,
    /// The target of the request is too long.
    LongTarget,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bad::Syntax(what) => f.write_str(what),
            Bad::TooManyHeaders => write!(f, "more than {HEADERS} header lines"),
            #[cfg(feature = "serve")]
            Bad::LongHead => f.write_str("a head that is too long"),
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
    /// `te: trailers`: a body may have some.
    pub(crate) trailers: bool,
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

#[cfg(feature = "poll")]
pub(super) use super::lines::NOT_WHOLE as PARTIAL;

/// Whether all of the head was read, and nothing else is in it: two who find the end of one are to agree about it.
#[cfg(feature = "poll")]
pub(super) fn whole(head: &[u8], parsed: httparse::Result<usize>) -> Result<(), Bad> {
    match parsed {
        Ok(Status::Complete(end)) if end == head.len() => Ok(()),
        Ok(_) => Err(PARTIAL),
        Err(error) => Err(bad(error)),
    }
}

#[cfg(feature = "poll")]
fn bad(error: httparse::Error) -> Bad {
    use httparse::Error;

    match error {
        Error::TooManyHeaders => Bad::TooManyHeaders,
        Error::HeaderName => super::lines::NO_NAME,
        Error::HeaderValue => NO_VALUE,
        Error::NewLine => Bad::Syntax("a line ends in the middle"),
        Error::Status => Bad::Syntax("its status is none"),
        Error::Token => Bad::Syntax("its first line is none of HTTP/1"),
        Error::Version => Bad::Syntax("its version is not HTTP/1.0 or HTTP/1.1"),
    }
}

#[cfg(feature = "poll")]
pub(super) fn version(minor: u8) -> Version {
    if minor == 0 { Version::HTTP_10 } else { Version::HTTP_11 }
}

/// A header that says something of the message itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Own {
    Length,
    Encoding,
    Connection,
    Expect,
    Te,
}

impl Own {
    fn of(name: &HeaderName) -> Option<Self> {
        Some(match *name {
            CONTENT_LENGTH => Own::Length,
            TRANSFER_ENCODING => Own::Encoding,
            CONNECTION => Own::Connection,
            EXPECT => Own::Expect,
            TE => Own::Te,
            _ => return None,
        })
    }

    /// The same by a name as it came.
    #[cfg(feature = "poll")]
    pub(super) fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Own); 5] = [
            ("content-length", Own::Length),
            ("transfer-encoding", Own::Encoding),
            ("connection", Own::Connection),
            ("expect", Own::Expect),
            ("te", Own::Te),
        ];
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, own)| *own)
    }
}

impl Fields {
    pub(super) const NONE: Fields =
        Fields { length: Length::Unsaid, close: false, keep_alive: false, waits: false, trailers: false };

    /// Reads header lines up to the empty one, and what they say of the message itself, where they are those of a head: its version is
    /// given then. Trailers say nothing of it.
    pub(super) fn take(
        lines: &mut Lines<'_>,
        headers: &mut HeaderMap,
        names: &Names,
        version: Option<Version>,
    ) -> Result<Self, Bad> {
        let mut fields = Fields::NONE;
        while let Some((name, value)) = lines.field()? {
            fields.add(headers, names.name(name)?, value, version)?;
        }
        Ok(fields)
    }

    /// Adds a header line.
    pub(super) fn add(
        &mut self,
        headers: &mut HeaderMap,
        name: HeaderName,
        value: Bytes,
        version: Option<Version>,
    ) -> Result<(), Bad> {
        let value = HeaderValue::from_maybe_shared(value).map_err(|_| NO_VALUE)?;
        if let Some(version) = version
            && let Some(own) = Own::of(&name)
            && !self.read(own, value.as_bytes(), version)?
        {
            return Ok(());
        }
        headers.try_append(name, value).map_err(|_| Bad::TooManyHeaders)?;
        Ok(())
    }

    /// Reads what a header line says of the message itself; whether it says anything that was not said before.
    pub(super) fn read(&mut self, own: Own, text: &[u8], version: Version) -> Result<bool, Bad> {
        match own {
            Own::Length => {
                let length = Length::Known(digits(text).ok_or(Bad::Syntax("its content-length is no number"))?);
                match self.length {
                    Length::Unsaid => self.length = length,
                    // What is said twice in the same words is said once.
                    same if same == length => return Ok(false),
                    _ => return Err(Bad::Syntax("its length is said in two ways")),
                }
            }
            Own::Encoding if version == Version::HTTP_10 => {
                return Err(Bad::Syntax("HTTP/1.0 has no transfer-encoding"));
            }
            Own::Encoding if self.length != Length::Unsaid => {
                return Err(Bad::Syntax("its length is said in two ways"));
            }
            Own::Encoding if !is_word(text, b"chunked") => {
                return Err(Bad::Syntax("its transfer-encoding is not `chunked` alone"));
            }
            Own::Encoding => self.length = Length::Chunked,
            Own::Connection => {
                self.close |= has_token(text, b"close");
                self.keep_alive |= has_token(text, b"keep-alive");
            }
            Own::Expect => self.waits = version == Version::HTTP_11 && is_word(text, b"100-continue"),
            Own::Te => self.trailers |= has_token(text, b"trailers"),
        }
        Ok(true)
    }
}

/// A number of digits and nothing else.
pub(crate) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether a list has this word. Not in each place anew: few messages have such lists, and all of them are short.
#[inline(never)]
pub(crate) fn has_token(list: &[u8], token: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|item| is_word(item.trim_ascii(), token))
}

#[inline(never)]
fn is_word(text: &[u8], word: &[u8]) -> bool {
    text.eq_ignore_ascii_case(word)
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
    let mut headers = HeaderMap::new();
    match Fields::take(&mut Lines::of(block), &mut headers, &Names::default(), None) {
        Ok(_) => Ok(headers),
        Err(Bad::TooManyHeaders) => Err(Bad::TooManyHeaders),
        Err(_) => Err(Bad::Syntax("a trailer is none")),
    }
}
