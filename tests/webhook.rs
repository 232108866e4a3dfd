//! Signatures of webhooks: those that the senders' own documentation shows, and invalid ones.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use omnifn::webhook::{WINDOW, Webhook};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
    };
    pairs.iter().map(pair).collect()
}

/// From Slack's and GitHub's own pages.
#[test]
fn examples_of_the_senders_are_valid() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
                channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
                trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let slack = headers(&[
        ("x-slack-request-timestamp", "1531420618"),
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
    ]);
    Webhook::slack("8f742231b10e8888abcd99yyyzzz85a5")
        .verify(&slack, body.as_bytes(), at(1_531_420_700))
        .expect("Slack's");

    let github = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let github = headers(&[("x-hub-signature-256", github)]);
    Webhook::github("It's a Secret to Everybody").verify(&github, b"Hello, World!", at(0)).expect("GitHub's");
}

fn all() -> [Webhook; 3] {
    [0, 1, 2].map(|i| scheme(i, "hunter2"))
}

fn scheme(i: usize, secret: &str) -> Webhook {
    match i {
        0 => Webhook::slack(secret),
        1 => Webhook::github(secret),
        _ => Webhook::stripe(secret),
    }
}

#[test]
fn only_signed_requests_are_valid() {
    let now = at(1_700_000_000);
    for (i, webhook) in all().into_iter().enumerate() {
        let signed = webhook.sign(b"a body", now);
        webhook.verify(&signed, b"a body", now).expect("signed");
        webhook.verify(&signed, b"a body", now + WINDOW).expect("still new");
        webhook.verify(&signed, b"a body", now - WINDOW).expect("their clock is ahead");
        let has_time = i != 1;
        for late in [now + WINDOW + Duration::from_secs(1), now - WINDOW - Duration::from_secs(1)] {
            assert_eq!(webhook.verify(&signed, b"a body", late).is_err(), has_time, "{i}");
        }
        assert!(webhook.verify(&signed, b"a bodY", now).is_err());
        assert!(webhook.verify(&signed, b"", now).is_err());
        assert!(scheme(i, "hunter3").verify(&signed, b"a body", now).is_err());
        scheme(i, "hunter3").or_secret("hunter2").verify(&signed, b"a body", now).expect("the old secret, too");
        // Without a secret, an empty key would do.
        let nobody = scheme(i, "");
        assert!(nobody.verify(&nobody.sign(b"a body", now), b"a body", now).is_err());
        for name in signed.keys() {
            let mut missing = signed.clone();
            missing.remove(name);
            let error = webhook.verify(&missing, b"a body", now).expect_err("a header is missing");
            assert_eq!(error.status_code(), 401);
            let value = signed[name].to_str().expect("text");
            for other in
                ["", "v0=", "sha256=", "t=,v1=", "\u{e9}", "0", &value[..value.len() - 1], &format!("{value}0")]
            {
                let mut changed = signed.clone();
                changed.insert(name, HeaderValue::from_bytes(other.as_bytes()).expect("a value"));
                assert!(webhook.verify(&changed, b"a body", now).is_err(), "{name}: {other:?}");
            }
        }
        assert!(!format!("{webhook:?}").contains("hunter2"));
    }
}

/// While an endpoint's secret is changed, Stripe signs with both.
#[test]
fn one_of_several_signatures() {
    let now = at(1_700_000_000);
    let (old, new) = (Webhook::stripe("old"), Webhook::stripe("new"));
    let value = |webhook: &Webhook| webhook.sign(b"a body", now)["stripe-signature"].to_str().expect("text").to_owned();
    let both = format!("{}, {},v0=00", value(&old), value(&new).split_once(',').expect("two fields").1);
    let both = headers(&[("stripe-signature", &both)]);
    old.verify(&both, b"a body", now).expect("the old");
    new.verify(&both, b"a body", now).expect("the new");
}
