//! Azure: App Service replaces a setting that is a reference, and the Functions host replaces `%NAME%` in a binding.

use crate::{
    error::{Error, Kind, Result},
    model::{App, Function},
};

/// Checks the settings of a function's app: `@Microsoft.KeyVault(…)` and `@Microsoft.AppConfiguration(…)` are replaced by what they refer
/// to, and nothing escapes them.
/// ([References](https://learn.microsoft.com/azure/app-service/app-service-key-vault-references).)
pub(crate) fn settings(app: &App, function: &Function) -> Vec<Error> {
    let is_reference = |value: &str| {
        let value = value.trim_start();
        value.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("@Microsoft."))
    };
    let references = function.environment.values().filter(|value| is_reference(value));
    let why = "begins with `@Microsoft.`, so App Service takes it for a reference and replaces it";
    references.map(|value| super::refused(app, value, why)).collect()
}

/// Checks the settings of all apps; of a value that several functions have, there is one error.
pub(crate) fn all_settings(app: &App) -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    for error in app.functions.iter().flat_map(|function| settings(app, function)) {
        if errors.iter().all(|other| other.message != error.message) {
            errors.push(error);
        }
    }
    errors
}

/// Checks a name in a binding. The host replaces `%NAME%` by a setting, and `{name}` by a part of the event; a single `%` is an error to it.
/// ([Binding expressions](https://learn.microsoft.com/azure/azure-functions/functions-bindings-expressions-patterns).)
///
/// # Errors
/// It contains one of these characters.
pub(crate) fn name(function: &Function, key: &str, text: &str) -> Result<()> {
    match text.find(['%', '{', '}']) {
        None => Ok(()),
        Some(_) => {
            let words = format!(
                "`{key}` of `{}` ({}) cannot be {text:?} on Azure: the Functions host replaces `%…%` and `{{…}}` in a binding",
                function.name, function.location
            );
            let help = "give it another name there: `name` in [package.metadata.omnifn.resources] of Cargo.toml, or in the attribute";
            Err(Error::new("omnifn::package::value", words).kind(Kind::Impossible).help(help))
        }
    }
}

/// Returns the path of the blobs, such as `uploads/pictures/{name}.jpg`. Braces in a key stand for themselves where they are doubled. A text
/// between two `%` would be replaced by a setting, and nothing escapes it: there the path is wider, and the runtime filters the objects.
pub(crate) fn blobs(container: &str, prefix: Option<&str>, suffix: Option<&str>) -> String {
    let prefix = prefix.and_then(|prefix| prefix.split('%').next()).unwrap_or_default();
    let suffix = suffix.and_then(|suffix| suffix.rsplit('%').next()).unwrap_or_default();
    let written = |text: &str| text.replace('{', "{{").replace('}', "}}");
    format!("{container}/{}{{name}}{}", written(prefix), written(suffix))
}

#[cfg(test)]
mod tests {
    use super::blobs;

    #[test]
    fn a_path_has_no_expressions_but_its_own() {
        let path = |prefix: &str, suffix: &str| blobs("uploads", Some(prefix), Some(suffix));
        assert_eq!(path("pictures/", ".jpg"), "uploads/pictures/{name}.jpg");
        assert_eq!(path("{id}/", "}.jpg"), "uploads/{{id}}/{name}}}.jpg");
        assert_eq!(path("in/50%/%KEY%", "%KEY%.jpg"), "uploads/in/50{name}.jpg");
    }
}
