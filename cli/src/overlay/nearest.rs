//! What was meant, perhaps.

/// The nearest of those that are known: at most two letters away.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let near = known.map(|other| (strsim::levenshtein(name, other), other)).filter(|(changes, _)| *changes <= 2);
    near.min().map(|(_, other)| other)
}
