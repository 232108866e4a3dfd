//! Paths and queries from outside: byte for byte, never folded.

use omnifn_core::{
    ErrorKind,
    uri::{encode_query, origin_form, strip_prefix},
};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

#[test]
fn origin_forms() {
    let table = [
        ("", "", "/"),
        ("/", "", "/"),
        ("notes", "", "/notes"),
        ("/notes/", "", "/notes/"),
        ("//a//b", "", "//a//b"),
        ("//host/a", "", "//host/a"),
        ("http://host/a", "", "/http://host/a"),
        ("/public/../admin", "", "/public/../admin"),
        ("/./a/.", "", "/./a/."),
        ("/public/%2e%2e/admin", "", "/public/%2e%2e/admin"),
        ("/a%2Fb%2fc", "", "/a%2Fb%2fc"),
        (r"/a\b", "", r"/a\b"),
        ("/a+b", "a+b=c+d", "/a+b?a+b=c+d"),
        ("/100%", "q=%", "/100%?q=%"),
        ("/%zz", "q=%zz", "/%zz?q=%zz"),
        ("/a;b=c", "a;b;c=d", "/a;b=c?a;b;c=d"),
        ("/a b", "q=a b", "/a%20b?q=a%20b"),
        ("/a?b#c", "d?e#f", "/a%3Fb%23c?d?e%23f"),
        ("/<a>", "<b>=\"c\"", "/%3Ca%3E?%3Cb%3E=%22c%22"),
        ("/{a}|^`\"'", "{a}|^`'[]", "/{a}|^%60\"'?{a}|^`'[]"),
        ("/\t\r\n\0\u{7f}", "\t\r\n\0\u{7f}", "/%09%0D%0A%00%7F?%09%0D%0A%00%7F"),
        ("/grüße/日本", "q=é&日=本", "/grüße/日本?q=é&日=本"),
        ("/gr%C3%BC%C3%9Fe", "q=%C3%A9", "/gr%C3%BC%C3%9Fe?q=%C3%A9"),
        ("/a", "=b", "/a?=b"),
        ("/a", "b", "/a?b"),
        ("/a", "b=", "/a?b="),
        ("/a", "&&", "/a?&&"),
        ("/a", "x=1&x=2&x=1", "/a?x=1&x=2&x=1"),
        ("*", "", "/*"),
    ];
    for (path, query, expected) in table {
        let uri = origin_form(path, query).unwrap_or_else(|e| panic!("{path:?} {query:?}: {e}"));
        assert_eq!(uri.to_string(), expected, "{path:?} {query:?}");
        assert_eq!((uri.scheme(), uri.authority()), (None, None), "{path:?} {query:?}");
    }
}

#[test]
fn a_uri_that_is_too_long_is_refused_with_its_length() {
    let longest = format!("/{}", "a".repeat(65_533));
    assert_eq!(origin_form(&longest, "").unwrap().path(), longest);
    for (path, query) in [(format!("{longest}a"), ""), ("/".to_owned(), longest.as_str())] {
        let error = origin_form(&path, query).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let length = path.len() + query.len() + usize::from(!query.is_empty());
        assert!(error.to_string().contains(&format!("{length} bytes")), "{error}");
    }
}

#[test]
fn prefixes() {
    let table = [
        ("/prod/notes", "prod", "/notes"),
        ("/prod/", "prod", "/"),
        ("/prod", "prod", "/"),
        ("/prod//a", "prod", "//a"),
        ("/prod/prod/a", "prod", "/prod/a"),
        ("/production", "prod", "/production"),
        ("/Prod/a", "prod", "/Prod/a"),
        ("/%70rod/a", "prod", "/%70rod/a"),
        ("//prod/a", "prod", "//prod/a"),
        ("prod/a", "prod", "prod/a"),
        ("/a", "", "/a"),
        ("", "prod", ""),
        ("/é/a", "é", "/a"),
    ];
    for (path, prefix, expected) in table {
        assert_eq!(strip_prefix(path, prefix), expected, "{path:?} without {prefix:?}");
    }
}

proptest! {
    #[test]
    fn every_text_is_a_uri_and_nothing_is_folded(path in any::<String>(), query in any::<String>()) {
        let uri = origin_form(&path, &query).unwrap();
        let slash = if path.starts_with('/') { "" } else { "/" };
        prop_assert_eq!(uri.path(), format!("{slash}{}", by_hand(&path, " <>`#?")));
        prop_assert_eq!(uri.query().unwrap_or_default(), by_hand(&query, " \"<>#"));
    }

    #[test]
    fn paths_of_dots_and_slashes_stay(path in "/([./\\\\]|%2[eEfF]|%5[cC]|a){0,24}", query in "([&=;+%]|%2[0-9a-fA-F]|a){0,24}") {
        let uri = origin_form(&path, &query).unwrap();
        prop_assert_eq!(uri.path(), path);
        prop_assert_eq!(uri.query().unwrap_or_default(), query);
    }

    #[test]
    fn an_encoded_key_reads_back_and_splits_nothing(text in any::<String>()) {
        let encoded = encode_query(&text);
        prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)), "{}", encoded);
        prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), text.as_str());
    }

    #[test]
    fn a_prefix_comes_off_once(prefix in "[a-zé]{1,8}", rest in "(/[a-zé.%]{0,6}){0,4}") {
        let path = format!("/{prefix}{rest}");
        let expected = if rest.is_empty() { "/" } else { &rest };
        prop_assert_eq!(strip_prefix(&path, &prefix), expected);
    }
}

/// What no URI can hold, percent-encoded, one character at a time.
fn by_hand(text: &str, also: &str) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_control() || also.contains(c) => encoded.push_str(&format!("%{:02X}", u32::from(c))),
            c => encoded.push(c),
        }
    }
    encoded
}
