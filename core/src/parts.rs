use axum::extract::FromRef;

use crate::StateMap;

/// A state whose fields are states of their own: `#[derive(FromRef)]` writes it, and axum's
/// [`FromRef`] for each field beside it.
#[diagnostic::on_unimplemented(
    message = "the parts of `{Self}` are not declared",
    note = "add `#[derive(omnifn::FromRef)]` to it"
)]
pub trait StateParts: Sized + 'static {
    /// Adds a clone of each part.
    fn add_parts(&self, parts: &mut StateMap);
}

/// Adds one part. The code of the derive macro calls it.
pub fn add_part<S, T>(state: &S, parts: &mut StateMap)
where
    T: FromRef<S> + Send + Sync + 'static,
{
    parts.insert(T::from_ref(state));
}
