use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use super::{Decimal, Entry, Value, number::write_unsigned, write_time};

/// A JSON object that is written into a buffer, field by field.
///
/// ```
/// use omnifn_core::log::Object;
///
/// let mut out = Vec::new();
/// let mut object = Object::begin(&mut out);
/// object.shown("message", &"say \"hi\"");
/// object.nested("labels", |labels| labels.shown("id", &7));
/// object.end();
/// assert_eq!(out, br#"{"message":"say \"hi\"","labels":{"id":"7"}}"#);
/// ```
#[derive(Debug)]
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Object { out, is_empty: true }
    }

    /// Ends it.
    pub fn end(self) {
        self.out.push(b'}');
    }

    // Inlined, with what calls it: of a name that is known to the compiler, nothing is left to look at.
    #[inline(always)]
    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        if is_plain(name.as_bytes()) {
            self.out.push(b'"');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"\":");
        } else {
            plain(self.out, name);
            self.out.push(b':');
        }
    }

    /// A field that holds this text.
    #[inline]
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        plain(self.out, text);
    }

    /// A field that holds a text.
    #[inline]
    pub fn shown(&mut self, name: &str, shown: &dyn fmt::Display) {
        self.name(name);
        text(self.out, shown);
    }

    /// A field that holds what a line says.
    pub fn message(&mut self, name: &str, entry: &Entry<'_>) {
        self.name(name);
        self.out.push(b'"');
        entry.write_message(self.out, write_escaped);
        self.out.push(b'"');
    }

    /// A field that holds a text, where there is one.
    #[inline]
    pub fn maybe(&mut self, name: &str, shown: Option<&dyn fmt::Display>) {
        if let Some(shown) = shown {
            self.shown(name, shown);
        }
    }

    /// A field that holds a time.
    #[inline]
    pub fn time(&mut self, name: &str, time: SystemTime) {
        self.name(name);
        self.out.push(b'"');
        write_time(time, self.out);
        self.out.push(b'"');
    }

    /// A field that holds any value.
    #[inline]
    pub fn value(&mut self, name: &str, value: &Value<'_>) {
        self.name(name);
        write_value(value, self.out);
    }

    /// A field that holds a list.
    pub fn list(&mut self, name: &str, write: impl FnOnce(&mut List<'_>)) {
        self.name(name);
        list(self.out, write);
    }

    /// A field that holds an object.
    #[inline]
    pub fn nested(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        self.name(name);
        let mut object = Object::begin(self.out);
        write(&mut object);
        object.end();
    }
}

/// A JSON list that is written into a buffer, one after another.
#[derive(Debug)]
pub struct List<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl List<'_> {
    fn next(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        self.out
    }

    /// A text.
    pub fn shown(&mut self, shown: &dyn fmt::Display) {
        text(self.next(), shown);
    }

    /// An object.
    pub fn nested(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        let mut object = Object::begin(self.next());
        write(&mut object);
        object.end();
    }

    /// A list.
    pub fn list(&mut self, write: impl FnOnce(&mut List<'_>)) {
        list(self.next(), write);
    }
}

fn list(out: &mut Vec<u8>, write: impl FnOnce(&mut List<'_>)) {
    out.push(b'[');
    write(&mut List { out, is_empty: true });
    out.push(b']');
}

/// A value as JSON.
pub fn write_value(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Text(text) => plain(out, text),
        Value::Shown(shown) => text(out, shown),
        Value::Unsigned(number) => write_unsigned(*number, out),
        Value::Millis(time) => Decimal::millis(*time).write(0, out),
        Value::Truth(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Signed(number) => out.extend_from_slice(format!("{number}").as_bytes()),
        Value::Number(number) => out.extend_from_slice(format!("{number}").as_bytes()),
    }
}

fn plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    write_escaped(text, out);
    out.push(b'"');
}

fn text(out: &mut Vec<u8>, shown: &dyn fmt::Display) {
    out.push(b'"');
    write_escaped_shown(shown, out);
    out.push(b'"');
}

/// A text as it stands between the quotes of one of JSON: for a line that is written for each invocation, piece by piece.
///
/// ```
/// let mut out = Vec::new();
/// omnifn_core::log::write_escaped("say \"hi\"", &mut out);
/// assert_eq!(out, br#"say \"hi\""#);
/// ```
pub fn write_escaped(text: &str, out: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        escaped(out, text.as_bytes());
    }
}

/// The same of what is shown as a text.
pub fn write_escaped_shown(shown: &dyn fmt::Display, out: &mut Vec<u8>) {
    // Writing into a vector does not fail; what is shown may, and then it is as long as it came.
    let _ = write!(Escaped(out), "{shown}");
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let text = serde_json::Value::String(char::from(byte).to_string()).to_string();
    out.extend_from_slice(
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().as_bytes(),
    );
}

struct Escaped<'o>(&'o mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(text, self.0);
        Ok(())
    }
}

fn escaped(out: &mut Vec<u8>, mut rest: &[u8]) {
    // What needs no escape goes in one piece.
    while let Some(at) = rest.iter().position(is_special) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        write_escape(out, from[0]);
        rest = &from[1..];
    }
    out.extend_from_slice(rest);
}

/// Whether nothing has to be escaped, as in nearly every text. Eight bytes are seen at once.
#[inline(always)]
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let half = |bytes: &[u8; 4]| u64::from(u32::from_ne_bytes(*bytes));
    // The rest is a word as well, with some bytes twice or filled up with what is not special.
    let last = match (text.last_chunk::<8>(), text.first_chunk(), text.last_chunk()) {
        (Some(last), ..) => u64::from_ne_bytes(*last),
        (None, Some(first), Some(last)) => half(first) << 32 | half(last),
        _ => rest.iter().fold(u64::from_ne_bytes([b' '; 8]), |last, byte| last << 8 | u64::from(*byte)),
    };
    words.iter().fold(special(last), |found, word| found | special(u64::from_ne_bytes(*word))) == 0
}

/// Not zero where one of eight bytes has to be escaped: a quote, a backslash, a control character.
#[inline(always)]
fn special(word: u64) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // A byte below another borrows, and so sets its highest bit, which those beyond ASCII have already.
    let below = |word: u64, byte: u8| word.wrapping_sub(all(byte)) & !word;
    // With this bit turned, the quote is the first behind the control characters, and the space is not.
    let control_or_quote = below(word ^ all(0x02), 0x21);
    (control_or_quote | below(word ^ all(b'\\'), 1) | below(word ^ all(0x7f), 1)) & all(0x80)
}

fn is_special(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_special_byte_is_seen_wherever_it_is() {
        for byte in 0..=255 {
            for (before, behind) in (0..20).flat_map(|before| (0..20).map(move |behind| (before, behind))) {
                let mut text = vec![b'x'; before];
                text.push(byte);
                text.resize(before + 1 + behind, b'y');
                assert_eq!(is_plain(&text), !matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f), "{text:?}");
            }
        }
    }

    #[test]
    fn every_text_is_json() {
        let all: String = (0..0x250).filter_map(char::from_u32).chain("\u{2028}🦀".chars()).collect();
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.shown(&all, &all);
        for (name, value) in [
            ("number", Value::Number(&1e300)),
            ("took", Value::Millis(Duration::from_micros(12_340))),
            ("least", Value::Signed(i64::MIN)),
            ("most", Value::Unsigned(u64::MAX)),
            ("truth", Value::Truth(true)),
        ] {
            object.value(name, &value);
        }
        object.time("time", SystemTime::UNIX_EPOCH);
        object.end();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&read[&all], &read["number"], &read["truth"]), (&all.into(), &1e300.into(), &true.into()));
        assert_eq!(read["took"], 12.3);
        assert_eq!((&read["most"], &read["time"]), (&u64::MAX.into(), &"1970-01-01T00:00:00Z".into()));
    }
}
