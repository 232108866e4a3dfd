//! An Azure Functions app: `host.json`, a folder with a `function.json` for each function, and the executable.

mod binding;
mod host;
mod routes;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use self::{binding::Fields, host::Host};
use super::{entry::Entry, text};
use crate::{
    error::{Error, Kind, Result},
    model::{App, Function},
    plan::azure,
};

pub(super) use host::EXECUTABLE;

#[derive(Debug, Serialize)]
struct FunctionJson {
    bindings: Vec<Fields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Value>,
}

/// The texts of an app, without its executable: `host.json`, and a `function.json` in each function's folder.
///
/// # Errors
/// Azure cannot do what a function asks for.
pub fn texts(app: &App) -> Result<Vec<(String, String)>> {
    let mut texts = vec![("host.json".to_owned(), text(&Host::of(app))?)];
    let mut errors = Vec::new();
    let mut names = BTreeSet::new();
    for function in &app.functions {
        match folders(app, function) {
            Ok(folders) => {
                for (name, json) in folders {
                    if !names.insert(name.to_ascii_lowercase()) {
                        errors.push(unfit_name(function, "another function has it, in other letters"));
                    }
                    texts.push((format!("{name}/function.json"), text(&json)?));
                }
            }
            Err(error) => errors.push(error),
        }
    }
    match Error::all(errors) {
        Some(error) => Err(error),
        None => Ok(texts),
    }
}

/// The app with its executable.
pub(super) fn entries<'a>(app: &App, program: &'a [u8]) -> Result<Vec<Entry<'a>>> {
    let mut entries = vec![Entry::new(EXECUTABLE, 0o755, program)];
    entries.extend(texts(app)?.into_iter().map(|(path, text)| Entry::new(path, 0o644, text.into_bytes())));
    Ok(entries)
}

/// What is to be known beside the app itself.
pub(super) fn words(app: &App) -> Vec<String> {
    let zones = app.functions.iter().filter_map(|function| {
        let zone = function.options.time_zone.as_deref().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC"))?;
        Some(format!(
            "`{}` runs by the time of {zone} only where the app's setting WEBSITE_TIME_ZONE says so, which the plan Flex \
             Consumption does not have; else by UTC",
            function.name
        ))
    });
    zones.collect()
}

fn folders(app: &App, function: &Function) -> Result<Vec<(String, FunctionJson)>> {
    check_name(function)?;
    if let Some(routes) = routes::of(function) {
        let bindings = routes::bindings(app, function, &routes)?;
        let json = bindings.into_iter().map(|bindings| FunctionJson { bindings, retry: None });
        return Ok(azure::folders(function).into_iter().zip(json).collect());
    }
    let bindings = vec![binding::trigger(app, function)?];
    Ok(vec![(function.name.clone(), FunctionJson { bindings, retry: binding::retry(function) })])
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
