//! `#[derive(FunctionError)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitInt, LitStr, Path, meta::ParseNestedMeta};

use crate::errors::Errors;

/// The options in `#[fault(…)]`.
#[derive(Clone, Default)]
struct Attributes {
    class: Option<Ident>,
    status: Option<LitInt>,
    name: Option<LitStr>,
    omnifn: Option<Path>,
}

pub(crate) fn function_error(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let whole = read(&input.attrs, &Attributes::default(), true, &mut errors);
    let omnifn = whole.omnifn.clone().unwrap_or_else(|| syn::parse_quote!(::omnifn));
    let omnifn = quote!(#omnifn::__private);
    let option = |tokens: Option<TokenStream>| match tokens {
        Some(tokens) => quote!(::core::option::Option::Some(#tokens)),
        None => quote!(::core::option::Option::None),
    };
    let class = |attributes: &Attributes| {
        let class = attributes.class.as_ref().map(|class| {
            let word = class.to_string();
            Ident::new(&(word[..1].to_uppercase() + &word[1..]), class.span())
        });
        option(class.map(|class| quote!(#omnifn::ErrorClass::#class)))
    };
    let status = |attributes: &Attributes| option(attributes.status.as_ref().map(|status| quote!(#status)));
    let name = |attributes: &Attributes, ident: &Ident| match &attributes.name {
        Some(name) => quote!(#name),
        None => {
            let name = ident.to_string();
            quote!(#name)
        }
    };

    let (names, statuses, classes): (TokenStream, TokenStream, TokenStream) = match &input.data {
        Data::Enum(data) => {
            // The pattern, the name, the status, the class of each.
            let mut variants: Vec<[TokenStream; 4]> = Vec::new();
            for variant in &data.variants {
                let attributes = read(&variant.attrs, &whole, false, &mut errors);
                let ident = &variant.ident;
                let fields = match variant.fields {
                    Fields::Named(_) => quote!({ .. }),
                    Fields::Unnamed(_) => quote!((..)),
                    Fields::Unit => quote!(),
                };
                variants.push([
                    quote!(Self::#ident #fields),
                    name(&attributes, ident),
                    status(&attributes),
                    class(&attributes),
                ]);
            }
            let arms = |part: usize| match variants.is_empty() {
                true => quote!(match *self {}),
                false => {
                    let arms = variants.iter().map(|variant| {
                        let (pattern, value) = (&variant[0], &variant[part]);
                        quote!(#pattern => #value,)
                    });
                    quote!(match self { #(#arms)* })
                }
            };
            (arms(1), arms(2), arms(3))
        }
        Data::Struct(_) => (name(&whole, &input.ident), status(&whole), class(&whole)),
        Data::Union(data) => {
            errors.report(data.union_token.span, "expected an enum or a struct");
            (quote!(""), option(None), option(None))
        }
    };
    let errors = errors.into_tokens();
    let ident = &input.ident;
    let (generics, arguments, clause) = input.generics.split_for_impl();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics #omnifn::FunctionError for #ident #arguments #clause {
            fn name(&self) -> &'static ::core::primitive::str {
                #names
            }
            fn status(&self) -> ::core::option::Option<::core::primitive::u16> {
                #statuses
            }
            fn class(&self) -> ::core::option::Option<#omnifn::ErrorClass> {
                #classes
            }
        }
    }
}

/// Reads the options of a variant, which take precedence over those of the whole type, or of the type itself.
fn read(attrs: &[Attribute], whole: &Attributes, is_whole: bool, errors: &mut Errors) -> Attributes {
    let mut attributes = Attributes { name: None, ..whole.clone() };
    let mut class_was_given = false;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("fault")) {
        let parsed = attr.parse_nested_meta(|meta| one(&meta, &mut attributes, is_whole, &mut class_was_given));
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    attributes
}

fn one(
    meta: &ParseNestedMeta<'_>,
    attributes: &mut Attributes,
    is_whole: bool,
    class_was_given: &mut bool,
) -> syn::Result<()> {
    let Some(key) = meta.path.get_ident() else {
        if is_whole && meta.path.is_ident("crate") {
            attributes.omnifn = Some(meta.value()?.call(Path::parse_mod_style)?);
            return Ok(());
        }
        return Err(meta.error(WORDS));
    };
    match key.to_string().as_str() {
        "retry" | "reject" | "discard" => {
            if std::mem::replace(class_was_given, true) {
                return Err(meta.error("duplicate class: expected one of `retry`, `reject`, or `discard`"));
            }
            attributes.class = Some(key.clone());
        }
        "status" => {
            let status: LitInt = meta.value()?.parse()?;
            if !status.base10_parse::<u16>().is_ok_and(|status| (400..600).contains(&status)) {
                return Err(syn::Error::new(status.span(), "invalid status: expected a number from 400 to 599"));
            }
            attributes.status = Some(status);
        }
        "name" => {
            let name: LitStr = meta.value()?.parse()?;
            let text = name.value();
            if !text.starts_with(|c: char| c.is_ascii_uppercase())
                || !text.chars().all(|c| c.is_ascii_alphabetic())
                || text.len() < 2
            {
                return Err(syn::Error::new(
                    name.span(),
                    "invalid error name: expected a capital letter followed by letters, which every platform accepts",
                ));
            }
            attributes.name = Some(name);
        }
        "crate" if is_whole => attributes.omnifn = Some(meta.value()?.call(Path::parse_mod_style)?),
        _ => return Err(meta.error(WORDS)),
    }
    Ok(())
}

const WORDS: &str = "expected a class (`retry`, `reject`, `discard`), `status = 409`, or `name = \"SoldOut\"`";
