use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CONTENT_TYPE, TRAILER},
};
use omnifn_core::{Error, ErrorKind, Payload};
use tokio::time::timeout;

use super::{
    connection::{Connection, Unanswered},
    endpoint::Endpoint,
    message::{ERROR_TYPE, INVOCATION_ID, OF_AN_EVENT, RESPONSE_MODE, Reply, ReplyTo, TRAILERS, failure},
    request::Request,
    stream::Streamed,
};
use crate::{
    http1::{Headers, ResponseHead},
    log,
};

/// The Runtime API: what all connections to it share.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) endpoint: Endpoint,
    /// Whether it takes the question for the next event behind a reply (HTTP pipelining).
    pipelines: bool,
    /// The question for an event, as it is written.
    next: Bytes,
}

/// One that asks the API, and answers, one message after another, on one connection.
pub(super) struct Client {
    pub(super) api: Arc<RuntimeApi>,
    connection: Option<Connection>,
    /// Whether the question for the next event goes out in one piece with a reply, and not when that was accepted.
    pipelines: bool,
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

/// The largest event that is read, in bytes. The platform's own limits are far below.
const EVENT_LIMIT: usize = 256 * 1024 * 1024;

/// How much, and how long, of what the API says to a reply is read. Only for the log, and to use the connection again.
const ANSWER_LIMIT: usize = 16 * 1024;
const ANSWER_TIME: Duration = Duration::from_secs(1);

impl RuntimeApi {
    pub(super) fn new(endpoint: Endpoint, pipelines: bool) -> Self {
        let next = Request::get(&endpoint, &[RUNTIME, "invocation/next"]).bare().into_bytes();
        RuntimeApi { endpoint, pipelines, next }
    }
}

impl Client {
    pub(super) fn new(api: Arc<RuntimeApi>) -> Self {
        Client { api, connection: None, pipelines: false }
    }

    /// One that asks for the next event behind a reply where it can. It is for a loop that has nothing to do between the two.
    pub(super) fn of_loop(api: Arc<RuntimeApi>) -> Self {
        let pipelines = api.pipelines;
        Client { pipelines, ..Client::new(api) }
    }

    /// Waits for an event, as long as it takes.
    pub(super) async fn next(&mut self) -> Result<Next, String> {
        let head = match self.asked().await {
            Some(head) => head?,
            None => {
                let mut request = Request::written(self.api.next.clone());
                self.exchange(&mut request, Headers::All(&OF_AN_EVENT)).await.map_err(|failed| failed.why)?
            }
        };
        match head.status {
            StatusCode::OK => {}
            StatusCode::NO_CONTENT => return Ok(Next::Nothing),
            status => {
                let Answer { text, .. } = self.conclude(status).await;
                // It may have been the answer to something else.
                self.connection = None;
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
        match self.read(EVENT_LIMIT).await {
            Ok(event) => Ok(Next::Event { to, head: head.headers, event }),
            Err(why) => Ok(Next::Broken { to, why }),
        }
    }

    /// Waits for the answer to a question that went out with a reply, if one did.
    async fn asked(&mut self) -> Option<Result<ResponseHead, String>> {
        let connection = self.connection.as_mut().filter(|connection| connection.is_asked())?;
        match connection.respond_further(Headers::All(&OF_AN_EVENT)).await {
            Ok(head) => Some(Ok(head)),
            Err(failed) => {
                self.connection = None;
                // An API that closes between the two took the question for nothing, and is asked again.
                if failed.again { None } else { Some(Err(failed.why)) }
            }
        }
    }

    /// Whether the API was asked for the next event already.
    pub(super) fn has_asked(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_asked)
    }

    /// Posts a reply. One that is whole is sent again on a new connection where the first closes without an answer.
    pub(super) async fn reply(&mut self, to: &ReplyTo, reply: Reply) -> Result<Answer, String> {
        let Reply { error_type, content_type, payload } = reply;
        let part = if error_type.is_some() { "/error" } else { "/response" };
        let path = [RUNTIME, "invocation/", &to.request_id, part];
        let length = payload.whole().map_or(0, Bytes::len);
        let mut request = Request::post(&self.api.endpoint, &path, length);
        if let Some(value) = &to.invocation_id {
            request.header(INVOCATION_ID, value);
        }
        if let Some(value) = &content_type {
            request.header(CONTENT_TYPE, value);
        }
        if let Some(value) = &error_type {
            request.header(ERROR_TYPE, value);
        }
        let response = match payload {
            Payload::Whole(bytes) => {
                let mut request = request.whole(bytes);
                // A long one is no piece with the question, and may be refused, and need another reply.
                if self.pipelines && request.ask(&self.api.next) {
                    // A program that has asked may be frozen: what it logged is to be out before that.
                }
                match self.exchange(&mut request, Headers::Unread).await {
                    Ok(response) => Ok(response),
                    Err(_) => {
                        request.again();
                        self.exchange(&mut request, Headers::Unread).await
                    }
                }
            }
            Payload::Stream(body) => {
                request.header(RESPONSE_MODE, &HeaderValue::from_static("streaming"));
                request.header(TRAILER, &TRAILERS);
                // A stream cannot be sent again: it does not go on a connection that may have closed while the function ran.
                self.connection = None;
                self.exchange(&mut request.streamed(Streamed::new(body)), Headers::Unread).await
            }
        };
        self.answered(response).await
    }

    /// Tells the API why the program cannot start (`init/error`), or not from its image (`restore/error`). The platform may not
    /// hear it, and then there is nothing to be done.
    pub(super) async fn failed_start(&mut self, part: &'static str, error: &Error) {
        let error_type = match error.name() {
            "FunctionError" => "Runtime.InitError".to_owned(),
            name => format!("Runtime.{name}"),
        };
        let body = failure(&error_type, &error.to_string());
        let mut request = Request::post(&self.api.endpoint, &[RUNTIME, part], body.len());
        request.header(CONTENT_TYPE, &HeaderValue::from_static("application/json"));
        if let Ok(error_type) = HeaderValue::try_from(error_type) {
            request.header(ERROR_TYPE, &error_type);
        }
        let response = self.exchange(&mut request.whole(body), Headers::Unread).await;
        let posted = self.answered(response).await;
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
        let mut request = Request::get(&self.api.endpoint, &[RUNTIME, "restore/next"]).bare();
        let response = self.exchange(&mut request, Headers::Unread).await;
        let Answer { status, text } = self.answered(response).await.map_err(failed)?;
        self.connection = None;
        if !status.is_success() {
            return Err(failed(format!("the Runtime API answered {} to `restore/next`{text}", status.as_u16())));
        }
        Ok(())
    }

    /// Sends a request on the connection that there is, else on a new one.
    pub(super) async fn exchange(
        &mut self,
        request: &mut Request,
        wanted: Headers,
    ) -> Result<ResponseHead, Unanswered> {
        if let Some(connection) = self.connection.as_mut().filter(|connection| connection.is_free()) {
            match connection.send(request, wanted).await {
                // It had closed while the function ran.
                Err(failed) if failed.again => {}
                Err(failed) => {
                    self.connection = None;
                    return Err(failed);
                }
                Ok(head) => return Ok(head),
            }
        }
        self.connection = None;
        let connection = Connection::open(&self.api.endpoint).await.map_err(|why| Unanswered { why, again: true })?;
        let response = self.connection.insert(connection).send(request, wanted).await;
        if response.is_err() {
            self.connection = None;
        }
        response
    }

    pub(super) async fn answered(&mut self, response: Result<ResponseHead, Unanswered>) -> Result<Answer, String> {
        let head = response.map_err(|failed| failed.why)?;
        Ok(self.conclude(head.status).await)
    }

    /// Reads what the API says, a little and not for long.
    async fn conclude(&mut self, status: StatusCode) -> Answer {
        let mut text = String::new();
        let is_here = self.connection.as_ref().is_none_or(Connection::has_body);
        // The event comes behind it: what is left out would be in the event's place, and who closes the connection would lose it.
        let has_asked = self.has_asked();
        let reading = self.read(if has_asked { EVENT_LIMIT } else { ANSWER_LIMIT });
        // No clock is asked for what is here.
        let read = if is_here || has_asked { Ok(reading.await) } else { timeout(ANSWER_TIME, reading).await };
        match read {
            Ok(Ok(said)) if !status.is_success() && !said.is_empty() => {
                text = format!(": {:?}", String::from_utf8_lossy(&said[..said.len().min(ANSWER_LIMIT)]));
            }
            Ok(_) => {}
            Err(_late) => self.connection = None,
        }
        if !status.is_success() && !self.has_asked() {
            // What was posted may not have been read to its end.
            self.connection = None;
        }
        Answer { status, text }
    }

    async fn read(&mut self, limit: usize) -> Result<Bytes, String> {
        let Some(connection) = &mut self.connection else { return Err("the connection is gone".to_owned()) };
        let read = connection.read(limit).await;
        if read.is_err() {
            self.connection = None;
        }
        read
    }
}

/// What the paths of the Runtime API begin with.
const RUNTIME: &str = "/2018-06-01/runtime/";
