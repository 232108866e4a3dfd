use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind};

/// The query string as a serde type. A repeated key is a sequence; a key that may be missing is an `Option`.
///
/// A query that does not fit is a 400 that names the key and the reason.
///
/// ```
/// use omnifn_core::extract::Query;
///
/// #[derive(serde::Deserialize)]
/// struct Filter {
///     #[serde(default)]
///     tag: Vec<String>,
///     limit: Option<u32>,
/// }
///
/// async fn list(Query(filter): Query<Filter>) -> String {
///     format!("{} tags, at most {:?}", filter.tag.len(), filter.limit)
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query).map(Query).map_err(|error| {
            let place = place::<T>(query);
            Error::new(ErrorKind::Decode, format!("the query string does not fit{place}: {error}")).public()
        })
    }
}

/// Decodes the query again to find the key. This is slow and happens only after a failure.
fn place<T: DeserializeOwned>(query: &str) -> String {
    let deserializer = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    let path = serde_path_to_error::deserialize::<_, T>(deserializer).err().map(|e| e.path().to_string());
    path.filter(|path| path != ".").map(|path| format!(" at `{path}`")).unwrap_or_default()
}
