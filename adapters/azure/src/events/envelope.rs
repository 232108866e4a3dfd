//! The envelope of an event: the trigger's value in `Data`, and what the host knows of it in `Metadata`.
//!
//! The host writes an array of bytes as base64, an object as it is, and every other value as JSON text in a JSON string
//! (`GetHttpScriptInvocationContextValue` in `ScriptInvocationContextExtensions` of
//! <https://github.com/Azure/azure-functions-host>). So a text begins with a quotation mark inside the string, and base64 never does.

use std::{collections::BTreeMap, fmt, marker::PhantomData, time::SystemTime};

use bytes::Bytes;
use omnifn_core::{
    Delivery, Error, ErrorKind,
    event::time,
    json::{self, Elements, Str, check_count},
    log::cut_to,
};
use serde::{
    Deserialize,
    de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    Azure,
    detect::{Binding, DataType},
};

/// An event's envelope, with the metadata of its service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a, M> {
    #[serde(borrow)]
    data: Entries<'a>,
    metadata: Option<M>,
}

/// The values of `Data`, by the names of their bindings.
struct Entries<'a>(Vec<(Str<'a>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::with_capacity(1);
                while let Some(entry) = map.next_entry()? {
                    check_count(entries.len())?;
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// The trigger's value and the metadata of an envelope.
pub(super) struct Values<'a, M> {
    /// The trigger's value.
    pub(super) trigger: &'a RawValue,
    pub(super) metadata: M,
    /// The name of its binding.
    name: Str<'a>,
    data_type: DataType,
    is_many: Option<bool>,
}

impl<'a, M: de::DeserializeOwned + Default> Values<'a, M> {
    /// Reads the envelope of an event for a function.
    pub(super) fn read(azure: &'a Azure, function: &str, body: &'a Bytes) -> Result<Self, Error> {
        let envelope: Envelope<'a, M> =
            json::object(body, "the envelope of the Functions host (`Data` and `Metadata`)")?;
        let entries = envelope.data.0;
        let declared = azure.bindings.get(function);
        let found = match declared {
            Some(binding) => entries.iter().find(|(name, _)| **name == *binding.name),
            None if entries.len() == 1 => entries.first(),
            None => None,
        };
        let Some((name, trigger)) = found else { return Err(no_trigger(function, declared, &entries)) };
        let default = if **name == *BINARY { DataType::Binary } else { DataType::Default };
        let values = Values {
            trigger,
            metadata: envelope.metadata.unwrap_or_default(),
            name: name.clone(),
            data_type: declared.map_or(default, |binding| binding.data_type),
            is_many: declared.and_then(|binding| binding.is_many),
        };
        match values.is_request() {
            false => Ok(values),
            // A client has written it, whatever the function's trigger is in the source.
            true => Err(values.mismatch("an event: it is an HTTP request")),
        }
    }
}

/// The name that `cargo omnifn package` gives to a binding whose `dataType` is `binary`.
pub(crate) const BINARY: &str = "bytes";

fn no_trigger(function: &str, declared: Option<&Binding>, entries: &[(Str<'_>, &RawValue)]) -> Error {
    let names =
        entries.iter().take(8).map(|(name, _)| format!("`{}`", cut_to(name, 100))).collect::<Vec<_>>().join(", ");
    let words = match (entries, declared) {
        ([], _) => {
            "received an envelope whose `Data` is empty: the function's `function.json` has no trigger".to_owned()
        }
        (_, Some(binding)) => format!(
            "received an envelope whose `Data` contains {names}, but the trigger in the `function.json` of `{function}` is called `{}`",
            binding.name
        ),
        (_, None) => format!(
            "received an envelope whose `Data` contains {names}, and it is unknown which of them is the trigger's: the `function.json` of \
             `{function}` was not found in the app's folder (FUNCTIONS_APP_ROOT_PATH)"
        ),
    };
    Error::new(ErrorKind::Decode, words)
}

impl<M> Values<'_, M> {
    /// Whether the value is an HTTP request, which only an `httpTrigger` has.
    fn is_request(&self) -> bool {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Request {
            #[serde(rename = "Url")]
            _url: IgnoredAny,
            #[serde(rename = "Method")]
            _method: IgnoredAny,
            #[serde(rename = "Headers")]
            _headers: IgnoredAny,
        }
        self.trigger.get().starts_with('{') && json::parse_str::<Request>(self.trigger.get()).is_ok()
    }

    /// Whether there is a value.
    pub(super) fn is_null(&self) -> bool {
        self.trigger.get() == "null"
    }

    /// Returns whether this is a batch, as the function's binding declares, or else as the metadata shows: every property is a list there.
    pub(super) fn is_batch(&self, has_lists: bool) -> bool {
        self.is_many
            .unwrap_or_else(|| has_lists && self.trigger.get().trim_start_matches(['"', '\\', ' ']).starts_with('['))
    }

    /// Returns the body of the one message.
    pub(super) fn body(&self, envelope: &Bytes) -> Result<Bytes, Error> {
        let json = self.trigger.get();
        let Ok(outer) = json::parse_str::<Str<'_>>(json) else {
            // An object, which the host writes of no message of bytes.
            return match self.data_type {
                DataType::Binary => Err(self.not_base64()),
                _ => Ok(json::slice(envelope, json.as_bytes())),
            };
        };
        if outer.starts_with('"')
            && let Ok(inner) = json::parse_str::<Str<'_>>(&outer)
        {
            return match self.data_type {
                DataType::Binary => self.decoded(&inner),
                _ => Ok(Bytes::copy_from_slice(inner.as_bytes())),
            };
        }
        match self.data_type {
            DataType::Binary => self.decoded(&outer),
            DataType::Text => Ok(outer.into_bytes(envelope)),
            DataType::Default => self.decoded(&outer).or_else(|_| Ok(outer.into_bytes(envelope))),
        }
    }

    /// Returns the bodies of a batch: of a list, which may be in a string. An element that cannot be decoded is an error of its own.
    pub(super) fn bodies(&self, envelope: &Bytes) -> Result<Bodies, Error> {
        let list = list_of(self.trigger, envelope, "the list of messages in `Data`")?;
        Ok(Bodies { list, name: self.name.to_string(), is_binary: matches!(self.data_type, DataType::Binary) })
    }

    fn decoded(&self, text: &str) -> Result<Bytes, Error> {
        decoded(&self.name, text)
    }

    fn not_base64(&self) -> Error {
        not_base64(&self.name)
    }

    /// Returns the error for an unexpected value.
    pub(super) fn mismatch(&self, expected: &str) -> Error {
        let words = format!(
            "received an envelope whose `Data.{}` is not {expected}: check the function's `function.json`",
            cut_to(&self.name, 100)
        );
        Error::new(ErrorKind::Unsupported, words)
    }
}

fn decoded(name: &str, text: &str) -> Result<Bytes, Error> {
    base64_simd::STANDARD.decode_to_vec(text.as_bytes()).map(Bytes::from).map_err(|_| not_base64(name))
}

fn not_base64(name: &str) -> Error {
    let name = cut_to(name, 100);
    let words =
        format!("`Data.{name}` of the envelope is not valid base64, although its binding has the `dataType` `binary`");
    Error::new(ErrorKind::Decode, words)
}

/// Returns a list: as it is, in a string, or in a string in a string. Its elements are decoded when they are needed.
pub(super) fn list_of(value: &RawValue, envelope: &Bytes, what: &str) -> Result<Elements, Error> {
    let mut text = json::slice(envelope, value.get().as_bytes());
    for _ in 0..2 {
        if text.starts_with(b"\"")
            && let Ok(inner) = json::parse::<Str<'_>>(&text)
        {
            text = inner.into_bytes(&text);
        }
    }
    Elements::read(text, Delivery::RECORDS, what)
}

/// The bodies of the messages of a batch.
pub(super) struct Bodies {
    list: Elements,
    /// The name of the trigger's binding.
    name: String,
    is_binary: bool,
}

impl Iterator for Bodies {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let element = self.list.next()?;
        Some(match (self.is_binary, json::parse::<Str<'_>>(&element)) {
            (true, Ok(text)) => decoded(&self.name, &text),
            (true, Err(_)) => Err(not_base64(&self.name)),
            (false, Ok(text)) => Ok(text.into_bytes(&element)),
            (false, Err(_)) => Ok(element.clone()),
        })
    }
}

/// The names of metadata that the content of a message has overwritten.
///
/// If the content is a JSON object, the host adds its top-level keys to the metadata, where they take the place of the host's own.
pub(super) struct Forged {
    names: Vec<&'static str>,
    /// The host's parser accepts more than serde's, so the names are unknown.
    is_unknown: bool,
}

impl Forged {
    pub(super) fn by(content: &[u8]) -> Self {
        let text = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content).trim_ascii_start();
        if text.first() != Some(&b'{') {
            return Forged { names: Vec::new(), is_unknown: !text.is_empty() && starts_strangely(text) };
        }
        match json::parse::<Keys>(text) {
            Ok(Keys(names)) => Forged { names, is_unknown: false },
            Err(_) => Forged { names: Vec::new(), is_unknown: true },
        }
    }

    /// Returns the value of a name, unless the content has overwritten it.
    pub(super) fn keep<T: Default>(&self, name: &str, value: T) -> T {
        match self.is_unknown || self.names.contains(&name) || !METADATA.contains(&name) {
            true => T::default(),
            false => value,
        }
    }
}

/// Whether a text may be an object to the host's parser: after white space that is not ASCII, or after a comment.
fn starts_strangely(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    text.starts_with('{') || text.starts_with("/*") || text.starts_with("//")
}

/// The names of the metadata that are read.
const METADATA: [&str; 21] = [
    "ApplicationProperties",
    "ContentType",
    "DeliveryCount",
    "DequeueCount",
    "EnqueuedTimeUtc",
    "Id",
    "InsertionTime",
    "Label",
    "MessageId",
    "Metadata",
    "PartitionContext",
    "PartitionKey",
    "PopReceipt",
    "Properties",
    "RetryContext",
    "SequenceNumber",
    "SessionId",
    "Subject",
    "SystemProperties",
    "Uri",
    "UserProperties",
];

/// The keys of an object that are names of metadata.
struct Keys(Vec<&'static str>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;

        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry::<Str<'de>, _>()? {
                    // .NET compares names in upper case, where a letter that is not ASCII may become one that is.
                    let name = match name.is_ascii() || name.len() > 128 {
                        true => name,
                        false => name.to_uppercase().to_lowercase().into(),
                    };
                    let known = METADATA.into_iter().find(|known| known.eq_ignore_ascii_case(&name));
                    names.extend(known.filter(|known| !names.contains(known)));
                }
                Ok(Keys(names))
            }
        }

        deserializer.deserialize_map(KeysVisitor)
    }
}

/// A string, number, or bool of the metadata; a string that is written as JSON is decoded.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) Option<String>);

impl Text {
    pub(super) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.0.as_deref()?.parse().ok()
    }

    pub(super) fn instant(&self) -> Option<SystemTime> {
        instant(self.0.as_deref()?)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

impl FromWire for Text {
    fn of_text<E: de::Error>(text: &str) -> Result<Self, E> {
        let text = Text(match text {
            "" | "null" => None,
            text if text.starts_with('"') => Some(json::parse_str(text).unwrap_or_else(|_| text.to_owned())),
            text => Some(text.to_owned()),
        });
        Ok(text.without_empty())
    }

    fn of_number(number: String) -> Self {
        Text(Some(number))
    }
}

impl Text {
    fn without_empty(self) -> Self {
        Text(self.0.filter(|text| !text.is_empty()))
    }
}

/// A list in the metadata, with one value for each message of a batch. The list may be in a string. Each value is decoded when it is
/// needed. `None` means that the metadata has no such list.
#[derive(Debug)]
pub(super) struct List<T>(Option<Elements>, PhantomData<fn() -> T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(None, PhantomData)
    }
}

impl<T> List<T> {
    pub(super) fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl<T: Default + de::DeserializeOwned> List<T> {
    /// Returns the value of the next message.
    pub(super) fn next(&mut self) -> Result<T, Error> {
        match self.0.as_mut().and_then(Iterator::next) {
            Some(element) => json::from_slice(&element, "a value of the metadata"),
            None => Ok(T::default()),
        }
    }
}

impl<'de, T> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::from(Box::<str>::from(Box::<RawValue>::deserialize(deserializer)?));
        if text.starts_with('"') {
            text = json::parse_str(&text).map_err(de::Error::custom)?;
        }
        if !text.trim_start().starts_with('[') {
            return Ok(List::default());
        }
        match Elements::read(text.into(), Delivery::RECORDS, "a list of the metadata") {
            Ok(list) => Ok(List(Some(list), PhantomData)),
            Err(error) if error.kind() == ErrorKind::TooLarge => {
                Err(de::Error::invalid_length(Delivery::RECORDS.saturating_add(1), &"at most 10000 messages"))
            }
            Err(_) => Ok(List::default()),
        }
    }
}

/// An element of a [`List`]: a string, or the JSON of a value that is not one; `None` for null.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Plain(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Plain(match json.get() {
            "null" => None,
            text if text.starts_with('"') => Some(json::parse_str(text).map_err(de::Error::custom)?),
            other => Some(other.to_owned()),
        }))
    }
}

/// The properties of a message; an object, which may be in a string. Null values are left out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Properties(pub(super) Option<BTreeMap<String, String>>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData))
    }
}

impl FromWire for Properties {
    fn of_text<E: de::Error>(text: &str) -> Result<Self, E> {
        match text.trim_start().starts_with('{') {
            true => json::parse_str(text).map_err(E::custom),
            false => Ok(Properties(None)),
        }
    }

    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut properties = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Plain>()? {
            check_count(properties.len())?;
            properties.extend(value.0.map(|value| (name, value)));
        }
        Ok(Properties(Some(properties)))
    }
}

/// A value of the metadata, which is its default if it has another form than expected: an event does not fail because of it.
trait FromWire: Default {
    fn of_text<E: de::Error>(text: &str) -> Result<Self, E>;

    fn of_number(number: String) -> Self {
        let _ = number;
        Self::default()
    }

    fn of_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Visits any JSON value.
struct Lenient<T>(PhantomData<T>);

impl<'de, T: FromWire> Visitor<'de> for Lenient<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::of_text(text)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        Ok(T::of_number(value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Ok(T::of_number(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Ok(T::of_number(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        Ok(T::of_number(value.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }
}

/// Returns a message's own properties and the system's together.
pub(super) fn attributes(own: Properties, system: Properties) -> BTreeMap<String, String> {
    let mut all = system.0.unwrap_or_default();
    all.extend(own.0.unwrap_or_default());
    all
}

/// Parses a time that .NET wrote: RFC 3339, possibly without a time zone.
pub(super) fn instant(text: &str) -> Option<SystemTime> {
    time::parse(text).or_else(|| time::parse(&format!("{text}Z")))
}
