//! Names as clouds take them.

use crate::model::App;

/// Lower-case letters, digits and hyphens, with a letter in front.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.starts_with(|c: char| c.is_ascii_alphabetic()) { slug.to_owned() } else { format!("x{slug}") }
}

/// What the names of an app begin with: its name, and the stage, unless the name ends with it.
pub(crate) fn base(app: &App) -> String {
    match &app.stage {
        Some(stage) if !app.name.ends_with(&format!("-{stage}")) => slug(&format!("{}-{stage}", app.name)),
        _ => slug(&app.name),
    }
}

/// The name of a secret where secrets are kept: what the settings of the resource `secret:KEY` say, else `shop-KEY`.
pub(crate) fn secret(app: &App, name: &str) -> String {
    let set = app.resources.get(&format!("secret:{name}")).and_then(|set| set.name.clone());
    set.unwrap_or_else(|| format!("{}-{name}", base(app)))
}

/// The same in a vault of Azure: letters, digits and hyphens.
pub(crate) fn secret_in_vault(app: &App, name: &str) -> String {
    secret(app, name).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// Letters, digits and underscores: a name within Terraform's and Bicep's texts.
pub(crate) fn ident(text: &str) -> String {
    slug(text).replace('-', "_")
}

/// Returns a name in the form that it has within the name of an environment variable.
pub(crate) fn upper(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// At most 9 lower-case letters and digits: what stands before a suffix in the name of a storage account.
pub(crate) fn short(text: &str) -> String {
    fit(&slug(text).replace('-', ""), 9).replace('-', "")
}

/// The id of a service account of Google Cloud: 6 to 30 characters.
pub(crate) fn account_id(name: &str) -> String {
    let id = fit(name, 30);
    if id.len() < 6 { format!("{id}-omnifn") } else { id }
}

/// That of the account that posts a function's events.
pub(crate) fn pusher_account(app: &App, function: &str) -> String {
    format!("{}-events", fit(&format!("{}-{}", base(app), slug(function)), 23))
}

/// At most so long: of one that is longer, the first letters and a short hash of all.
pub(crate) fn fit(name: &str, max: usize) -> String {
    if name.len() <= max {
        return name.to_owned();
    }
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let kept = &name[..max.saturating_sub(7)];
    format!("{}-{:06x}", kept.trim_end_matches('-'), hash & 0xff_ffff)
}

/// One that is not among those that are taken: with a number behind it where it has to be.
pub(crate) fn unique(name: String, taken: &[&str]) -> String {
    if !taken.contains(&name.as_str()) {
        return name;
    }
    let mut numbers = 2_u32..;
    numbers
        .find_map(|number| Some(format!("{name}-{number}")).filter(|name| !taken.contains(&name.as_str())))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_clouds_take() {
        for (text, expected) in
            [("My_Fn", "my-fn"), ("__a--b__", "a-b"), ("1st", "x1st"), ("größe", "gr-e"), ("é", "x")]
        {
            assert_eq!(slug(text), expected);
        }
        assert_eq!(ident("slack-command"), "slack_command");
        assert_eq!(fit("short", 8), "short");
        let long = fit("a-very-long-name-of-a-function", 20);
        assert_eq!((long.len(), &long[..13]), (20, "a-very-long-n"));
        assert_ne!(long, fit("a-very-long-name-of-a-functiom", 20));
        assert_eq!(unique("a".into(), &["a", "a-2"]), "a-3");
    }
}
