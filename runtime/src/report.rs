//! Logs the outcomes of the records of one delivery. Equal failures are one line with their number, however many records a sender
//! has put into a delivery.

use std::sync::{Mutex, MutexGuard, PoisonError};

use omnifn_core::{
    Context, Error, ErrorClass,
    log::{cut_to, message},
};
use tracing::Level;

use crate::log;

/// The lines of one delivery. They are logged when it is dropped, which includes the case that the invocation is cancelled.
#[derive(Default)]
pub(crate) struct Report(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    notes: Vec<Note>,
    /// The lines beyond the limit, counted under the first of them.
    others: Option<Note>,
    /// An error for each kind of failure among the others.
    kinds: Vec<Error>,
}

/// Equal failures, warnings, or skipped records.
struct Note {
    level: Level,
    error: Option<Error>,
    text: String,
    context: Context,
    records: usize,
    /// The ids of the first records that have one.
    ids: Vec<String>,
}

/// The most different lines of one delivery.
const NOTES: usize = 8;

/// How many ids a line shows, and the longest part of one that it shows.
const IDS: (usize, usize) = (3, 200);

impl Report {
    /// Notes that a record failed. Returns the error, or an equal one that was noted before, so that equal errors take no memory.
    pub(crate) fn failed(&self, context: &Context, id: Option<&str>, error: Error) -> Error {
        let level = if error.class() == ErrorClass::Discard { Level::WARN } else { Level::ERROR };
        let text = message(&error.to_string()).into_owned();
        self.note(level, context, id, text, Some(error.clone())).unwrap_or(error)
    }

    /// Notes a warning about a record.
    pub(crate) fn warned(&self, context: &Context, id: Option<&str>, warning: &str) {
        self.note(Level::WARN, context, id, message(warning).into_owned(), None);
    }

    /// Notes that a record was skipped because the function's trigger filters it out. The name of the object is not logged.
    pub(crate) fn filtered(&self, context: &Context, id: Option<&str>) {
        let text = "skipped an object that the trigger's `prefix`, `suffix` or `on` filters out";
        self.note(Level::DEBUG, context, id, text.to_owned(), None);
    }

    fn note(
        &self,
        level: Level,
        context: &Context,
        id: Option<&str>,
        text: String,
        error: Option<Error>,
    ) -> Option<Error> {
        let mut kept = self.lock();
        let Kept { notes, others, kinds } = &mut *kept;
        let is_equal = |note: &&mut Note| {
            let (known, new) = (note.error.as_ref().map(kind), error.as_ref().map(kind));
            note.level == level && known == new && note.text == text
        };
        if let Some(note) = notes.iter_mut().find(is_equal) {
            note.add(id);
            return note.error.clone();
        }
        let mut note = Note { level, error, text, context: context.clone(), records: 0, ids: Vec::new() };
        note.add(id);
        if notes.len() < NOTES {
            notes.push(note);
            return None;
        }
        let new = note.error.clone();
        match others {
            Some(others) => {
                others.level = others.level.min(level);
                others.add(id);
            }
            None => *others = Some(note),
        }
        let new = new?;
        let known = kinds.iter().find(|known| kind(known) == kind(&new)).cloned();
        if known.is_none() && kinds.len() < 64 {
            kinds.push(new);
        }
        known
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note {
    fn add(&mut self, id: Option<&str>) {
        self.records = self.records.saturating_add(1);
        if let Some(id) = id.filter(|id| !id.is_empty() && self.ids.len() < IDS.0) {
            self.ids.push(cut_to(id, IDS.1).to_owned());
        }
    }

    fn log(&self, text: &str) {
        log::of_records(&self.context, self.level, self.error.as_ref(), self.records, &self.ids.join(", "), text);
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let kept = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.notes.iter().for_each(|note| note.log(&note.text));
        if let Some(others) = &kept.others {
            others
                .log(&format!("further records failed or were reported otherwise, the first of them: {}", others.text));
        }
    }
}

/// Whether two errors have the same consequences.
fn kind(error: &Error) -> (omnifn_core::ErrorKind, ErrorClass, http::StatusCode, &'static str) {
    (error.kind(), error.class(), error.status_code(), error.name())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use omnifn_core::{ErrorKind, Invocation};

    use super::*;

    #[test]
    fn equal_failures_share_a_line_and_an_error() {
        let context = Context::new("test", Invocation::default(), false, SystemTime::now, Default::default());
        let report = Report::default();
        for n in 0..1000 {
            let id = n.to_string();
            report.failed(&context, Some(&id), Error::new(ErrorKind::Decode, "not JSON"));
            report.failed(&context, None, Error::reject(format!("of its own: {n}")));
            report.warned(&context, Some(&id), "left out");
        }
        let kept = report.lock();
        assert_eq!((kept.notes.len(), kept.kinds.len()), (NOTES, 1));
        assert_eq!((kept.notes[0].records, &*kept.notes[0].ids), (1000, &["0", "1", "2"].map(str::to_owned)[..]));
        assert_eq!(kept.others.as_ref().map(|others| others.records), Some(1000 - (NOTES - 2)));
    }
}
