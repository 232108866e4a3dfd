//! What the texts of settings may be, so that no text that is written of them can be read as something else.

/// What a text may be.
#[derive(Debug)]
pub(super) struct Rule {
    fits: fn(&str) -> bool,
    /// The same in words.
    pub(super) words: &'static str,
}

impl Rule {
    pub(super) fn takes(&self, text: &str) -> bool {
        (self.fits)(text)
    }
}

/// The program: its name alone is that of a service of Cloud Run, which takes 49 letters.
pub(super) const PROGRAM: Rule = Rule {
    fits: |text| begins(text, char::is_alphabetic) && text.len() <= 49 && all(text, "-_"),
    words: "at most 49 letters, digits, `-` and `_`, the first of them a letter",
};

/// The package, as cargo takes it.
pub(super) const PACKAGE: Rule = Rule {
    fits: |text| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'),
    words: "letters, digits, `-` and `_`",
};

/// A function, as `#[function]` takes it.
pub(super) const FUNCTION: Rule = Rule {
    fits: |text| begins(text, char::is_alphabetic) && text.len() <= 63 && all(text, "-_"),
    words: "at most 63 letters, digits, `-` and `_`, the first of them a letter",
};

/// A stage: it is a part of every name.
pub(super) const STAGE: Rule = Rule {
    fits: |text| begins(text, char::is_alphabetic) && text.len() <= 32 && all(text, "-"),
    words: "at most 32 letters, digits and `-`, the first of them a letter",
};

/// A region: `eu-central-1`, `europe-west1`, `westeurope`.
pub(super) const REGION: Rule = Rule {
    fits: |text| begins(text, |c| c.is_ascii_lowercase()) && text.len() <= 63 && small(text, "-"),
    words: "small letters, digits and `-`, as `eu-central-1`",
};

/// A project of Google Cloud; an old one may have the name of a domain in front.
pub(super) const PROJECT: Rule = Rule {
    fits: |text| begins(text, |c| c.is_ascii_lowercase()) && text.len() <= 63 && small(text, "-.:"),
    words: "small letters, digits and `-`, the first of them a letter",
};

/// An image, as registries name it.
pub(super) const IMAGE: Rule = Rule {
    fits: |text| {
        let is_part = |part: &str| begins(part, |c| c.is_ascii_alphanumeric()) && all(part, "-_.:@");
        let (path, _) = text.split_once('@').unwrap_or((text, ""));
        // The host alone may have capitals, and a tag.
        let (path, _) = path.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).unwrap_or((path, ""));
        let is_small = |part: &str| !part.contains(|c: char| c.is_ascii_uppercase());
        text.len() <= 512 && text.split('/').all(is_part) && path.split('/').skip(1).all(is_small)
    },
    words: "the name of an image, as `europe-docker.pkg.dev/project/repository/shop`",
};

/// A broker, as Kubernetes names things.
pub(super) const BROKER: Rule = Rule {
    fits: |text| {
        begins(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.len() <= 63
            && small(text, "-")
            && !text.ends_with('-')
    },
    words: "at most 63 small letters, digits and `-`",
};

/// What any cloud takes for a name; what each of them takes is known where its texts are written.
pub(super) const CLOUD: Rule = Rule {
    fits: |text| {
        !text.is_empty() && text.len() <= 255 && text.chars().all(|c| c.is_alphanumeric() || "-_.~+%/=@".contains(c))
    },
    words: "1 to 255 letters, digits and `-_.~+%/=@`",
};

/// The name of a variable.
pub(super) const VARIABLE: Rule = Rule {
    fits: |text| begins(text, |c| c.is_alphabetic() || c == '_') && all(text, "_"),
    words: "letters, digits and `_`, no digit in front",
};

fn begins(text: &str, fits: fn(char) -> bool) -> bool {
    text.starts_with(|c: char| c.is_ascii() && fits(c))
}

fn all(text: &str, more: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

fn small(text: &str, more: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_takes_what_its_cloud_takes() {
        let long = "x".repeat(50);
        for (rule, taken, refused) in [
            (&PROGRAM, &["shop", "My_shop-2"][..], &["", "1shop", "_shop", "My Shop", "a\nb", "größe", &*long][..]),
            (&STAGE, &["prod", "p-1"], &["", "a_b", "1", "a b"]),
            (&REGION, &["eu-central-1", "westeurope"], &["", "EU", "eu west", "$(id)"]),
            (&PROJECT, &["shop-1", "example.com:shop"], &["", "Shop", "a b", "a;b"]),
            (
                &IMAGE,
                &["shop", "europe-docker.pkg.dev/p/r/shop", "localhost:5000/a/b:Tag", "a/b@sha256:00ff"],
                &["", "a b", "a//b", "a/B", "/a", "a/$(id)", "a'b"],
            ),
            (&BROKER, &["default"], &["", "Default", "a-", "a b"]),
            (&CLOUD, &["orders.fifo", "a/b", "(default)".trim_matches(['(', ')'])], &["", "*", "a${b}", "a\rb", "a'b"]),
            (&VARIABLE, &["A", "_a1"], &["", "1A", "A-B", "Ä"]),
        ] {
            for text in taken {
                assert!(rule.takes(text), "{text}: {}", rule.words);
            }
            for text in refused {
                assert!(!rule.takes(text), "{text}: {}", rule.words);
            }
        }
    }
}
