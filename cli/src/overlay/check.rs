use crate::{
    error::{Error, Kind, Result},
    model::{App, Class},
};

/// What can be known to be wrong before a cloud is asked for.
pub(super) fn check(app: &App) -> Result<()> {
    let mut errors = Vec::new();
    let mut wrong = |words: String, help: String| {
        errors.push(Error::new("omnifn::settings", words).kind(Kind::Usage).help(help));
    };
    let there: Vec<_> =
        app.all_resources().iter().map(|known| format!("{}:{}", known.kind.name(), known.logical)).collect();
    for key in app.resources.keys().filter(|key| !there.contains(key)) {
        let help = match nearest(key, there.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if there.is_empty() => "no trigger and no grant names a resource: remove it".to_owned(),
            None => format!("the program's triggers and grants name `{}`", there.join("`, `")),
        };
        wrong(format!("Cargo.toml sets something for a resource `{key}`, which no function names"), help);
    }
    let known = |value: &Option<String>, all: &[&str]| value.as_deref().is_none_or(|value| all.contains(&value));
    if !known(&app.aws.http, &["http-api", "function-url"]) {
        let value = app.aws.http.as_deref().unwrap_or_default();
        wrong(format!("`aws.http = {value:?}` is not known"), "write `\"http-api\"` or `\"function-url\"`".to_owned());
    }
    for (cloud, settings) in [("aws", &app.aws), ("gcp", &app.gcp), ("azure", &app.azure)] {
        if !known(&settings.architecture, &["arm64", "x86_64"]) {
            let value = settings.architecture.as_deref().unwrap_or_default();
            let help = "write `\"arm64\"` or `\"x86_64\"`".to_owned();
            wrong(format!("`{cloud}.architecture = {value:?}` is not known"), help);
        }
    }
    for function in &app.functions {
        let (name, deploy) = (&function.name, &function.deploy);
        for (key, value, all) in [
            ("visibility", &deploy.visibility, &["public", "private"][..]),
            ("auth", &deploy.auth, &["anonymous", "function", "admin"][..]),
        ] {
            let Some(text) = value else { continue };
            if function.trigger.class() != Class::Http {
                let help = "remove it: it says who may send HTTP requests".to_owned();
                wrong(format!("`{key}` is set for `{name}`, which takes no HTTP requests"), help);
            } else if !all.contains(&text.as_str()) {
                let help = format!("write one of `{}`", all.join("`, `"));
                wrong(format!("`{key} = {text:?}` of `{name}` is not known"), help);
            }
        }
        for secret in &function.secrets {
            let fits = |(at, c): (usize, char)| c.is_ascii_alphabetic() || c == '_' || (at > 0 && c.is_ascii_digit());
            if secret.is_empty() || !secret.chars().enumerate().all(fits) {
                let help = "it is the name of a variable: letters, digits and `_`".to_owned();
                wrong(format!("`{secret}` cannot be a secret of `{name}`"), help);
            }
        }
    }
    Error::all(errors).map_or(Ok(()), Err)
}

/// What was meant, perhaps: at most two letters away.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |other: &str| {
        let mut row: Vec<usize> = (0..=other.chars().count()).collect();
        for (i, x) in name.chars().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in other.chars().enumerate() {
                let changed = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
            }
        }
        row.last().copied().unwrap_or_default()
    };
    known.map(|other| (distance(other), other)).filter(|(far, _)| *far <= 2).min().map(|(_, other)| other)
}
