//! Conversions from other errors, and into a standard error.

use std::{error::Error as StdError, fmt};

use super::{Error, ErrorKind};

/// Converts every standard error, texts, and everything else that can be boxed as an error, such as `anyhow::Error`.
impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Error {
    fn from(error: E) -> Self {
        Error::from_boxed(error.into())
    }
}

impl Error {
    fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Self {
        let error = match error.downcast::<Boxed>() {
            Ok(boxed) => return boxed.0,
            Err(error) => error,
        };
        let made = Error::new(ErrorKind::Function, error.to_string());
        if error.source().is_some() { made.with_source(Causes(error)) } else { made }
    }

    /// Converts the error into a boxed standard error, for a body's stream or a tower service. [`Error::from`] returns the original.
    ///
    /// `Error` does not implement the standard trait itself, because then not every standard error could be converted into it by `?`.
    pub fn into_boxed(self) -> Box<dyn StdError + Send + Sync> {
        Box::new(Boxed(self))
    }
}

/// An [`Error`] as a standard error.
#[derive(Debug)]
struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The source is found through the trait.
        f.write_str(&self.0.0.context)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// The causes of an error whose own text is already the text of the outer error.
#[derive(Debug)]
struct Causes(Box<dyn StdError + Send + Sync>);

impl fmt::Display for Causes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl StdError for Causes {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().and_then(StdError::source)
    }
}
