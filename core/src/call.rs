use axum_core::body::Body;

use crate::Invocation;

/// One invocation of one function, in the common form.
#[derive(Debug)]
pub struct Call {
    /// What happened.
    pub event: Event,
    /// Which function is meant.
    pub target: Target,
    /// What the provider says of the invocation itself.
    pub invocation: Invocation,
}

/// What happened, in the one common type of its trigger.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// An HTTP request.
    Http(http::Request<Body>),
}

/// Which function a [`Call`] is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one whose route fits the request.
    Route,
    /// The one of this name, which the platform has chosen.
    Function(String),
}
