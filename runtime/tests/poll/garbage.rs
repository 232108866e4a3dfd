//! Whatever comes from the API: no panic, and the next event is answered.

use std::sync::Mutex;

use proptest::{collection::vec, prelude::*};

use crate::{
    runtime_api::{Next, RuntimeApi},
    start,
};

/// A response of any status, with any headers (those that mean something among them) and any body, whole or not.
fn response() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        Just("lambda-runtime-aws-request-id".to_owned()),
        Just("lambda-runtime-invocation-id".to_owned()),
        Just("lambda-runtime-deadline-ms".to_owned()),
        Just("lambda-runtime-client-context".to_owned()),
        Just("content-type".to_owned()),
        Just("connection".to_owned()),
        "[a-z-]{1,12}",
    ];
    let value = vec(prop_oneof![4 => 0x20..0x7f_u8, 1 => 0x80..=0xff_u8], 0..24);
    let body = vec(any::<u8>(), 0..64);
    let status = prop_oneof![3 => Just(200_u16), 1 => 100..1000_u16];
    let length = prop_oneof![3 => Just(0_i64), 1 => -8..8_i64];
    (status, vec((name, value), 0..6), body, length).prop_map(|(status, headers, body, off)| {
        let length = (body.len() as i64 + off).max(0);
        let mut bytes = format!("HTTP/1.1 {status} Any\r\ncontent-length: {length}\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend([name.as_bytes(), b": ", &value, b"\r\n"].concat());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(body);
        bytes
    })
}

fn garbage() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => response(),
        1 => vec(any::<u8>(), 0..200),
        1 => response().prop_map(|mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        }),
    ]
}

#[test]
fn no_garbage_ends_the_loop() {
    let api = RuntimeApi::start();
    let process = Mutex::new(start(&api));
    let count = Mutex::new(0);
    proptest!(ProptestConfig::with_cases(200), |(several in vec(garbage(), 1..4))| {
        let number = { let mut count = count.lock().unwrap(); *count += 1; *count };
        for bytes in several {
            // Closed, for a body may have no other end.
            api.push(Next::raw(bytes).closing());
        }
        let id = format!("alive-{number}");
        api.push(Next::event(&id, "echo alive"));
        api.wait_for(&format!("/{id}/response"));
        let mut process = process.lock().unwrap();
        process.assert_alive("garbage");
        let ours = process.log().into_iter().find(|line| line.contains("the runtime panicked"));
        prop_assert_eq!(ours, None);
    });
}
