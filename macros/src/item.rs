use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Abi, Attribute, Generics, Ident, ReturnType, Token, Type, Visibility,
    parse::{Parse, ParseStream},
    spanned::Spanned,
};

/// The parts of a fn that matter. The body is not parsed.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// A qualifier that no function can have, such as `const`, `unsafe` or `extern "C"`, with its span.
    pub(crate) qualifiers: Vec<(&'static str, Span)>,
    pub(crate) is_async: bool,
    pub(crate) fn_token: Token![fn],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: ReturnType,
}

/// An argument.
pub(crate) enum Input {
    /// `self`, in any form.
    Receiver(Span),
    /// `pattern: Type`.
    Typed(Box<Type>),
    /// `...`.
    Variadic(Span),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let mut qualifiers = Vec::new();
        if let Some(token) = input.parse::<Option<Token![const]>>()? {
            qualifiers.push(("const", token.span));
        }
        let is_async = input.parse::<Option<Token![async]>>()?.is_some();
        if let Some(token) = input.parse::<Option<Token![unsafe]>>()? {
            qualifiers.push(("unsafe", token.span));
        }
        if let Some(abi) = input.parse::<Option<Abi>>()? {
            qualifiers.push(("extern", abi.span()));
        }
        let fn_token = input.parse()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let content;
        syn::parenthesized!(content in input);
        let mut inputs = Vec::new();
        while !content.is_empty() {
            inputs.push(content.parse()?);
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        let output = input.parse()?;
        generics.where_clause = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Item { attrs, vis, qualifiers, is_async, fn_token, ident, generics, inputs, output })
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        if input.peek(Token![...]) {
            return Ok(Input::Variadic(input.parse::<Token![...]>()?.spans[0]));
        }
        let mut receiver = None;
        while !input.peek(Token![:]) || input.peek(Token![::]) {
            if input.is_empty() || input.peek(Token![,]) {
                return match receiver {
                    Some(span) => Ok(Input::Receiver(span)),
                    None => Err(input.error("expected `:` and a type")),
                };
            }
            if input.peek(Token![self]) {
                receiver = Some(input.span());
            }
            if input.peek(Token![::]) {
                input.parse::<Token![::]>()?;
            } else {
                input.parse::<TokenTree>()?;
            }
        }
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        Ok(receiver.map_or_else(|| Input::Typed(Box::new(ty)), Input::Receiver))
    }
}
