//! The three forms that a trace arrives in.

use omnifn_core::TraceContext;
use proptest::prelude::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// What was read, as a `traceparent` header would say it.
fn shown(trace: Option<TraceContext>) -> Option<String> {
    trace.map(|trace| trace.to_string())
}

#[test]
fn traceparent() {
    let same = |flags: &str| Some(format!("00-{TRACE}-{SPAN}-{flags}"));
    let table = [
        ("sampled", format!("00-{TRACE}-{SPAN}-01"), same("01")),
        ("not sampled", format!("00-{TRACE}-{SPAN}-00"), same("00")),
        ("other flags alone", format!("00-{TRACE}-{SPAN}-fe"), same("00")),
        ("other flags and sampled", format!("00-{TRACE}-{SPAN}-03"), same("01")),
        ("white space around", format!(" 00-{TRACE}-{SPAN}-01\t"), same("01")),
        ("a later version", format!("01-{TRACE}-{SPAN}-01"), same("01")),
        ("a later version with more fields", format!("cc-{TRACE}-{SPAN}-01-What-Comes-Later"), same("01")),
        ("a later version with a longer flag", format!("cc-{TRACE}-{SPAN}-01.what"), None),
        ("version 0 with more fields", format!("00-{TRACE}-{SPAN}-01-more"), None),
        ("version 0 with a dash at the end", format!("00-{TRACE}-{SPAN}-01-"), None),
        ("the forbidden version", format!("ff-{TRACE}-{SPAN}-01"), None),
        ("a version that is no number", format!("0x-{TRACE}-{SPAN}-01"), None),
        ("upper case in the trace", format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), None),
        ("upper case in the span", format!("00-{TRACE}-{}-01", SPAN.to_uppercase()), None),
        ("upper case in the version", format!("CC-{TRACE}-{SPAN}-01"), None),
        ("upper case in the flags", format!("00-{TRACE}-{SPAN}-0B"), None),
        ("a trace of zeros", format!("00-{}-{SPAN}-01", "0".repeat(32)), None),
        ("a span of zeros", format!("00-{TRACE}-{}-01", "0".repeat(16)), None),
        ("a short trace", format!("00-{}-{SPAN}-01", &TRACE[1..]), None),
        ("a long trace", format!("00-{TRACE}0-{SPAN}-01"), None),
        ("a sign in a number", format!("00-+{}-{SPAN}-01", &TRACE[1..]), None),
        ("no flags", format!("00-{TRACE}-{SPAN}"), None),
        ("one flag digit", format!("00-{TRACE}-{SPAN}-1"), None),
        ("underscores", format!("00_{TRACE}_{SPAN}_01"), None),
        ("letters of more than one byte", format!("00-{}é-{SPAN}-01", &TRACE[1..]), None),
        ("a letter of more than one byte across the version", "0é-".to_owned(), None),
        ("nothing", String::new(), None),
    ];
    for (what, header, expected) in table {
        assert_eq!(shown(TraceContext::from_traceparent(&header)), expected, "{what}: {header:?}");
    }
}

#[test]
fn xray() {
    let root = "1-67891233-abcdef012345678912345678";
    let trace = "67891233abcdef012345678912345678";
    let (orphan, parent) = ("0000000000000000", "53995c3f42cd8ad8");
    let table = [
        ("all fields", format!("Root={root};Parent={parent};Sampled=1"), Some((parent, "01"))),
        ("another order", format!("Sampled=1;Parent={parent};Root={root}"), Some((parent, "01"))),
        ("spaces after the semicolons", format!("Root={root}; Parent={parent}; Sampled=0"), Some((parent, "00"))),
        ("the root alone", format!("Root={root}"), Some((orphan, "00"))),
        ("sampling is asked for", format!("Root={root};Sampled=?"), Some((orphan, "00"))),
        ("a load balancer's own field", format!("Self=1-1-1;Root={root};Sampled=1"), Some((orphan, "01"))),
        ("fields of later days", format!("Root={root};Parent={parent};Sampled=1;Lineage=a:b:0"), Some((parent, "01"))),
        ("a semicolon at the end", format!("Root={root};"), Some((orphan, "00"))),
        ("no root", format!("Parent={parent};Sampled=1"), None),
        ("another version", "Root=2-67891233-abcdef012345678912345678".to_owned(), None),
        ("a short time", "Root=1-6789123-abcdef012345678912345678".to_owned(), None),
        ("letters in a number", "Root=1-6789123z-abcdef012345678912345678".to_owned(), None),
        ("a parent that is no number", format!("Root={root};Parent=xyz"), None),
        ("zeros", "Root=1-00000000-000000000000000000000000".to_owned(), None),
        ("a field without a value", format!("Root;Root={root}"), Some((orphan, "00"))),
        ("nothing", String::new(), None),
    ];
    for (what, header, expected) in table {
        let expected = expected.map(|(span, flags)| format!("00-{trace}-{span}-{flags}"));
        assert_eq!(shown(TraceContext::from_xray(&header)), expected, "{what}: {header:?}");
    }
}

#[test]
fn cloud_trace() {
    let trace = "105445aa7843bc8bf206b12000100000";
    let table = [
        ("all fields", format!("{trace}/255;o=1"), Some(("00000000000000ff", "01"))),
        ("not sampled", format!("{trace}/255;o=0"), Some(("00000000000000ff", "00"))),
        ("no options", format!("{trace}/255"), Some(("00000000000000ff", "00"))),
        ("the trace alone", trace.to_owned(), Some(("0000000000000000", "00"))),
        ("no span", format!("{trace};o=1"), Some(("0000000000000000", "01"))),
        ("span zero", format!("{trace}/0;o=1"), Some(("0000000000000000", "01"))),
        ("the largest span", format!("{trace}/18446744073709551615;o=1"), Some(("ffffffffffffffff", "01"))),
        ("a span above the largest", format!("{trace}/18446744073709551616;o=1"), None),
        ("a span in hexadecimal", format!("{trace}/ff;o=1"), None),
        ("a negative span", format!("{trace}/-1;o=1"), None),
        ("a short trace", format!("{}/1;o=1", &trace[1..]), None),
        ("zeros", format!("{}/1;o=1", "0".repeat(32)), None),
        ("nothing", String::new(), None),
    ];
    for (what, header, expected) in table {
        let expected = expected.map(|(span, flags)| format!("00-{trace}-{span}-{flags}"));
        assert_eq!(shown(TraceContext::from_cloud_trace(&header)), expected, "{what}: {header:?}");
    }
}

proptest! {
    #[test]
    fn a_traceparent_comes_back_as_it_was(trace in 1u128.., span in 1u64.., sampled: bool) {
        let header = format!("00-{trace:032x}-{span:016x}-{:02x}", u8::from(sampled));
        let read = TraceContext::from_traceparent(&header).unwrap();
        prop_assert_eq!(read.to_string(), header);
        prop_assert_eq!(read.trace_id(), format!("{trace:032x}"));
        prop_assert_eq!(read.parent_id(), Some(format!("{span:016x}")));
        prop_assert_eq!(read.sampled(), sampled);
    }

    #[test]
    fn the_same_trace_in_three_forms(trace in 1u128.., span in 1u64.., sampled: bool) {
        let hex = format!("{trace:032x}");
        let bit = u8::from(sampled);
        let w3c = TraceContext::from_traceparent(&format!("00-{hex}-{span:016x}-{bit:02x}"));
        let xray = TraceContext::from_xray(&format!("Root=1-{}-{};Parent={span:016x};Sampled={bit}", &hex[..8], &hex[8..]));
        let cloud = TraceContext::from_cloud_trace(&format!("{hex}/{span};o={bit}"));
        prop_assert!(w3c.is_some());
        prop_assert_eq!(shown(w3c), shown(xray));
        prop_assert_eq!(shown(w3c), shown(cloud));
        prop_assert_eq!([w3c, xray, cloud].map(|trace| trace.map(|trace| trace.is_platforms())), [Some(false), Some(true), Some(true)]);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,80}", version in "[0-9a-fé]{2}", tail in "[-0-9a-fA-Fé]{0,60}") {
        let nearly = format!("{version}-{tail}");
        for header in [&text, &nearly] {
            if let Some(trace) = TraceContext::from_traceparent(header) {
                prop_assert_eq!(TraceContext::from_traceparent(&trace.to_string()), Some(trace));
            }
            let _ = TraceContext::from_xray(header);
            let _ = TraceContext::from_cloud_trace(header);
        }
        let _ = TraceContext::from_xray(&format!("Root=1-{text};Parent={tail}"));
    }
}
