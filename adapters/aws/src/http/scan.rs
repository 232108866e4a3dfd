//! Events, read in one pass: all that a gateway can write. Why another cannot be read, [`super::misfit`] says.

use omnifn_core::json::{Scanner, Seen};

use super::{
    text::{Pairs, Text},
    wire::{Event, Http, Identity, RequestContext},
};

/// Bytes, for [`Text`] holds such.
type Scan<'a> = Scanner<'a, [u8]>;

/// The event; `None` where it is no JSON, or a part of it is not what it should be.
pub(super) fn event(json: &[u8]) -> Option<Event<'_>> {
    let mut event = Event::default();
    let mut scanner = Scanner::new(json);
    let mut seen = Seen::default();
    scanner.members(|scanner, key| match key {
        b"version" => seen.once(0, &mut event.version, scanner.maybe(text)?),
        b"rawPath" => seen.once(1, &mut event.raw_path, scanner.maybe(text)?),
        b"rawQueryString" => seen.once(2, &mut event.raw_query_string, scanner.maybe(text)?),
        b"cookies" => seen.once(3, &mut event.cookies, scanner.maybe(texts)?),
        b"headers" => seen.once(4, &mut event.headers, scanner.maybe(pairs)?),
        b"multiValueHeaders" => seen.once(5, &mut event.multi_value_headers, scanner.maybe(pairs)?),
        b"queryStringParameters" => seen.once(6, &mut event.query_string_parameters, scanner.maybe(pairs)?),
        b"multiValueQueryStringParameters" => {
            seen.once(7, &mut event.multi_value_query_string_parameters, scanner.maybe(pairs)?)
        }
        b"httpMethod" => seen.once(8, &mut event.http_method, scanner.maybe(text)?),
        b"path" => seen.once(9, &mut event.path, scanner.maybe(text)?),
        b"resource" => seen.once(10, &mut event.resource, scanner.maybe(text)?),
        b"pathParameters" => seen.once(11, &mut event.path_parameters, scanner.maybe(pairs)?),
        b"body" => seen.once(12, &mut event.body, scanner.maybe(text)?),
        b"isBase64Encoded" => seen.once(13, &mut event.is_base64_encoded, scanner.maybe(Scanner::truth)?),
        b"requestContext" => seen.once(14, &mut event.request_context, scanner.maybe(context)?),
        b"type" => seen.once(15, &mut event.r#type, scanner.maybe(Scanner::skip)?),
        b"methodArn" => seen.once(16, &mut event.method_arn, scanner.maybe(Scanner::skip)?),
        b"routeArn" => seen.once(17, &mut event.route_arn, scanner.maybe(Scanner::skip)?),
        _ => unknown(scanner, key),
    })?;
    scanner.end()?;
    Some(event)
}

fn context<'a>(scanner: &mut Scan<'a>) -> Option<RequestContext<'a>> {
    let mut context = RequestContext::default();
    let mut seen = Seen::default();
    scanner.members(|scanner, key| match key {
        b"http" => seen.once(0, &mut context.http, scanner.maybe(http)?),
        b"elb" => seen.once(1, &mut context.elb, scanner.maybe(Scanner::skip)?),
        b"identity" => seen.once(2, &mut context.identity, scanner.maybe(identity)?),
        b"authorizer" => seen.once(3, &mut context.authorizer, scanner.maybe(raw)?),
        b"domainName" => seen.once(4, &mut context.domain_name, scanner.maybe(text)?),
        b"path" => seen.once(5, &mut context.path, scanner.maybe(text)?),
        b"requestId" => seen.once(6, &mut context.request_id, scanner.maybe(text)?),
        b"stage" => seen.once(7, &mut context.stage, scanner.maybe(text)?),
        b"connectionId" => seen.once(8, &mut context.connection_id, scanner.maybe(Scanner::skip)?),
        b"serviceNetworkArn" => seen.once(9, &mut context.service_network_arn, scanner.maybe(Scanner::skip)?),
        _ => unknown(scanner, key),
    })?;
    Some(context)
}

fn http<'a>(scanner: &mut Scan<'a>) -> Option<Http<'a>> {
    let mut http = Http::default();
    let mut seen = Seen::default();
    scanner.members(|scanner, key| match key {
        b"method" => seen.once(0, &mut http.method, scanner.maybe(text)?),
        b"path" => seen.once(1, &mut http.path, scanner.maybe(text)?),
        b"sourceIp" => seen.once(2, &mut http.source_ip, scanner.maybe(text)?),
        _ => unknown(scanner, key),
    })?;
    Some(http)
}

fn identity<'a>(scanner: &mut Scan<'a>) -> Option<Identity<'a>> {
    let mut identity = Identity::default();
    let mut seen = Seen::default();
    scanner.members(|scanner, key| match key {
        b"sourceIp" => seen.once(0, &mut identity.source_ip, scanner.maybe(text)?),
        _ => unknown(scanner, key),
    })?;
    Some(identity)
}

/// A member that nobody reads. Its key has to be UTF-8.
fn unknown(scanner: &mut Scan<'_>, key: &[u8]) -> Option<()> {
    (key.is_ascii() || std::str::from_utf8(key).is_ok()).then_some(())?;
    scanner.skip()
}

fn raw<'a>(scanner: &mut Scan<'a>) -> Option<&'a str> {
    std::str::from_utf8(scanner.value()?).ok()
}

fn text<'a>(scanner: &mut Scan<'a>) -> Option<Text<'a>> {
    scanner.text().map(Text::from)
}

fn texts<'a>(scanner: &mut Scan<'a>) -> Option<Vec<Text<'a>>> {
    let mut texts = Vec::new();
    scanner.list(|scanner| {
        texts.push(text(scanner)?);
        Some(())
    })?;
    Some(texts)
}

fn pairs<'a>(scanner: &mut Scan<'a>) -> Option<Pairs<'a>> {
    let mut pairs = Pairs::default();
    scanner.map(|scanner, name| {
        let name = Text::from(name);
        match scanner.peek()? {
            b'"' => pairs.push(name, text(scanner)?),
            b'[' => scanner.list(|scanner| {
                if let Some(value) = scanner.maybe(text)? {
                    pairs.push(name.clone(), value);
                }
                Some(())
            })?,
            _ => return scanner.null().then_some(()),
        }
        Some(())
    })?;
    Some(pairs)
}

#[cfg(test)]
mod tests;
