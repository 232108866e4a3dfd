//! Where a shape cannot do what all others do. Each row is checked: the case has to fail there, and in the way that is
//! written here. A row that is no longer needed fails the suite.

/// What a shape cannot carry, and why.
pub(crate) struct Exception {
    /// The column of the table.
    pub(crate) provider: &'static str,
    /// The shapes that it is about.
    pub(crate) shapes: &'static [&'static str],
    /// The cases that it is about.
    pub(crate) cases: &'static [&'static str],
    /// Why the provider's wire form cannot carry it.
    pub(crate) reason: &'static str,
    /// Words of the failure: what happens instead.
    pub(crate) shows: &'static str,
}

/// All exceptions.
pub(crate) const EXCEPTIONS: &[Exception] = &[];

/// The exception for a case on a shape, by its place in the table.
pub(crate) fn find(provider: &str, shape: &str, case: &str) -> Option<usize> {
    EXCEPTIONS.iter().position(|exception| {
        exception.provider == provider && exception.shapes.contains(&shape) && exception.cases.contains(&case)
    })
}
