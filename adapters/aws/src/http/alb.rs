//! Application Load Balancers.

use http::Uri;
use omnifn_core::{Error, uri};

use super::{text::Pairs, wire::Event};

/// The path and the query as the client wrote them: a load balancer decodes neither.
pub(super) fn uri(event: &Event<'_>) -> Result<Uri, Error> {
    let path = event.path.as_ref().map(|path| path.to_str()).unwrap_or_default();
    let multi = event.multi_value_query_string_parameters.as_ref();
    uri::origin_form(&path, &query(multi.or(event.query_string_parameters.as_ref())))
}

fn query(pairs: Option<&Pairs<'_>>) -> String {
    let Some(Pairs(pairs)) = pairs else { return String::new() };
    let mut query = String::with_capacity(pairs.iter().map(|(key, value)| key.len() + value.len() + 2).sum());
    for (key, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&key.to_str());
        query.push('=');
        query.push_str(&value.to_str());
    }
    query
}
