//! Where a shape cannot do what all others do. Each row is checked: the case has to fail there, and in the way that is
//! written here. A row that is no longer needed fails the suite.

use omnifn::conformance::Exception;

/// What shapes of some providers cannot carry, and why.
pub(crate) struct Row {
    /// The columns of the table.
    pub(crate) providers: &'static [&'static str],
    pub(crate) exception: Exception,
}

const AWS: &[&str] = &["aws", "aws, streamed"];
const HTTP_APIS: &[&str] = &["http-api-v2", "http-api-v1"];

/// Replies of more than 6 MiB as JSON.
const LARGE: &[&str] = &[
    "reply: 6 MB of text",
    "reply: 6 MB of binary",
    "6 MB of text there and back",
    "6 MB of binary there and back",
    "a request's body is the reply's",
];

/// All exceptions.
pub(crate) const EXCEPTIONS: &[Row] = &[
    Row {
        providers: AWS,
        exception: Exception {
            shapes: HTTP_APIS,
            cases: &["request: an encoded slash in a segment"],
            reason: "An HTTP API decodes the path once, so an encoded slash becomes one between two segments: use a parameter for several segments, a Function URL, a REST API or a load balancer.",
            shows: r#"found Seen { function: "echo", method: "GET", path: "/echo/a/b/c""#,
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: HTTP_APIS,
            cases: &[
                "request: an encoded path",
                "request: two encoded dots as a segment",
                "request: a backslash",
                "request: a raw path of several alphabets",
                "request: a percent sign alone in the path",
            ],
            reason: "An HTTP API decodes the path once: what a function sees is the same characters, encoded anew, and `Path` is the same text.",
            shows: "found Seen",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["http-api-v2", "function-url", "vpc-lattice-v1"],
            cases: &["request: repeated headers in order"],
            reason: "The gateway joins repeated headers by commas before a function sees them.",
            shows: r#"found ["2,1,2"]"#,
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["http-api-v2", "function-url", "alb", "vpc-lattice-v1", "vpc-lattice-v2"],
            cases: &["reply: repeated headers in order", "layers around every answer"],
            reason: "The reply has one text for each header but `Set-Cookie`: repeated ones are joined by commas, which means the same (RFC 9110, 5.2).",
            shows: ", ",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &[
                "http-api-v2",
                "function-url",
                "rest-v1",
                "alb",
                "alb-multi",
                "http-api-v1",
                "vpc-lattice-v1",
                "vpc-lattice-v2",
            ],
            cases: &["reply: a header value that is not UTF-8"],
            reason: "The reply is JSON, which holds text alone: the bytes are sent as the characters of ISO-8859-1 that they are.",
            shows: r#"found ["gr\\xc3\\xbc\\xc3\\x9fe"]"#,
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["rest-v1", "http-api-v1"],
            cases: &[
                "request: a plus in the query",
                "request: a raw query of several alphabets",
                "request: a percent sign alone in the query",
                "request: a semicolon in the query",
                "request: a query of JSON",
                "request: a question mark in the query",
            ],
            reason: "The gateway decodes the query: what a function sees is the same keys and values, encoded anew.",
            shows: "found Seen",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["rest-v1", "alb-multi", "http-api-v1", "vpc-lattice-v2"],
            cases: &["request: repeated query keys"],
            reason: "The gateway sends the query as a map from key to values: each key's values stay in order, the keys do not.",
            shows: "x=2&x=1&x=2&y=0",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["rest-v1", "alb", "alb-multi", "http-api-v1", "vpc-lattice-v1", "vpc-lattice-v2"],
            cases: &["request: a query key without an equals sign"],
            reason: "In a map of the query's keys, a key without a value has an empty one.",
            shows: "flag=&other=",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["rest-v1", "alb", "alb-multi", "http-api-v1", "vpc-lattice-v1", "vpc-lattice-v2"],
            cases: &["request: ampersands alone in the query"],
            reason: "In a map of the query's keys there is nothing between two ampersands.",
            shows: r#"Some("a=b")"#,
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["rest-v1", "alb-multi", "http-api-v1", "vpc-lattice-v2"],
            cases: &["request: a long query"],
            reason: "In a map of the query's keys there is nothing behind the last ampersand.",
            shows: "found Seen",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["alb"],
            cases: &[
                "request: an empty query key",
                "request: repeated query keys",
                "request: a long query",
                "request: repeated headers in order",
                "a query that fits",
            ],
            reason: "Without multi-value headers the load balancer keeps the last value of a repeated header or query key: switch `lambda.multi_value_headers.enabled` on.",
            shows: "cannot carry",
        },
    },
    Row {
        providers: AWS,
        exception: Exception {
            shapes: &["vpc-lattice-v1"],
            cases: &[
                "request: an empty query key",
                "request: repeated query keys",
                "request: a long query",
                "a query that fits",
            ],
            reason: "Event structure 1.0 has one value for each query key: use event structure 2.0.",
            shows: "cannot carry",
        },
    },
    Row {
        providers: &["aws"],
        exception: Exception {
            shapes: &[
                "http-api-v2",
                "function-url",
                "rest-v1",
                "alb",
                "alb-multi",
                "http-api-v1",
                "vpc-lattice-v1",
                "vpc-lattice-v2",
            ],
            cases: LARGE,
            reason: "Lambda takes a reply of 6 MiB with the JSON around it, and a load balancer one of 1 MiB: above that the caller gets a 500, and the log says why. A Function URL and a REST API can stream.",
            shows: "found 500",
        },
    },
    Row {
        providers: &["aws, streamed"],
        exception: Exception {
            shapes: &["http-api-v2", "alb", "alb-multi", "http-api-v1", "vpc-lattice-v1", "vpc-lattice-v2"],
            cases: LARGE,
            reason: "Lambda takes a reply of 6 MiB with the JSON around it, and a load balancer one of 1 MiB: above that the caller gets a 500, and the log says why. A Function URL and a REST API can stream.",
            shows: "found 500",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["proxying", "forwarding"],
            cases: &["request: repeated headers in order"],
            reason: "The host joins repeated headers by commas before a function sees them.",
            shows: r#"found ["2, 1, 2"]"#,
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["forwarding"],
            cases: &[
                "request: a plus in the query",
                "request: a raw query of several alphabets",
                "request: a percent sign alone in the query",
                "request: a semicolon in the query",
                "request: a query of JSON",
                "request: a question mark in the query",
                "request: a query key without an equals sign",
                "request: ampersands alone in the query",
            ],
            reason: "The host decodes the query: what a function sees is the same keys and values, encoded anew.",
            shows: "found Seen",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["forwarding"],
            cases: &[
                "request: an empty query key",
                "request: repeated query keys",
                "request: a long query",
                "a query that fits",
            ],
            reason: "The host joins the values of a repeated query key by commas: use proxying.",
            shows: "found",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &["request: a header value that is not UTF-8"],
            reason: "The envelope is JSON, which holds text alone.",
            shows: "cannot carry the header x-name",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &[
                "request: text that is not UTF-8",
                "request: a binary body without a type",
                "request: 6 MB of binary",
                "request: a compressed body",
                "all bytes there and back, without a type",
                "a request's body is the reply's",
            ],
            reason: "The host takes every body but `application/octet-stream` and `multipart/…` for text: use proxying.",
            shows: "cannot carry a body",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &[
                "reply: text in iso-8859-1 is not transcoded",
                "reply: text that breaks off within a character",
                "reply: a binary body of all bytes",
                "reply: a binary body without a type",
                "reply: a compressed body, byte for byte",
                "reply: 700 kB of binary",
                "reply: 6 MB of binary",
                "6 MB of binary there and back",
            ],
            reason: "The reply's envelope holds a body as text, and the host decodes no base64 in it: use proxying. The caller gets a 500, and the reason is in the host's log.",
            shows: "found 500",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &["reply: several cookies, one of them with a comma"],
            reason: "The reply's envelope has one text for each header, and cookies cannot be joined: use proxying. The caller gets a 500, and the reason is in the host's log.",
            shows: "found 500",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &["reply: repeated headers in order", "layers around every answer"],
            reason: "The reply has one text for each header: repeated ones are joined by commas, which means the same (RFC 9110, 5.2).",
            shows: ", ",
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &["reply: a header value that is not UTF-8"],
            reason: "The reply is JSON, which holds text alone: the bytes are sent as the characters of ISO-8859-1 that they are.",
            shows: r#"found ["gr\\xc3\\xbc\\xc3\\x9fe"]"#,
        },
    },
    Row {
        providers: &["azure"],
        exception: Exception {
            shapes: &["data"],
            cases: &["HEAD is answered by GET, without the body"],
            reason: "The host writes the length of the body itself.",
            shows: "content-length",
        },
    },
    Row {
        providers: &["gcp"],
        exception: Exception {
            shapes: &["http/1.1", "http/2"],
            cases: &["a path that browsers ask for: /favicon.ico", "a path that crawlers ask for: /robots.txt"],
            reason: "The Functions Framework contract keeps these two paths from functions; one whose route says that very path gets it.",
            shows: "404 Not Found",
        },
    },
];

/// The exception for a case on a shape, by its place in the table.
pub(crate) fn find(provider: &str, shape: &str, case: &str) -> Option<usize> {
    EXCEPTIONS.iter().position(|row| row.providers.contains(&provider) && row.exception.is_about(shape, case))
}
