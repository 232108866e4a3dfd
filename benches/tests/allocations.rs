//! How often an invocation asks for memory: an exact number, so a test may say what it may be.

use bytes::Bytes;
use omnifn_bench::{EVENT, LambdaHttp, Omnifn};

/// Fewer than a third of `lambda_http`'s.
#[test]
fn a_request_allocates_less_than_a_third() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let event = Bytes::from_static(EVENT.as_bytes());
    let (ours, theirs) = (Omnifn::new(), LambdaHttp::new());

    let invoke = |count: &mut Option<Bytes>, head| *count = Some(runtime.block_on(ours.invoke(head, event.clone())));
    let invoke_theirs =
        |count: &mut Option<Bytes>, head| *count = Some(runtime.block_on(theirs.invoke(head, event.clone())));
    let (mut reply, mut their_reply) = (None, None);
    // The first of each fills what is filled once.
    invoke(&mut reply, ours.head());
    invoke_theirs(&mut their_reply, theirs.head());
    let (head, their_head) = (ours.head(), theirs.head());
    let counted = allocation_counter::measure(|| invoke(&mut reply, head));
    let their_counted = allocation_counter::measure(|| invoke_theirs(&mut their_reply, their_head));

    for reply in [reply, their_reply] {
        let reply: serde_json::Value = serde_json::from_slice(&reply.unwrap_or_default()).expect("JSON");
        assert_eq!((reply["statusCode"].as_u64(), reply["body"].as_str()), (Some(200), Some("Hello, orders!")));
    }
    let (ours, theirs) = (counted.count_total, their_counted.count_total);
    println!(
        "allocations: omnifn {ours}, lambda_http {theirs}; bytes: {}, {}",
        counted.bytes_total, their_counted.bytes_total
    );
    assert!(ours * 3 < theirs, "omnifn {ours}, lambda_http {theirs}");
}
