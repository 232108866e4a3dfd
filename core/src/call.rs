use axum::body::Body;
use http::Request;

use crate::Invocation;

/// An HTTP request to a function, in the common form.
#[derive(Debug)]
pub struct Call {
    /// The request.
    pub request: Request<Body>,
    /// The function that the request is for.
    pub target: Target,
    /// The data that the provider sends about the invocation itself.
    pub invocation: Invocation,
}

/// The function that a [`Call`] is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The function whose route matches the request.
    Route,
    /// The function with this name, which the platform has chosen.
    Function(String),
    /// The function with this name, which the platform invokes directly. The app's layers are for HTTP requests and do not see the
    /// invocation.
    Invoke(String),
}
