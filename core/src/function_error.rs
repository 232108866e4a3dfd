use std::error::Error as StdError;

use crate::{Error, ErrorClass};

/// An error type of a function, with its consequences. `#[derive(omnifn::FunctionError)]` implements it.
///
/// It has an effect if a function returns the error itself. `?` converts it into an [`Error`] as any standard error:
/// use `.map_err(Error::of)?` to keep the declarations.
///
/// ```
/// use omnifn_core::{Error, ErrorClass, FunctionError};
///
/// #[derive(Debug)]
/// struct SoldOut;
///
/// impl std::fmt::Display for SoldOut {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("nothing is left")
///     }
/// }
///
/// impl std::error::Error for SoldOut {}
///
/// impl FunctionError for SoldOut {
///     fn name(&self) -> &'static str {
///         "SoldOut"
///     }
///
///     fn status(&self) -> Option<u16> {
///         Some(409)
///     }
///
///     fn class(&self) -> Option<ErrorClass> {
///         Some(ErrorClass::Reject)
///     }
/// }
///
/// let error = Error::of(SoldOut);
/// assert_eq!((error.name(), error.status_code().as_u16(), error.class()), ("SoldOut", 409, ErrorClass::Reject));
/// ```
pub trait FunctionError: StdError + Send + Sync + 'static {
    /// Returns the name of the error, for logs and platforms.
    fn name(&self) -> &'static str;

    /// Returns the HTTP status; `None` is 500. Below 500, the error's text is sent to the caller.
    fn status(&self) -> Option<u16> {
        None
    }

    /// Returns the class, which decides what happens to an event; `None` is a retry.
    fn class(&self) -> Option<ErrorClass> {
        None
    }
}

impl Error {
    /// Creates an error with what a function's own error declares about itself.
    pub fn of<E: FunctionError>(error: E) -> Self {
        let (name, status, class) = (error.name(), error.status(), error.class());
        let made = Error::from(error).with_name(name);
        let made = status.into_iter().fold(made, Error::with_status);
        class.into_iter().fold(made, Error::with_class)
    }
}
