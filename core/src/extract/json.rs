use axum::{
    extract::{FromRequest, OptionalFromRequest, Request, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, ErrorKind, cut::cut, json::reason};

/// A JSON body, as an argument and as a response.
///
/// As an argument it is [`axum::Json`] with a problem document as its rejection: 415 if the body is not declared as JSON
/// (`application/json` or `…+json`), 400 if it is not JSON, and 422 if it does not fit the type. The rejection names the place in the
/// document. As a response it is `application/json`.
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
        declared_as_json(request.headers()).map_err(IntoResponse::into_response)?;
        let body = whole(request, state).await.map_err(IntoResponse::into_response)?;
        Json::from_slice(&body).map_err(IntoResponse::into_response)
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
        read.map_err(|rejection| unprocessable(&rejection))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(document) => ([(header::CONTENT_TYPE, "application/json")], document).into_response(),
            Err(e) => Error::new(ErrorKind::Function, "the response cannot be serialized as JSON")
                .with_source(e)
                .into_response(),
        }
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

/// Reads the body whole.
pub(crate) async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Error> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let kind = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
            _ => ErrorKind::BrokenBody,
        };
        let words = rejection.body_text();
        Error::new(kind, words.clone()).public_but_logged_as(words)
    })
}

/// Checks that the body is declared as JSON. axum's own check refuses white space before a `;`, which HTTP allows.
fn declared_as_json(headers: &HeaderMap) -> Result<(), Error> {
    let declared = headers.get(header::CONTENT_TYPE);
    let essence = declared.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next());
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    if subtype == "json" || subtype.strip_suffix("+json").is_some_and(|vendor| !vendor.is_empty()) {
        return Ok(());
    }
    let found = declared
        .map_or_else(|| "none".to_owned(), |value| format!("{:?}", cut(&String::from_utf8_lossy(value.as_bytes()))));
    let error = Error::new(ErrorKind::MediaType, format!("expected Content-Type application/json, found {found}"));
    Err(error.public_but_logged_as("expected Content-Type application/json, found another one"))
}

/// Returns the reason why a document does not fit the type, with the place.
fn unprocessable(rejection: &JsonRejection) -> Error {
    let (kind, what) = match rejection {
        JsonRejection::JsonDataError(_) => (ErrorKind::Unprocessable, "the JSON body does not match the expected type"),
        _ => (ErrorKind::Decode, "the body is not JSON"),
    };
    let root: &(dyn std::error::Error + 'static) = rejection;
    let mut causes = std::iter::successors(Some(root), |error| error.source());
    let located = causes.find_map(|cause| cause.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>());
    let (words, logged) = match located {
        Some(error) if error.path().iter().next().is_some() => {
            (format!("{what} at `{}`: {}", error.path(), error.inner()), format!("{what}: {}", reason(error.inner())))
        }
        Some(error) => (format!("{what}: {}", error.inner()), format!("{what}: {}", reason(error.inner()))),
        None => (what.to_owned(), what.to_owned()),
    };
    Error::new(kind, words).public_but_logged_as(logged)
}
