//! What a cloud cannot do.

use std::borrow::Cow;

use crate::{
    cloud::Cloud,
    error::{Error, Kind},
    model::Function,
};

/// A function asks for what a cloud has not.
pub(crate) fn impossible(
    function: &Function,
    cloud: Cloud,
    why: impl std::fmt::Display,
    help: impl Into<Cow<'static, str>>,
) -> Error {
    let words = format!("`{}` ({}) cannot run on {}: {why}", function.name, function.location, cloud.title());
    Error::new("omnifn::emit::impossible", words).kind(Kind::Impossible).help(help)
}

/// An error that was found for a function, with its name and place.
pub(crate) fn of(function: &Function, cloud: Cloud, error: Error) -> Error {
    let words =
        format!("`{}` ({}) cannot run on {}: {}", function.name, function.location, cloud.title(), error.message);
    Error { message: words, ..error }
}

/// A number that has to be at most so much.
pub(crate) fn at_most(
    function: &Function,
    cloud: Cloud,
    what: &str,
    value: Option<u32>,
    max: u32,
    unit: &str,
) -> Result<(), Error> {
    match value {
        Some(value) if value > max => {
            let why = format!("its {what} is {value}{unit}, and there it is at most {max}{unit}");
            Err(impossible(
                function,
                cloud,
                why,
                format!("write `{what} = {max}` or less, or leave the function out there"),
            ))
        }
        _ => Ok(()),
    }
}
