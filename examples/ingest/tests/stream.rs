//! The stream through every provider, and the devices.

use std::{sync::Arc, time::SystemTime};

use ingest::{
    Sums, devices,
    readings::{self, BadReading, Reading, check},
    store::InMemory,
};
use omnifn::{App, prelude::*, testing::Testing};

fn app(sums: &Sums) -> App {
    omnifn::app!(readings::take, devices::read, devices::forget).state(sums.clone())
}

fn reading(sequence: u64, celsius: &str) -> Message {
    let body = format!(r#"{{"device": "d-1", "sequence": {sequence}, "time": 1700000000, "celsius": {celsius}}}"#);
    let mut message = Message::new(Bytes::from(body));
    message.id = Some(format!("m-{sequence}"));
    message.sequence = Some(sequence.to_string());
    message.partition = Some("0".to_owned());
    message
}

/// One invalid reading among valid ones, one of which is a duplicate: only the invalid one is rejected, where the platform supports that.
#[tokio::test]
async fn bad_readings_are_rejected_one_by_one() {
    let sums: Sums = Arc::new(InMemory::default());
    let testing = Testing::new(|| app(&sums));
    for (number, (body, good)) in
        [("20.5", true), ("22.5", true), ("22.5", true), ("900", false), ("\"warm\"", false), ("24.5", true)]
            .iter()
            .enumerate()
    {
        let sequence = [1, 2, 2, 3, 4, 5][number];
        for delivered in testing.deliver_everywhere("ingest", || vec![reading(sequence, body).into()]).await {
            assert_eq!(delivered.acknowledged(), [*good], "{}, {}: {body}", delivered.provider, delivered.shape);
        }
    }
    // Every provider brought each of them, and it counts once.
    let sum = sums.get("d-1").expect("a device");
    assert_eq!((sum.count, sum.min, sum.max), (3, 20.5, 24.5));
    assert!((sum.mean - 22.5).abs() < 1e-9);
}

/// In a batch of a stream what stands behind a failure waits.
#[tokio::test]
async fn a_batch_stops_at_the_first_failure() {
    let readings = || vec![reading(1, "20").into(), reading(2, "900").into(), reading(3, "20").into()];
    let testing = Testing::new(|| app(&(Arc::new(InMemory::default()) as Sums)));
    for delivered in testing.deliver_everywhere("ingest", readings).await {
        let expected = if delivered.records[0].is_reported_individually { [true, false, false] } else { [false; 3] };
        assert_eq!(delivered.acknowledged(), expected, "{}, {}", delivered.provider, delivered.shape);
    }
}

#[test]
fn readings_are_validated() {
    let check = |device: &str, time: u64, celsius: f64| {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        check(Reading { device: device.to_owned(), sequence: 1, time, celsius }, now).err()
    };
    assert_eq!(check("d-1", 1_700_000_000, 20.0), None);
    assert_eq!(check("", 1_700_000_000, 20.0), Some(BadReading::Device));
    assert_eq!(check("a/b", 1_700_000_000, 20.0), Some(BadReading::Device));
    assert_eq!(check("d-1", 1_700_000_061, 20.0), Some(BadReading::Time));
    assert_eq!(check("d-1", 1_700_000_000, f64::NAN), Some(BadReading::Celsius));
    assert_eq!(check("d-1", 1_700_000_000, 125.1), Some(BadReading::Celsius));
}

#[tokio::test]
async fn silent_devices_are_forgotten() {
    let sums: Sums = Arc::new(InMemory::default());
    assert!(sums.add("old", 1, 1_600_000_000, 20.0));
    let testing = Testing::new(|| app(&sums));
    assert!(testing.deliver("forget-devices", Tick::new()).await.is_acknowledged());
    assert_eq!(sums.get("old"), None);
    let answers = testing.request_everywhere(|| {
        http::Request::get("/devices/old").header("host", "x").body(Bytes::new()).expect("a request")
    });
    for answered in answers.await {
        assert_eq!(answered.response.expect("an answer").status(), 404, "{}, {}", answered.provider, answered.shape);
    }
}
