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
    Ok(())
}

impl Field {
    /// `*`, `5`, `1-5`, each with `/2` behind it.
    fn part(&self, part: &str) -> Result<(), String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        if let Some(step) = step
            && !step.parse::<u32>().is_ok_and(|step| step > 0 && step <= self.to)
        {
            return Err(format!("a step is a number from 1 to {}, and `{step}` came", self.to));
        }
        if range == "*" {
            return Ok(());
        }
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None if step.is_some() => {
                return Err(format!("a step goes with `*` or a range: write `{range}-{}/…`", self.to));
            }
            None => (self.value(range)?, u32::MAX),
        };
        if first > last { Err(format!("`{range}` ends before it begins")) } else { Ok(()) }
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
        for good in ["0 3 * * *", "*/5 * * * *", "0 9-17/2 1,15 jan-mar MON-fri", "59 23 31 12 7", "  0 0 * * 0  "] {
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
        ] {
            let found = check(bad).unwrap_err();
            assert!(found.contains(why), "{bad}: {found}");
        }
    }
}
