//! Errors of others as ours, and ours as those of others.

use std::{error::Error as StdError, fmt};

use super::{Error, ErrorKind};

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Error::from_boxed(Box::new(error))
    }
}

impl Error {
    /// An error of another's making, boxed; or one of ours, unboxed.
    pub(crate) fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Self {
        let error = match error.downcast::<Boxed>() {
            Ok(boxed) => return boxed.0,
            Err(error) => error,
        };
        let made = Error::new(ErrorKind::Function, format!("{error}"));
        if error.source().is_some() { made.with_source(Behind(error)) } else { made }
    }
}

/// For those who take any standard error: a stream that makes a body, a tower service.
impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

/// An [`Error`] as a standard one, which it cannot be itself, for every standard error converts into it.
#[derive(Debug)]
struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The sources follow by themselves.
        f.write_str(&self.0.0.context)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// An error whose words were said already: shows its source instead.
#[derive(Debug)]
struct Behind(Box<dyn StdError + Send + Sync>);

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl StdError for Behind {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().and_then(StdError::source)
    }
}
