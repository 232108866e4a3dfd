use std::path::Path;

use toml::{Table, Value};

use super::{Check, Report, State};
use crate::{cloud::Cloud, project::Project};

/// Looks at the package: its features, and the profile that it is built with.
pub(super) fn examine(project: &Project, profile: &str, clouds: &[(Cloud, &'static str)], report: &mut Report) {
    for (cloud, _) in clouds {
        let name = cloud.name();
        let has = project.features.iter().any(|feature| feature == name);
        report.checks.push(Check {
            group: "package",
            name: format!("feature {name}"),
            state: if has { State::Found } else { State::Missing },
            detail: if has { format!("in {}", project.package) } else { format!("{} has none", project.package) },
            purpose: "the program speaks this cloud's language",
            clouds: vec![name],
            get: (!has).then(|| format!("add to [features] of Cargo.toml: {name} = [\"omnifn/{name}\"]")),
        });
    }
    for (setting, wanted, is_bad) in settings(&profiles(&project.workspace), profile) {
        let (name, purpose) = wanted;
        report.checks.push(Check {
            group: "package",
            name: format!("profile {profile}"),
            state: State::Advice,
            detail: setting,
            purpose,
            clouds: vec![],
            get: Some(if is_bad {
                format!("take {name} out of [profile.{profile}]")
            } else {
                format!("add to [profile.{profile}]: {name}")
            }),
        });
    }
}

/// The tables of `[profile]`; none where the file cannot be read, which cargo itself says better.
fn profiles(workspace: &Path) -> Table {
    let text = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let manifest: Table = text.parse().unwrap_or_default();
    manifest.get("profile").and_then(Value::as_table).cloned().unwrap_or_default()
}

type Advice = (String, (&'static str, &'static str), bool);

/// What could be better in a profile, each with what to write and what it is for.
fn settings(profiles: &Table, profile: &str) -> Vec<Advice> {
    let get = |key: &str| setting(profiles, profile, key);
    let mut advice = Vec::new();
    if get("panic").and_then(Value::as_str) == Some("abort") {
        let why = "a panic fails its own invocation, and no other";
        advice.push(("panic = \"abort\": one panic ends all that runs".to_owned(), ("panic = \"abort\"", why), true));
    }
    let has_lto = get("lto").is_some_and(|lto| *lto != Value::Boolean(false) && lto.as_str() != Some("off"));
    if !has_lto {
        advice.push(("no lto".to_owned(), ("lto = true", "a smaller program, which starts sooner"), false));
    }
    let strips = get("strip").is_some_and(|strip| *strip != Value::Boolean(false) && strip.as_str() != Some("none"));
    if !strips {
        let why = "a smaller program; its notes about its functions remain";
        advice.push(("symbols are not stripped".to_owned(), ("strip = true", why), false));
    }
    advice
}

/// A setting of a profile, or of the one that it inherits.
fn setting<'p>(profiles: &'p Table, profile: &str, key: &str) -> Option<&'p Value> {
    let mut name = profile;
    // As many steps as there are profiles, so that a ring ends.
    for _ in 0..=profiles.len() {
        let table = profiles.get(name)?.as_table()?;
        if let Some(value) = table.get(key) {
            return Some(value);
        }
        name = table.get("inherits")?.as_str()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(profile: &str, text: &str) -> Vec<String> {
        let manifest: Table = text.parse().unwrap();
        let profiles = manifest["profile"].as_table().unwrap();
        settings(profiles, profile).into_iter().map(|(said, ..)| said).collect()
    }

    #[test]
    fn a_profile_is_read_with_what_it_inherits() {
        let text =
            "[profile.release]\nlto = 'thin'\nstrip = true\n[profile.tiny]\ninherits = 'release'\npanic = 'abort'\n";
        assert!(said("release", text).is_empty());
        assert_eq!(said("tiny", text), ["panic = \"abort\": one panic ends all that runs"]);
        assert_eq!(said("none", text), ["no lto", "symbols are not stripped"]);
        assert_eq!(
            said("a", "[profile.a]\ninherits = 'b'\n[profile.b]\ninherits = 'a'\nlto = false"),
            ["no lto", "symbols are not stripped"]
        );
    }
}
