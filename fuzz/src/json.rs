//! Changes in a JSON document, also in documents that are texts inside it, as one service puts another's events into its own.

use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

/// A change of one value. The places of a document are numbered; a number beyond the last begins again.
#[derive(Debug, Arbitrary)]
pub enum Edit<'a> {
    Replace(u16, Hostile<'a>),
    /// The value of one place is put into another.
    Copy(u16, u16),
    /// An object gets a field.
    Insert(u16, &'a str, Hostile<'a>),
    /// A list or an object loses all that it has.
    Empty(u16),
    /// A list has its first entry many times.
    Repeat(u16, u8),
}

/// A value that no platform sends.
#[derive(Debug, Arbitrary)]
pub enum Hostile<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(&'a str),
    Long(u16),
    /// Lists in lists.
    Deep(u8),
    /// A document as a text, in base64 perhaps.
    Inside(bool, &'a str),
    Known(u8),
}

/// Texts that decoders look for.
const KNOWN: [&str; 12] = [
    "aws:sqs",
    "aws:sns",
    "aws:s3",
    "aws:kinesis",
    "aws:dynamodb",
    "aws:kafka",
    "2026-11-23T05:42:33Z",
    "-1",
    "99999999999999999999",
    "%zz%00%ff",
    "\u{0}\n\u{202e}",
    "arn:aws:sqs:::",
];

impl Hostile<'_> {
    /// The value.
    pub fn value(&self) -> Value {
        match self {
            Hostile::Null => Value::Null,
            Hostile::Bool(value) => json!(value),
            Hostile::Integer(value) => json!(value),
            Hostile::Float(value) => json!(value),
            Hostile::Text(text) => json!(text),
            Hostile::Long(length) => json!("x".repeat(usize::from(*length % 4096))),
            Hostile::Deep(depth) => (0..*depth).fold(Value::Null, |inner, _| json!([inner])),
            Hostile::Inside(true, text) => json!(base64_simd::STANDARD.encode_to_string(text)),
            Hostile::Inside(false, text) => json!(json!([text]).to_string()),
            Hostile::Known(which) => json!(KNOWN[usize::from(*which) % KNOWN.len()]),
        }
    }
}

impl Edit<'_> {
    /// Changes a document, unless it has grown large.
    pub fn apply(&self, document: &mut Value) {
        if count(document) > 500 {
            return;
        }
        match self {
            Edit::Replace(at, with) => at_place(document, *at, |value| *value = with.value()),
            Edit::Copy(from, to) => {
                let mut copy = Value::Null;
                at_place(document, *from, |value| copy = value.clone());
                at_place(document, *to, |value| *value = copy);
            }
            Edit::Insert(at, name, with) => at_place(document, *at, |value| {
                if let Value::Object(fields) = value {
                    fields.insert((*name).to_owned(), with.value());
                }
            }),
            Edit::Empty(at) => at_place(document, *at, |value| match value {
                Value::Array(list) => list.clear(),
                Value::Object(fields) => *fields = Map::new(),
                _ => {}
            }),
            Edit::Repeat(at, times) => at_place(document, *at, |value| {
                if let Value::Array(list) = value
                    && let Some(first) = list.first().cloned()
                    && count(&first) < 50
                {
                    list.extend(std::iter::repeat_n(first, usize::from(*times)));
                }
            }),
        }
    }
}

fn at_place(document: &mut Value, at: u16, change: impl FnOnce(&mut Value)) {
    let mut at = usize::from(at) % count(document);
    visit(document, &mut at, &mut Some(change));
}

/// How many places a document has.
fn count(document: &Value) -> usize {
    1 + match document {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::String(text) => inside(text).map_or(0, |(inner, _)| count(&inner)),
        _ => 0,
    }
}

/// Counts `left` down until the value of that place is found and changed.
fn visit(value: &mut Value, left: &mut usize, change: &mut Option<impl FnOnce(&mut Value)>) -> bool {
    if *left == 0 {
        change.take().into_iter().for_each(|change| change(value));
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|value| visit(value, left, change)),
        Value::Object(fields) => fields.values_mut().any(|value| visit(value, left, change)),
        Value::String(text) => {
            let Some((mut inner, is_base64)) = inside(text) else { return false };
            let found = visit(&mut inner, left, change);
            if found {
                let inner = inner.to_string();
                *text = if is_base64 { base64_simd::STANDARD.encode_to_string(inner) } else { inner };
            }
            found
        }
        _ => false,
    }
}

/// The document that a text is, and whether it is in base64.
fn inside(text: &str) -> Option<(Value, bool)> {
    let is_document = |value: &Value| value.is_object() || value.is_array();
    if let Some(value) = serde_json::from_str(text).ok().filter(is_document) {
        return Some((value, false));
    }
    let bytes = base64_simd::STANDARD.decode_to_vec(text).ok()?;
    serde_json::from_slice(&bytes).ok().filter(is_document).map(|value| (value, true))
}
