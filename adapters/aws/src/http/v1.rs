//! Payload format 1.0: REST APIs, and HTTP APIs that are set to it.

use http::Uri;
use omnifn_core::{Error, uri};

use super::{
    text::{Pairs, Text},
    wire::Event,
};

/// The path within the API, and the query in the order of its keys: the gateway decodes it, so it is encoded again.
pub(super) fn uri(event: &Event<'_>) -> Result<Uri, Error> {
    let multi = event.multi_value_query_string_parameters.as_ref().filter(|pairs| !pairs.0.is_empty());
    uri::origin_form(&path(event), &query(multi.or(event.query_string_parameters.as_ref())))
}

fn query(pairs: Option<&Pairs<'_>>) -> String {
    let Some(Pairs(pairs)) = pairs else { return String::new() };
    let mut query = String::with_capacity(pairs.iter().map(|(key, value)| key.len() + value.len() + 2).sum());
    for (key, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        push(&mut query, key);
        query.push('=');
        push(&mut query, value);
    }
    query
}

fn push(query: &mut String, text: &Text<'_>) {
    match std::str::from_utf8(text) {
        Ok(text) => query.push_str(&uri::encode_query(text)),
        Err(_) => query.extend(percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC)),
    }
}

/// The path without what stands before the API's own: behind a custom domain that is the base path of its mapping, and a
/// stage that the mapping does not name. The gateway then says the same path twice, in `path` and in `requestContext.path`;
/// what it matched is `resource`. Without a custom domain there is nothing before it, but for HTTP APIs: there it is the
/// stage.
fn path(event: &Event<'_>) -> String {
    let path = event.path.as_ref().map(|path| path.to_str()).unwrap_or_default();
    within_the_api(event, &path).unwrap_or(&path).to_owned()
}

fn within_the_api<'p>(event: &Event<'_>, path: &'p str) -> Option<&'p str> {
    let context = event.request_context.as_ref()?;
    let (domain, whole) = (context.domain_name.as_ref()?.to_str(), context.path.as_ref()?.to_str());
    let custom_domain = !domain.contains(".execute-api.");
    let http_api = event.version.as_deref() == Some(b"1.0");
    if whole != path || !(custom_domain || http_api) {
        return None;
    }
    let resource = event.resource.as_ref()?.to_str();
    if !resource.starts_with('/') {
        // `$default`, of an HTTP API: there is no pattern to go by.
        let stage = context.stage.as_ref()?.to_str();
        return (!custom_domain && stage != "$default").then(|| uri::strip_prefix(path, &stage));
    }
    let matched = expand(&resource, event.path_parameters.as_ref());
    let matched = matched.trim_end_matches('/');
    let bare = path.trim_end_matches('/');
    let before = bare.strip_suffix(matched)?.len();
    // A resource `/` matches the bare base path alone.
    if matched.is_empty() { Some("/") } else { path.get(before..) }
}

/// The resource's pattern with what it matched: `/notes/{id}/{rest+}`.
fn expand(resource: &str, parameters: Option<&Pairs<'_>>) -> String {
    let mut path = String::with_capacity(resource.len() + 32);
    for segment in resource.split('/').skip(1) {
        path.push('/');
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = name.map(|name| name.strip_suffix('+').unwrap_or(name));
        let value = name.and_then(|name| parameters?.0.iter().find(|(key, _)| **key == *name.as_bytes()));
        match value {
            Some((_, value)) => path.push_str(&value.to_str()),
            None => path.push_str(segment),
        }
    }
    path
}
