//! The expected response.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};

use super::{
    functions::{ReceivedContext, ReceivedRequest},
    replies,
};

/// The reply, and the message that was sent.
pub(crate) struct Answer {
    pub(crate) provider: &'static str,
    /// The provider's message, as it was written.
    pub(crate) message: Request<Bytes>,
    pub(crate) sent: Request<Bytes>,
    /// The client's view; the head alone where the body broke off.
    pub(crate) response: Response<Bytes>,
    /// The pieces of the reply as it left the adapter; none where it left in one.
    pub(crate) pieces: usize,
    /// Whether the reply broke off.
    pub(crate) broke_off: bool,
}

/// The expected response.
pub(crate) enum Expect {
    /// The function of this name received the request as it was sent, and reported that.
    Request(&'static str),
    /// The reply of this name in the table was received unchanged, and nothing else.
    Reply(&'static str),
    /// An answer with this status, these header values (none: the header is absent) and this body.
    Answer { status: u16, headers: Vec<(&'static str, Vec<&'static str>)>, content: Content },
    /// The context that the function received.
    Context(fn(&ReceivedContext, &Answer) -> Result<(), String>),
    /// The body breaks off where it is streamed; where it is sent whole, the answer is a 500.
    Broken,
    /// These pieces: one after another where replies are streamed, else one whole.
    Pieces(&'static [&'static str]),
}

/// A body that has to come back.
pub(crate) enum Content {
    /// These bytes.
    Exactly(Bytes),
    /// A problem document with these words for the caller, or without any.
    Problem(Option<&'static str>),
    /// A problem document or a text that contains this.
    Says(&'static str),
    /// Any content.
    Any,
}

/// A status with an empty body.
pub(crate) fn status(status: u16) -> Expect {
    Expect::Answer { status, headers: Vec::new(), content: Content::Exactly(Bytes::new()) }
}

/// A text with status 200.
pub(crate) fn text(text: &'static str) -> Expect {
    status(200).body(text)
}

/// A problem document that leaves the caller in the dark.
pub(crate) fn problem(of: u16) -> Expect {
    status(of).content(Content::Problem(None)).header("content-type", &["application/problem+json"])
}

impl Expect {
    fn content(mut self, expected: Content) -> Self {
        if let Expect::Answer { content, .. } = &mut self {
            *content = expected;
        }
        self
    }

    /// With this body.
    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        self.content(Content::Exactly(body.into()))
    }

    /// With these words for the caller.
    pub(crate) fn detail(self, words: &'static str) -> Self {
        self.content(Content::Problem(Some(words)))
    }

    /// With these words somewhere in it.
    pub(crate) fn says(self, words: &'static str) -> Self {
        self.content(Content::Says(words))
    }

    /// With any body.
    pub(crate) fn any(self) -> Self {
        self.content(Content::Any)
    }

    /// With these values of a header, in order.
    pub(crate) fn header(mut self, name: &'static str, values: &[&'static str]) -> Self {
        if let Expect::Answer { headers, .. } = &mut self {
            headers.push((name, values.to_vec()));
        }
        self
    }

    /// Compares.
    pub(crate) fn check(&self, answer: &Answer) -> Result<(), String> {
        let body = answer.response.body();
        if body.windows(7).any(|bytes| bytes == b"hunter2") {
            return Err(format!("the caller reads a secret: {}", shown(body)));
        }
        if answer.broke_off && !matches!(self, Expect::Broken) {
            return Err(format!("the reply broke off after {}", shown(body)));
        }
        match self {
            Expect::Request(function) => seen(function, &answer.sent, answer),
            Expect::Reply(name) => unchanged(name, answer),
            Expect::Answer { status, headers, content } => {
                differ("status", status, &answer.response.status().as_u16())?;
                for (name, values) in headers {
                    let values: Vec<_> =
                        values.iter().map(|value| value.as_bytes().escape_ascii().to_string()).collect();
                    differ(name, &values, &all(answer.response.headers(), name))?;
                }
                content.check(body)
            }
            Expect::Context(check) => check(&parsed(answer)?, answer),
            Expect::Broken if answer.broke_off => Ok(()),
            Expect::Broken => {
                differ("status", &500, &answer.response.status().as_u16())?;
                Content::Problem(None).check(body)
            }
            Expect::Pieces(pieces) => {
                differ("status", &200, &answer.response.status().as_u16())?;
                Content::Exactly(pieces.concat().into()).check(body)?;
                match answer.pieces {
                    0 => Ok(()),
                    n if n >= pieces.len() => Ok(()),
                    n => Err(format!("{} pieces were written to a stream, {n} were read", pieces.len())),
                }
            }
        }
    }
}

impl Content {
    fn check(&self, body: &Bytes) -> Result<(), String> {
        match self {
            Content::Any => Ok(()),
            Content::Exactly(expected) if expected == body => Ok(()),
            Content::Exactly(expected) => {
                Err(format!("body\n  expected {}\n     found {}", shown(expected), shown(body)))
            }
            Content::Problem(detail) => {
                let problem: serde_json::Value =
                    serde_json::from_slice(body).map_err(|e| format!("no problem document: {e}: {}", shown(body)))?;
                differ("type", &Some("about:blank"), &problem["type"].as_str())?;
                differ("detail", detail, &problem["detail"].as_str())
            }
            Content::Says(words) => {
                let text = String::from_utf8_lossy(body);
                // In a document of JSON the words are escaped.
                let escaped = serde_json::Value::from(*words).to_string();
                let there = text.contains(words) || text.contains(escaped.trim_matches('"'));
                if there { Ok(()) } else { Err(format!("the body does not say {words:?}: {}", shown(body))) }
            }
        }
    }
}

/// Compares what the function received with what was sent: the method, path, query and body as they were; of the headers, all that
/// were sent, each with its values in order. A gateway adds others.
fn seen(function: &str, sent: &Request<Bytes>, answer: &Answer) -> Result<(), String> {
    let found: ReceivedRequest = parsed(answer)?;
    let (head, body) = sent.clone().into_parts();
    let mut expected = ReceivedRequest::new(function, &head, &body);
    for name in head.headers.keys() {
        let (sent, saw) = (of(&expected, name), of(&found, name));
        differ(&format!("header {name}"), &sent, &saw)?;
    }
    expected.headers.clone_from(&found.headers);
    differ("request", &expected, &found)
}

/// The values of a header. Cookies are one list, however many headers they come in (RFC 9113, 8.2.3).
fn of(seen: &ReceivedRequest, name: &HeaderName) -> Vec<String> {
    let values = seen.headers.iter().filter(|(other, _)| name.as_str() == other).map(|(_, value)| value.clone());
    match name {
        &http::header::COOKIE => {
            values.flat_map(|value| value.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect()
        }
        _ => values.collect(),
    }
}

/// Compares the expected response with the received one: the status, the body, and every header but those of the transport.
fn unchanged(name: &str, answer: &Answer) -> Result<(), String> {
    let reply = replies::named(name).ok_or("there is no such reply")?;
    differ("status", &reply.status(), &answer.response.status())?;
    let (expected, found) = (reply.headers(), answer.response.headers());
    for name in expected.keys().chain(found.keys()) {
        let transport = name == http::header::CONTENT_LENGTH && !expected.contains_key(name);
        if !transport {
            differ(name.as_str(), &all(expected, name.as_str()), &all(found, name.as_str()))?;
        }
    }
    Content::Exactly(reply.into_body()).check(answer.response.body())
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, String> {
    let (status, body) = (answer.response.status(), answer.response.body());
    serde_json::from_slice(body)
        .map_err(|e| format!("{status}, and the body is not a description of a request: {e}: {}", shown(body)))
}

fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().map(|value| value.as_bytes().escape_ascii().to_string()).collect()
}

/// Describes the difference.
pub(crate) fn differ<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what}\n  expected {}\n     found {}", short(expected), short(found)))
}

fn short(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(1000) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn shown(bytes: &[u8]) -> String {
    let (head, rest) = bytes.split_at(bytes.len().min(400));
    let more = if rest.is_empty() { String::new() } else { format!("… and {} bytes more", rest.len()) };
    format!("{}{more}", head.escape_ascii())
}
