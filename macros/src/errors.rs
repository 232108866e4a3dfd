use proc_macro2::{Span, TokenStream};
use syn::Error;

/// A collection of mistakes, each with its own span.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds a mistake: what is wrong, and what to write.
    pub(crate) fn report(&mut self, at: Span, words: impl std::fmt::Display) {
        self.add(Error::new(at, words));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns all mistakes as one error.
    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }

    /// Converts the mistakes into `compile_error!` invocations.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.into_error().map(|errors| errors.into_compile_error()).unwrap_or_default()
    }
}
