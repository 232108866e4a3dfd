use bytes::{Bytes, BytesMut};
use http::Request;

use super::{Decoder, Names, Taken, end_of_head, request};

/// The requests that come in these pieces, one behind the other, and whether what follows is none.
pub fn requests(pieces: &[&[u8]]) -> (Vec<Request<Vec<u8>>>, bool) {
    let names = Names::default();
    let (mut requests, mut buffer, mut seen, mut begun) = (Vec::new(), BytesMut::new(), 0, None);
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            let (head, body, decoder) = match &mut begun {
                Some(begun) => begun,
                None => {
                    let Some(end) = end_of_head(&buffer, &mut seen) else { break };
                    seen = 0;
                    let head: Bytes = buffer.split_to(end).freeze();
                    let Ok((head, fields)) = request(&head, &names) else { return (requests, true) };
                    begun.insert((head, Vec::new(), Decoder::of_request(fields.length)))
                }
            };
            match decoder.take(&mut buffer) {
                Ok(Taken::Data(data)) => body.extend_from_slice(&data),
                Ok(Taken::More) => break,
                Ok(Taken::Trailers(_) | Taken::End) => {
                    requests.push(Request::from_parts(head.clone(), std::mem::take(body)));
                    begun = None;
                }
                Err(_) => return (requests, true),
            }
        }
    }
    (requests, false)
}
