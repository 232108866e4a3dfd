//! The five fields, and the sets of numbers that they stand for.

/// A field: its name, its range, and the names of its values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    name: &'static str,
    from: u32,
    to: u32,
    /// The largest number that can be written: 7 is Sunday, as 0 is.
    written_to: u32,
    names: &'static [&'static str],
}

pub(super) static MINUTE: Field = Field { name: "minute", from: 0, to: 59, written_to: 59, names: &[] };
pub(super) static HOUR: Field = Field { name: "hour", from: 0, to: 23, written_to: 23, names: &[] };
pub(super) static DAY: Field = Field { name: "day of the month", from: 1, to: 31, written_to: 31, names: &[] };
pub(super) static MONTH: Field = Field {
    name: "month",
    from: 1,
    to: 12,
    written_to: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
pub(super) static DAY_OF_WEEK: Field = Field {
    name: "day of the week",
    from: 0,
    to: 6,
    written_to: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/// The numbers of a field that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    field: &'static Field,
    bits: u64,
}

impl Field {
    /// Reads `*`, `5`, `1-5`, each with `/2` behind it, several with commas between them.
    pub(super) fn read(&'static self, text: &str) -> Result<Set, String> {
        let mut set = Set { field: self, bits: 0 };
        for part in text.split(',') {
            let (first, last, step) = self.part(part).map_err(|why| format!("the {} `{text}`: {why}", self.name))?;
            for value in (first..=last).step_by(step) {
                set.bits |= 1 << if value > self.to { self.from } else { value };
            }
        }
        Ok(set)
    }

    /// Returns the first value, the last, and the step.
    fn part(&self, part: &str) -> Result<(u32, u32, usize), String> {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let every = match step {
            None => 1,
            Some(step) => step
                .parse::<u32>()
                .ok()
                .filter(|step| (1..=self.written_to).contains(step))
                .ok_or_else(|| format!("invalid step `{step}`: expected a number from 1 to {}", self.written_to))?
                as usize,
        };
        if range == "*" {
            return Ok((self.from, self.to, every));
        }
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None if step.is_some() => {
                return Err(format!("a step needs `*` or a range: write `{range}-{}/…`", self.written_to));
            }
            None => (self.value(range)?, self.value(range)?),
        };
        if first > last { Err(format!("`{range}` ends before it begins")) } else { Ok((first, last, every)) }
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        if let Some(at) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(at as u32 + self.from);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.filter(|value| (self.from..=self.written_to).contains(value)).ok_or_else(|| {
            let names = if self.names.is_empty() { "" } else { ", or a name of three letters" };
            format!("expected {} to {}{names}, received `{text}`", self.from, self.written_to)
        })
    }
}

impl Set {
    /// Returns whether all of the field's numbers count.
    pub fn is_full(&self) -> bool {
        (self.field.from..=self.field.to).all(|value| self.has(value))
    }

    /// Returns whether a number counts.
    pub fn has(&self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    /// Returns how many numbers count, which is never none.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> u64 {
        self.bits.count_ones().into()
    }

    /// Writes the set as lists and ranges of numbers, or as `*` if all count.
    pub fn numbers(&self) -> String {
        if self.is_full() { "*".to_owned() } else { self.ranges(|value| value.to_string()) }
    }

    /// Writes the set as [`numbers`](Self::numbers) does, by the names of the field's numbers.
    pub fn names(&self) -> String {
        let field = self.field;
        let name = |value: u32| field.names.get((value - field.from) as usize).map_or(String::new(), |&n| n.to_owned());
        if self.is_full() { "*".to_owned() } else { self.ranges(name) }
    }

    /// Writes the set as [`numbers`](Self::numbers) does. If each `n`th number from the first counts, `write` writes it: from the first
    /// number and `n`.
    pub fn stepped(&self, write: impl Fn(u32, u32) -> String) -> String {
        let Field { from, to, .. } = *self.field;
        let step = (2..=(to - from + 1) / 3)
            .find(|&step| (from..=to).all(|value| self.has(value) == (value - from).is_multiple_of(step)));
        step.map_or_else(|| self.numbers(), |step| write(from, step))
    }

    fn ranges(&self, write: impl Fn(u32) -> String) -> String {
        let Field { from, to, .. } = *self.field;
        let mut parts = Vec::new();
        let mut value = from;
        while value <= to {
            if !self.has(value) {
                value += 1;
                continue;
            }
            let first = value;
            while value < to && self.has(value + 1) {
                value += 1;
            }
            match value - first {
                0 => parts.push(write(first)),
                1 => parts.extend([write(first), write(value)]),
                _ => parts.push(format!("{}-{}", write(first), write(value))),
            }
            value += 1;
        }
        parts.join(",")
    }
}
