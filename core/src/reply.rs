use http::{Response, StatusCode};

use crate::{Error, ErrorClass, ErrorKind, Outcome, Payload, error};

/// The response or the outcomes of a function, or the failure of an invocation.
#[derive(Debug)]
pub enum Reply {
    /// An HTTP response.
    Http(Response<Payload>),
    /// The outcome of each record of a delivery, in its order.
    Delivered(Vec<Outcome>),
    /// The invocation failed before a function could answer. Its details are only logged; the caller receives the status.
    Failed(Error),
}

impl Reply {
    /// Converts the reply into an HTTP response. A failure becomes its status and a problem document without internals.
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
            Reply::Failed(error) => failed(&error),
            Reply::Delivered(outcomes) => delivered(&outcomes),
        }
    }

    /// Returns the status that the caller receives.
    pub fn status(&self) -> StatusCode {
        match self {
            Reply::Http(response) => response.status(),
            Reply::Failed(error) => error.status_code(),
            Reply::Delivered(outcomes) => worst(outcomes),
        }
    }
}

/// Returns the status for the sender of events: 204 if all are done; 429, or 500 and above, if they are to be delivered again;
/// any other status if they are not.
fn worst(outcomes: &[Outcome]) -> StatusCode {
    let mut status = StatusCode::NO_CONTENT;
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_acknowledged()) {
        let Outcome::Failed(error) = outcome else { return StatusCode::SERVICE_UNAVAILABLE };
        let own = error.status_code();
        let comes_again = own.is_server_error() || own == StatusCode::TOO_MANY_REQUESTS;
        match error.class() {
            ErrorClass::Reject => status = if own.is_client_error() { own } else { StatusCode::BAD_REQUEST },
            _ => return if comes_again { own } else { StatusCode::INTERNAL_SERVER_ERROR },
        }
    }
    status
}

fn failed(error: &Error) -> Response<Payload> {
    error::problem(error).map(Payload::from)
}

fn delivered(outcomes: &[Outcome]) -> Response<Payload> {
    let status = worst(outcomes);
    let mut response = match status {
        StatusCode::NO_CONTENT => Response::new(Payload::default()),
        status => failed(&Error::new(ErrorKind::Function, "").with_status(status).private()),
    };
    *response.status_mut() = status;
    response
}
