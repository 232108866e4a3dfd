use std::{fs, path::Path, sync::OnceLock};

use bytes::Bytes;
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{careful, usual};

/// What is read in one pass is what is read with care. Whether it was.
fn agree(envelope: &Bytes) -> bool {
    let Ok(text) = std::str::from_utf8(envelope) else { return false };
    let Some(sent) = usual::read(text, envelope) else { return false };
    match careful::read(text) {
        Ok(with_care) => assert_eq!(sent, with_care, "{text}"),
        Err(error) => panic!("{error}: {text}"),
    }
    true
}

/// The envelopes of all golden vectors, as the host writes them.
fn envelopes() -> &'static [String] {
    static ENVELOPES: OnceLock<Vec<String>> = OnceLock::new();
    ENVELOPES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let cases = ["http", "events"].map(|kind| fs::read_dir(folder.join(kind)).expect("the golden vectors"));
        let envelopes = cases.into_iter().flatten().filter_map(|case| {
            let message = fs::read(case.expect("a case").path().join("in.json")).expect("an in.json");
            let message: serde_json::Value = serde_json::from_slice(&message).expect("JSON");
            Some(message.get("body")?.get("json")?.to_string())
        });
        envelopes.collect()
    })
}

#[test]
fn most_envelopes_are_usual() {
    let usual = envelopes().iter().filter(|envelope| agree(&Bytes::copy_from_slice(envelope.as_bytes()))).count();
    assert!(usual >= 20, "{usual} of {}", envelopes().len());
}

#[test]
fn whatever_is_cut_off_is_not_usual() {
    for envelope in envelopes() {
        for (at, _) in envelope.char_indices() {
            assert!(!agree(&Bytes::copy_from_slice(&envelope.as_bytes()[..at])), "{}", &envelope[..at]);
        }
    }
}

#[test]
fn what_is_not_usual_is_read_with_care() {
    let data = |trigger: &str| Bytes::from(format!(r#"{{"Data":{{"req":{{{trigger}}}}},"Metadata":{{}}}}"#));
    assert!(agree(&data(r#""Url":"/","Method":"GET","Headers":{"A":["1","2"],"B":"3"}"#)));
    assert!(agree(&data(r#""Url":"/\u00e9","Method":"\"","Body":"a\tb\ud83e\udd80""#)));
    for unusual in [
        data(r#""Url":"/","Method":"GET","Headers":{"A":"1","a":"2"}"#),
        data(r#""Url":"/","Method":"GET","Headers":{"A":"1","A":"2"}"#),
        data(r#""Url":"/","Method":"GET","Headers":{"A":1}"#),
        data(r#""Url":"/","Method":"GET","Headers":{"A":"1","A":null}"#),
        data(r#""Url":"/","Method":"GET","Headers":{"A":"1","A":[]}"#),
        data(r#""Url":"/","Method":"GET","Headers":{"A":"1","A":"\n"}"#),
        data(r#""Url":"/","Method":"GET","Body":{}"#),
        data(r#""Url":"/","Url":"/","Method":"GET""#),
        data(r#""Url":"/","Method":"GET","Body":"\ud83e""#),
        data(r#""Url":"/""#),
        Bytes::from_static(br#"{"Data":{},"Data":{"req":{"Url":"/","Method":"GET"}}}"#),
        Bytes::from_static(br#"{"Data":{"req":{"Url":"/","Method":"GET"}},"Data":{}}"#),
        Bytes::from_static(br#"{"Data":{"a":{"Url":"/","Method":"GET"},"b":{"Url":"/","Method":"GET"}}}"#),
        Bytes::from_static(br#"{"Data":{"req":["/","GET",null,null,null]}}"#),
        Bytes::from_static(br#"{"Data":{"req":{"Url":"/","Method":"GET"}}} {}"#),
        Bytes::from_static(br#"{"Metadata":{}}"#),
    ] {
        assert!(!agree(&unusual), "{unusual:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn both_agree_after_slips(which: Index, slips in vec((any::<Index>(), 0_usize..6, "[\\PC\"\\\\{}\\[\\]:,]{0,4}"), 1..3)) {
        let mut envelope: Vec<char> = which.get(envelopes()).chars().collect();
        for (at, length, piece) in slips {
            let at = at.index(envelope.len() + 1);
            let end = envelope.len().min(at + length);
            envelope.splice(at..end, piece.chars());
        }
        agree(&Bytes::from(envelope.into_iter().collect::<String>()));
    }

    #[test]
    fn both_agree_on_headers(
        headers in vec(("[A-Ca-c-]{1,2}", prop_oneof!["\"[a-z]{0,3}\"", "\\[(\"[a-z]\"|null)?(,\"\\\\\\\\[nrt\"]\"){0,2}\\]", Just("null".to_owned())]), 0..5),
    ) {
        let headers: Vec<String> = headers.into_iter().map(|(name, values)| format!("\"{name}\":{values}")).collect();
        let envelope = format!(r#"{{"Data":{{"r":{{"Url":"/","Method":"GET","Headers":{{{}}}}}}}}}"#, headers.join(","));
        agree(&envelope.into());
    }
}
