use http::{Response, StatusCode};

use crate::{Error, Outcome, Payload, error};

/// What a function answered, or that there is no answer.
#[derive(Debug)]
pub enum Reply {
    /// An HTTP response.
    Http(Response<Payload>),
    /// What became of each record of a delivery, in its order.
    Delivered(Vec<Outcome>),
    /// The invocation failed before a function could answer. Its details are in the log; the caller learns the status.
    Failed(Error),
}

impl Reply {
    /// The reply as an HTTP response: a failure becomes its status and a problem document without internals.
    ///
    /// ```
    /// use omnifn_core::{Error, ErrorKind, Reply};
    ///
    /// let reply = Reply::Failed(Error::new(ErrorKind::Panicked, "index out of bounds"));
    /// assert_eq!(reply.into_http().status(), 500);
    /// ```
    pub fn into_http(self) -> Response<Payload> {
        match self {
            Reply::Http(response) => response,
            Reply::Failed(error) => error::problem(&error).map(Payload::from),
            Reply::Delivered(outcomes) => match worst(&outcomes) {
                None => no_content(),
                Some(Some(error)) => error::problem(error).map(Payload::from),
                Some(None) => {
                    let mut response = no_content();
                    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                    response
                }
            },
        }
    }

    /// The status that the caller will see.
    pub fn status(&self) -> StatusCode {
        match self {
            Reply::Http(response) => response.status(),
            Reply::Failed(error) => error.status_code(),
            Reply::Delivered(outcomes) => match worst(outcomes) {
                None => StatusCode::NO_CONTENT,
                Some(error) => error.map_or(StatusCode::SERVICE_UNAVAILABLE, Error::status_code),
            },
        }
    }
}

/// The first outcome that is no acknowledgement, with its error where it has one.
fn worst(outcomes: &[Outcome]) -> Option<Option<&Error>> {
    outcomes.iter().find(|outcome| !outcome.is_acknowledged()).map(Outcome::error)
}

fn no_content() -> Response<Payload> {
    let mut response = Response::new(Payload::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
