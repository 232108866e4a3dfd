//! Any envelope: it is read, or the error says what is wrong with it.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use http::HeaderMap;
use omnifn_core::{Error, ErrorKind, place_in_json};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Content, Sent, field, wrong};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    /// The values of the function's bindings, by their names: one is the request.
    #[serde(borrow)]
    data: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpTrigger<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(default)]
    headers: Option<BTreeMap<String, Option<Values>>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
}

pub(super) fn read(text: &str) -> Result<Sent<'_>, Error> {
    let envelope: Envelope<'_> = json(text, "envelope")?;
    let (name, trigger) = find(&envelope)?;
    let trigger: HttpTrigger<'_> = json(trigger.get(), name)?;
    Ok(Sent {
        name: Cow::Owned(name.to_owned()),
        url: trigger.url,
        method: trigger.method,
        headers: headers(trigger.headers.unwrap_or_default()),
        body: trigger.body.map_or(Content::Text(Cow::Borrowed("")), content),
        identities: trigger.identities.map(RawValue::get),
    })
}

/// The binding that is a request: it alone has a `Url` and a `Method`.
fn find<'e, 'a>(envelope: &'e Envelope<'a>) -> Result<(&'e str, &'a RawValue), Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only whether they are there")]
    struct Mark<'a> {
        #[serde(borrow)]
        url: &'a RawValue,
        #[serde(borrow)]
        method: &'a RawValue,
    }
    let is_request = |value: &RawValue| serde_json::from_str::<Mark<'_>>(value.get()).is_ok();
    let found = envelope.data.iter().find(|(_, value)| is_request(value));
    found.map(|(name, value)| (name.as_str(), *value)).ok_or_else(|| {
        let names = envelope.data.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let words = format!(
            "an envelope came without an HTTP request: its `Data` holds {}; this function takes HTTP requests, so its \
             `function.json` has an `httpTrigger`",
            if names.is_empty() { "nothing".to_owned() } else { names }
        );
        Error::new(ErrorKind::Unsupported, words)
    })
}

fn content(body: &RawValue) -> Content<'_> {
    match serde_json::from_str::<Option<Cow<'_, str>>>(body.get()) {
        Ok(text) => Content::Text(text.unwrap_or_default()),
        Err(_) => Content::Json(body.get()),
    }
}

fn headers(all: BTreeMap<String, Option<Values>>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, Values(values)) in all.into_iter().filter_map(|(name, values)| Some((name, values?))) {
        for (name, value) in values.into_iter().filter_map(|value| field(&name, value.into())) {
            let _ = headers.try_append(name, value);
        }
    }
    headers
}

/// The values of a header: a text, or a list of texts, of which those that are null are left out.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // That takes a text or a list, and no number need be read for it.
        deserializer.deserialize_bytes(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_bytes<E: serde::de::Error>(self, text: &[u8]) -> Result<Values, E> {
        let text = std::str::from_utf8(text).map_err(E::custom)?;
        Ok(Values(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Option<String>>()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}

/// Reads JSON.
fn json<'a, T: Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        let place = place_in_json(text.as_bytes(), &error);
        let place = place.map(|place| format!(" at `{place}`")).unwrap_or_default();
        let words = format!(
            "the Functions host posts an envelope of JSON (`Data` and `Metadata`); the {what} that came cannot be read{place}"
        );
        wrong(words).with_json_source(&error)
    })
}
