//! The option `cors` of `main!` and `app!`.

use omnifn_spec::{Methods, cors};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Ident, LitBool, LitInt, LitStr, Path, Token, bracketed, parenthesized,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    token::{Bracket, Paren},
};

use crate::errors::Errors;

/// `cors = ["https://shop.example.com"]`, or `cors(origins = […], credentials = true, …)`.
#[derive(Default)]
pub(crate) struct Cors {
    origins: Vec<LitStr>,
    methods: Option<Vec<Methods>>,
    headers: Option<Vec<LitStr>>,
    exposed: Option<Vec<LitStr>>,
    credentials: Option<LitBool>,
    max_age: Option<u32>,
}

const KEYS: &str = "`origins`, `methods`, `headers`, `exposed`, `credentials` and `max_age`";

/// Reads what stands behind the key. `None` where there is a mistake in it.
pub(crate) fn parse(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Cors>> {
    let mut own = Errors::default();
    let mut cors = Cors::default();
    let mut span = key.span();
    if input.peek(Paren) {
        let content;
        parenthesized!(content in input);
        let mut seen = Vec::new();
        while !content.is_empty() {
            setting(&content, &mut cors, &mut seen, &mut own)?;
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        match seen.iter().find(|seen| *seen == "origins") {
            Some(origins) => span = origins.span(),
            None => own.report(key.span(), cors::NO_ORIGINS),
        }
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        cors.origins = origins(input, &mut own)?;
    } else {
        own.report(
            key.span(),
            "`cors` needs origins: write `cors = [\"https://shop.example.com\"]`, or `cors(origins = […], credentials = true)`",
        );
    }
    cors.check(span, &mut own);
    match own.into_error() {
        Some(mistakes) => {
            errors.add(mistakes);
            Ok(None)
        }
        None => Ok(Some(cors)),
    }
}

fn setting(input: ParseStream<'_>, cors: &mut Cors, seen: &mut Vec<Ident>, errors: &mut Errors) -> syn::Result<()> {
    let key: Ident = input.parse()?;
    input.parse::<Token![=]>()?;
    if seen.contains(&key) {
        errors.report(key.span(), format!("duplicate option `{key}`"));
    }
    match key.to_string().as_str() {
        "origins" => cors.origins = origins(input, errors)?,
        "methods" => cors.methods = Some(methods(input, errors)?),
        "headers" => cors.headers = Some(headers(input, errors)?),
        "exposed" => cors.exposed = Some(headers(input, errors)?),
        "credentials" => match value(input)?.parse::<LitBool>() {
            Ok(value) => cors.credentials = Some(value),
            Err(error) => errors.report(error.span(), "`credentials` is `true` or `false`"),
        },
        "max_age" => match value(input)?.parse::<LitInt>().and_then(|value| value.base10_parse()) {
            Ok(seconds) => cors.max_age = Some(seconds),
            Err(error) => errors.report(error.span(), "`max_age` is a number of seconds: write `max_age = 3600`"),
        },
        other => {
            value(input)?;
            errors.report(key.span(), format!("unknown option `{other}` of `cors`: expected one of {KEYS}"));
        }
    }
    seen.push(key);
    Ok(())
}

/// The tokens up to the next comma.
struct Value(TokenStream);

impl Value {
    fn parse<T: syn::parse::Parse>(self) -> syn::Result<T> {
        T::parse.parse2(self.0)
    }
}

fn value(input: ParseStream<'_>) -> syn::Result<Value> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    Ok(Value(value))
}

/// One text, or a list of texts.
fn texts(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<LitStr>> {
    if input.peek(LitStr) {
        return Ok(vec![input.parse()?]);
    }
    if input.peek(Bracket) {
        let content;
        bracketed!(content in input);
        return match Punctuated::<LitStr, Token![,]>::parse_terminated(&content) {
            Ok(texts) => Ok(texts.into_iter().collect()),
            Err(error) => {
                errors.report(error.span(), LITERALS);
                // The rest was reported with it.
                content.parse::<TokenStream>().map(|_| Vec::new())
            }
        };
    }
    let at = input.span();
    value(input)?;
    errors.report(at, LITERALS);
    Ok(Vec::new())
}

const LITERALS: &str = "expected texts, because deployments are written from them: write `[\"…\", \"…\"]`";

fn origins(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<LitStr>> {
    let before = errors.is_empty();
    let origins = texts(input, errors)?;
    for (i, origin) in origins.iter().enumerate() {
        if let Err(why) = cors::origin(&origin.value()) {
            errors.report(origin.span(), format!("invalid origin {:?}: {why}", origin.value()));
        } else if origins[..i].iter().any(|other| other.value() == origin.value()) {
            errors.report(origin.span(), format!("duplicate origin {:?}", origin.value()));
        } else if origin.value() == cors::ANY && origins.len() > 1 {
            errors.report(origin.span(), cors::ANY_AND_OTHERS);
        }
    }
    if origins.is_empty() && before && errors.is_empty() {
        errors.report(input.span(), cors::NO_ORIGINS);
    }
    Ok(origins)
}

fn methods(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<Methods>> {
    let mut methods = Vec::new();
    for text in texts(input, errors)? {
        match Methods::named(&text.value()).filter(|methods| !methods.is_any()) {
            Some(method) => methods.push(method),
            None => {
                let known = Methods::ANY.names().collect::<Vec<_>>().join("`, `");
                let words = format!(
                    "invalid method {:?}: expected one of `{known}`; without `methods`, all are allowed",
                    text.value()
                );
                errors.report(text.span(), words);
            }
        }
    }
    Ok(methods)
}

fn headers(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<LitStr>> {
    let headers = texts(input, errors)?;
    for name in &headers {
        if let Err(why) = cors::header(&name.value()) {
            errors.report(name.span(), format!("invalid header {:?}: {why}", name.value()));
        }
    }
    Ok(headers)
}

impl Cors {
    /// Reports what is wrong with values that are valid, each on its own.
    fn check(&self, origins: Span, errors: &mut Errors) {
        let any = self.origins.iter().any(|origin| origin.value() == cors::ANY);
        if let Some(credentials) = self.credentials.as_ref().filter(|credentials| any && credentials.value) {
            errors.report(credentials.span(), cors::ANY_WITH_CREDENTIALS);
        }
        if self.methods.as_ref().is_some_and(Vec::is_empty) && errors.is_empty() {
            errors.report(origins, "`methods` names none: leave it out to allow all");
        }
    }

    /// Returns the declaration as an expression of the type `Cors`.
    pub(crate) fn tokens(&self, omnifn: &Path) -> TokenStream {
        let Cors { origins, methods, headers, exposed, credentials, max_age } = self;
        let methods = match methods {
            Some(methods) => {
                let names =
                    methods.iter().flat_map(|methods| methods.names()).map(|name| Ident::new(name, Span::call_site()));
                quote!(::core::option::Option::Some(#omnifn::__private::Methods::NONE #(.and(#omnifn::__private::Methods::#names))*))
            }
            None => quote!(::core::option::Option::None),
        };
        let headers = match headers {
            Some(headers) => quote!(::core::option::Option::Some(&[#(#headers),*])),
            None => quote!(::core::option::Option::None),
        };
        let exposed = exposed.iter().flatten();
        let credentials = credentials.as_ref().is_some_and(|credentials| credentials.value);
        let max_age = match max_age {
            Some(seconds) => quote!(::core::option::Option::Some(#seconds)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            #omnifn::__private::Cors {
                origins: &[#(#origins),*],
                methods: #methods,
                headers: #headers,
                exposed: &[#(#exposed),*],
                credentials: #credentials,
                max_age: #max_age,
            }
        }
    }
}
