use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Method, Uri, Version};
use proptest::prelude::*;

use super::{
    Decoder, Length, Names, Taken,
    head::{Bad, Fields, HEADERS},
    refused, request,
};

/// The same by httparse, which reads the head as hyper does.
fn by_httparse(head: &Bytes) -> Option<(Method, Uri, Version, HeaderMap)> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut lines);
    if parsed.parse(head) != Ok(httparse::Status::Complete(head.len())) {
        return None;
    }
    let version = if parsed.version? == 1 { Version::HTTP_11 } else { Version::HTTP_10 };
    let (mut headers, mut fields) = (HeaderMap::new(), Fields::NONE);
    for line in parsed.headers.iter() {
        fields.add(&mut headers, line.name.parse().ok()?, head.slice_ref(line.value), Some(version)).ok()?;
    }
    Some((parsed.method?.parse().ok()?, parsed.path?.parse().ok()?, version, headers))
}

static USUAL: [HeaderName; 3] =
    [HeaderName::from_static("x_y"), HeaderName::from_static("x-a"), HeaderName::from_static("host")];

/// Heads as they should be, and those that are nearly so.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    const HEADS: [&[u8]; 8] = [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /a/b?c=d HTTP/1.0\r\nHost: x\r\ncontent-length: 10\r\nconnection: keep-alive\r\n\r\n",
        b"PUT http://a.example:80/ HTTP/1.1\nhost:\t x \t\nx-a:\n\n",
        b"OPTIONS * HTTP/1.1\r\ntransfer-encoding: chunked\r\ncookie: a=\"b\"\r\ncookie: c\r\n\r\n",
        b"BREW /\xc3\xa4 HTTP/1.1\r\nx_y: \xff\xfe\r\n\r\n",
        b"CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\nexpect: 100-continue\r\n\r\n",
        b"GET /{} HTTP/1.1\r\n\r\n",
        b"GET /#a HTTP/1.1\r\n!#$%&'*+-.^_`|~09az: 1\r\n\r\n",
    ];
    const BYTES: &[u8] = b"\r\n\0\t :/.,*%?#\"{}|\\^`[]@HTP10aZ\x7f\x80\xff";
    let change = (any::<prop::sample::Index>(), prop::sample::select(BYTES), 0..3_u8);
    (0..HEADS.len(), prop::collection::vec(change, 0..4)).prop_map(|(head, changes)| {
        let mut head = HEADS[head].to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(head.len().max(1));
            match kind {
                _ if at >= head.len() => head.push(byte),
                0 => head[at] = byte,
                1 => head.insert(at, byte),
                _ => drop(head.remove(at)),
            }
        }
        head
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_head_is_read_as_httparse_reads_it(head in heads()) {
        // Empty lines before it were left out.
        prop_assume!(!head.starts_with(b"\n") && !head.starts_with(b"\r\n"));
        let head = Bytes::from(head);
        let (ours, theirs) = (request(&head, &Names::default()), by_httparse(&head));
        let ours = ours.map(|(head, _)| (head.method, head.uri, head.version, head.headers));
        prop_assert_eq!(ours.clone().ok(), theirs, "{:?}, ours: {:?}", head, ours);
        // Where a name is from makes no difference.
        let usual = request(&head, &Names::new(&USUAL)).map(|(head, _)| head.headers);
        prop_assert_eq!(usual.ok(), ours.clone().ok().map(|(.., headers)| headers));
        // Only what is refused in the end is refused before.
        for end in 0..head.len() {
            prop_assert!(refused(&head[..end]).is_none() || ours.is_err(), "{:?}", &head[..end]);
        }
    }
}

/// A body, its trailers, and how much of what came is not of it.
type Found = (Vec<u8>, Option<HeaderMap>, usize);

/// All of a body that comes in these pieces.
fn body(pieces: &[&[u8]]) -> Result<Option<Found>, Bad> {
    let mut decoder = Decoder::of_request(Length::Chunked);
    let (mut buffer, mut body) = (BytesMut::new(), Vec::new());
    for (i, piece) in pieces.iter().enumerate() {
        buffer.extend_from_slice(piece);
        loop {
            let trailers = match decoder.take(&mut buffer)? {
                Taken::Data(data) => {
                    body.extend_from_slice(&data);
                    continue;
                }
                Taken::More => break,
                Taken::Trailers(trailers) => Some(trailers),
                Taken::End => None,
            };
            let rest = pieces[i + 1..].iter().map(|piece| piece.len()).sum::<usize>() + buffer.len();
            return Ok(Some((body, trailers, rest)));
        }
    }
    Ok(None)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_is_the_same_in_any_pieces(
        which in 0..4_usize,
        change in prop::option::of((any::<prop::sample::Index>(), prop::sample::select(&b"\r\n\0 ;0aG-+"[..]))),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        const BODIES: [&[u8]; 4] = [
            b"5\r\nhello\r\n0\r\n\r\nGET",
            b"a;b=c\r\n0123456789\r\n01\r\nx\r\n0\r\nx-a: 1\r\nx-b: 2\r\n\r\n",
            b"0\r\n\r\n",
            b"1 \r\nx\r\n00\r\na: b\r\n\r\nmore",
        ];
        let mut bytes = BODIES[which].to_vec();
        if let Some((at, byte)) = change {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
        let (whole, cut) = (body(&[&bytes]), body(&pieces));
        // What is wrong may be seen before the rest of it has come, and what it is called then.
        prop_assert_eq!(whole.clone().ok(), cut.clone().ok(), "{:?} {:?} {:?}", pieces, whole, cut);
    }
}

/// What ends trailers is the empty line alone, and nothing behind it is taken for one of them.
#[test]
fn trailers_end_where_their_empty_line_is() {
    let next = "GET /next HTTP/1.1\r\nhost: x\r\n\r\n";
    for (end, whole) in [("\r\n", true), ("a: b\r\n\r\n", true), ("\n", false), ("\n\r\n", false), ("\r\r\n", false)] {
        let mut buffer = BytesMut::from(&*format!("3\r\nabc\r\n0\r\n{end}{next}"));
        let mut decoder = Decoder::of_request(Length::Chunked);
        assert!(matches!(decoder.take(&mut buffer), Ok(Taken::Data(data)) if data == "abc"), "{end:?}");
        match decoder.take(&mut buffer) {
            Ok(Taken::End | Taken::Trailers(_)) => assert!(whole && buffer == next.as_bytes(), "{end:?}: {buffer:?}"),
            other => assert!(!whole && other.is_err(), "{end:?}: {other:?}"),
        }
    }
}
