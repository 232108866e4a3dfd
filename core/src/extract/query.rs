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
        serde_html_form::from_str(query)
            .map(Query)
            .map_err(|error| Error::new(ErrorKind::Decode, explain::<T>(query, &error.to_string())))
            .map_err(|error| error.public_but_logged_as("invalid query string"))
    }
}

/// Describes why a query does not fit. It is decoded again to find the key, which is slow and happens only after a failure.
fn explain<T: DeserializeOwned>(query: &str, error: &str) -> String {
    let deserializer = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    let place = serde_path_to_error::deserialize::<_, T>(deserializer).err().map(|e| e.path().to_string());
    let place = place.filter(|place| place != ".");
    // This is the text for several values where the type takes one.
    if error == "unsupported value"
        && let Some((key, count)) = repeated(query, place.as_deref())
    {
        let times = if count == 2 { "twice".to_owned() } else { format!("{count} times") };
        return format!("the query key `{key}` was given {times}, expected one value");
    }
    let place = place.map(|place| format!(" at `{place}`")).unwrap_or_default();
    format!("invalid query string{place}: {error}")
}

/// Returns the key that was given several times, and how often. The place is unknown if the type flattens another one.
fn repeated(query: &str, place: Option<&str>) -> Option<(String, usize)> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).ok()?;
    let count = |key: &str| pairs.iter().filter(|(other, _)| other == key).count();
    let mut keys = pairs.iter().map(|(key, _)| key.as_str()).filter(|key| place.is_none_or(|place| place == *key));
    keys.find(|key| count(key) > 1).map(|key| (key.to_owned(), count(key)))
}
