//! Documents of Firestore in protobuf, as plain JSON.
//!
//! Each value is written while it is read: a tree of all values of a document would take many times the memory of its bytes.

use std::{
    fmt::Display,
    io::{self, Write},
    time::Duration,
};

use omnifn_core::{
    event::{Json, time},
    json::Members,
};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde::Serialize;

use super::Read;

/// Why a message cannot be read. It quotes nothing of it.
type Error = String;

/// The value of a field.
#[derive(Clone, Copy)]
enum Content<'a> {
    Number(u64),
    /// A text, bytes, or a message.
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a message.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Content<'a>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| self.read())
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Result<(u32, Content<'a>), Error> {
        let (tag, wire_type) = decode_key(&mut self.0).map_err(text)?;
        let content = match wire_type {
            WireType::Varint => Content::Number(decode_varint(&mut self.0).map_err(text)?),
            WireType::SixtyFourBit => {
                let (number, rest) = self.0.split_first_chunk().ok_or("a number is cut off")?;
                self.0 = rest;
                Content::Number(u64::from_le_bytes(*number))
            }
            WireType::LengthDelimited => {
                let length = decode_varint(&mut self.0).map_err(text)?;
                let length = usize::try_from(length).map_err(text)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or("a field is longer than its message")?;
                self.0 = rest;
                Content::Bytes(bytes)
            }
            other => {
                skip_field(other, tag, &mut self.0, DecodeContext::default()).map_err(text)?;
                Content::Other
            }
        };
        Ok((tag, content))
    }
}

impl<'a> Content<'a> {
    fn number(self) -> Result<u64, Error> {
        match self {
            Content::Number(number) => Ok(number),
            _ => Err("a field is not the number that it should be".to_owned()),
        }
    }

    fn bytes(self) -> Result<&'a [u8], Error> {
        match self {
            Content::Bytes(bytes) => Ok(bytes),
            _ => Err("a field is not the message that it should be".to_owned()),
        }
    }

    fn text(self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes()?).map_err(text)
    }
}

fn text(error: impl Display) -> Error {
    error.to_string()
}

/// Returns the last field of this tag.
fn last<'a>(message: &'a [u8], wanted: u32) -> Result<Option<Content<'a>>, Error> {
    let mut last = None;
    for field in Fields(message) {
        let (tag, content) = field?;
        if tag == wanted {
            last = Some(content);
        }
    }
    Ok(last)
}

/// Reads `google.events.cloud.firestore.v1.DocumentEventData`: the document after the change, the one before, and their name.
pub(super) fn event(data: &[u8]) -> Result<Read, Error> {
    let document = |tag| last(data, tag)?.map(Content::bytes).transpose();
    let (new, old): (Option<&[u8]>, Option<&[u8]>) = (document(1)?, document(2)?);
    let name = match new.or(old) {
        Some(document) => last(document, 1)?.map(Content::text).transpose()?.unwrap_or_default().to_owned(),
        None => String::new(),
    };
    let plain = |document: Option<&[u8]>| document.map(plain).transpose();
    Ok((plain(new)?, plain(old)?, name))
}

/// Returns the fields of a document as plain JSON.
fn plain(document: &[u8]) -> Result<Json, Error> {
    // The length is known before memory is taken for it.
    let mut length = Length(0);
    fields(document, 2, 0, &mut length)?;
    let mut json = Vec::with_capacity(length.0);
    fields(document, 2, 0, &mut json)?;
    Ok(Json::new(json))
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the fields that a message has under a tag.
fn fields(message: &[u8], under: u32, depth: usize, out: &mut impl Write) -> Result<(), Error> {
    let mut members = Members::begin(out).map_err(text)?;
    for field in Fields(message) {
        let (tag, entry) = field?;
        if tag != under {
            continue;
        }
        let entry = entry.bytes()?;
        let name = last(entry, 1)?.map(Content::text).transpose()?.unwrap_or_default();
        let out = members.name(name).map_err(text)?;
        value(last(entry, 2)?.map(Content::bytes).transpose()?.unwrap_or_default(), depth, out)?;
    }
    members.end().map_err(text)
}

/// Writes a value.
fn value(message: &[u8], depth: usize, out: &mut impl Write) -> Result<(), Error> {
    // Firestore's own limit is 20.
    let inner = depth.saturating_add(1);
    if inner > 100 {
        return Err("the document is nested too deeply".to_owned());
    }
    let mut kind = None;
    for field in Fields(message) {
        let (tag, content) = field?;
        if matches!(tag, 1 | 2 | 3 | 5 | 6 | 8 | 9 | 10 | 11 | 17 | 18) {
            kind = Some((tag, content));
        }
    }
    let Some((tag, content)) = kind else { return write(out, "null") };
    match tag {
        1 => json(out, &(content.number()? != 0)),
        2 => json(out, &content.number()?.cast_signed()),
        3 => double(f64::from_bits(content.number()?), out),
        5 | 17 => json(out, content.text()?),
        6 => fields(content.bytes()?, 1, inner, out),
        8 => {
            let part = |tag| last(content.bytes()?, tag)?.map_or(Ok(0), Content::number).map(f64::from_bits);
            let mut members = Members::begin(out).map_err(text)?;
            json(members.name("latitude").map_err(text)?, &part(1)?)?;
            json(members.name("longitude").map_err(text)?, &part(2)?)?;
            members.end().map_err(text)
        }
        9 => {
            let mut separator = "[";
            for field in Fields(content.bytes()?) {
                let (tag, element) = field?;
                if tag == 1 {
                    write(out, separator)?;
                    value(element.bytes()?, inner, out)?;
                    separator = ",";
                }
            }
            write(out, if separator == "[" { "[]" } else { "]" })
        }
        10 => {
            let part = |tag| last(content.bytes()?, tag)?.map_or(Ok(0), Content::number).map(u64::cast_signed);
            let (seconds, nanos) = (part(1)?, part(2)?);
            let at = time::from_seconds(seconds as f64)
                .and_then(|at| at.checked_add(Duration::from_nanos(u64::try_from(nanos).ok()?)));
            json(out, &at.map(time::rfc3339))
        }
        18 => json(out, &base64_simd::STANDARD.encode_to_string(content.bytes()?)),
        _ => write(out, "null"),
    }
}

/// Writes a number. One that JSON has no word for is the text that protobuf's JSON has.
fn double(value: f64, out: &mut impl Write) -> Result<(), Error> {
    match value {
        value if value.is_nan() => json(out, "NaN"),
        f64::INFINITY => json(out, "Infinity"),
        f64::NEG_INFINITY => json(out, "-Infinity"),
        value => json(out, &value),
    }
}

fn json(out: &mut impl Write, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    serde_json::to_writer(out, value).map_err(text)
}

fn write(out: &mut impl Write, text: &str) -> Result<(), Error> {
    out.write_all(text.as_bytes()).map_err(self::text)
}
