//! `#[derive(FromRef)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Data, DeriveInput, Path, spanned::Spanned};

use crate::errors::Errors;

pub(crate) fn from_ref(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let mut omnifn: Path = syn::parse_quote!(::omnifn);
    for attr in own(&input.attrs) {
        let parsed = attr.parse_nested_meta(|meta| match meta.path.is_ident("crate") {
            true => meta.value()?.call(Path::parse_mod_style).map(|path| omnifn = path),
            false => Err(meta.error("expected `crate = ::omnifn`")),
        });
        parsed.err().into_iter().for_each(|error| errors.add(error));
    }
    if let Some(param) = input.generics.params.first() {
        errors.report(param.span(), "a state cannot be generic: write concrete types");
    }
    let Data::Struct(data) = &input.data else {
        errors.report(input.ident.span(), "expected a struct, whose fields are the parts");
        return errors.into_tokens().into_token_stream();
    };
    let (omnifn, state) = (quote!(#omnifn::__private), &input.ident);
    let mut seen: Vec<String> = Vec::new();
    let mut parts = Vec::new();
    for (field, member) in data.fields.iter().zip(data.fields.members()) {
        if is_skipped(&field.attrs, &mut errors) {
            continue;
        }
        let ty = &field.ty;
        let written = ty.to_token_stream().to_string();
        if seen.contains(&written) {
            errors.report(ty.span(), "duplicate part: another field has this type, and a part is identified by its type: write `#[from_ref(skip)]` on one of the two");
            continue;
        }
        seen.push(written);
        parts.push((ty, member));
    }
    let errors = errors.into_tokens();
    let impls = parts.iter().map(|(ty, member)| {
        quote_spanned! {ty.span()=>
            #[automatically_derived]
            impl #omnifn::FromRef<#state> for #ty {
                fn from_ref(state: &#state) -> Self {
                    ::core::clone::Clone::clone(&state.#member)
                }
            }
        }
    });
    let types = parts.iter().map(|(ty, _)| ty);
    quote! {
        #errors
        #(#impls)*
        #[automatically_derived]
        impl #omnifn::StateParts for #state {
            fn add_parts(&self, parts: &mut #omnifn::StateMap) {
                #(#omnifn::add_part::<#state, #types>(self, parts);)*
            }
        }
    }
}

fn own(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("from_ref"))
}

fn is_skipped(attrs: &[Attribute], errors: &mut Errors) -> bool {
    let mut is_skipped = false;
    for attr in own(attrs) {
        let parsed = attr.parse_nested_meta(|meta| match meta.path.is_ident("skip") {
            true => {
                is_skipped = true;
                Ok(())
            }
            false => Err(meta.error("expected `skip`, which excludes the field from the parts that functions take")),
        });
        parsed.err().into_iter().for_each(|error| errors.add(error));
    }
    is_skipped
}
