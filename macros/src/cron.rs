//! Cron expressions of five fields, which every cloud supports: minute, hour, day of the month, month, day of the week.

/// A field: its name, its range, and the names of its numbers.
struct Field {
    name: &'static str,
    from: u32,
    to: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", from: 0, to: 59, names: &[] },
    Field { name: "hour", from: 0, to: 23, names: &[] },
    Field { name: "day of the month", from: 1, to: 31, names: &[] },
    Field {
        name: "month",
        from: 1,
        to: 12,
        names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "day of the week", from: 0, to: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/// The most days that a month has, from January.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Returns what is wrong with an expression.
pub(crate) fn check(expression: &str) -> Result<(), String> {
    const SHAPE: &str =
        "a schedule has five fields: minute, hour, day of the month, month, day of the week, as \"0 3 * * *\"";
    let fields: Vec<_> = expression.split_whitespace().collect();
    if expression.trim_start().starts_with('@') || expression.contains("rate(") || expression.contains("cron(") {
        return Err(format!("{SHAPE}: each cloud's own form is made of them"));
    }
    if fields.len() != FIELDS.len() {
        return Err(format!("{SHAPE}; here are {}", fields.len()));
    }
    for (text, field) in fields.iter().zip(&FIELDS) {
        for part in text.split(',') {
            field.part(part).map_err(|why| format!("the {} `{text}`: {why}", field.name))?;
        }
    }
    fires(fields[2], fields[3], fields[4])
}

/// Reports a schedule whose months have none of its days. Where neither field of days begins with `*`, each day of the week fires, too.
fn fires(day: &str, month: &str, week: &str) -> Result<(), String> {
    if !day.starts_with('*') && !week.starts_with('*') {
        return Ok(());
    }
    let values = |text: &str, field: &Field| {
        let parts = text.split(',').filter_map(|part| field.part(part).ok());
        parts.flat_map(|(first, last, step)| (first..=last).step_by(step)).collect::<Vec<_>>()
    };
    let first = values(day, &FIELDS[2]).into_iter().min().unwrap_or(1);
    let longest =
        values(month, &FIELDS[3]).into_iter().filter_map(|month| LENGTHS.get(month as usize - 1).copied()).max();
    match longest {
        Some(longest) if first > longest => {
            Err(format!("this schedule never fires: none of its months has {first} days"))
        }
        _ => Ok(()),
    }
}

impl Field {
    /// Returns the first value, the last, and the step of `*`, `5`, `1-5`, each with `/2` behind it.
    fn part(&self, part: &str) -> Result<(u32, u32, usize), String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let every = match step {
            None => 1,
            Some(step) => step
                .parse::<u32>()
                .ok()
                .filter(|step| (1..=self.to).contains(step))
                .ok_or_else(|| format!("a step is a number from 1 to {}, and `{step}` came", self.to))?
                as usize,
        };
        if range == "*" {
            return Ok((self.from, self.to, every));
        }
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None if step.is_some() => {
                return Err(format!("a step goes with `*` or a range: write `{range}-{}/…`", self.to));
            }
            None => (self.value(range)?, self.value(range)?),
        };
        if first > last { Err(format!("`{range}` ends before it begins")) } else { Ok((first, last, every)) }
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_lowercase();
        if let Some(at) = self.names.iter().position(|name| *name == lower) {
            return Ok(at as u32 + u32::from(self.from == 1));
        }
        let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        number.filter(|number| (self.from..=self.to).contains(number)).ok_or_else(|| {
            let names = if self.names.is_empty() { "" } else { ", or a name of three letters" };
            format!("it counts from {} to {}{names}, and `{text}` came", self.from, self.to)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for good in [
            "0 3 * * *",
            "*/5 * * * *",
            "0 9-17/2 1,15 jan-mar MON-fri",
            "59 23 31 12 7",
            "  0 0 * * 0  ",
            "0 0 29 2 *",
            "0 0 29-31 feb *",
            "0 0 31 4,5 *",
            "0 0 30 2 1",
            "0 0 */30 2 *",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", "here are 0"),
            ("0 3 * *", "here are 4"),
            ("0 0 3 * * *", "here are 6"),
            ("@daily", "each cloud's own form"),
            ("rate(5 minutes)", "each cloud's own form"),
            ("60 * * * *", "the minute `60`: it counts from 0 to 59"),
            ("* 24 * * *", "the hour"),
            ("* * 0 * *", "day of the month"),
            ("* * * foo *", "or a name of three letters"),
            ("* * * * 1-8", "day of the week"),
            ("5-1 * * * *", "ends before it begins"),
            ("*/0 * * * *", "a step is a number"),
            ("5/10 * * * *", "a step goes with"),
            ("1,, * * * *", "`` came"),
            ("* * ? * *", "`?` came"),
            ("* * L * *", "`L` came"),
            ("+1 * * * *", "`+1` came"),
            ("0 0 30 2 *", "never fires: none of its months has 30 days"),
            ("0 0 30,31 feb */2", "none of its months has 30 days"),
            ("0 0 31 2,4,6,9,11 *", "none of its months has 31 days"),
            ("0 0 31 4-6/2 *", "none of its months has 31 days"),
        ] {
            let found = check(bad).unwrap_err();
            assert!(found.contains(why), "{bad}: {found}");
        }
    }
}
