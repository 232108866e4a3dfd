/// Writes JSON into a buffer. If the buffer is full, only the length is counted.
pub(super) struct Json<'a> {
    buffer: &'a mut [u8],
    pub(super) length: usize,
    last: u8,
}

impl<'a> Json<'a> {
    pub(super) const fn new(buffer: &'a mut [u8]) -> Self {
        Json { buffer, length: 0, last: 0 }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < self.buffer.len() {
            self.buffer[self.length] = byte;
        }
        self.length += 1;
        self.last = byte;
    }

    pub(super) const fn raw(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            self.byte(bytes[i]);
            i += 1;
        }
    }

    pub(super) const fn open(&mut self, bracket: u8) {
        self.byte(bracket);
    }

    pub(super) const fn close(&mut self, bracket: u8) {
        self.byte(bracket);
    }

    /// Writes the comma before a value or a key that is not the first.
    pub(super) const fn next(&mut self) {
        if !matches!(self.last, b'{' | b'[') {
            self.byte(b',');
        }
    }

    pub(super) const fn key(&mut self, key: &str) {
        self.next();
        self.text(key);
        self.byte(b':');
    }

    /// Writes a text in quotes.
    pub(super) const fn text(&mut self, text: &str) {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        self.byte(b'"');
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            match bytes[i] {
                byte @ (b'"' | b'\\') => {
                    self.byte(b'\\');
                    self.byte(byte);
                }
                byte @ 0..0x20 => {
                    self.raw("\\u00");
                    self.byte(DIGITS[byte as usize / 16]);
                    self.byte(DIGITS[byte as usize % 16]);
                }
                byte => self.byte(byte),
            }
            i += 1;
        }
        self.byte(b'"');
    }

    /// Writes a key with a text, if there is one.
    pub(super) const fn string(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.key(key);
            self.text(value);
        }
    }

    pub(super) const fn strings(&mut self, key: &str, values: &[&str]) {
        self.key(key);
        self.open(b'[');
        let mut i = 0;
        while i < values.len() {
            self.next();
            self.text(values[i]);
            i += 1;
        }
        self.close(b']');
    }

    pub(super) const fn boolean(&mut self, key: &str, value: bool) {
        self.key(key);
        self.raw(if value { "true" } else { "false" });
    }

    /// Writes a key with a number, if there is one.
    pub(super) const fn number(&mut self, key: &str, value: Option<u32>) {
        let Some(value) = value else { return };
        self.key(key);
        let mut power = 1;
        while value / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            self.byte(b'0' + (value / power % 10) as u8);
            power /= 10;
        }
    }

    /// Writes the name in a trigger.
    pub(super) const fn source(&mut self, kind: &str, source: &str) {
        self.string("kind", Some(kind));
        self.string("source", Some(source));
    }
}
