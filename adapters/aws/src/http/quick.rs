//! Events as gateways write them, read in one pass; see [`Scan`] for what becomes of all others.

#[cfg(test)]
mod tests;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{
    scan::{Quoted, Scan, Seen},
    text::{Pairs, Text},
    wire::{Event, Http, Identity, RequestContext},
};

/// The event that serde would read; or `None`, and serde reads it.
pub(super) fn event(json: &[u8]) -> Option<Event<'_>> {
    let mut event = Event::default();
    let mut scan = Scan::new(json);
    let mut seen = Seen::default();
    scan.members(|scan, key| match key.plain()? {
        b"version" => seen.once(0, &mut event.version, scan.maybe(text)?),
        b"rawPath" => seen.once(1, &mut event.raw_path, scan.maybe(text)?),
        b"rawQueryString" => seen.once(2, &mut event.raw_query_string, scan.maybe(text)?),
        b"cookies" => seen.once(3, &mut event.cookies, scan.maybe(texts)?),
        b"headers" => seen.once(4, &mut event.headers, scan.maybe(pairs)?),
        b"multiValueHeaders" => seen.once(5, &mut event.multi_value_headers, scan.maybe(pairs)?),
        b"queryStringParameters" => seen.once(6, &mut event.query_string_parameters, scan.maybe(pairs)?),
        b"multiValueQueryStringParameters" => {
            seen.once(7, &mut event.multi_value_query_string_parameters, scan.maybe(pairs)?)
        }
        b"httpMethod" => seen.once(8, &mut event.http_method, scan.maybe(text)?),
        b"path" => seen.once(9, &mut event.path, scan.maybe(text)?),
        b"resource" => seen.once(10, &mut event.resource, scan.maybe(text)?),
        b"pathParameters" => seen.once(11, &mut event.path_parameters, scan.maybe(pairs)?),
        b"body" => seen.once(12, &mut event.body, scan.maybe(text)?),
        b"isBase64Encoded" => seen.once(13, &mut event.is_base64_encoded, scan.maybe(Scan::truth)?),
        b"requestContext" => seen.once(14, &mut event.request_context, scan.maybe(context)?),
        b"type" => seen.once(15, &mut event.r#type, scan.maybe(ignored)?),
        b"methodArn" => seen.once(16, &mut event.method_arn, scan.maybe(ignored)?),
        b"routeArn" => seen.once(17, &mut event.route_arn, scan.maybe(ignored)?),
        _ => unknown(scan, key),
    })?;
    scan.end()?;
    Some(event)
}

fn context<'a>(scan: &mut Scan<'a>) -> Option<RequestContext<'a>> {
    let mut context = RequestContext::default();
    let mut seen = Seen::default();
    scan.members(|scan, key| match key.plain()? {
        b"http" => seen.once(0, &mut context.http, scan.maybe(http)?),
        b"elb" => seen.once(1, &mut context.elb, scan.maybe(ignored)?),
        b"identity" => seen.once(2, &mut context.identity, scan.maybe(identity)?),
        b"authorizer" => seen.once(3, &mut context.authorizer, scan.maybe(raw)?),
        b"domainName" => seen.once(4, &mut context.domain_name, scan.maybe(text)?),
        b"path" => seen.once(5, &mut context.path, scan.maybe(text)?),
        b"requestId" => seen.once(6, &mut context.request_id, scan.maybe(text)?),
        b"stage" => seen.once(7, &mut context.stage, scan.maybe(text)?),
        b"connectionId" => seen.once(8, &mut context.connection_id, scan.maybe(ignored)?),
        b"serviceNetworkArn" => seen.once(9, &mut context.service_network_arn, scan.maybe(ignored)?),
        _ => unknown(scan, key),
    })?;
    Some(context)
}

fn http<'a>(scan: &mut Scan<'a>) -> Option<Http<'a>> {
    let mut http = Http::default();
    let mut seen = Seen::default();
    scan.members(|scan, key| match key.plain()? {
        b"method" => seen.once(0, &mut http.method, scan.maybe(text)?),
        b"path" => seen.once(1, &mut http.path, scan.maybe(text)?),
        b"sourceIp" => seen.once(2, &mut http.source_ip, scan.maybe(text)?),
        _ => unknown(scan, key),
    })?;
    Some(http)
}

fn identity<'a>(scan: &mut Scan<'a>) -> Option<Identity<'a>> {
    let mut identity = Identity::default();
    let mut seen = Seen::default();
    scan.members(|scan, key| match key.plain()? {
        b"sourceIp" => seen.once(0, &mut identity.source_ip, scan.maybe(text)?),
        _ => unknown(scan, key),
    })?;
    Some(identity)
}

/// A member that nobody reads. Its key has to be UTF-8, for serde compares it with those that are read.
fn unknown(scan: &mut Scan<'_>, key: Quoted<'_>) -> Option<()> {
    key.inner.is_ascii().then_some(())?;
    scan.skip()
}

fn ignored(scan: &mut Scan<'_>) -> Option<IgnoredAny> {
    scan.skip().map(|()| IgnoredAny)
}

fn raw<'a>(scan: &mut Scan<'a>) -> Option<&'a RawValue> {
    serde_json::from_slice(scan.raw()?).ok()
}

fn text<'a>(scan: &mut Scan<'a>) -> Option<Text<'a>> {
    unquoted(scan.bytes()?)
}

fn unquoted(text: Quoted<'_>) -> Option<Text<'_>> {
    if let Some(plain) = text.plain() {
        return Some(Text::from(plain));
    }
    match text.unescaped() {
        Some(text) => Some(Text::from(text)),
        None => serde_json::from_slice::<Text<'_>>(&text.json()).ok().map(|text| Text::from(text.to_vec())),
    }
}

fn texts<'a>(scan: &mut Scan<'a>) -> Option<Vec<Text<'a>>> {
    let mut texts = Vec::new();
    scan.items(|scan| {
        texts.push(text(scan)?);
        Some(())
    })?;
    Some(texts)
}

fn pairs<'a>(scan: &mut Scan<'a>) -> Option<Pairs<'a>> {
    let mut pairs = Pairs::default();
    scan.members_by(Scan::bytes, |scan, key| {
        let key = unquoted(key)?;
        match scan.peek()? {
            b'"' => pairs.push(key, text(scan)?),
            b'[' => scan.items(|scan| {
                if let Some(value) = scan.maybe(text)? {
                    pairs.push(key.clone(), value);
                }
                Some(())
            })?,
            _ => return scan.maybe(|_| None::<()>).map(drop),
        }
        Some(())
    })?;
    Some(pairs)
}
