use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

use super::head::{Bad, Fields, HEADERS, Own, PARTIAL, version, whole};

/// The head of a response.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) fields: Fields,
}

/// What is read of a response's headers besides what they say of the message itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Headers {
    /// All of them. The names that mostly come are not made anew each time.
    All(&'static [HeaderName]),
    /// None.
    Unread,
}

/// Reads the head of a response: all of it, with its empty line, and nothing else.
pub(crate) fn response(head: &Bytes, wanted: Headers) -> Result<ResponseHead, Bad> {
    let mut lines = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    whole(head, parser.parse_response_with_uninit_headers(&mut parsed, head, &mut lines))?;
    let (Some(code), Some(minor)) = (parsed.code, parsed.version) else { return Err(PARTIAL) };
    let status = StatusCode::from_u16(code).map_err(|_| Bad::Syntax("its status is none"))?;
    let (version, mut fields) = (version(minor), Fields::NONE);
    let mut headers = match wanted {
        Headers::All(_) => HeaderMap::with_capacity(parsed.headers.len()),
        Headers::Unread => HeaderMap::new(),
    };
    for line in &*parsed.headers {
        let is_new = match Own::named(line.name) {
            Some(own) => fields.read(own, line.value, version)?,
            None => true,
        };
        let Headers::All(known) = wanted else { continue };
        if !is_new {
            continue;
        }
        let name = match known.iter().find(|name| name.as_str().eq_ignore_ascii_case(line.name)) {
            Some(name) => name.clone(),
            None => {
                HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| Bad::Syntax("the name of a header is none"))?
            }
        };
        // Without a copy: each is a part of the head.
        let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value));
        let value = value.map_err(|_| Bad::Syntax("the value of a header is none"))?;
        headers.try_append(name, value).map_err(|_| Bad::TooManyHeaders)?;
    }
    Ok(ResponseHead { status, version, headers, fields })
}

/// Whether the head of a response may begin so. Where it cannot, nobody has to wait for its end.
pub(crate) fn response_begins(begin: &[u8]) -> Result<(), Bad> {
    let mut lines = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    match whole(begin, parser.parse_response_with_uninit_headers(&mut parsed, begin, &mut lines)) {
        Err(bad) if bad != PARTIAL => Err(bad),
        _ => Ok(()),
    }
}

impl ResponseHead {
    /// Whether another request may follow on the same connection.
    pub(crate) fn keeps_connection(&self) -> bool {
        !self.fields.close && (self.fields.keep_alive || self.version != Version::HTTP_10)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    static KNOWN: [HeaderName; 2] = [HeaderName::from_static("x-known"), http::header::CONTENT_LENGTH];

    fn head() -> impl Strategy<Value = Vec<u8>> {
        let name = prop_oneof![
            Just("X-Known".to_owned()),
            Just("x-known".to_owned()),
            Just("Content-Length".to_owned()),
            Just("connection".to_owned()),
            Just("transfer-encoding".to_owned()),
            "[a-zA-Z -]{0,9}",
        ];
        let value = prop_oneof![
            4 => "[ -~]{0,9}".prop_map(String::into_bytes),
            1 => vec(any::<u8>(), 0..9),
            1 => Just(b"7".to_vec()),
            1 => Just(b"chunked".to_vec()),
            1 => Just(b"keep-alive, Close".to_vec()),
        ];
        (0..2_u8, 90..1010_u16, vec((name, value), 0..5)).prop_map(|(minor, status, lines)| {
            let mut head = format!("HTTP/1.{minor} {status} Said\r\n").into_bytes();
            for (name, value) in lines {
                head.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
            }
            head.extend_from_slice(b"\r\n");
            head
        })
    }

    proptest! {
        /// What is read of the headers changes nothing of the rest; where a name comes from, nothing at all. What may begin a head is
        /// told from what may not, and no part of a good one is refused.
        #[test]
        fn all_ways_to_read_a_head_are_one(head in head()) {
            let head = Bytes::from(head);
            let all = response(&head, Headers::All(&[]));
            let known = response(&head, Headers::All(&KNOWN));
            prop_assert_eq!(format!("{all:?}"), format!("{known:?}"));
            let unread = response(&head, Headers::Unread);
            if let Ok(all) = all {
                let unread = unread.unwrap();
                prop_assert_eq!((all.status, all.version, all.fields), (unread.status, unread.version, unread.fields));
                prop_assert_eq!(unread.headers.len(), 0);
                for end in 0..=head.len() {
                    prop_assert_eq!(response_begins(&head[..end]), Ok(()));
                }
            }
        }
    }
}
