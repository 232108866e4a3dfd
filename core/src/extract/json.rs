use axum_core::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, ErrorKind, json};

/// A JSON body, in and out.
///
/// As an argument: the body must be declared as JSON (`application/json` or `…+json`), else 415; be JSON, else 400; and
/// fit the type, else 422. The answer names the place in the document. As a reply: `application/json`.
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
        if let Err(error) = declared_as_json(request.headers()) {
            return Err(error.into_response());
        }
        let body = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        Json::from_slice(&body).map_err(IntoResponse::into_response)
    }
}

impl<T: DeserializeOwned> Json<T> {
    /// Reads a document.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where it is not JSON, [`ErrorKind::Unprocessable`] where it does not fit the type, each with
    /// the place.
    pub fn from_slice(document: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(document).map(Json).map_err(|e| explain(json::path::<T>(document), &e))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(document) => {
                let mut response = Response::new(Body::from(document));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(e) => {
                Error::new(ErrorKind::Function, "the answer cannot be written as JSON").with_source(e).into_response()
            }
        }
    }
}

fn declared_as_json(headers: &HeaderMap) -> Result<(), Error> {
    let declared = headers.get(header::CONTENT_TYPE);
    let essence = declared.and_then(|v| v.to_str().ok()).and_then(|v| v.split(';').next()).unwrap_or_default().trim();
    let (kind, subtype) = essence.split_once('/').unwrap_or((essence, ""));
    let json = subtype.eq_ignore_ascii_case("json")
        || subtype.len() > 5 && subtype.get(subtype.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case("+json"));
    if json && kind.eq_ignore_ascii_case("application") {
        return Ok(());
    }
    let came = match declared {
        Some(value) => format!("{value:?}"),
        None => "no Content-Type".to_owned(),
    };
    Err(Error::new(ErrorKind::MediaType, format!("expected Content-Type application/json, and {came} came")).public())
}

/// What does not fit, and where.
fn explain(place: Option<String>, error: &serde_json::Error) -> Error {
    let kind = if error.is_data() { ErrorKind::Unprocessable } else { ErrorKind::Decode };
    let place = place.map(|path| format!(" at `{path}`")).unwrap_or_default();
    let what = if error.is_data() { "the JSON body does not fit" } else { "the body is not JSON" };
    Error::new(kind, format!("{what}{place}: {error}")).public()
}
