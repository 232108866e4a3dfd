use axum::{
    extract::{FromRequest, OptionalFromRequest, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, ErrorKind};

/// A JSON body, in and out.
///
/// As an argument it is [`axum::Json`], whose rejection is a problem document here: the body must be declared as JSON (`application/json`
/// or `…+json`), else 415; be JSON, else 400; and fit the type, else 422. The answer names the place in the document. As a reply it is
/// `application/json`.
///
/// ```
/// use omnifn_core::extract::Json;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Note {
///     text: String,
/// }
///
/// async fn echo(Json(note): Json<Note>) -> Json<Note> {
///     Json(note)
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let content_type = shown_type(request.headers());
        match <axum::Json<T> as FromRequest<S>>::from_request(request, state).await {
            Ok(axum::Json(document)) => Ok(Json(document)),
            Err(rejection) => Err(explain(rejection, &content_type)),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Response> {
        match request.headers().contains_key(header::CONTENT_TYPE) {
            true => <Self as FromRequest<S>>::from_request(request, state).await.map(Some),
            false => Ok(None),
        }
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if it is not JSON, [`ErrorKind::Unprocessable`] if it does not fit the type, each with
    /// the place.
    pub fn from_slice(document: &[u8]) -> Result<Self, Error> {
        let read = axum::Json::from_bytes(document).map(|axum::Json(document)| Json(document));
        read.map_err(|rejection| misfit(&rejection))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(document) => ([(header::CONTENT_TYPE, "application/json")], document).into_response(),
            Err(e) => {
                Error::new(ErrorKind::Function, "the answer cannot be written as JSON").with_source(e).into_response()
            }
        }
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

fn shown_type(headers: &HeaderMap) -> String {
    headers.get(header::CONTENT_TYPE).map_or_else(|| "none".to_owned(), |value| format!("{value:?}"))
}

fn explain(rejection: JsonRejection, content_type: &str) -> Response {
    let error = match &rejection {
        JsonRejection::MissingJsonContentType(_) => {
            let words = format!("expected Content-Type application/json, found {content_type}");
            Error::new(ErrorKind::MediaType, words).public()
        }
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => misfit(&rejection),
        _ => return rejection.into_response(),
    };
    error.into_response()
}

/// Explains what does not fit, and where.
fn misfit(rejection: &JsonRejection) -> Error {
    let (kind, what) = match rejection {
        JsonRejection::JsonDataError(_) => (ErrorKind::Unprocessable, "the JSON body does not fit"),
        _ => (ErrorKind::Decode, "the body is not JSON"),
    };
    let root: &(dyn std::error::Error + 'static) = rejection;
    let mut causes = std::iter::successors(Some(root), |error| error.source());
    let located = causes.find_map(|cause| cause.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>());
    let words = match located {
        Some(error) if error.path().iter().next().is_some() => format!("{what} at `{}`: {}", error.path(), error.inner()),
        Some(error) => format!("{what}: {}", error.inner()),
        None => what.to_owned(),
    };
    Error::new(kind, words).public()
}
