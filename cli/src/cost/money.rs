//! Money in whole billionths of a thousandth: exact, for prices have up to ten digits behind the point.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, Sub},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many parts a unit of the currency has.
const PARTS: i128 = 1_000_000_000_000;

/// An amount of money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

impl Money {
    /// This price for so many of `per`, rounded to the nearest part.
    #[must_use]
    pub fn times(self, many: u128, per: u128) -> Self {
        let (many, per) = (i128::try_from(many).unwrap_or(i128::MAX), i128::try_from(per).unwrap_or(i128::MAX).max(1));
        Money(self.0.saturating_mul(many).saturating_add(per / 2) / per)
    }

    /// Reads a decimal number.
    fn read(text: &str) -> Option<Self> {
        let (whole, behind) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || behind.len() > 12 || !is_number(whole) || !is_number(behind) {
            return None;
        }
        let behind: i128 = format!("{behind:0<12}").parse().ok()?;
        Some(Money(whole.parse::<i128>().ok()? * PARTS + behind))
    }
}

/// With two digits behind the point; four where it is less than one.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: u32 = if self.0.unsigned_abs() < PARTS.unsigned_abs() { 4 } else { 2 };
        let unit = PARTS / 10_i128.pow(digits);
        let shown = self.0.saturating_add(unit / 2) / unit;
        let of = 10_i128.pow(digits);
        write!(f, "{}.{:0width$}", shown / of, shown % of, width = digits as usize)
    }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(all: I) -> Money {
        all.fold(Money::default(), Add::add)
    }
}

/// As a number with six digits behind the point: a millionth is enough for a reader.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = self.0.saturating_add(500_000) / 1_000_000;
        // A month that costs more than a f64 can count in millionths is not one to worry about here.
        serializer.serialize_f64(micros as f64 / 1e6)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Money::read(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("the price \"{text}\" is no decimal number, as \"0.0000166667\""))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly_and_shown_short() {
        let shown = |text: &str| Money::read(text).map(|money| money.to_string());
        assert_eq!(Money::read("0.0000166667"), Some(Money(16_666_700)));
        assert_eq!(shown("0.20").as_deref(), Some("0.2000"));
        assert_eq!(shown("12.345").as_deref(), Some("12.35"));
        assert_eq!(shown("0.99999").as_deref(), Some("1.0000"));
        assert_eq!(shown("7").as_deref(), Some("7.00"));
        for wrong in ["", ".5", "1e3", "-1", "1.2.3", "0,20", "1.1234567890123"] {
            assert_eq!(Money::read(wrong), None, "{wrong}");
        }
    }
}
