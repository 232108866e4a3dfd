use http::{
    HeaderMap, HeaderName, Method, StatusCode, Version,
    header::{self, CONNECTION, CONTENT_LENGTH, DATE, TRAILER, TRANSFER_ENCODING},
    request,
    response::Parts,
};

use super::date;
use crate::http1::{Fields, digits, has_token, write_field};

/// What of a request decides how it is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) is_head: bool,
    pub(super) is_connect: bool,
    /// HTTP/1.0, which knows no chunks, and closes unless it is told not to.
    pub(super) is_old: bool,
    /// The connection is to live on.
    pub(super) keeps: bool,
    pub(super) trailers: bool,
}

/// How the end of a reply's body is told.
#[derive(Debug)]
pub(super) enum Framing {
    /// There is none.
    Nothing,
    /// After so many bytes.
    Length(u64),
    /// By its last chunk, behind which these fields may come.
    Chunks(Vec<HeaderName>),
    /// By the end of the connection.
    Connection,
}

/// What was written of a reply: the length of its body is said, and whether another request may follow.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) framing: Framing,
    pub(super) keeps: bool,
}

/// Writes the head of a reply whose body has this length, if that is known.
pub(super) fn write_head(out: &mut Vec<u8>, head: &Parts, length: Option<u64>, asked: Asked) -> Begun {
    let status = head.status;
    // The server itself sends those between, and there is no protocol that it can switch to.
    if status.is_informational() {
        return write_plain(out, StatusCode::INTERNAL_SERVER_ERROR, asked);
    }
    let has_no_body = status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
        || asked.is_connect && status.is_success();
    let said = if asked.is_head || length.is_none() { said_length(&head.headers) } else { None };
    let framing = match length {
        _ if has_no_body || asked.is_head => Framing::Nothing,
        Some(length) => Framing::Length(length),
        None => match said {
            Some(length) => Framing::Length(length),
            None if asked.is_old => Framing::Connection,
            None => Framing::Chunks(if asked.trailers { trailers(&head.headers) } else { Vec::new() }),
        },
    };
    let mut keeps = asked.keeps && !(asked.is_connect && status.is_success());
    keeps &= !matches!(framing, Framing::Connection);

    out.reserve(160 + 64 * head.headers.len());
    write_status(out, status, asked);
    let (mut says_close, mut says_keep, mut has_date) = (false, false, false);
    for (name, value) in &head.headers {
        let value = value.as_bytes();
        match *name {
            CONTENT_LENGTH | TRANSFER_ENCODING => continue,
            TRAILER if !matches!(framing, Framing::Chunks(_)) => continue,
            CONNECTION => {
                says_close |= has_token(value, b"close");
                says_keep |= has_token(value, b"keep-alive");
            }
            DATE => has_date = true,
            _ => {}
        }
        write_field(out, name.as_str(), value);
    }
    keeps &= !says_close;
    if let Framing::Chunks(_) = framing {
        out.extend_from_slice(b"transfer-encoding: chunked\r\n");
    }
    let told = match framing {
        Framing::Length(length) => Some(length),
        // What `GET` would have.
        Framing::Nothing if asked.is_head && !has_no_body => said.or(length.filter(|length| *length > 0)),
        _ => None,
    };
    if let Some(length) = told {
        write_length(out, length);
    }
    match keeps {
        true if asked.is_old && !says_keep => out.extend_from_slice(b"connection: keep-alive\r\n"),
        false if !asked.is_old && !says_close => out.extend_from_slice(b"connection: close\r\n"),
        _ => {}
    }
    end_head(out, has_date);
    Begun { framing, keeps }
}

/// Writes a whole reply without a body, behind which the connection ends.
#[cold]
pub(super) fn write_plain(out: &mut Vec<u8>, status: StatusCode, asked: Asked) -> Begun {
    write_status(out, status, asked);
    out.extend_from_slice(b"content-length: 0\r\nconnection: close\r\n");
    end_head(out, false);
    Begun { framing: Framing::Nothing, keeps: false }
}

fn write_status(out: &mut Vec<u8>, status: StatusCode, asked: Asked) {
    if status == StatusCode::OK && !asked.is_old {
        return out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    }
    out.extend_from_slice(if asked.is_old { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    // There are readers that want one.
    out.extend_from_slice(status.canonical_reason().unwrap_or("<none>").as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn write_length(out: &mut Vec<u8>, length: u64) {
    out.extend_from_slice(b"content-length: ");
    out.extend_from_slice(itoa::Buffer::new().format(length).as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn end_head(out: &mut Vec<u8>, has_date: bool) {
    if !has_date {
        out.extend_from_slice(b"date: ");
        date::write(out);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// The length that the function itself says, where all that it says is one.
fn said_length(headers: &HeaderMap) -> Option<u64> {
    let mut said = None;
    for (_, value) in headers.iter().filter(|(name, _)| *name == CONTENT_LENGTH) {
        let length = digits(value.as_bytes())?;
        if said.is_some_and(|said| said != length) {
            return None;
        }
        said = Some(length);
    }
    said
}

/// The trailers that the head announces, as far as they may be some: none says where the message ends, what it is, or who may have it
/// (RFC 9110, 6.5.1).
fn trailers(headers: &HeaderMap) -> Vec<HeaderName> {
    let is_none = |name: &HeaderName| {
        matches!(
            *name,
            header::AUTHORIZATION
                | header::CACHE_CONTROL
                | header::CONTENT_ENCODING
                | header::CONTENT_LENGTH
                | header::CONTENT_RANGE
                | header::CONTENT_TYPE
                | header::HOST
                | header::MAX_FORWARDS
                | header::SET_COOKIE
                | header::TE
                | header::TRAILER
                | header::TRANSFER_ENCODING
        )
    };
    let mut names = Vec::new();
    for (_, list) in headers.iter().filter(|(name, _)| *name == TRAILER) {
        for name in list.as_bytes().split(|byte| *byte == b',') {
            if let Ok(name) = HeaderName::from_bytes(name.trim_ascii())
                && !is_none(&name)
            {
                names.push(name);
            }
        }
    }
    names
}

/// Writes the trailers that were announced, with the last chunk before them.
pub(super) fn write_trailers(out: &mut Vec<u8>, announced: &[HeaderName], trailers: &HeaderMap) {
    out.extend_from_slice(b"0\r\n");
    for (name, value) in trailers {
        if announced.contains(name) {
            write_field(out, name.as_str(), value.as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
}

impl Asked {
    /// What is known where the request could not be read.
    pub(super) const NOTHING: Asked =
        Asked { is_head: false, is_connect: false, is_old: false, keeps: false, trailers: false };

    pub(super) fn by(head: &request::Parts, fields: &Fields) -> Self {
        let is_old = head.version == Version::HTTP_10;
        Asked {
            is_head: head.method == Method::HEAD,
            is_connect: head.method == Method::CONNECT,
            is_old,
            keeps: !fields.close && (!is_old || fields.keep_alive),
            trailers: fields.trailers,
        }
    }
}
