//! Payload format 2.0: HTTP APIs and Function URLs.

use http::Uri;
use omnifn_core::{Error, uri};

use super::wire::Event;

/// The path without the stage, and the query, byte for byte.
///
/// The gateway writes a stage that is not `$default` in front of the path, behind a custom domain, too.
pub(super) fn uri(event: &Event<'_>) -> Result<Uri, Error> {
    let context = event.request_context.as_ref();
    let http = context.and_then(|context| context.http.as_ref());
    let path = event.raw_path.as_ref().or_else(|| http?.path.as_ref());
    let path = path.map(|path| path.to_str()).unwrap_or_default();
    let stage = context.and_then(|context| context.stage.as_ref()).map(|stage| stage.to_str()).unwrap_or_default();
    let query = event.raw_query_string.as_ref().map(|query| query.to_str()).unwrap_or_default();
    let path = match &*stage {
        "$default" => &*path,
        stage => uri::strip_prefix(&path, stage),
    };
    uri::origin_form(path, &query)
}
