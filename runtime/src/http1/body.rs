use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use httparse::Status;

use super::head::{Bad, Length, end_of_head, trailers};

/// As long may the line of a chunk's size be, in bytes, with its extensions, which nobody reads.
const SIZE_LINE: usize = 4 * 1024;

/// As long may the trailers be, in bytes.
const TRAILERS: usize = 16 * 1024;

/// Finds a body in what comes.
#[derive(Debug)]
pub(crate) struct Decoder(State);

#[derive(Debug)]
enum State {
    /// So many bytes are still to come.
    Length(u64),
    /// The line of a chunk's size is next.
    Size,
    /// So many bytes of a chunk are still to come.
    Chunk(u64),
    /// The end of a chunk's line is next.
    ChunkEnd,
    /// The trailers are next, of which so many bytes were looked at.
    Trailers(usize),
    /// All that comes is the body.
    All,
    Ended,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Taken {
    Data(Bytes),
    /// The last of a body that has any.
    Trailers(HeaderMap),
    /// The body has ended. What follows in the buffer is not of it.
    End,
    /// More bytes are needed.
    More,
}

impl Decoder {
    /// Of a request's body: none where no length is said.
    pub(crate) fn of_request(length: Length) -> Self {
        match length {
            Length::Known(0) | Length::Unsaid => Decoder(State::Ended),
            Length::Known(length) => Decoder(State::Length(length)),
            Length::Chunked => Decoder(State::Size),
        }
    }

    /// Of the body of a response that may have one: all that comes where no length is said.
    pub(crate) fn of_response(length: Length) -> Self {
        match length {
            Length::Unsaid => Decoder(State::All),
            said => Decoder::of_request(said),
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.0, State::Ended)
    }

    /// The bytes that are still to come, where the message says it.
    pub(crate) fn remaining(&self) -> Option<u64> {
        match self.0 {
            State::Length(remaining) => Some(remaining),
            State::Ended => Some(0),
            _ => None,
        }
    }

    /// As many of the next bytes are of the body, as they are.
    #[cfg(feature = "poll")]
    pub(crate) fn run(&self) -> u64 {
        match self.0 {
            State::Length(left) | State::Chunk(left) => left,
            _ => 0,
        }
    }

    /// So many of these were taken without it.
    #[cfg(feature = "poll")]
    pub(crate) fn skip(&mut self, length: u64) {
        match &mut self.0 {
            State::Length(left) if *left <= length => self.0 = State::Ended,
            State::Chunk(left) if *left <= length => self.0 = State::ChunkEnd,
            State::Length(left) | State::Chunk(left) => *left -= length,
            _ => {}
        }
    }

    /// Whether the body is whole where the connection ends now.
    pub(crate) fn ends_with_connection(&self) -> bool {
        matches!(self.0, State::All | State::Ended)
    }

    /// Takes what is next of the body out of what came.
    pub(crate) fn take(&mut self, buffer: &mut BytesMut) -> Result<Taken, Bad> {
        loop {
            match &mut self.0 {
                State::Ended => return Ok(Taken::End),
                State::All | State::Length(_) | State::Chunk(_) if buffer.is_empty() => return Ok(Taken::More),
                State::All => {
                    let all = buffer.len();
                    return Ok(Taken::Data(split(buffer, all)));
                }
                State::Length(left) => {
                    let data = up_to(buffer, left);
                    if *left == 0 {
                        self.0 = State::Ended;
                    }
                    return Ok(Taken::Data(data));
                }
                State::Chunk(left) => {
                    let data = up_to(buffer, left);
                    if *left == 0 {
                        self.0 = State::ChunkEnd;
                    }
                    return Ok(Taken::Data(data));
                }
                State::Size => match size(buffer)? {
                    None => return Ok(Taken::More),
                    Some((line, size)) => {
                        buffer.advance(line);
                        self.0 = if size == 0 { State::Trailers(0) } else { State::Chunk(size) };
                    }
                },
                State::ChunkEnd => match buffer.get(..2) {
                    Some(b"\r\n") => {
                        buffer.advance(2);
                        self.0 = State::Size;
                    }
                    None if b"\r\n".starts_with(buffer) => return Ok(Taken::More),
                    _ => return Err(Bad::Syntax("a chunk is longer than its size says")),
                },
                State::Trailers(seen) => {
                    if buffer.starts_with(b"\r\n") {
                        buffer.advance(2);
                        self.0 = State::Ended;
                        return Ok(Taken::End);
                    }
                    if buffer.starts_with(b"\n") {
                        return Err(Bad::Syntax("its last line ends in LF alone"));
                    }
                    return match end_of_head(buffer, seen) {
                        Some(end) if end <= TRAILERS => {
                            let block = split(buffer, end);
                            self.0 = State::Ended;
                            Ok(Taken::Trailers(trailers(&block)?))
                        }
                        None if buffer.len() <= TRAILERS => Ok(Taken::More),
                        _ => Err(Bad::Syntax("its trailers are longer than 16 KiB")),
                    };
                }
            }
        }
    }
}

/// What is there, and no more than so much.
fn up_to(buffer: &mut BytesMut, left: &mut u64) -> Bytes {
    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
    *left -= length as u64;
    split(buffer, length)
}

/// Takes so many bytes. Not in each place anew, for it is larger than it looks.
#[inline(never)]
pub(crate) fn split(buffer: &mut BytesMut, length: usize) -> Bytes {
    buffer.split_to(length).freeze()
}

/// The length of a chunk's first line, and the size that it says; nothing where the line is not whole.
fn size(buffer: &[u8]) -> Result<Option<(usize, u64)>, Bad> {
    const BAD: Bad = Bad::Syntax("the size of a chunk is no hexadecimal number");
    if !buffer.first().is_none_or(u8::is_ascii_hexdigit) {
        return Err(BAD);
    }
    match httparse::parse_chunk_size(buffer) {
        // A line that ends within an extension is one end for some readers, and none for others.
        Ok(Status::Complete((line, _))) if memchr::memchr(b'\n', &buffer[..line]) != Some(line - 1) => Err(BAD),
        Ok(Status::Complete((line, size))) if line <= SIZE_LINE => Ok(Some((line, size))),
        Ok(Status::Partial) if buffer.len() <= SIZE_LINE => Ok(None),
        Ok(_) => Err(Bad::Syntax("the line of a chunk's size is longer than 4 KiB")),
        Err(_) => Err(BAD),
    }
}

/// Writes the line that begins a chunk of so many bytes.
pub(crate) fn write_chunk_size(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(format!("{length:x}\r\n").as_bytes());
}
