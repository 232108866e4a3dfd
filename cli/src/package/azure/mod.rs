//! Azure Functions apps, one for each unit: `host.json`, a folder with the `function.json` of each function, and the executable.

mod binding;
mod host;
mod routes;

use serde::Serialize;
use serde_json::Value;

use self::{binding::Fields, host::Host};
use super::{entry::Entry, text};
use crate::{
    error::{Error, Kind, Result},
    model::{App, Function, Trigger},
    plan::{
        azure,
        units::{Unit, units},
    },
};

pub(super) use host::EXECUTABLE;

#[derive(Debug, Serialize)]
struct FunctionJson {
    bindings: Vec<Fields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Value>,
}

/// The texts of a program, without its executable, by their paths: a folder for each unit, with `host.json` and a `function.json` in each
/// function's folder.
///
/// Each unit is an app of its own, so nothing of another unit is in its folder: the host checks the key of the first function that takes a
/// request, one that is turned off included.
///
/// # Errors
/// Azure cannot do what a function asks for.
pub fn texts(app: &App) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    let mut errors = Vec::new();
    for unit in &units(app) {
        match of_unit(app, unit) {
            Ok(own) => texts.extend(own.into_iter().map(|(path, text)| (format!("{}/{path}", unit.id), text))),
            Err(error) => errors.push(error),
        }
    }
    match Error::all(errors) {
        Some(error) => Err(error),
        None => Ok(texts),
    }
}

/// The app of a unit, with its executable.
///
/// # Errors
/// Azure cannot do what a function asks for.
pub(super) fn entries<'a>(app: &App, unit: &Unit<'_>, program: &'a [u8]) -> Result<Vec<Entry<'a>>> {
    let texts = of_unit(app, unit)?.into_iter();
    let executable = Entry::new(EXECUTABLE, 0o755, program);
    Ok(std::iter::once(executable)
        .chain(texts.map(|(path, text)| Entry::new(path, 0o644, text.into_bytes())))
        .collect())
}

fn of_unit(app: &App, unit: &Unit<'_>) -> Result<Vec<(String, String)>> {
    let (name, json) = match unit.functions[..] {
        [function] if !unit.serves_http() => (function.name.clone(), of_function(app, function)?),
        _ => (azure::folder(unit), FunctionJson { bindings: routes::catch_all(unit)?, retry: None }),
    };
    Ok(vec![("host.json".to_owned(), text(&Host::of(unit))?), (format!("{name}/function.json"), text(&json)?)])
}

/// What is to be known beside the app itself.
pub(super) fn words(unit: &Unit<'_>) -> Vec<String> {
    let zones = unit.functions.iter().filter_map(|function| {
        let zone = function.options.time_zone.as_deref().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC"))?;
        Some(format!(
            "`{}` runs by the time of {zone} only if the app's setting WEBSITE_TIME_ZONE names it, which the plan Flex \
             Consumption does not have; else by UTC",
            function.name
        ))
    });
    zones.collect()
}

/// A function of events, or one that is invoked directly, which is its unit's only one.
fn of_function(app: &App, function: &Function) -> Result<FunctionJson> {
    check_name(function)?;
    Ok(match function.trigger {
        Trigger::Invoke => FunctionJson { bindings: routes::invoked(function)?, retry: None },
        _ => FunctionJson { bindings: vec![binding::trigger(app, function)?], retry: binding::retry(function) },
    })
}

/// By the host's own rule: a letter, then letters, digits, `_` and `-`, 128 at most, and not `host`.
fn check_name(function: &Function) -> Result<()> {
    let name = function.name.as_bytes();
    let rest = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    match name {
        [first, ..] if !first.is_ascii_alphabetic() => {
            Err(unfit_name(function, "it does not begin with a letter from a to z"))
        }
        _ if name.len() > 128 || !name.iter().all(rest) => {
            Err(unfit_name(function, "it is not made of at most 128 letters from a to z, digits and `_`"))
        }
        _ if name.eq_ignore_ascii_case(b"host") => Err(unfit_name(function, "the host has it for itself")),
        _ => Ok(()),
    }
}

fn unfit_name(function: &Function, why: &str) -> Error {
    let words = format!("`{}` ({}) cannot be the name of a function on Azure", function.name, function.location);
    Error::new("omnifn::package::name", words)
        .kind(Kind::Impossible)
        .caused_by(why)
        .help("give the function another name: `#[function(name = \"…\")]` or the fn's own")
}
