//! The records and the outcomes of a function that takes a whole delivery. The choice among its return types is made as for a response.

use std::collections::HashSet;

use crate::{
    Context, Error, ErrorKind, FunctionError, Outcome, Record,
    event::Batch,
    private::{FromIncoming, Incoming, ReturnValue},
};

/// The records of a delivery, and what is already known of their outcomes.
#[derive(Debug)]
pub(super) struct Records {
    records: Vec<Record>,
    /// The group of each record, and its outcome if the function was not given it.
    outcomes: Vec<(Option<String>, Option<Outcome>)>,
}

impl Records {
    pub(super) fn new(records: Vec<Record>) -> Self {
        Records { records, outcomes: Vec::new() }
    }

    /// Decodes the records. One that cannot be decoded stops its group, and is not part of the batch.
    pub(super) fn take<C, T: FromIncoming<C>>(&mut self, context: &Context) -> Result<Batch<T>, Error> {
        let mut events = Vec::with_capacity(self.records.len());
        let mut stopped: HashSet<String> = HashSet::new();
        let mut first_error = None;
        for Record { event, group, .. } in std::mem::take(&mut self.records) {
            if group.as_ref().is_some_and(|group| stopped.contains(group)) {
                self.outcomes.push((group, Some(Outcome::NotStarted)));
                continue;
            }
            let outcome = match event.and_then(|event| T::from_incoming(&mut Incoming::new(event, context.clone()))) {
                Ok(event) => {
                    events.push(event);
                    None
                }
                Err(error) => {
                    stopped.extend(group.clone());
                    first_error.get_or_insert_with(|| error.clone());
                    Some(Outcome::Failed(error))
                }
            };
            self.outcomes.push((group, outcome));
        }
        match first_error {
            // The function is not called without records.
            Some(error) if events.is_empty() => Err(error),
            _ => Ok(Batch::from(events)),
        }
    }

    /// Adds what the function returned. After the first failure of a group, its other records are delivered again, too.
    pub(super) fn outcomes(self, returned: Returned) -> Result<Vec<Outcome>, Error> {
        let given = self.outcomes.iter().filter(|(_, outcome)| outcome.is_none()).count();
        let returned = match returned {
            Ok(returned) => returned.unwrap_or_else(|| vec![Ok(()); given]),
            // An error is about the records of the batch. Those that were not in it have outcomes of their own.
            Err(error) if given > 0 => vec![Err(error); given],
            Err(error) => return Err(error),
        };
        if returned.len() != given {
            let words = format!(
                "the function returned {} outcomes for a batch of {given} records: expected one for each record, in the order of \
                 the batch",
                returned.len()
            );
            return Err(Error::new(ErrorKind::Function, words));
        }
        let mut returned = returned.into_iter().map(Outcome::from);
        let mut stopped = HashSet::new();
        let outcomes = self.outcomes.into_iter().map(|(group, outcome)| {
            let outcome = outcome.or_else(|| returned.next()).unwrap_or(Outcome::NotStarted);
            match group {
                Some(group) if stopped.contains(&group) => return Outcome::NotStarted,
                Some(group) if !outcome.is_acknowledged() => drop(stopped.insert(group)),
                _ => {}
            }
            outcome
        });
        Ok(outcomes.collect())
    }
}

/// The result of a function that takes a batch: an outcome for each record of its batch; `None` if all are done.
pub type Returned = Result<Option<Vec<Result<(), Error>>>, Error>;

fn each<E>(outcomes: Vec<Result<(), E>>, convert: impl Fn(E) -> Error) -> Vec<Result<(), Error>> {
    outcomes.into_iter().map(|outcome| outcome.map_err(&convert)).collect()
}

fn given<T>(given: &mut ReturnValue<T>, convert: impl FnOnce(T) -> Returned) -> Returned {
    given.0.take().map_or(Ok(None), convert)
}

/// Converts return types in which every error declares its class.
pub trait OutcomesFromFunctionErrors {
    fn omnifn_outcomes(&mut self) -> Returned;
}

impl<E: FunctionError> OutcomesFromFunctionErrors for &mut &mut &mut &mut ReturnValue<Result<(), E>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|()| None).map_err(Error::of))
    }
}

impl<E: FunctionError> OutcomesFromFunctionErrors for &mut &mut &mut &mut ReturnValue<Vec<Result<(), E>>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |outcomes| Ok(Some(each(outcomes, Error::of))))
    }
}

impl<E: FunctionError, W: FunctionError> OutcomesFromFunctionErrors
    for &mut &mut &mut &mut ReturnValue<Result<Vec<Result<(), E>>, W>>
{
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|outcomes| Some(each(outcomes, Error::of))).map_err(Error::of))
    }
}

/// Converts return types in which only the errors of records declare their class.
pub trait OutcomesFromRecordErrors {
    fn omnifn_outcomes(&mut self) -> Returned;
}

impl<E: FunctionError, W: Into<Error>> OutcomesFromRecordErrors
    for &mut &mut &mut ReturnValue<Result<Vec<Result<(), E>>, W>>
{
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|outcomes| Some(each(outcomes, Error::of))).map_err(Into::into))
    }
}

/// Converts return types in which only the error of the whole batch declares its class.
pub trait OutcomesFromBatchError {
    fn omnifn_outcomes(&mut self) -> Returned;
}

impl<E: Into<Error>, W: FunctionError> OutcomesFromBatchError for &mut &mut ReturnValue<Result<Vec<Result<(), E>>, W>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|outcomes| Some(each(outcomes, Into::into))).map_err(Error::of))
    }
}

/// Converts return types whose errors convert into an [`Error`].
pub trait OutcomesFromErrors {
    fn omnifn_outcomes(&mut self) -> Returned;
}

impl<E: Into<Error>> OutcomesFromErrors for &mut ReturnValue<Result<(), E>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|()| None).map_err(Into::into))
    }
}

impl<E: Into<Error>> OutcomesFromErrors for &mut ReturnValue<Vec<Result<(), E>>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |outcomes| Ok(Some(each(outcomes, Into::into))))
    }
}

impl<E: Into<Error>, W: Into<Error>> OutcomesFromErrors for &mut ReturnValue<Result<Vec<Result<(), E>>, W>> {
    fn omnifn_outcomes(&mut self) -> Returned {
        given(self, |result| result.map(|outcomes| Some(each(outcomes, Into::into))).map_err(Into::into))
    }
}

/// Refuses any other return type, with an explanation.
pub trait OutcomesFallback {
    type Answer;
    fn omnifn_outcomes(&mut self) -> Returned
    where
        Self::Answer: IntoOutcomes;
}

impl<T> OutcomesFallback for ReturnValue<T> {
    type Answer = T;
    fn omnifn_outcomes(&mut self) -> Returned
    where
        T: IntoOutcomes,
    {
        given(self, |answer| {
            answer.into_outcomes();
            Ok(None)
        })
    }
}

/// A return type of a function that takes a batch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid return type of a function that takes a batch",
    label = "expected the outcomes of the records",
    note = "return `()`, `Result<(), E>` for all records, or an outcome for each record: `Vec<Result<(), E>>`, or a `Result` of it",
    note = "`E` implements `omnifn::FunctionError`, is text, is a `std::error::Error + Send + Sync + 'static`, or converts into \
            `omnifn::Error` otherwise, as `anyhow::Error` and `Box<dyn Error + Send + Sync>` do"
)]
pub trait IntoOutcomes {
    fn into_outcomes(self);
}

impl IntoOutcomes for () {
    fn into_outcomes(self) {}
}
