use axum::extract::{FromRequestParts, RawPathParams, path::ErrorKind as PathErrorKind, rejection::PathRejection};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind};

/// The parameters of the path, percent-decoded: one value, a tuple in the pattern's order, or a struct or map by name.
///
/// It is [`axum::extract::Path`] with a problem document as its rejection: a parameter that does not fit (`/notes/seven` for `/notes/{id}`
/// with `id: u64`) is a 400 that names it.
///
/// ```
/// use omnifn_core::extract::Path;
///
/// // get = "/notes/{id}"
/// async fn read(Path(id): Path<u64>) -> String {
///     format!("note {id}")
/// }
///
/// // get = "/{year}/{month}"
/// async fn archive(Path((year, month)): Path<(u16, u8)>) -> String {
///     format!("{year}-{month:02}")
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(rejection) => {
                let raw = RawPathParams::from_request_parts(parts, state).await;
                Err(explain(rejection, &raw.iter().flatten().collect::<Vec<_>>()))
            }
        }
    }
}

fn explain(rejection: PathRejection, parameters: &[(&str, &str)]) -> Error {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        return Error::new(ErrorKind::Config, "`Path` takes parameters, but the route has none");
    };
    let name = |index: usize| parameters.get(index).map(|(name, _)| (*name).to_owned()).unwrap_or_default();
    let (name, value, expected) = match error.into_kind() {
        PathErrorKind::ParseErrorAtKey { key, value, expected_type } => (key, value, expected_type.to_owned()),
        PathErrorKind::ParseErrorAtIndex { index, value, expected_type } => {
            (name(index), value, expected_type.to_owned())
        }
        PathErrorKind::ParseError { value, expected_type } => (name(0), value, expected_type.to_owned()),
        PathErrorKind::DeserializeError { key, value, message } => (key, value, format!("another value: {message}")),
        PathErrorKind::InvalidUtf8InPathParam { key } => {
            let words = format!("the path parameter `{key}` is not UTF-8 once percent-decoded");
            return Error::new(ErrorKind::Decode, words.clone()).public_but_logged_as(words);
        }
        // This is serde's text: a value that the type refuses is the caller's mistake, a field that the route lacks is the author's.
        PathErrorKind::Message(message) if !message.starts_with("missing field") => match parameters {
            [(name, value)] => ((*name).to_owned(), (*value).to_owned(), format!("another value: {message}")),
            _ => {
                let error = Error::new(ErrorKind::Decode, format!("invalid path parameters: {message}"));
                return error.public_but_logged_as("invalid path parameters");
            }
        },
        // The route and the type can never fit, which is the author's mistake.
        mismatch => {
            return Error::new(ErrorKind::Config, format!("the argument `Path` does not match the route: {mismatch}"));
        }
    };
    let error = Error::new(ErrorKind::Decode, format!("the path parameter `{name}` is {value:?}, expected {expected}"));
    error.public_but_logged_as(format!("invalid path parameter `{name}`"))
}
