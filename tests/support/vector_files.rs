//! The files of a golden vector, as types.

use std::{
    collections::BTreeMap,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body::{Frame, SizeHint};
use omnifn_core::{Body, Error, ErrorKind, Payload, Reply};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// `in.json`, `out.json`, and the answer of an adapter itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) method: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Option<Vec<(String, Text)>>,
    pub(crate) body: Option<Content>,
}

impl Message {
    pub(crate) fn into_request(self) -> Request<Payload> {
        assert!(self.status.is_none(), "a request has no status");
        let mut request = Request::new(self.body.map_or_else(Payload::default, |body| body.form().payload()));
        if let Some(method) = &self.method {
            *request.method_mut() = method.parse().expect("a method in a fixture");
        }
        if let Some(path) = self.path {
            *request.uri_mut() = Uri::try_from(path).expect("a path in a fixture");
        }
        fill(request.headers_mut(), &self.headers.unwrap_or_default());
        request
    }
}

/// `call.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallFile {
    pub(crate) target: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) uri: Option<String>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, Text)>,
    pub(crate) body: Option<Content>,
    #[serde(default)]
    pub(crate) context: BTreeMap<String, Value>,
    pub(crate) refused: Option<Parts>,
    pub(crate) invocation_id: Option<String>,
    pub(crate) answered: Option<Message>,
}

/// One text, or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Parts {
    One(String),
    Several(Vec<String>),
}

impl Parts {
    pub(crate) fn list(&self) -> &[String] {
        match self {
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Several(parts) => parts,
        }
    }
}

/// `reply.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyFile {
    pub(crate) status: Option<u16>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, Text)>,
    pub(crate) body: Option<Content>,
    pub(crate) failed: Option<Failed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    pub(crate) kind: String,
    pub(crate) words: String,
    pub(crate) status: Option<u16>,
}

impl ReplyFile {
    pub(crate) fn into_reply(self) -> Reply {
        match self.failed {
            Some(Failed { words, status: Some(status), .. }) => Reply::Failed(Error::status(status, words)),
            Some(Failed { kind, words, status: None }) => Reply::Failed(Error::new(named(&kind), words)),
            None => {
                let body = self.body.map_or_else(Payload::default, |body| body.form().payload());
                let mut response = Response::new(body);
                *response.status_mut() =
                    StatusCode::from_u16(self.status.expect("a status in reply.json")).expect("a status in reply.json");
                fill(response.headers_mut(), &self.headers);
                Reply::Http(response)
            }
        }
    }
}

fn named(kind: &str) -> ErrorKind {
    use ErrorKind::*;
    let kinds = [
        Function,
        Decode,
        BrokenBody,
        Unsupported,
        NotFound,
        MethodNotAllowed,
        TooLarge,
        MediaType,
        Unprocessable,
        Panicked,
        Config,
    ];
    kinds.into_iter().find(|known| known.name() == kind).unwrap_or_else(|| panic!("`{kind}` is no kind of error"))
}

/// A header value or a frame: text, or bytes that are not UTF-8.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    Text(String),
    Binary { base64: String },
}

impl Text {
    pub(crate) fn bytes(&self) -> Bytes {
        match self {
            Text::Text(text) => text.clone().into(),
            Text::Binary { base64 } => unbase64(base64),
        }
    }

    pub(crate) fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// A body, of which JSON keeps the form that it has in the file.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Content(Box<RawValue>);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    #[serde(skip)]
    Text(String),
    Base64(String),
    Json(Box<RawValue>),
    Repeat(String, usize),
    Frames(Vec<Piece>),
}

impl Content {
    pub(crate) fn form(&self) -> Form {
        let text = self.0.get();
        if text.starts_with('"') {
            return Form::Text(serde_json::from_str(text).expect("a string in a fixture"));
        }
        serde_json::from_str(text).unwrap_or_else(|e| panic!("not a body: {text}: {e}"))
    }
}

impl Form {
    pub(crate) fn bytes(self) -> Bytes {
        match self {
            Form::Text(text) => text.into(),
            Form::Base64(text) => unbase64(&text),
            Form::Json(json) => json.get().to_owned().into(),
            Form::Repeat(text, times) => text.repeat(times).into(),
            Form::Frames(pieces) => pieces.iter().flat_map(|piece| piece.frame().expect("no error here")).collect(),
        }
    }

    pub(crate) fn payload(self) -> Payload {
        match self {
            Form::Frames(pieces) => Payload::Stream(Body::new(Frames(pieces.into_iter()))),
            other => Payload::Whole(other.bytes()),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Piece {
    Error { error: String },
    Data(Text),
}

impl Piece {
    pub(crate) fn frame(&self) -> Result<Bytes, String> {
        match self {
            Piece::Error { error } => Err(error.clone()),
            Piece::Data(text) => Ok(text.bytes()),
        }
    }

    pub(crate) fn shown(&self) -> Result<String, String> {
        self.frame().map(|data| shown(&data))
    }
}

/// A body of unknown length, which may break off.
struct Frames(std::vec::IntoIter<Piece>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        Poll::Ready(self.0.next().map(|piece| piece.frame().map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn fill(headers: &mut HeaderMap, from: &[(String, Text)]) {
    for (name, value) in from {
        let name: HeaderName = name.parse().expect("a header name in a fixture");
        headers.append(name, HeaderValue::from_maybe_shared(value.bytes()).expect("a header value in a fixture"));
    }
}

fn unbase64(text: &str) -> Bytes {
    base64_simd::STANDARD.decode_to_vec(text).unwrap_or_else(|e| panic!("not base64: {text}: {e}")).into()
}

/// Bytes as one can read them; of a large body, its beginning.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let (head, rest) = bytes.split_at(bytes.len().min(2000));
    let text = head.escape_ascii().to_string();
    if rest.is_empty() { text } else { format!("{text}… and {} bytes more", rest.len()) }
}
