//! What the caller learns of an error, and what the log alone does.

use std::{error::Error as StdError, fmt};

use http::{HeaderValue, header};
use omnifn_core::{Error, ErrorKind, IntoResponse, Payload, Reply};
use proptest::prelude::*;

mod support;

use support::block_on;

/// An error with a cause of its own.
#[derive(Debug)]
struct Outer(&'static str, Option<Box<Outer>>);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Outer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.1.as_deref().map(|inner| inner as _)
    }
}

/// Three errors, one behind the other.
fn chain() -> Outer {
    Outer("the order", Some(Box::new(Outer("the database", Some(Box::new(Outer("password hunter2", None)))))))
}

/// The answer to the caller, by both ways: as a function's response and as a failed invocation.
fn answer(error: &Error) -> (u16, http::HeaderMap, String) {
    let response = error.clone().into_response();
    let (head, body) = response.into_parts();
    let body = block_on(Payload::Stream(body).collect(100_000)).unwrap();

    let failed = Reply::Failed(error.clone());
    assert_eq!(failed.status(), head.status);
    let failed = failed.into_http();
    assert_eq!((failed.status(), failed.headers()), (head.status, &head.headers));
    assert_eq!(failed.body().whole(), Some(&body));
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[test]
fn each_kind_has_a_status_and_a_name() {
    let table = [
        (ErrorKind::Function, 500, "FunctionError"),
        (ErrorKind::Decode, 400, "DecodeError"),
        (ErrorKind::BrokenBody, 400, "BrokenBody"),
        (ErrorKind::Unsupported, 500, "UnsupportedEvent"),
        (ErrorKind::NotFound, 404, "NotFound"),
        (ErrorKind::MethodNotAllowed, 405, "MethodNotAllowed"),
        (ErrorKind::TooLarge, 413, "TooLarge"),
        (ErrorKind::MediaType, 415, "UnsupportedMediaType"),
        (ErrorKind::Unprocessable, 422, "Unprocessable"),
        (ErrorKind::Panicked, 500, "Panicked"),
        (ErrorKind::Config, 500, "ConfigError"),
    ];
    for (kind, status, name) in table {
        let error = Error::new(kind, "secret words");
        assert_eq!((error.kind(), error.status_code().as_u16(), kind.name()), (kind, status, name));
        assert_eq!(error.is_callers_fault(), status < 500);
        let (answered, headers, body) = answer(&error);
        assert_eq!(answered, status);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        let reason = error.status_code().canonical_reason().unwrap();
        let expected = format!(r#"{{"type":"about:blank","title":"{reason}","status":{status}}}"#);
        assert_eq!(body, expected, "{kind:?}: the words are not for the caller");
    }
}

#[test]
fn a_status_of_the_functions_own() {
    let table = [
        (404, 404, true),
        (418, 418, true),
        (499, 499, true),
        (500, 500, false),
        (503, 503, false),
        (599, 599, false),
        (200, 200, true),
        (0, 500, false),
        (99, 500, false),
        (1000, 500, false),
        (u16::MAX, 500, false),
    ];
    for (given, status, told) in table {
        let error = Error::status(given, "there is no note 7");
        let (answered, _, body) = answer(&error);
        assert_eq!((answered, body.contains("there is no note 7")), (status, told), "{given}: {body}");
        assert_eq!(error.is_public(), told);
    }
}

#[test]
fn public_words_are_the_callers_and_their_cause_is_not() {
    let table = [
        Error::status(404, "there is no such order").with_source(chain()),
        Error::new(ErrorKind::Decode, "there is no such order").public().with_source(chain()),
        Error::status(503, "there is no such order").public().with_source(chain()),
    ];
    for error in table {
        let (_, _, body) = answer(&error);
        assert!(body.contains(r#""detail":"there is no such order""#), "{body}");
        for secret in ["the order", "database", "hunter2"] {
            assert!(!body.contains(secret), "{body}");
        }
        assert!(error.to_string().ends_with("the order: the database: password hunter2"), "{error}");
    }
}

#[test]
fn any_error_is_a_500_that_says_nothing() {
    let error = Error::from(chain());
    assert_eq!(error.to_string(), "the order: the database: password hunter2");
    assert_eq!(error.kind(), ErrorKind::Function);
    assert_eq!(answer(&error).2, r#"{"type":"about:blank","title":"Internal Server Error","status":500}"#);
    let lonely: Error = "seven".parse::<u8>().unwrap_err().into();
    assert_eq!(lonely.to_string(), "invalid digit found in string");
    assert!(lonely.source().is_none());
}

#[test]
fn a_405_says_what_is_allowed() {
    let error = Error::new(ErrorKind::MethodNotAllowed, "no").with_allow(HeaderValue::from_static("GET, HEAD"));
    assert_eq!(answer(&error).1[header::ALLOW], "GET, HEAD");
    assert_eq!(answer(&Error::new(ErrorKind::MethodNotAllowed, "no")).1.get(header::ALLOW), None);
}

#[test]
fn the_runtime_finds_the_error_in_the_response() {
    let response = Error::from(chain()).into_response();
    let carried = response.extensions().get::<Error>().unwrap();
    assert_eq!(carried.to_string(), "the order: the database: password hunter2");
}

proptest! {
    /// A caller receives the text of an error only if its author made it public.
    #[test]
    fn the_problem_document_is_json_and_leaks_nothing(
        words in "\\PC{0,20}", status in 400u16..600, public: bool,
    ) {
        let words = format!("«{words}»");
        let mut error = Error::status(status, words.clone()).with_source(chain());
        if public {
            error = error.public();
        }
        let (_, _, body) = answer(&error);
        let document: serde_json::Value = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(&document["status"], status);
        let told = public || status < 500;
        prop_assert_eq!(document["detail"].as_str(), told.then_some(words.as_str()));
        prop_assert!(!body.contains("hunter2"));
    }
}

/// A service or a stream takes a standard error, and gives ours back as it was.
#[test]
fn boxed_and_back() {
    let source = std::io::Error::other("connection reset");
    let boxed = Error::status(503, "the store is away").with_source(source).into_boxed();
    assert_eq!(boxed.to_string(), "the store is away");
    assert_eq!(boxed.source().map(ToString::to_string).as_deref(), Some("connection reset"));
    let error = Error::from(boxed);
    assert_eq!(
        (error.status_code().as_u16(), error.to_string().as_str()),
        (503, "the store is away: connection reset")
    );
}

/// Every kind of failure converts by `?`, keeps its text and its causes, and exposes nothing to the caller.
#[test]
fn every_error_converts() {
    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    type Case = fn() -> omnifn_core::Result<()>;
    let table: [(Case, &str); 8] = [
        (|| Err("a &str")?, "a &str"),
        (|| Err("a String".to_owned())?, "a String"),
        (|| Err(std::borrow::Cow::from("a Cow"))?, "a Cow"),
        (|| Err(Boxed::from("a box"))?, "a box"),
        (|| Err(std::io::Error::other("a standard error"))?, "a standard error"),
        (|| Err(anyhow::anyhow!("the cause").context("an anyhow::Error"))?, "an anyhow::Error: the cause"),
        (|| Err(Error::msg(format_args!("{} text", "any")))?, "any text"),
        (|| Err(Error::status(404, "ours").into_boxed())?, "ours"),
    ];
    for (case, words) in table {
        let error = case().unwrap_err();
        assert_eq!(error.to_string(), words);
        let is_ours = words == "ours";
        assert_eq!((error.status_code().as_u16(), error.is_public()), if is_ours { (404, true) } else { (500, false) });
    }
}
