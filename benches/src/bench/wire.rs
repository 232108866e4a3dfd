//! As much of HTTP/1.1 as both sides of a measurement need, without a library whose cost would be in it.

use std::io::{self, BufRead, Read};

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    /// The first line.
    pub(super) first: String,
    /// The headers, their names in small letters.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Vec<u8>,
}

impl Message {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The status of a response; 0 where there is none.
    pub(super) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    /// Reads a message; `None` where the other side has closed.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut message = Message::default();
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        message.first = line.trim_end().to_owned();
        loop {
            line.clear();
            from.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            message.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        match message.header("content-length").and_then(|length| length.parse().ok()) {
            Some(length) => {
                message.body = vec![0; length];
                from.read_exact(&mut message.body)?;
            }
            None if message.header("transfer-encoding") == Some("chunked") => message.body = chunks(from)?,
            None => {}
        }
        Ok(Some(message))
    }
}

fn chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        from.take(size as u64).read_to_end(&mut body)?;
        line.clear();
        from.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
