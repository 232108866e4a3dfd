//! A client of bytes, so that nothing is made better than it was sent.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        Client(stream)
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // A server that has enough may have closed already.
        let _ = self.0.write_all(bytes.as_ref());
    }

    /// Whether the server takes it.
    #[allow(dead_code, reason = "one of the suites needs it")]
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads until the server has sent `text`, or closes: everything so far.
    pub(crate) fn read_until(&mut self, text: &str) -> String {
        let (mut read, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        loop {
            match self.0.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => read.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&read)),
            }
            if !text.is_empty() && String::from_utf8_lossy(&read).contains(text) {
                break;
            }
        }
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Reads until the server closes.
    pub(crate) fn read_all(&mut self) -> String {
        self.read_until("")
    }

    /// A request without a body, and all that comes until the server closes.
    pub(crate) fn get(mut self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        self.read_all()
    }

    /// No more is sent.
    pub(crate) fn finish(&self) {
        let _ = self.0.shutdown(std::net::Shutdown::Write);
    }
}
