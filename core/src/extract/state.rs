use std::any::Any;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{Context, Error};

/// A value that the functions of an app share.
///
/// It is provided by `omnifn::main!(…; state = connect)` or [`App::state`](crate::App::state), and cloned for each invocation: put
/// what is large or shared behind an `Arc`.
///
/// ```
/// use omnifn_core::extract::State;
///
/// async fn greet(State(greeting): State<&'static str>) -> String {
///     format!("{greeting}, world!")
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State<T>(pub T);

impl<T: Any + Clone + Send + Sync, S: Sync> FromRequestParts<S> for State<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Context::of(&parts.extensions)?.state().map(State)
    }
}
