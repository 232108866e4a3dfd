//! The values of an envelope. Everything that is not an object is JSON text in a JSON string.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind,
    event::time,
    json::{Object, Str},
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value, value::RawValue};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    data: BTreeMap<Str<'a>, &'a RawValue>,
    #[serde(borrow)]
    metadata: Option<BTreeMap<Str<'a>, &'a RawValue>>,
}

/// The data of an event and its metadata.
///
/// If the content is a JSON object, its top-level keys overwrite the host's own metadata, so metadata with such a name is ignored.
pub(super) struct Values<'a> {
    forged: Option<BTreeSet<String>>,
    envelope: &'a Envelope<'a>,
    trigger: &'a RawValue,
}

impl<'a> Values<'a> {
    pub(super) fn of(envelope: &'a Envelope<'a>) -> Result<Self, Error> {
        let trigger = envelope.data.values().next().copied().ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "an envelope came whose `Data` is empty: the function's `function.json` has no trigger",
            )
        })?;
        let content = content(trigger.get());
        let forged = match serde_json::from_str::<BTreeMap<String, IgnoredAny>>(&content) {
            Ok(content) => Some(content.into_keys().map(|name| name.to_lowercase()).collect()),
            // The host's parser accepts more than serde's, so the names are unknown.
            Err(_) if content.trim_start_matches('\u{feff}').trim_start().starts_with('{') => None,
            Err(_) => Some(Default::default()),
        };
        Ok(Values { forged, envelope, trigger })
    }

    /// Returns the value of the trigger, the only one in an event's envelope.
    pub(super) fn trigger(&self) -> Option<&'a RawValue> {
        Some(self.trigger).filter(|value| value.get() != "null")
    }

    fn at(&self, name: &str) -> Option<&'a RawValue> {
        if self.forged.as_ref().is_none_or(|forged| forged.contains(&name.to_lowercase())) {
            return None;
        }
        self.envelope.metadata.as_ref()?.get(name).copied()
    }

    /// Returns a value of the metadata, decoded if it is JSON in a string.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        unwrapped(self.at(name)?.get())
    }

    /// Returns a string, a number or a bool of the metadata; a string that is written as JSON is decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let outer: Value = serde_json::from_str(self.at(name)?.get()).ok()?;
        match outer {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::String(text) => Some(serde_json::from_str::<String>(&text).unwrap_or(text)),
            other => Some(other.to_string()),
        }
        .filter(|text| !text.is_empty())
    }

    /// Returns the content of the trigger, as a message's body.
    pub(super) fn content(&self, trigger: &RawValue) -> Bytes {
        content(trigger.get()).into()
    }

    /// Returns the bodies of a batch, if one of these names is a list in the metadata, as in every batch.
    pub(super) fn batch(&self, trigger: &RawValue, names: &[&str]) -> Option<Vec<Bytes>> {
        let is_batch = names.iter().any(|name| self.get::<Vec<IgnoredAny>>(name).is_some());
        is_batch.then(|| contents(trigger.get())).flatten()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = Value> + use<> {
        self.get::<Vec<Value>>(name).unwrap_or_default().into_iter()
    }

    /// Returns a list of strings or numbers, with one for each message of a batch.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = Option<String>> + use<> {
        self.list(name).map(|value| (!value.is_null()).then(|| text(value)))
    }

    /// Returns a list of objects, with one for each message of a batch.
    pub(super) fn maps(&self, name: &str) -> impl Iterator<Item = Option<Map<String, Value>>> + use<> {
        self.list(name).map(|value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
    }

    /// Returns the number of earlier attempts, if the function has a retry policy of its own.
    pub(super) fn retry_count(&self) -> Option<u32> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Retry {
            retry_count: u32,
        }
        self.get::<Object<Retry>>("RetryContext").map(|retry| retry.retry_count)
    }

    /// Returns the error for an unexpected value.
    pub(super) fn unfit(&self, expected: &str) -> Error {
        let names = self.envelope.data.keys().map(|name| format!("`{}`", &**name)).collect::<Vec<_>>().join(", ");
        let words = format!(
            "an envelope came whose `Data` holds {names}, and that is not {expected}: look at the function's `function.json`"
        );
        Error::new(ErrorKind::Unsupported, words)
    }
}

/// Returns a value, decoded if it is JSON in a string.
pub(super) fn unwrapped<T: DeserializeOwned>(json: &str) -> Option<T> {
    if let Ok(value) = serde_json::from_str(json) {
        return Some(value);
    }
    serde_json::from_str(&serde_json::from_str::<Str<'_>>(json).ok()?).ok()
}

/// Returns a content as text: a string itself, any other value as JSON.
pub(super) fn content(json: &str) -> String {
    match serde_json::from_str::<Str<'_>>(json) {
        Ok(outer) => serde_json::from_str::<String>(&outer).unwrap_or_else(|_| outer.into_string()),
        Err(_) => json.to_owned(),
    }
}

/// Returns the contents of a batch: a list, which may be in a string.
fn contents(json: &str) -> Option<Vec<Bytes>> {
    let list: Vec<Value> = match serde_json::from_str::<Value>(json).ok()? {
        Value::Array(list) => list,
        Value::String(text) if text.trim_start().starts_with('[') => serde_json::from_str(&text).ok()?,
        _ => return None,
    };
    Some(list.into_iter().map(|value| text(value).into()).collect())
}

/// Returns a message's own properties and the system's together.
pub(super) fn attributes(
    own: Option<Map<String, Value>>,
    system: Option<Map<String, Value>>,
) -> BTreeMap<String, String> {
    let all = system.into_iter().flatten().chain(own.into_iter().flatten());
    all.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, text(value))).collect()
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Parses a time that .NET wrote: RFC 3339, possibly without a time zone.
pub(super) fn instant(text: &str) -> Option<SystemTime> {
    time::parse(text).or_else(|| time::parse(&format!("{text}Z")))
}
