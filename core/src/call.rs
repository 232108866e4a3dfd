use axum::body::Body;
use http::Request;

use crate::Invocation;

/// One HTTP request to a function, in the common form.
#[derive(Debug)]
pub struct Call {
    /// The request.
    pub request: Request<Body>,
    /// Which function is meant.
    pub target: Target,
    /// What the provider says of the invocation itself.
    pub invocation: Invocation,
}

/// Which function a [`Call`] is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one whose route fits the request.
    Route,
    /// The one of this name, which the platform has chosen.
    Function(String),
}
