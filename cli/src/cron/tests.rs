//! The portable form and those of the clouds, each expanded by a little evaluator of its own, fire at the same minutes.

use proptest::{collection::vec, prelude::*};

use super::Cron;
use crate::error::Kind;

/// A minute of a civil calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Minute {
    minute: u32,
    hour: u32,
    day: u32,
    month: u32,
    /// 0 is Sunday.
    week: u32,
}

/// Every day of two years, four times each: all hours and minutes come, not all pairs of them.
fn minutes() -> Vec<Minute> {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut all: Vec<Minute> = Vec::new();
    // 2027 begins with a Friday; 2028 has a 29 February.
    let mut week = 5;
    for year in 2027..=2028 {
        for month in 1..=12u32 {
            let leap = u32::from(year == 2028 && month == 2);
            for day in 1..=lengths[month as usize - 1] + leap {
                for _ in 0..4 {
                    let at = all.len() as u32;
                    all.push(Minute { minute: at * 7 % 60, hour: at * 5 % 24, day, month, week });
                }
                week = (week + 1) % 7;
            }
        }
    }
    all
}

/// crontab(5), from its words: a list of ranges with steps; either day where neither begins with `*`.
fn unix(expression: &str, at: Minute) -> bool {
    let f: Vec<_> = expression.split(' ').collect();
    let day = one_of(f[2], at.day, 1, 31, &[]);
    let week = one_of(f[4], at.week, 0, 7, WEEK) || (at.week == 0 && one_of(f[4], 7, 0, 7, WEEK));
    let days = if f[2].starts_with('*') || f[4].starts_with('*') { day && week } else { day || week };
    days && one_of(f[0], at.minute, 0, 59, &[])
        && one_of(f[1], at.hour, 0, 23, &[])
        && one_of(f[3], at.month, 1, 12, YEAR)
}

/// EventBridge: `first/step` goes on to the field's end, the week is counted from 1, `?` is any.
fn aws(expression: &str, at: Minute) -> bool {
    let inner = expression.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')).unwrap();
    let f: Vec<_> = inner.split(' ').collect();
    assert_eq!(f.len(), 6, "{expression}");
    assert_eq!(f[5], "*", "{expression}");
    assert_eq!(f.iter().filter(|field| **field == "?").count(), 1, "{expression}");
    assert!(f[2] == "?" || f[4] == "?", "{expression}");
    let fits = |text: &str, value: u32, to: u32, names: &[&str]| match text.split_once('/') {
        Some((first, step)) => {
            let (first, step): (u32, u32) = (first.parse().unwrap(), step.parse().unwrap());
            value >= first && value <= to && (value - first).is_multiple_of(step)
        }
        None => text == "?" || one_of(text, value, if names == WEEK { 1 } else { 0 }, to, names),
    };
    fits(f[0], at.minute, 59, &[])
        && fits(f[1], at.hour, 23, &[])
        && fits(f[2], at.day, 31, &[])
        && fits(f[3], at.month, 12, YEAR)
        && fits(f[4], at.week + 1, 7, WEEK)
}

/// NCRONTAB: seconds first, the week from 0 to 6, and all fields have to fit.
fn azure(expression: &str, at: Minute) -> bool {
    let f: Vec<_> = expression.split(' ').collect();
    assert_eq!((f.len(), f[0]), (6, "0"), "{expression}");
    assert!(!f[5].contains('7'), "{expression}");
    one_of(f[1], at.minute, 0, 59, &[])
        && one_of(f[2], at.hour, 0, 23, &[])
        && one_of(f[3], at.day, 1, 31, &[])
        && one_of(f[4], at.month, 1, 12, YEAR)
        && one_of(f[5], at.week, 0, 6, WEEK)
}

const WEEK: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const YEAR: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Whether a value is among those of a field that counts from and to, whose names begin with the smallest (months with 1).
fn one_of(text: &str, value: u32, from: u32, to: u32, names: &[&str]) -> bool {
    let number = |text: &str| -> u32 {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        named.map_or_else(|| text.parse().unwrap(), |at| at as u32 + if names == YEAR { 1 } else { from })
    };
    text.split(',').any(|part| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            None if range == "*" => (from, to),
            None => (number(range), number(range)),
        };
        value >= first && value <= last && (value - first).is_multiple_of(step.parse().unwrap())
    })
}

fn field(from: u32, to: u32, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let part = (0..10u8, from..=to, from..=to, 1..=to.max(2)).prop_map(move |(kind, a, b, step)| {
        let (low, high) = (a.min(b), a.max(b));
        match kind {
            0..=2 => "*".to_owned(),
            3 => format!("*/{}", step.min(to)),
            4 => format!("{low}-{high}"),
            5 => format!("{low}-{high}/{}", step.min(to)),
            6 if !names.is_empty() => names[(a - from) as usize % names.len()].to_owned(),
            _ => a.to_string(),
        }
    });
    vec(part, 1..3).prop_map(|parts| parts.join(","))
}

fn expression() -> impl Strategy<Value = String> {
    let days = prop_oneof![Just("*".to_owned()), field(1, 31, &[])];
    let week = prop_oneof![Just("*".to_owned()), field(0, 7, WEEK)];
    let all = (field(0, 59, &[]), field(0, 23, &[]), days, field(1, 12, YEAR), week);
    all.prop_map(|(minute, hour, day, month, week)| format!("{minute} {hour} {day} {month} {week}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_form_fires_when_the_portable_one_does(expression in expression()) {
        let Ok(cron) = Cron::parse(&expression) else {
            let days = format!("* * {}", expression.splitn(3, ' ').nth(2).unwrap());
            prop_assert!(!minutes().into_iter().any(|at| unix(&days, at)), "{} fires", &expression);
            return Ok(());
        };
        let forms = [
            (cron.aws(), aws as fn(&str, Minute) -> bool),
            (cron.azure(), azure),
            (cron.google(), unix),
        ];
        let minutes = minutes();
        for (form, fires) in forms {
            let Ok(form) = form else { continue };
            for &at in &minutes {
                prop_assert_eq!(unix(&expression, at), fires(&form, at), "{} as {} at {:?}", &expression, form, at);
            }
        }
        // Nothing is refused but what restricts both.
        let restricts = |field: &str| field != "*";
        let fields: Vec<_> = expression.split(' ').collect();
        if !(restricts(fields[2]) && restricts(fields[4])) {
            prop_assert!(cron.aws().is_ok() && cron.azure().is_ok() && cron.google().is_ok());
        }
    }

    #[test]
    fn nothing_panics(text in prop_oneof![".*", "[0-9*/,a-z -]{0,40}"]) {
        let _ = Cron::parse(&text).map(|cron| (cron.aws().is_ok(), cron.azure().is_ok(), cron.google().is_ok()));
    }
}

#[test]
fn forms() {
    for (portable, aws, azure, google) in [
        ("0 3 * * *", "cron(0 3 * * ? *)", "0 0 3 * * *", "0 3 * * *"),
        ("*/5 * * * *", "cron(0/5 * * * ? *)", "0 */5 * * * *", "*/5 * * * *"),
        (
            "0 9-17/2 * * Mon-Fri",
            "cron(0 9,11,13,15,17 ? * MON-FRI *)",
            "0 0 9,11,13,15,17 * * 1-5",
            "0 9,11,13,15,17 * * 1-5",
        ),
        ("0 0 1,15 jan-mar *", "cron(0 0 1,15 1-3 ? *)", "0 0 0 1,15 1-3 *", "0 0 1,15 1-3 *"),
        ("0 0 * * 7", "cron(0 0 ? * SUN *)", "0 0 0 * * 0", "0 0 * * 0"),
        ("0 0 * * 5-7", "cron(0 0 ? * SUN,FRI,SAT *)", "0 0 0 * * 0,5,6", "0 0 * * 0,5,6"),
        ("0 0 1-31 * 1", "cron(0 0 * * ? *)", "0 0 0 * * *", "0 0 * * *"),
    ] {
        let cron = Cron::parse(portable).unwrap();
        let forms = (cron.aws().unwrap(), cron.azure().unwrap(), cron.google().unwrap());
        assert_eq!((&forms.0[..], &forms.1[..], &forms.2[..]), (aws, azure, google), "{portable}");
    }
}

#[test]
fn what_a_cloud_cannot_say_is_refused() {
    let either = Cron::parse("0 0 13 * 5").unwrap();
    assert_eq!(either.google().unwrap(), "0 0 13 * 5");
    for error in [either.aws().unwrap_err(), either.azure().unwrap_err()] {
        assert_eq!((error.kind, error.code), (Kind::Impossible, "omnifn::cron::days"));
        assert!(error.message.contains("\"0 0 13 * 5\"") && error.help.is_some(), "{error}");
    }
    let both = Cron::parse("0 0 */2 * 5").unwrap();
    assert_eq!(both.azure().unwrap(), "0 0 0 */2 * 5");
    assert!(both.aws().is_err() && both.google().is_err());
    // Two schedules are no way out: on a Friday the 13th they fire twice, and the portable one once.
    let friday = Minute { minute: 0, hour: 0, day: 13, month: 8, week: 5 };
    assert!(aws("cron(0 0 13 * ? *)", friday) && aws("cron(0 0 ? * FRI *)", friday));
}

#[test]
fn what_is_no_schedule_is_named() {
    for (bad, words) in [
        ("0 3 * *", "found 4"),
        ("61 * * * *", "the minute `61`: expected 0 to 59"),
        ("* * * * 8", "the day of the week `8`"),
        ("1/2 * * * *", "a step needs `*` or a range: write `1-59/…`"),
        ("0 0 30 2 *", "never fires: none of its months has 30 days"),
        ("0 0 31 2,4,6,9,11 */2", "none of its months has 31 days"),
    ] {
        let error = Cron::parse(bad).unwrap_err();
        assert!(error.kind == Kind::Usage && error.message.contains(words), "{bad}: {error}");
    }
}
