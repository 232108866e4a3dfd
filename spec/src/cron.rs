//! Schedules: the portable five fields of `#[function(schedule = "…")]`: minute, hour, day of the month, month, day of the week.
//!
//! They mean what [crontab(5)](https://man7.org/linux/man-pages/man5/crontab.5.html) specifies: where both the day of the month and the day of
//! the week are restricted, a day that fits *either* counts; where one of them begins with `*`, as `*/2`, a day has to fit both. Not every
//! platform can express that; a tool that writes a platform's form of a schedule has to refuse those, and must never write one that fires
//! at other times.

mod field;

pub use field::Set;
use field::{DAY, DAY_OF_WEEK, HOUR, MINUTE, MONTH};

/// A schedule.
///
/// ```
/// use omnifn_spec::cron::Cron;
///
/// let cron = Cron::parse("30 3 * * mon-fri").unwrap();
/// assert_eq!((cron.minutes().numbers(), cron.hours().numbers()), ("30".to_owned(), "3".to_owned()));
/// assert!(Cron::parse("0 0 30 2 *").unwrap_err().contains("never fires"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: Set,
    hours: Set,
    months: Set,
    days: Days,
}

/// The days of a month on which the schedule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// Every day.
    Every,
    /// The days of the month in this set.
    OfMonth(Set),
    /// The days of the week in this set.
    OfWeek(Set),
    /// The days that are in one of the two sets.
    Either(Set, Set),
    /// The days that are in both sets, because one of the two was written as `*/n`.
    Both(Set, Set),
}

impl Cron {
    /// Reads the five fields.
    ///
    /// # Errors
    /// The fields are not valid, or the schedule never fires; the error explains the reason.
    pub fn parse(expression: &str) -> Result<Self, String> {
        const SHAPE: &str =
            "expected five fields: minute, hour, day of the month, month, day of the week, as \"0 3 * * *\"";
        let fields: Vec<_> = expression.split_whitespace().collect();
        if expression.trim_start().starts_with('@') || expression.contains("rate(") || expression.contains("cron(") {
            return Err(format!("{SHAPE}; the form of each cloud is generated from them"));
        }
        let [minute, hour, day, month, week] = fields[..] else {
            return Err(format!("{SHAPE}; found {}", fields.len()));
        };
        let cron = Cron {
            text: fields.join(" "),
            minutes: MINUTE.read(minute)?,
            hours: HOUR.read(hour)?,
            months: MONTH.read(month)?,
            days: Days::of(day, DAY.read(day)?, week, DAY_OF_WEEK.read(week)?),
        };
        match cron.missing_day() {
            None => Ok(cron),
            Some(first) => Err(format!("this schedule never fires: none of its months has {first} days")),
        }
    }

    /// Returns the five fields as they were written, with one space between them.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the minutes of an hour that count.
    pub fn minutes(&self) -> &Set {
        &self.minutes
    }

    /// Returns the hours of a day that count.
    pub fn hours(&self) -> &Set {
        &self.hours
    }

    /// Returns the months that count.
    pub fn months(&self) -> &Set {
        &self.months
    }

    /// Returns the days that count.
    pub fn days(&self) -> &Days {
        &self.days
    }

    /// Returns the first day of the month of a schedule that never fires, because none of its months has that day.
    fn missing_day(&self) -> Option<u32> {
        const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let (Days::OfMonth(days) | Days::Both(days, _)) = &self.days else { return None };
        let first = (1..=31).find(|day| days.has(*day))?;
        let fires = (1..=12).zip(LENGTHS).any(|(month, length)| self.months.has(month) && first <= length);
        (!fires).then_some(first)
    }

    /// Returns how often the schedule fires in a month, on the average of the calendar's 400 years, rounded up.
    pub fn calls_of_a_month(&self) -> u64 {
        // The first of March of the year 2000 was a Wednesday, and a year that begins in March ends with the leap day.
        let mut weekday = 3;
        let mut days = 0;
        for year in 1..=400_u32 {
            let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            let february = if is_leap { 29 } else { 28 };
            for (month, length) in (3..=12).chain(1..=2).zip([31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, february]) {
                for day in 1..=length {
                    days += u64::from(self.months.has(month) && self.days.has(day, weekday));
                    weekday = (weekday + 1) % 7;
                }
            }
        }
        (days * self.hours.len() * self.minutes.len()).div_ceil(400 * 12)
    }
}

impl Days {
    fn of(day: &str, of_month: Set, week: &str, of_week: Set) -> Self {
        let starred = day.starts_with('*') || week.starts_with('*');
        match (of_month.is_full(), of_week.is_full()) {
            (true, true) => Days::Every,
            // A full field that is not written as `*` lets every day count, by the rule of `either`.
            (true, false) if starred => Days::OfWeek(of_week),
            (false, true) if starred => Days::OfMonth(of_month),
            (true, false) | (false, true) => Days::Every,
            (false, false) if starred => Days::Both(of_month, of_week),
            (false, false) => Days::Either(of_month, of_week),
        }
    }

    fn has(&self, day: u32, weekday: u32) -> bool {
        match self {
            Days::Every => true,
            Days::OfMonth(days) => days.has(day),
            Days::OfWeek(days) => days.has(weekday),
            Days::Either(of_month, of_week) => of_month.has(day) || of_week.has(weekday),
            Days::Both(of_month, of_week) => of_month.has(day) && of_week.has(weekday),
        }
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
            assert_eq!(Cron::parse(good).err(), None, "{good}");
        }
        for (bad, why) in [
            ("", "found 0"),
            ("0 3 * *", "found 4"),
            ("0 0 3 * * *", "found 6"),
            ("@daily", "the form of each cloud is generated"),
            ("rate(5 minutes)", "the form of each cloud is generated"),
            ("60 * * * *", "the minute `60`: expected 0 to 59"),
            ("* 24 * * *", "the hour"),
            ("* * 0 * *", "day of the month"),
            ("* * * foo *", "or a name of three letters"),
            ("* * * * 1-8", "day of the week"),
            ("5-1 * * * *", "ends before it begins"),
            ("*/0 * * * *", "expected a number from 1"),
            ("5/10 * * * *", "a step needs"),
            ("1,, * * * *", "received ``"),
            ("* * ? * *", "received `?`"),
            ("* * L * *", "received `L`"),
            ("+1 * * * *", "received `+1`"),
            ("0 0 30 2 *", "never fires: none of its months has 30 days"),
            ("0 0 30,31 feb */2", "none of its months has 30 days"),
            ("0 0 31 2,4,6,9,11 *", "none of its months has 31 days"),
            ("0 0 31 4-6/2 *", "none of its months has 31 days"),
        ] {
            let found = Cron::parse(bad).unwrap_err();
            assert!(found.contains(why), "{bad}: {found}");
        }
    }

    /// In 400 years there are 146,097 days, 20,871 weeks, 97 leap days; the 13th is a Friday 688 times and a Sunday 687 times.
    #[test]
    fn calls_of_a_month() {
        for (schedule, calls) in [
            ("* * * * *", 1440 * 146_097_u64),
            ("0 3 * * *", 146_097),
            ("*/5 8-17 * * *", 120 * 146_097),
            ("* * * * mon", 1440 * 20_871),
            ("* * 29 2 *", 1440 * 97),
            ("* * 13 * fri", 1440 * (20_871 + 4_800 - 688)),
            ("* * 13 * */5", 1440 * (688 + 687)),
            ("0 0 1 1 *", 400),
        ] {
            assert_eq!(Cron::parse(schedule).unwrap().calls_of_a_month(), calls.div_ceil(4_800), "{schedule}");
        }
    }
}
