//! Schedules: the portable five fields of `#[function(schedule = "…")]`, and the form that each cloud takes.
//!
//! The five fields mean what [crontab(5)](https://man7.org/linux/man-pages/man5/crontab.5.html) says: where both the day of the month
//! and the day of the week are restricted, a day that fits *either* counts; where one of them begins with `*`, as `*/2`, a day has to
//! fit both. Not every cloud can say that; what one cannot is an error, never a schedule that fires at other times.

mod field;
mod forms;
pub(crate) mod zones;

use crate::error::{Error, Kind, Result};
use field::{DAY, DAY_OF_WEEK, HOUR, MINUTE, MONTH, Set};

/// A schedule.
///
/// ```
/// use cargo_omnifn::cron::Cron;
///
/// let cron = Cron::parse("30 3 * * mon-fri").unwrap();
/// assert_eq!(cron.aws().unwrap(), "cron(30 3 ? * MON-FRI *)");
/// assert_eq!(cron.azure().unwrap(), "0 30 3 * * 1-5");
/// assert_eq!(cron.google().unwrap(), "30 3 * * 1-5");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: Set,
    hours: Set,
    months: Set,
    days: Days,
}

/// Which days of a month count.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    /// All.
    Every,
    /// Those of the month.
    OfMonth(Set),
    /// Those of the week.
    OfWeek(Set),
    /// Those that are one or the other.
    Either(Set, Set),
    /// Those that are both: one of the two was written as `*/n`.
    Both(Set, Set),
}

impl Cron {
    /// Reads the five fields.
    ///
    /// # Errors
    /// The fields are not valid, or the schedule never fires; `#[function]` reports the same when the program is compiled.
    pub fn parse(expression: &str) -> Result<Self> {
        let wrong = |why: String| {
            Error::new("omnifn::cron", format!("the schedule \"{expression}\" cannot be read: {why}"))
                .kind(Kind::Usage)
                .help("write five fields: minute, hour, day of the month, month, day of the week, as \"0 3 * * *\"")
        };
        let fields: Vec<_> = expression.split_whitespace().collect();
        let [minute, hour, day, month, week] = fields[..] else {
            return Err(wrong(format!("it has {} fields", fields.len())));
        };
        let cron = Cron {
            text: fields.join(" "),
            minutes: MINUTE.read(minute).map_err(wrong)?,
            hours: HOUR.read(hour).map_err(wrong)?,
            months: MONTH.read(month).map_err(wrong)?,
            days: Days::of(day, DAY.read(day).map_err(wrong)?, week, DAY_OF_WEEK.read(week).map_err(wrong)?),
        };
        match cron.missing_day() {
            None => Ok(cron),
            Some(first) => Err(Error::new(
                "omnifn::cron",
                format!("the schedule \"{expression}\" never fires: none of its months has {first} days"),
            )
            .kind(Kind::Usage)
            .help("write a day that one of the months has, or other months")),
        }
    }

    /// Returns the first day of the month of a schedule that never fires, because none of its months has that day.
    fn missing_day(&self) -> Option<u32> {
        const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let (Days::OfMonth(days) | Days::Both(days, _)) = &self.days else { return None };
        let first = (1..=31).find(|day| days.has(*day))?;
        let fires = (1..=12).zip(LENGTHS).any(|(month, length)| self.months.has(month) && first <= length);
        (!fires).then_some(first)
    }

    /// How often it fires in a month, on the average of the calendar's 400 years, rounded up.
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
mod tests;
