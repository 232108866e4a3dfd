//! The values of an envelope. Whatever is no object is JSON, written as a text, inside of JSON.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use omnifn_core::{Error, ErrorKind};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    data: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<BTreeMap<String, &'a RawValue>>,
}

/// What there is to know of an event.
///
/// The keys of a content that is a JSON object go before the host's own in the metadata: of what the sender has named so,
/// nothing is believed.
pub(super) struct Values<'a> {
    forged: BTreeSet<String>,
    data: &'a BTreeMap<String, &'a RawValue>,
    trigger: &'a RawValue,
    metadata: Option<&'a BTreeMap<String, &'a RawValue>>,
}

impl<'a> Values<'a> {
    pub(super) fn of(envelope: &'a Envelope<'a>) -> Result<Self, Error> {
        let trigger = envelope.data.values().next().copied().ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "an envelope came whose `Data` holds nothing: the function's `function.json` has no trigger",
            )
        })?;
        let content = serde_json::from_str::<Map<String, Value>>(&content(trigger.get())).unwrap_or_default();
        let forged = content.into_iter().map(|(name, _)| name.to_lowercase()).collect();
        Ok(Values { forged, data: &envelope.data, trigger, metadata: envelope.metadata.as_ref() })
    }

    /// The value of the trigger, which an event's envelope has alone.
    pub(super) fn trigger(&self) -> Option<&'a RawValue> {
        Some(self.trigger).filter(|value| value.get() != "null")
    }

    fn at(&self, name: &str) -> Option<&'a RawValue> {
        if self.forged.contains(&name.to_lowercase()) {
            return None;
        }
        self.metadata?.get(name).copied()
    }

    /// A value of the metadata, as what it stands for.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        unwrapped(self.at(name)?.get())
    }

    /// A text, a number or a truth of the metadata; a text that is written as JSON is read.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let outer: Value = serde_json::from_str(self.at(name)?.get()).ok()?;
        match outer {
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            Value::String(text) => Some(serde_json::from_str::<String>(&text).unwrap_or(text)),
            other => Some(other.to_string()),
        }
        .filter(|text| !text.is_empty())
    }

    /// How often the host has tried before, where the function has a rule of its own for that.
    pub(super) fn retry_count(&self) -> Option<u32> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Retry {
            retry_count: u32,
        }
        self.get::<Retry>("RetryContext").map(|retry| retry.retry_count)
    }

    /// That something else came.
    pub(super) fn unfit(&self, expected: &str) -> Error {
        let names = self.data.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let words = format!(
            "an envelope came whose `Data` holds {names}, and that is not {expected}: look at the function's `function.json`"
        );
        Error::new(ErrorKind::Unsupported, words)
    }
}

/// A value, or what is written as a text in its place.
pub(super) fn unwrapped<T: DeserializeOwned>(json: &str) -> Option<T> {
    if let Ok(value) = serde_json::from_str(json) {
        return Some(value);
    }
    let inner: Cow<'_, str> = serde_json::from_str::<String>(json).ok()?.into();
    serde_json::from_str(&inner).ok()
}

/// A content as text: what is no text is the JSON that it is.
pub(super) fn content(json: &str) -> String {
    match serde_json::from_str::<String>(json) {
        Ok(outer) => serde_json::from_str::<String>(&outer).unwrap_or(outer),
        Err(_) => json.to_owned(),
    }
}

/// The contents of a batch, `None` where the value is none: a list, in a text or as it is.
pub(super) fn contents(json: &str) -> Option<Vec<String>> {
    let list: Vec<Value> = match serde_json::from_str::<Value>(json).ok()? {
        Value::Array(list) => list,
        Value::String(text) if text.trim_start().starts_with('[') => serde_json::from_str(&text).ok()?,
        _ => return None,
    };
    let content = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Some(list.into_iter().map(content).collect())
}
