use omnifn::testing::Testing;

use super::*;

/// A reading in every form in which each provider brings it.
#[tokio::test]
async fn readings_on_every_provider() {
    let sums = Sums::default();
    let testing = Testing::new(|| omnifn::app!(measure, device, forget).state(sums.clone()));
    for (celsius, taken) in [("21.5", true), ("900", false), ("\"warm\"", false)] {
        let body = format!(r#"{{"device": "d-1", "time": 1700000000, "celsius": {celsius}}}"#);
        let reading = || {
            let mut message = Message::new(Bytes::from(body.clone()));
            message.sequence = Some("1".to_owned());
            message.partition = Some("0".to_owned());
            vec![message.into()]
        };
        for delivered in testing.deliver_everywhere("measure", reading).await {
            assert_eq!(delivered.acknowledged(), [taken], "{}, {}: {celsius}", delivered.provider, delivered.shape);
        }
    }
    let sum = sums.get("d-1").expect("a device");
    assert_eq!((sum.min, sum.max, sum.last), (21.5, 21.5, 1_700_000_000));
}

#[test]
fn silent_devices_are_forgotten() {
    let sums = Sums::default();
    sums.add("old".to_owned(), 10, 20.0);
    sums.add("new".to_owned(), 20, 20.0);
    assert_eq!(sums.forget(15), 1);
    assert_eq!((sums.get("old"), sums.get("new").map(|sum| sum.count)), (None, Some(1)));
}
