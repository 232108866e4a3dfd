//! The macros of [omnifn](https://docs.rs/omnifn), where they are documented.

mod args;
mod check;
mod cors;
mod derive;
mod errors;
mod expand;
mod from_ref;
mod grants;
mod item;
mod options;
mod program;
mod trigger;
mod types;

use proc_macro::TokenStream;

/// See `omnifn::function`.
#[proc_macro_attribute]
pub fn function(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::function(args.into(), item.into()).into()
}

/// See `omnifn::FunctionError`.
#[proc_macro_derive(FunctionError, attributes(fault))]
pub fn function_error(input: TokenStream) -> TokenStream {
    derive::function_error(input.into()).into()
}

/// See `omnifn::FromRef`.
#[proc_macro_derive(FromRef, attributes(from_ref))]
pub fn from_ref(input: TokenStream) -> TokenStream {
    from_ref::from_ref(input.into()).into()
}

/// Expands `omnifn::main!` and `omnifn::app!` into an expression of type `App`. The first argument is the path of
/// omnifn.
#[proc_macro]
pub fn app(input: TokenStream) -> TokenStream {
    program::app(input.into()).into()
}

/// Expands to the note that `omnifn::main!` puts into the binary.
#[proc_macro]
pub fn program_note(input: TokenStream) -> TokenStream {
    program::note(input.into()).into()
}
