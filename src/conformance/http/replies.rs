//! The answers that `/reply/{name}` gives: each has to reach the caller as it is.

use bytes::Bytes;
use http::Response;

/// The header values of an answer, in order.
type Headers = &'static [(&'static str, &'static [u8])];

/// An answer that must come through unchanged.
pub(crate) struct Reply {
    pub(crate) name: &'static str,
    /// The behaviour that the response shows.
    pub(crate) about: &'static str,
    status: u16,
    headers: Headers,
    body: fn() -> Vec<u8>,
}

/// Every byte, so no UTF-8.
pub(crate) fn every_byte() -> Vec<u8> {
    (0..=255).collect()
}

/// Six megabytes of text, of all kinds.
pub(crate) fn large_text() -> Vec<u8> {
    some_text(LARGE)
}

/// Text of all kinds, in whole lines of so many bytes at most.
pub(crate) fn some_text(bytes: usize) -> Vec<u8> {
    const LINE: &str = "line\t\"quoted\" \\ grüße 日本 🦀\r\n";
    LINE.repeat(bytes / LINE.len()).into()
}

/// Six megabytes that are not UTF-8.
pub(crate) fn large_binary() -> Vec<u8> {
    some_binary(LARGE)
}

/// Bytes that are not UTF-8.
pub(crate) fn some_binary(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

const LARGE: usize = 6_000_000;

const TEXT: (&str, &[u8]) = ("content-type", b"text/plain; charset=utf-8");
const JSON: (&str, &[u8]) = ("content-type", b"application/json");
const BINARY: (&str, &[u8]) = ("content-type", b"application/octet-stream");

/// The answers.
pub(crate) const REPLIES: &[Reply] = &[
    Reply {
        name: "text",
        about: "text with its charset",
        status: 200,
        headers: &[TEXT],
        body: || "hello, wörld".into(),
    },
    Reply {
        name: "json",
        about: "JSON, byte for byte",
        status: 200,
        headers: &[JSON],
        body: || br#"{ "b": 1.0, "a": [null, "\u00e9"] }"#.into(),
    },
    Reply { name: "json-null", about: "JSON that is null", status: 200, headers: &[JSON], body: || b"null".into() },
    Reply {
        name: "json-envelope",
        about: "JSON with the names that envelopes use",
        status: 200,
        headers: &[JSON],
        body: || {
            br#"{"statusCode":500,"body":"x","headers":{},"Outputs":{"res":{"body":"y"}},"isBase64Encoded":true}"#
                .into()
        },
    },
    Reply {
        name: "upper-case-json",
        about: "a media type in upper case",
        status: 200,
        headers: &[("content-type", b"Application/JSON")],
        body: || b"{}".into(),
    },
    Reply {
        name: "problem-json",
        about: "a problem document of the function's own",
        status: 400,
        headers: &[("content-type", b"application/problem+json")],
        body: || br#"{"title":"no"}"#.into(),
    },
    Reply {
        name: "looks-like-base64",
        about: "text that looks like base64",
        status: 200,
        headers: &[TEXT],
        body: || b"dGVzdA==".into(),
    },
    Reply {
        name: "control-characters",
        about: "text with control characters",
        status: 200,
        headers: &[TEXT],
        body: || "\u{feff}a\0b\u{1}\u{7f}\u{2028}\r\n".into(),
    },
    Reply {
        name: "latin1",
        about: "text in iso-8859-1 is not transcoded",
        status: 200,
        headers: &[("content-type", b"text/html; charset=iso-8859-1")],
        body: || b"<p>gr\xfc\xdfe</p>".into(),
    },
    Reply {
        name: "broken-text",
        about: "text that breaks off within a character",
        status: 200,
        headers: &[TEXT],
        body: || b"caf\xc3".into(),
    },
    Reply { name: "binary", about: "a binary body of all bytes", status: 200, headers: &[BINARY], body: every_byte },
    Reply {
        name: "binary-without-type",
        about: "a binary body without a type",
        status: 200,
        headers: &[],
        body: every_byte,
    },
    Reply {
        name: "text-without-type",
        about: "text without a type",
        status: 200,
        headers: &[],
        body: || b"plain".into(),
    },
    Reply {
        name: "gzip",
        about: "a compressed body, byte for byte",
        status: 200,
        headers: &[JSON, ("content-encoding", b"gzip")],
        body: || b"\x1f\x8b\x08\x00 not opened \xff".into(),
    },
    Reply {
        name: "text-called-gzip",
        about: "a content encoding over plain text",
        status: 200,
        headers: &[TEXT, ("content-encoding", b"gzip")],
        body: || b"valid UTF-8 all the same".into(),
    },
    Reply { name: "some-text", about: "700 kB of text", status: 200, headers: &[TEXT], body: || some_text(700_000) },
    Reply {
        name: "some-binary",
        about: "700 kB of binary",
        status: 200,
        headers: &[BINARY],
        body: || some_binary(700_000),
    },
    Reply { name: "large-text", about: "6 MB of text", status: 200, headers: &[TEXT], body: large_text },
    Reply { name: "large-binary", about: "6 MB of binary", status: 200, headers: &[BINARY], body: large_binary },
    Reply { name: "empty", about: "no body", status: 200, headers: &[], body: Vec::new },
    Reply {
        name: "201",
        about: "201 with a location",
        status: 201,
        headers: &[("location", b"/items/7"), JSON],
        body: || b"{}".into(),
    },
    Reply { name: "204", about: "204 without a body", status: 204, headers: &[("x-kept", b"yes")], body: Vec::new },
    Reply {
        name: "301",
        about: "301 to another host",
        status: 301,
        headers: &[("location", b"https://example.com/new?a=b&c=d")],
        body: Vec::new,
    },
    Reply { name: "304", about: "304 with its tag", status: 304, headers: &[("etag", b"W/\"v7\"")], body: Vec::new },
    Reply { name: "400", about: "400", status: 400, headers: &[TEXT], body: || b"bad".into() },
    Reply { name: "404", about: "404", status: 404, headers: &[TEXT], body: || b"gone".into() },
    Reply { name: "418", about: "418", status: 418, headers: &[TEXT], body: || b"short and stout".into() },
    Reply {
        name: "500",
        about: "500 in the function's own words",
        status: 500,
        headers: &[TEXT],
        body: || b"my own words".into(),
    },
    Reply {
        name: "503",
        about: "503 with the time to wait",
        status: 503,
        headers: &[TEXT, ("retry-after", b"120")],
        body: || b"later".into(),
    },
    Reply { name: "599", about: "a status without a name", status: 599, headers: &[TEXT], body: || b"no one's".into() },
    Reply {
        name: "cookies",
        about: "several cookies, one of them with a comma",
        status: 200,
        headers: &[
            ("set-cookie", b"a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
            ("set-cookie", b"b=2; HttpOnly"),
            ("set-cookie", b"a=3; Path=/x"),
        ],
        body: Vec::new,
    },
    Reply {
        name: "one-cookie",
        about: "one cookie on a redirect",
        status: 302,
        headers: &[("set-cookie", b"session=s3cr3t; Secure"), ("location", b"/")],
        body: Vec::new,
    },
    Reply {
        name: "repeated",
        about: "repeated headers in order",
        status: 200,
        headers: &[("x-many", b"2"), ("x-many", b"1"), ("x-many", b"2")],
        body: Vec::new,
    },
    Reply {
        name: "commas",
        about: "commas in a header",
        status: 200,
        headers: &[("x-list", b"a, \"b, c\",d"), ("cache-control", b"no-store, max-age=0")],
        body: Vec::new,
    },
    Reply {
        name: "empty-value",
        about: "an empty header value",
        status: 200,
        headers: &[("x-empty", b"")],
        body: Vec::new,
    },
    Reply {
        name: "long-value",
        about: "a long header value",
        status: 200,
        headers: &[("x-long", &[b'v'; 7000])],
        body: Vec::new,
    },
    Reply {
        name: "utf8-value",
        about: "a header value in UTF-8",
        status: 200,
        headers: &[("x-name", "grüße 日本".as_bytes())],
        body: Vec::new,
    },
    Reply {
        name: "latin1-value",
        about: "a header value that is not UTF-8",
        status: 200,
        headers: &[("x-name", b"gr\xfc\xdfe")],
        body: Vec::new,
    },
];

impl Reply {
    /// Returns the response.
    pub(crate) fn response(&self) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(*name, *value);
        }
        response.body((self.body)().into()).expect("a response of the table")
    }
}

/// The answer of this name.
pub(crate) fn named(name: &str) -> Option<Response<Bytes>> {
    REPLIES.iter().find(|reply| reply.name == name).map(Reply::response)
}
