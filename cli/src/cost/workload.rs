//! How often a function is called, for how long, and how many at once.

use std::{collections::BTreeMap, str::FromStr};

use serde_json::Value;

/// A value for one function, or for all: `settle=5M`, `1M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T> {
    /// The function; none for all.
    pub function: Option<String>,
    /// The value.
    pub value: T,
}

impl<T: FromStr<Err: std::fmt::Display>> FromStr for Given<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (function, value) = match text.rsplit_once('=') {
            Some((function, value)) => (Some(function.to_owned()), value),
            None => (None, text),
        };
        Ok(Given { function, value: value.parse().map_err(|error: T::Err| error.to_string())? })
    }
}

impl<T: Copy> Given<T> {
    /// What is given for a function: by its name, else for all.
    pub fn of(all: &[Self], function: &str) -> Option<T> {
        let own = all.iter().rev().find(|given| given.function.as_deref() == Some(function));
        own.or_else(|| all.iter().rev().find(|given| given.function.is_none())).map(|given| given.value)
    }
}

/// How many calls a month has at most: four hundred thousand a second.
const MOST_CALLS: u64 = 1_000_000_000_000;

/// How long a call takes at most: a day, which no cloud lets it.
const LONGEST: u64 = 24 * 3600 * 1_000_000;

/// A number of calls: `2500000`, `2_500_000`, `2500k`, `2.5M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls(pub u64);

impl FromStr for Calls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no number of calls, as 2500000, 2500k or 2.5M");
        let plain = text.replace('_', "");
        let (digits, unit) = match plain.strip_suffix(['k', 'K']) {
            Some(digits) => (digits, 1_000),
            None => plain.strip_suffix(['m', 'M']).map_or((plain.as_str(), 1), |digits| (digits, 1_000_000)),
        };
        match scaled(digits, unit).ok_or_else(wrong)? {
            calls if calls > MOST_CALLS => {
                Err(format!("`{text}` calls are more than a month can have, which is {MOST_CALLS}"))
            }
            calls => Ok(Calls(calls)),
        }
    }
}

/// A duration in microseconds, given in milliseconds: `12`, `0.8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub u64);

impl FromStr for Micros {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_suffix("ms").unwrap_or(text);
        let wrong = || format!("`{text}` is no number of milliseconds, as 12 or 0.8");
        match scaled(digits, 1_000).ok_or_else(wrong)? {
            micros if micros > LONGEST => {
                Err(format!("`{text}` milliseconds are more than a day, and no call takes so long"))
            }
            micros => Ok(Micros(micros)),
        }
    }
}

/// A decimal number times a unit; what is behind the unit's own digits is rounded up.
fn scaled(digits: &str, unit: u64) -> Option<u64> {
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && behind.is_empty()) || !is_number(whole) || !is_number(behind) || behind.len() > 15 {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let of = 10_u64.pow(u32::try_from(behind.len()).ok()?);
    let behind: u64 = if behind.is_empty() { 0 } else { behind.parse().ok()? };
    let part = u64::try_from((u128::from(behind) * u128::from(unit)).div_ceil(u128::from(of))).ok()?;
    whole.checked_mul(unit)?.checked_add(part)
}

/// What a month of a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// How long a call takes, and how many such calls there are in what was recorded.
    pub durations: Vec<(Micros, u64)>,
    /// How many calls a month has.
    pub calls: u64,
    /// How many are at once in an instance.
    pub concurrency: u32,
}

impl Workload {
    /// The time that all calls of the month take, each rounded by itself: in microseconds.
    pub fn billed(&self, round: impl Fn(u64) -> u64) -> u128 {
        let recorded: u128 = self.durations.iter().map(|(_, calls)| u128::from(*calls)).sum();
        let time = self.durations.iter().map(|(took, calls)| u128::from(round(took.0)) * u128::from(*calls));
        let time = time.fold(0, u128::saturating_add);
        time.saturating_mul(self.calls.into()).div_ceil(recorded.max(1))
    }
}

/// What log lines say: for each function, how long each of its calls took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// By the function's name.
    pub functions: BTreeMap<String, BTreeMap<Micros, u64>>,
}

impl Recorded {
    /// Reads the lines that omnifn writes, one for each invocation; others are passed over.
    pub fn read(text: &str) -> Self {
        let mut recorded = Recorded::default();
        for line in text.lines() {
            if let Some((function, took)) = of_json(line).or_else(|| of_text(line)).or_else(|| of_eyes(line)) {
                *recorded.functions.entry(function).or_default().entry(took).or_default() += 1;
            }
        }
        recorded
    }

    /// How many calls of a function there are.
    pub fn calls(&self, function: &str) -> u64 {
        self.functions.get(function).map_or(0, |durations| durations.values().sum())
    }
}

/// `{"function":"settle","duration_ms":12.3,…}`, on Google Cloud with the function among the labels.
fn of_json(line: &str) -> Option<(String, Micros)> {
    // What collects lines may put something in front of them.
    let value: Value = serde_json::from_str(&line[line.find('{')?..]).ok()?;
    let function =
        value.get("function").or_else(|| value.get("logging.googleapis.com/labels")?.get("function"))?.as_str()?;
    let took = value.get("duration_ms")?;
    Some((function.to_owned(), took.to_string().parse().ok()?))
}

/// `INFO omnifn: … function=settle … duration_ms=12.3 …`
fn of_text(line: &str) -> Option<(String, Micros)> {
    let field = |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    Some((field("function")?.trim_matches('"').to_owned(), field("duration_ms")?.parse().ok()?))
}

/// `GET /welcome/Ann → 200 welcome 0.4 ms 5b1c…`
fn of_eyes(line: &str) -> Option<(String, Micros)> {
    let plain = anstream::adapter::strip_str(line).to_string();
    let (_, answer) = plain.split_once(" → ")?;
    let mut words = answer.split_whitespace().rev();
    let (_id, unit, took, function) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if unit != "ms" {
        return None;
    }
    Some((function.to_owned(), took.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, calls) in [("7", 7), ("2_500_000", 2_500_000), ("2.5M", 2_500_000), ("10k", 10_000), ("0.0001k", 1)]
        {
            assert_eq!(text.parse(), Ok(Calls(calls)), "{text}");
        }
        for (text, micros) in [("12", 12_000), ("0.8", 800), ("12.3456ms", 12_346), (".5", 500)] {
            assert_eq!(text.parse(), Ok(Micros(micros)), "{text}");
        }
        for wrong in ["", "-1", "many", "1e6", ".", "99999999999999999999"] {
            assert!(wrong.parse::<Calls>().is_err() && wrong.parse::<Micros>().is_err(), "{wrong}");
        }
        // What is larger than what a bill can be of is refused, not reckoned with.
        let most =
            [("1000000M", true), ("1000000.000001M", false), ("18446744073709551615", false), ("999999999999M", false)];
        for (text, is_read) in most {
            assert_eq!(text.parse::<Calls>().is_ok(), is_read, "{text}");
        }
        for (text, is_read) in [("86400000", true), ("86400000.001", false), ("18446744073709551", false)] {
            assert_eq!(text.parse::<Micros>().is_ok(), is_read, "{text}");
        }
        let all: Vec<Given<Calls>> = ["1M", "settle=5M"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(
            (Given::of(&all, "settle"), Given::of(&all, "index")),
            (Some(Calls(5_000_000)), Some(Calls(1_000_000)))
        );
    }

    #[test]
    fn every_form_of_log_lines_is_read() {
        let lines = r#"
            {"timestamp":"2026-11-25T09:00:00Z","level":"INFO","message":"queue → 1 of 1 done","requestId":"1","function":"settle","duration_ms":12.3,"cold_start":false}
            2026-11-25 container | {"severity":"INFO","duration_ms":12.3,"logging.googleapis.com/labels":{"function":"settle","invocation_id":"1"}}
            INFO omnifn: GET / provider=aws function=welcome invocation_id="1" duration_ms=0.4 cold_start=true
            GET /welcome/Ann → 200 welcome 0.4 ms 5b1c
            ERROR omnifn: FunctionError function=welcome error="it took 3 ms today"
            nothing of ours
        "#;
        let recorded = Recorded::read(lines);
        assert_eq!(recorded.functions["settle"], BTreeMap::from([(Micros(12_300), 2)]));
        assert_eq!(recorded.functions["welcome"], BTreeMap::from([(Micros(400), 2)]));
        assert_eq!(recorded.functions.len(), 2);
    }
}
