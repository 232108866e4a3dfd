//! Runs golden vectors: provider bytes → common event, and reply → provider bytes, as JSON files that any language could
//! run.
//!
//! A case is a folder of up to five files. Keys that are not listed here are an error, so that a slip of the pen does not
//! pass as a test.
//!
//! - `settings.json`: the environment that the adapter is made with, `{"NAME": "value"}`.
//! - `in.json`: what the provider sends: `{"method", "path", "headers", "body"}`; method and path may be absent.
//! - `call.json`: what the function sees: `{"target", "method", "uri", "headers", "body", "context"}`, where `context`
//!   holds any of `invocation_id`, `version`, `deadline_ms`, `traceparent`, `client_ip` (`null`: must be unknown) and `raw`
//!   (`true`: the body of `in.json`, byte for byte). Or `{"refused": [parts of the error's text]}` (one part may stand
//!   alone), with `invocation_id` beside it where that must be known. Or `{"answered": {"status", "headers", "body"}}`.
//! - `reply.json`: the function's answer: `{"status", "headers", "body"}` or `{"failed": {"kind", "words", "status"}}`,
//!   where `kind` is the name of an `ErrorKind` in logs. Absent where the call was refused or answered: that is the answer.
//! - `out.json`: what the provider gets: `{"status", "headers", "body"}`. Headers that are absent are not compared.
//!
//! `headers` is a list of `[name, value]`, in order. A value and a body is a string, or `{"base64": "…"}`. A body may also
//! be `{"json": …}` (sent as it stands in the file; compared as JSON), `{"repeat": ["text", times]}`, or `{"frames": […]}`,
//! where a frame is a string, `{"base64": "…"}` or, for a body that breaks off, `{"error": "words"}`.

pub(crate) mod vector_files;

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write as _},
    fs,
    path::Path,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use omnifn_core::{Adapter, Call, Decoded, Error, ErrorKind, Invocation, Payload, Refusal, Reply, Settings, Target};
use serde::de::DeserializeOwned;
use serde_json::Value;

use vector_files::{CallFile, Content, Form, Message, Piece, ReplyFile, Text, shown};

/// Runs every case in `folder`, at least `least` of them, on an adapter that `new` makes of the case's settings.
///
/// # Panics
/// With all that differs, in all cases.
pub(crate) fn run<A: Adapter>(folder: impl AsRef<Path>, least: usize, new: impl Fn(&dyn Settings) -> A) {
    let folder = folder.as_ref();
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= least, "{} holds {} cases, expected at least {least}", folder.display(), cases.len());

    let mut report = String::new();
    for case in &cases {
        let mut differences = Differences::default();
        check(case, &new, &mut differences);
        for difference in &differences.0 {
            writeln!(report, "{}: {difference}", case.display()).expect("a string takes all");
        }
    }
    assert!(report.is_empty(), "golden vectors differ:\n{report}");
}

fn check<A: Adapter>(case: &Path, new: impl Fn(&dyn Settings) -> A, differences: &mut Differences) {
    let settings: BTreeMap<String, String> = read(case, "settings.json").unwrap_or_default();
    let adapter = new(&|name: &str| settings.get(name).cloned());
    let call: Option<CallFile> = read(case, "call.json");
    let reply: Option<ReplyFile> = read(case, "reply.json");
    let out: Option<Message> = read(case, "out.json");
    let Some(request) = read::<Message>(case, "in.json") else { return differences.say("there is no in.json") };
    if call.is_none() && out.is_none() {
        return differences.say("neither call.json nor out.json: nothing is tested");
    }

    let (head, mut payload) = request.into_request().into_parts();
    if adapter.reads_whole(&head) {
        payload = Payload::Whole(whole(payload).expect("a body that does not break off"));
    }
    let received = payload.whole().cloned();
    let (origin, decoded) = adapter.decode(Request::from_parts(head, payload));

    let answer = match (decoded, call) {
        (Decoded::Call(decoded), call) => {
            if let Some(call) = call {
                call.compare(decoded, received, differences);
            }
            None
        }
        (Decoded::Answer(response), Some(CallFile { answered: Some(expected), .. })) => {
            let (head, payload) = response.into_parts();
            let whole = Payload::Whole(whole(payload).expect("a body that does not break off"));
            expected.compare("answered", Response::from_parts(head.clone(), copy(&whole)), differences);
            Some(Reply::Http(Response::from_parts(head, whole)))
        }
        (Decoded::Answer(response), _) => return differences.say(format!("answered without a function: {response:?}")),
        (Decoded::Refused(refusal), Some(call)) => {
            call.compare_refusal(&refusal, differences);
            Some(Reply::Failed(refusal.error))
        }
        (Decoded::Delivery(delivery), _) => return differences.say(format!("events, and no request: {delivery:?}")),
        (Decoded::Refused(refusal), None) => return differences.say(format!("refused: {}", refusal.error)),
    };

    let reply = match (reply, answer) {
        (Some(_), Some(_)) => return differences.say("there is a reply.json, but no function was called"),
        (Some(reply), None) => reply.into_reply(),
        (None, Some(answer)) => answer,
        (None, None) if out.is_some() => return differences.say("there is an out.json, but no reply.json"),
        (None, None) => return,
    };
    let reply = as_dispatched(&adapter, &origin, reply);
    let response = adapter.encode(origin, reply);
    if let Some(out) = out {
        out.compare("out", response, differences);
    }
}

/// Reads a reply whole where the adapter asks for it, as the runtime does.
fn as_dispatched<A: Adapter>(adapter: &A, origin: &A::Origin, reply: Reply) -> Reply {
    let Reply::Http(response) = reply else { return reply };
    let response = response.map(Payload::into_body);
    if !adapter.sends_whole(origin, &response) {
        return Reply::Http(response.map(Payload::Stream));
    }
    let (head, body) = response.into_parts();
    match whole(Payload::Stream(body)) {
        Ok(whole) => Reply::Http(Response::from_parts(head, Payload::Whole(whole))),
        Err(error) => Reply::Failed(Error::new(ErrorKind::Function, error)),
    }
}

/// Everything that is not as the files say.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn say(&mut self, difference: impl Into<String>) {
        self.0.push(difference.into());
    }

    fn equal<T: PartialEq + Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.say(format!("{what}\n  expected {expected:?}\n     found {found:?}"));
        }
    }

    fn headers(&mut self, what: &str, expected: &[(String, Text)], found: &HeaderMap) {
        let expected: Vec<_> = expected.iter().map(|(name, value)| (name.clone(), value.lossy())).collect();
        let found: Vec<_> = found
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        self.equal(what, &expected, &found);
    }

    fn body(&mut self, what: &str, expected: Option<&Content>, found: Payload) {
        match expected.map(Content::form) {
            Some(Form::Frames(expected)) => {
                let expected: Vec<_> = expected.iter().map(Piece::shown).collect();
                self.equal(what, &expected, &frames(found));
            }
            Some(Form::Json(expected)) => match whole(found) {
                Ok(found) => {
                    let expected: Value = serde_json::from_str(expected.get()).expect("JSON in a fixture");
                    match serde_json::from_slice::<Value>(&found) {
                        Ok(found) => self.equal(what, &expected, &found),
                        Err(_) => self.say(format!("{what}: expected JSON, found {}", shown(&found))),
                    }
                }
                Err(error) => self.say(format!("{what}: broke off: {error}")),
            },
            expected => {
                let expected = expected.map(Form::bytes).unwrap_or_default();
                match whole(found) {
                    Ok(found) if expected == found => {}
                    found => self.equal(what, &Ok(shown(&expected)), &found.map(|found| shown(&found))),
                }
            }
        }
    }
}

impl Message {
    fn compare(&self, what: &str, found: Response<Payload>, differences: &mut Differences) {
        assert!(self.method.is_none() && self.path.is_none(), "a response has no method and no path");
        let (head, body) = found.into_parts();
        let status = self.status.expect("a status in a fixture");
        differences.equal(&format!("{what}.status"), &status, &head.status.as_u16());
        if let Some(headers) = &self.headers {
            differences.headers(&format!("{what}.headers"), headers, &head.headers);
        }
        differences.body(&format!("{what}.body"), self.body.as_ref(), body);
    }
}

impl CallFile {
    fn compare(&self, call: Call, received: Option<Bytes>, differences: &mut Differences) {
        let request = call.request;
        let (Some(method), Some(uri)) = (&self.method, &self.uri) else {
            return differences.say(format!("call: expected no call, found {} {}", request.method(), request.uri()));
        };
        let target = self.target.clone().map_or(Target::Route, Target::Function);
        differences.equal("call.target", &target, &call.target);
        let (head, body) = request.into_parts();
        differences.equal("call.method", &method.as_str(), &head.method.as_str());
        differences.equal("call.uri", uri, &head.uri.to_string());
        differences.headers("call.headers", &self.headers, &head.headers);
        differences.body("call.body", self.body.as_ref(), Payload::Stream(body));
        for (name, expected) in &self.context {
            let found = value_of(&call.invocation, name, received.as_ref());
            differences.equal(&format!("call.context.{name}"), expected, &found);
        }
    }

    fn compare_refusal(&self, refusal: &Refusal, differences: &mut Differences) {
        let text = refusal.error.to_string();
        match &self.refused {
            None => differences.say(format!("call: refused: {text}")),
            Some(parts) => {
                for part in parts.list().iter().filter(|part| !text.contains(part.as_str())) {
                    differences.say(format!("call.refused\n  expected {part:?}\n        in {text:?}"));
                }
            }
        }
        if self.invocation_id.is_some() {
            differences.equal("call.invocation_id", &self.invocation_id, &refusal.invocation_id);
        }
    }
}

/// A value of an invocation, by its name in `call.json`.
fn value_of(invocation: &Invocation, name: &str, received: Option<&Bytes>) -> Value {
    match name {
        "invocation_id" => invocation.id.clone().into(),
        "version" => invocation.version.as_deref().into(),
        "client_ip" => invocation.client_ip.map(|ip| ip.to_string()).into(),
        "traceparent" => invocation.trace.map(|trace| trace.to_string()).into(),
        "deadline_ms" => invocation
            .deadline
            .map(|deadline| deadline.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64)
            .into(),
        "raw" => (invocation.raw.is_some() && invocation.raw.as_ref() == received).into(),
        _ => panic!("`{name}` is not a known key of `context` in call.json"),
    }
}

fn read<T: DeserializeOwned>(case: &Path, file: &str) -> Option<T> {
    let path = case.join(file);
    let text = fs::read_to_string(&path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

fn copy(payload: &Payload) -> Payload {
    Payload::Whole(payload.whole().cloned().unwrap_or_default())
}

fn whole(payload: Payload) -> Result<Bytes, String> {
    if let Payload::Whole(bytes) = payload {
        return Ok(bytes);
    }
    ready(payload.into_body().collect()).map(|collected| collected.to_bytes()).map_err(|e| e.to_string())
}

fn frames(payload: Payload) -> Vec<Result<String, String>> {
    let mut body = payload.into_body();
    let mut frames = Vec::new();
    while let Some(frame) = ready(body.frame()) {
        frames.push(match frame.map(Frame::into_data) {
            Ok(Ok(data)) => Ok(shown(&data)),
            Ok(Err(trailers)) => Ok(format!("{trailers:?}")),
            Err(error) => Err(error.to_string()),
        });
        if frames.last().is_some_and(Result::is_err) {
            break;
        }
    }
    frames
}

/// The output of a future that never waits: bodies in fixtures are all there.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a body in a fixture waits for something"),
    }
}
