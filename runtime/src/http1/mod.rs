//! HTTP/1.1 (RFC 9112), as far as a server and a client of it are alike: the head of a message, and where its body ends.
//!
//! What is ambiguous is refused. Two readers of one message that disagree about its end are how one request is hidden in another.

mod body;
mod head;
mod lines;
mod names;
mod response;

pub(crate) use body::{Decoder, Taken, split, write_chunk_size};
pub(crate) use head::{Bad, Fields, Length, digits, end_of_head, has_token, write_field, write_fields};
pub(crate) use response::{Headers, ResponseHead, response, response_begins};
