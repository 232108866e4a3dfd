//! As much of HTTP/1.1 as the measurement needs, so that no library's cost is part of it.

use std::io::{self, BufRead, Read};

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    /// The first line.
    pub(crate) first: String,
    /// The headers; names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the status of a response, or 0.
    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }

    /// Returns whether this is a response with a status of 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// Reads a message, or `None` if the other side has closed the connection.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
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
            None if message.header("transfer-encoding") == Some("chunked") => message.body = read_chunks(from)?,
            None => {}
        }
        Ok(Some(message))
    }
}

fn read_chunks(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        from.take(size).read_to_end(&mut body)?;
        line.clear();
        from.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
