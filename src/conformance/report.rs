use std::{fmt, panic::Location};

use omnifn_core::{Error, event::Class};

/// A limit of some shapes' wire form, with its reason. Each case that it names fails there, in the declared way.
///
/// ```
/// use omnifn::conformance::Exception;
///
/// let exception = Exception {
///     shapes: &["envelope"],
///     cases: &["request: repeated headers in order"],
///     reason: "The gateway joins repeated headers by commas before a function sees them.",
///     shows: r#"found ["2,1,2"]"#,
/// };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The shapes.
    pub shapes: &'static [&'static str],
    /// The names of the cases.
    pub cases: &'static [&'static str],
    /// Why the wire form cannot carry it.
    pub reason: &'static str,
    /// A part of the failure's text, which shows what happens instead.
    pub shows: &'static str,
}

impl Exception {
    /// Returns whether this is an exception for a case in a shape.
    pub fn is_about(&self, shape: &str, case: &str) -> bool {
        self.shapes.contains(&shape) && self.cases.contains(&case)
    }
}

/// How the cases went in one shape of a provider.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShapeReport {
    /// The provider.
    pub provider: &'static str,
    /// The class of the functions that messages in this shape are for.
    pub class: Class,
    /// The shape.
    pub shape: &'static str,
    /// How each case went.
    pub cases: Vec<CaseReport>,
}

/// How one case went in one shape.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CaseReport {
    /// The name of the case.
    pub name: String,
    /// The difference, if the case failed.
    pub result: Result<(), String>,
    /// The exception that was declared for it.
    pub exception: Option<Exception>,
    /// The error that the caller received, in a case of an invocation that fails.
    pub error: Option<Error>,
}

impl CaseReport {
    /// Returns why the case is a failure of the suite, if it is one.
    pub fn failure(&self) -> Option<String> {
        match (&self.result, &self.exception) {
            (Ok(()), None) => None,
            (Err(why), Some(exception)) if why.contains(exception.shows) => None,
            (Err(why), Some(exception)) => Some(format!("fails, but without {:?}: {why}", exception.shows)),
            (Err(why), None) => Some(why.clone()),
            (Ok(()), Some(exception)) => Some(format!("passed: the exception is not needed ({})", exception.reason)),
        }
    }
}

/// How the suite went.
#[derive(Debug, Clone, Default)]
#[must_use = "a report that is not checked finds nothing: call `assert`"]
#[non_exhaustive]
pub struct Report {
    /// How it went in each shape, for each part.
    pub shapes: Vec<ShapeReport>,
    wrong: Vec<String>,
}

impl Report {
    /// Returns all failures, each with its place.
    pub fn failures(&self) -> Vec<String> {
        let of_cases = self.shapes.iter().flat_map(|of| {
            let place = move |case: &CaseReport, failure| {
                format!("{}, {}, {}, {}: {failure}", of.provider, of.class, of.shape, case.name)
            };
            of.cases.iter().filter_map(move |case| Some(place(case, case.failure()?)))
        });
        self.wrong.iter().cloned().chain(of_cases).collect()
    }

    /// Checks that there are no failures.
    ///
    /// # Panics
    /// There are failures. The message lists all of them.
    #[track_caller]
    pub fn assert(&self) {
        let failures = self.failures();
        if !failures.is_empty() {
            panic!("{} failures:\n{}\n  (checked at {})", failures.len(), failures.join("\n"), Location::caller());
        }
    }

    pub(super) fn fail(&mut self, what: String) {
        self.wrong.push(what);
    }

    pub(super) fn add(&mut self, mut other: Report) {
        self.shapes.append(&mut other.shapes);
        self.wrong.append(&mut other.wrong);
    }

    /// Fails for each declared exception about a case or a shape that does not exist.
    pub(super) fn require_all(&mut self, exceptions: &[Exception]) {
        for exception in exceptions {
            for shape in exception.shapes {
                for case in exception.cases {
                    let is_there =
                        |of: &ShapeReport| of.shape == *shape && of.cases.iter().any(|one| one.name == *case);
                    if !self.shapes.iter().any(is_there) {
                        self.wrong.push(format!(
                            "an exception is declared for the case {case:?} in {shape:?}, which does not exist"
                        ));
                    }
                }
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cases: usize = self.shapes.iter().map(|shape| shape.cases.len()).sum();
        let failures = self.failures();
        write!(f, "{cases} cases, {} failures", failures.len())?;
        failures.iter().try_for_each(|failure| write!(f, "\n{failure}"))
    }
}
