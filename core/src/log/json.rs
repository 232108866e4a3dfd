use std::{
    fmt::{self, Write as _},
    io::Write as _,
    time::SystemTime,
};

use super::{Decimal, Value, write_time};

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

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        plain(self.out, name);
        self.out.push(b':');
    }

    /// A field that holds this text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        plain(self.out, text);
    }

    /// A field that holds a text.
    pub fn shown(&mut self, name: &str, shown: &dyn fmt::Display) {
        self.name(name);
        text(self.out, shown);
    }

    /// A field that holds a text, where there is one.
    pub fn maybe(&mut self, name: &str, shown: Option<&dyn fmt::Display>) {
        if let Some(shown) = shown {
            self.shown(name, shown);
        }
    }

    /// A field that holds a time.
    pub fn time(&mut self, name: &str, time: SystemTime) {
        self.name(name);
        self.out.push(b'"');
        write_time(time, self.out);
        self.out.push(b'"');
    }

    /// A field that holds any value.
    pub fn value(&mut self, name: &str, value: &Value<'_>) {
        self.name(name);
        // A vector takes all that is written.
        let _ = match value {
            Value::Text(text) => return plain(self.out, text),
            Value::Shown(shown) => return text(self.out, shown),
            Value::Unsigned(number) => write!(self.out, "{number}"),
            Value::Signed(number) => write!(self.out, "{number}"),
            Value::Number(number) => write!(self.out, "{number}"),
            Value::Millis(time) => write!(self.out, "{}", Decimal::millis(*time)),
            Value::Truth(truth) => write!(self.out, "{truth}"),
        };
    }

    /// A field that holds a list.
    pub fn list(&mut self, name: &str, write: impl FnOnce(&mut List<'_>)) {
        self.name(name);
        list(self.out, write);
    }

    /// A field that holds an object.
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

fn plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let _ = Escaped(out).write_str(text);
    out.push(b'"');
}

fn text(out: &mut Vec<u8>, shown: &dyn fmt::Display) {
    out.push(b'"');
    // Writing into a vector does not fail; what is shown may, and then it is as long as it came.
    let _ = write!(Escaped(out), "{shown}");
    out.push(b'"');
}

struct Escaped<'o>(&'o mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        // What needs no escape goes in one piece.
        while let Some(at) = first_special(rest) {
            let (plain, from) = rest.split_at(at);
            self.0.extend_from_slice(plain);
            match from[0] {
                b'"' => self.0.extend_from_slice(b"\\\""),
                b'\\' => self.0.extend_from_slice(b"\\\\"),
                b'\n' => self.0.extend_from_slice(b"\\n"),
                b'\r' => self.0.extend_from_slice(b"\\r"),
                b'\t' => self.0.extend_from_slice(b"\\t"),
                byte => {
                    let _ = std::io::Write::write_fmt(self.0, format_args!("\\u{byte:04x}"));
                }
            }
            rest = &from[1..];
        }
        self.0.extend_from_slice(rest);
        Ok(())
    }
}

/// Where the first byte is that has to be escaped: a quote, a backslash, a control character. Eight bytes are seen at once.
fn first_special(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let has = |word: u64, byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero & HIGH
    };
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f);
    let (words, _) = text.as_chunks::<8>();
    let plain = words.iter().take_while(|bytes| {
        let word = u64::from_ne_bytes(**bytes);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        control | has(word, b'"') | has(word, b'\\') | has(word, 0x7f) == 0
    });
    let from = plain.count() * 8;
    text[from..].iter().position(is_special).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

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
