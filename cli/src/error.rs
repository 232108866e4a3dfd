//! What went wrong: with a code, the words for it, its cause, and what to do.

use std::{borrow::Cow, fmt, process::ExitCode};

/// What kind of failure it is; the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It failed.
    Failed,
    /// The arguments, or the settings, are wrong.
    Usage,
    /// A cloud cannot do what a function asks for.
    Impossible,
    /// An artifact is not fit to be deployed.
    Unfit,
}

impl Kind {
    /// As `--json` names it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::Impossible => "impossible",
            Kind::Unfit => "unfit",
        }
    }
}

/// A failure, as it is reported.
#[derive(Debug)]
pub struct Error {
    /// What kind it is.
    pub kind: Kind,
    /// Its name, as `omnifn::package::too_new_glibc`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What led to it, the nearest first.
    pub causes: Vec<String>,
    /// What to do.
    pub help: Option<Cow<'static, str>>,
    /// Others that were found beside it.
    pub more: Vec<Error>,
    /// Whether the result that was written has it, so that it is not told again.
    pub told: bool,
}

/// A `Result` with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure with a code.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Error {
            kind: Kind::Failed,
            code,
            message: message.into(),
            causes: Vec::new(),
            help: None,
            more: Vec::new(),
            told: false,
        }
    }

    /// The same, of this kind.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same, with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// The same, with what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, told already.
    #[must_use]
    pub fn told(mut self) -> Self {
        self.told = true;
        self
    }

    /// All of them as one, the first before the others, each with those that were found beside it; `None` where there are none.
    pub fn all(errors: Vec<Error>) -> Option<Error> {
        let mut errors = errors.into_iter().flat_map(|mut error| {
            let more = std::mem::take(&mut error.more);
            std::iter::once(error).chain(more)
        });
        let mut first = errors.next()?;
        first.more.extend(errors);
        Some(first)
    }

    /// The exit code: 1 failed, 2 usage, 3 impossible, 4 unfit.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Impossible => 3,
            Kind::Unfit => 4,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
