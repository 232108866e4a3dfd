//! The time zones that there are.

const ALL: &str = include_str!("zones.txt");

/// Their names, as the time zone database of IANA has them.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    ALL.lines().filter(|line| !line.starts_with('#'))
}

/// Whether it is one of them.
pub(crate) fn is_known(name: &str) -> bool {
    all().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_zones() {
        for name in ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "Mars/Olympus", "Europe/Berln", "europe/berlin", "# The names"] {
            assert!(!is_known(name), "{name}");
        }
        assert!(all().count() > 400);
    }
}
