//! Schedules: the form that each cloud takes of the portable five fields, where it has one.

pub(crate) mod zones;

use omnifn_spec::cron::{self, Days};

use crate::error::{Error, Kind, Result};

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
pub struct Cron(cron::Cron);

impl Cron {
    /// Reads the five fields.
    ///
    /// # Errors
    /// The fields are not valid, or the schedule never fires; `#[function]` reports the same when the program is compiled.
    pub fn parse(expression: &str) -> Result<Self> {
        cron::Cron::parse(expression).map(Cron).map_err(|why| {
            Error::new("omnifn::cron", format!("the schedule \"{expression}\" is not valid: {why}"))
                .kind(Kind::Usage)
                .help("write a schedule that `#[function(schedule = \"…\")]` takes, as \"0 3 * * *\"")
        })
    }

    /// Returns how often it fires in a month, on the average, rounded up.
    pub fn calls_of_a_month(&self) -> u64 {
        self.0.calls_of_a_month()
    }

    /// For EventBridge Scheduler and EventBridge's rules: six fields, of which the last is the year; one of the two fields of days is
    /// `?`. ([The contract](https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based).)
    ///
    /// # Errors
    /// Both the day of the month and the day of the week are restricted. Two schedules would fire twice on a day that fits both.
    pub fn aws(&self) -> Result<String> {
        let step = |first, step| format!("{first}/{step}");
        let (day, week) = match self.0.days() {
            Days::Every => ("*".to_owned(), "?".to_owned()),
            Days::OfMonth(days) => (days.stepped(step), "?".to_owned()),
            Days::OfWeek(days) => ("?".to_owned(), days.names()),
            Days::Either(..) => {
                return Err(self.cannot("AWS", "in EventBridge one of the two has to be `?`").help(TWO_FUNCTIONS));
            }
            Days::Both(..) => {
                return Err(self.cannot("AWS", "in EventBridge one of the two has to be `?`").help(SKIP_OTHERS));
            }
        };
        let (minute, hour, month) =
            (self.0.minutes().stepped(step), self.0.hours().stepped(step), self.0.months().stepped(step));
        Ok(format!("cron({minute} {hour} {day} {month} {week} *)"))
    }

    /// For a timer trigger of Azure Functions: six fields, of which the first is the second.
    /// ([The contract](https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions).)
    ///
    /// # Errors
    /// Both the day of the month and the day of the week are restricted: a day has to fit both there.
    pub fn azure(&self) -> Result<String> {
        let star = || "*".to_owned();
        let (day, week) = match self.0.days() {
            Days::Every => (star(), star()),
            Days::OfMonth(days) => (days.stepped(starred), star()),
            Days::OfWeek(days) => (star(), days.numbers()),
            Days::Both(days, week) => (days.stepped(starred), week.numbers()),
            Days::Either(..) => {
                return Err(self.cannot("Azure", "there a day has to fit both of them").help(TWO_FUNCTIONS));
            }
        };
        let [minute, hour, month] = self.others();
        Ok(format!("0 {minute} {hour} {day} {month} {week}"))
    }

    /// For Cloud Scheduler: the same five fields.
    /// ([The contract](https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules).)
    ///
    /// # Errors
    /// A day has to fit both the day of the month and the day of the week: what Cloud Scheduler makes of that is not documented.
    pub fn google(&self) -> Result<String> {
        let star = || "*".to_owned();
        let (day, week) = match self.0.days() {
            Days::Every => (star(), star()),
            Days::OfMonth(days) => (days.stepped(starred), star()),
            Days::OfWeek(days) => (star(), days.numbers()),
            // No `*` begins either of them, so that they stay alternatives.
            Days::Either(days, week) => (days.numbers(), week.numbers()),
            Days::Both(..) => {
                let why = "Cloud Scheduler does not document whether a day has to match both of them";
                return Err(self.cannot("Google Cloud", why).help(SKIP_OTHERS));
            }
        };
        let [minute, hour, month] = self.others();
        Ok(format!("{minute} {hour} {day} {month} {week}"))
    }

    /// Minutes, hours and months, as Azure and Google Cloud take them.
    fn others(&self) -> [String; 3] {
        [self.0.minutes().stepped(starred), self.0.hours().stepped(starred), self.0.months().stepped(starred)]
    }

    fn cannot(&self, cloud: &str, why: &str) -> Error {
        let words = format!(
            "{cloud} has no form for the schedule \"{}\", which restricts both the day of the month and the day of the week",
            self.0.text()
        );
        Error::new("omnifn::cron::days", words).kind(Kind::Impossible).caused_by(why)
    }
}

/// Two functions would run twice on a day that fits both; one has to know.
const TWO_FUNCTIONS: &str = "write two functions, one for the day of the month and one for the day of the week, of which one returns \
                             at once on a day that is the other's too; or one for every day that looks at `tick.scheduled`";
const SKIP_OTHERS: &str =
    "restrict one of the two alone, and let the function return at once on other days (`tick.scheduled`)";

fn starred(_: u32, step: u32) -> String {
    format!("*/{step}")
}

#[cfg(test)]
mod tests;
