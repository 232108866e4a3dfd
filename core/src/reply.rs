use http::{Response, StatusCode};

use crate::{Error, Payload, error};

/// What a function answered, or that there is no answer.
#[derive(Debug)]
pub enum Reply {
    /// An HTTP response.
    Http(Response<Payload>),
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
        }
    }

    /// The status that the caller will see.
    pub fn status(&self) -> StatusCode {
        match self {
            Reply::Http(response) => response.status(),
            Reply::Failed(error) => error.status_code(),
        }
    }
}
