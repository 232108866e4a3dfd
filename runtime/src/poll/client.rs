use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, TRAILER, USER_AGENT},
};
use http_body::Body as _;
use hyper::body::Incoming;
use omnifn_core::{Error, ErrorKind, Payload};

use super::{
    connection::{Connection, Unanswered},
    endpoint::Endpoint,
    message::{ERROR_TYPE, INVOCATION_ID, RESPONSE_MODE, Reply, ReplyTo, TRAILERS, failure},
    stream::{Outgoing, Streamed},
};
use crate::log;

/// The Runtime API: what all connections to it share.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) endpoint: Endpoint,
    next: Uri,
}

/// One that asks the API, and answers, one message after another, on one connection.
pub(super) struct Client {
    pub(super) api: Arc<RuntimeApi>,
    connection: Option<Connection>,
}

/// What the API says to `/next`.
pub(super) enum Next {
    Event {
        to: ReplyTo,
        head: HeaderMap,
        event: Bytes,
    },
    /// An event that broke off: it is for nobody but the API to know of.
    Broken {
        to: ReplyTo,
        why: String,
    },
    /// There is none for now.
    Nothing,
}

/// What the API says to a reply.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!("omnifn/", env!("CARGO_PKG_VERSION")));

/// The largest event that is read, in bytes. The platform's own limits are far below.
const EVENT_LIMIT: usize = 256 * 1024 * 1024;

/// How much, and how long, of what the API says to a reply is read. Only for the log, and to use the connection again.
const ANSWER_LIMIT: usize = 16 * 1024;
const ANSWER_TIME: Duration = Duration::from_secs(1);

impl RuntimeApi {
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, Error> {
        let next = path(&endpoint, RUNTIME, &["invocation/next"]).map_err(|why| Error::new(ErrorKind::Config, why))?;
        Ok(RuntimeApi { endpoint, next })
    }

    pub(super) fn request(&self, method: Method, uri: Uri, headers: usize, body: Outgoing) -> Request<Outgoing> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = HeaderMap::with_capacity(headers + 2);
        request.headers_mut().insert(HOST, self.endpoint.authority.clone());
        request.headers_mut().insert(USER_AGENT, AGENT);
        request
    }
}

impl Client {
    pub(super) fn new(api: Arc<RuntimeApi>) -> Self {
        Client { api, connection: None }
    }

    /// Waits for an event, as long as it takes.
    pub(super) async fn next(&mut self) -> Result<Next, String> {
        let request = self.api.request(Method::GET, self.api.next.clone(), 0, Outgoing::Whole(Bytes::new()));
        let response = self.exchange(request).await.map_err(|failed| failed.why)?;
        let (head, body) = response.into_parts();
        match head.status {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => return Ok(Next::Nothing),
            status => {
                let Answer { text, .. } = self.conclude(status, body).await;
                return Err(format!("the Runtime API answered {} to `next`{text}", status.as_u16()));
            }
        }
        let to = match ReplyTo::read(&head.headers) {
            Ok(to) => to,
            Err(why) => {
                self.connection = None;
                return Err(why);
            }
        };
        match self.read(body, EVENT_LIMIT).await {
            Ok(event) => Ok(Next::Event { to, head: head.headers, event }),
            Err(why) => Ok(Next::Broken { to, why }),
        }
    }

    /// Posts a reply. One that is whole is sent again on a new connection where the first closes without an answer.
    pub(super) async fn reply(&mut self, to: &ReplyTo, reply: Reply) -> Result<Answer, String> {
        let Reply { error_type, content_type, payload } = reply;
        let part = if error_type.is_some() { "/error" } else { "/response" };
        let uri = path(&self.api.endpoint, RUNTIME, &["invocation/", &to.request_id, part])?;
        let post = |api: &RuntimeApi, body: Outgoing| {
            // Six in all are a map that the allocator keeps at hand.
            let mut request = api.request(Method::POST, uri.clone(), 4, body);
            let headers = request.headers_mut();
            if let Some(value) = &to.invocation_id {
                headers.insert(INVOCATION_ID, value.clone());
            }
            if let Some(value) = &content_type {
                headers.insert(CONTENT_TYPE, value.clone());
            }
            if let Some(value) = &error_type {
                headers.insert(ERROR_TYPE, value.clone());
            }
            request
        };
        match payload {
            Payload::Whole(bytes) => {
                let whole = |api: &RuntimeApi| {
                    let mut request = post(api, Outgoing::Whole(bytes.clone()));
                    request.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
                    request
                };
                let response = match self.exchange(whole(&self.api)).await {
                    Ok(response) => Ok(response),
                    Err(_) => self.exchange(whole(&self.api)).await,
                };
                self.answered(response).await
            }
            Payload::Stream(body) => {
                let streamed = Streamed::new(body);
                let mut request = post(&self.api, Outgoing::Stream(streamed));
                request.headers_mut().insert(RESPONSE_MODE, HeaderValue::from_static("streaming"));
                request.headers_mut().insert(TRAILER, TRAILERS);
                // A stream cannot be sent again: it does not go on a connection that may have closed while the function ran.
                self.connection = None;
                let response = self.exchange(request).await;
                self.answered(response).await
            }
        }
    }

    /// Tells the API why the program cannot start (`init/error`), or not from its image (`restore/error`). The platform may not
    /// hear it, and then there is nothing to be done.
    pub(super) async fn failed_start(&mut self, part: &'static str, error: &Error) {
        let error_type = match error.name() {
            "FunctionError" => "Runtime.InitError".to_owned(),
            name => format!("Runtime.{name}"),
        };
        let body = failure(&error_type, &error.to_string());
        let posted = match path(&self.api.endpoint, RUNTIME, &[part]) {
            Ok(uri) => {
                let mut request = self.api.request(Method::POST, uri, 3, Outgoing::Whole(body));
                request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                if let Ok(error_type) = HeaderValue::try_from(error_type) {
                    request.headers_mut().insert(ERROR_TYPE, error_type);
                }
                let response = self.exchange(request).await;
                self.answered(response).await
            }
            Err(why) => Err(why),
        };
        match posted {
            Ok(answer) if answer.status.is_success() => {}
            Ok(Answer { status, text }) => {
                log::warn(format_args!("the Runtime API answered {} to `{part}`{text}", status.as_u16()));
            }
            Err(why) => log::warn(format_args!("the platform could not be told of the failed start: {why}")),
        }
    }

    /// Under SnapStart: says that the program has started, and waits until it runs from its image. What was connected
    /// before is gone then.
    pub(super) async fn restore(&mut self) -> Result<(), Error> {
        let failed = |why| Error::new(ErrorKind::Config, format!("the process could not be restored: {why}"));
        let uri = path(&self.api.endpoint, RUNTIME, &["restore/next"]).map_err(failed)?;
        let request = self.api.request(Method::GET, uri, 0, Outgoing::Whole(Bytes::new()));
        let response = self.exchange(request).await;
        let Answer { status, text } = self.answered(response).await.map_err(failed)?;
        self.connection = None;
        if !status.is_success() {
            return Err(failed(format!("the Runtime API answered {} to `restore/next`{text}", status.as_u16())));
        }
        Ok(())
    }

    /// Sends a request on the connection that there is, else on a new one.
    pub(super) async fn exchange(&mut self, mut request: Request<Outgoing>) -> Result<Response<Incoming>, Unanswered> {
        if let Some(connection) = &mut self.connection {
            match connection.send(request).await {
                Ok(response) => return Ok(response),
                Err(failed) => {
                    self.connection = None;
                    match failed.unsent {
                        // It had closed while the function ran.
                        Some(unsent) => request = unsent,
                        None => return Err(failed),
                    }
                }
            }
        }
        match Connection::open(&self.api.endpoint).await {
            Err(why) => Err(Unanswered { why, unsent: Some(request) }),
            Ok(connection) => {
                let response = self.connection.insert(connection).send(request).await;
                if response.is_err() {
                    self.connection = None;
                }
                response
            }
        }
    }

    pub(super) async fn answered(
        &mut self,
        response: Result<Response<Incoming>, Unanswered>,
    ) -> Result<Answer, String> {
        let (head, body) = response.map_err(|failed| failed.why)?.into_parts();
        Ok(self.conclude(head.status, body).await)
    }

    /// Reads what the API says, a little and not for long.
    async fn conclude(&mut self, status: StatusCode, body: Incoming) -> Answer {
        let mut text = String::new();
        if !body.is_end_stream() {
            match tokio::time::timeout(ANSWER_TIME, self.read(body, ANSWER_LIMIT)).await {
                Ok(Ok(said)) if !status.is_success() => text = format!(": {:?}", String::from_utf8_lossy(&said)),
                Ok(_) => {}
                Err(_late) => self.connection = None,
            }
        }
        if !status.is_success() {
            // What was posted may not have been read to its end.
            self.connection = None;
        }
        Answer { status, text }
    }

    async fn read(&mut self, body: Incoming, limit: usize) -> Result<Bytes, String> {
        let Some(connection) = &mut self.connection else { return Err("the connection is gone".to_owned()) };
        let read = connection.read(body, limit).await;
        if read.is_err() {
            self.connection = None;
        }
        read
    }
}

/// What the paths of the Runtime API begin with.
const RUNTIME: &str = "/2018-06-01/runtime/";

/// A path of the API.
pub(super) fn path(endpoint: &Endpoint, root: &str, parts: &[&str]) -> Result<Uri, String> {
    let length = endpoint.base.len() + root.len() + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut path = String::with_capacity(length);
    path.push_str(&endpoint.base);
    path.push_str(root);
    path.extend(parts.iter().copied());
    Uri::from_maybe_shared(Bytes::from(path))
        .map_err(|error| format!("no path can be made of the Runtime API: {error}"))
}
