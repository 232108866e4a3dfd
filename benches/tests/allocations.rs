//! How often an invocation asks for memory: an exact number, so a test may say what it may be.

use bytes::Bytes;
use omnifn_bench::{EVENT, LambdaHttp, Omnifn, codecs};

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

/// No decoder and no encoder allocates more than is recorded in `allocations.json`, by more than 3 %. With `OMNIFN_RECORD=1` it is
/// recorded anew.
#[test]
fn no_codec_allocates_more_than_recorded() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/allocations.json");
    let mut found = std::collections::BTreeMap::new();
    for codec in codecs::all() {
        // The first of each fills what is filled once.
        let _ = codec.answer(codec.message());
        let (first, second) = (codec.message(), codec.message());
        let decode = allocation_counter::measure(|| assert!(codec.decode(first))).count_total;
        let answer = allocation_counter::measure(|| drop(codec.answer(second))).count_total;
        found.insert(codec.name, [decode, answer]);
    }
    if std::env::var_os("OMNIFN_RECORD").is_some() {
        let lines: Vec<String> =
            found.iter().map(|(name, [decode, answer])| format!("  {name:?}: [{decode}, {answer}]")).collect();
        return std::fs::write(file, format!("{{\n{}\n}}\n", lines.join(",\n"))).expect("a file");
    }
    let recorded = std::fs::read(file).expect("allocations.json");
    let recorded: std::collections::BTreeMap<String, [u64; 2]> = serde_json::from_slice(&recorded).expect("JSON");
    let too_many = |(now, limit): (&u64, &u64)| *now as f64 > *limit as f64 * 1.03;
    let over: Vec<_> = found
        .iter()
        .filter(|(name, now)| recorded.get(*name).is_none_or(|limits| now.iter().zip(limits).any(too_many)))
        .map(|(name, now)| format!("{name}: {now:?}, recorded {:?}", recorded.get(name)))
        .collect();
    assert!(over.is_empty(), "more allocations (decode, decode and encode) than recorded:\n{}", over.join("\n"));
}
