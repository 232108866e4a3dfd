//! The options that go with a trigger, and those that only a deployment needs.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Ident, LitInt, LitStr, Token,
    parse::{ParseStream, Parser},
};

use crate::{errors::Errors, trigger::Class};

/// An option, and the classes of triggers that it goes with.
struct Known {
    key: &'static str,
    form: Form,
    place: Place,
    classes: &'static [&'static str],
}

/// The type of an option's value.
enum Form {
    Number,
    Text,
    /// One of these words, each of which is a variant of the type with this name in core.
    Word(&'static str, &'static [&'static str]),
}

/// The struct that the value belongs to.
#[derive(PartialEq, Eq)]
enum Place {
    Trigger,
    Options,
    Deploy,
}

const HTTP: &str = "http";
/// The classes whose functions a caller waits for.
const CALLED: &[&str] = &[HTTP, "invoke"];
const ALL: &[&str] = &["queue", "topic", "stream", "storage", "schedule", "event", "changes"];
const BATCHES: &[&str] = &["queue", "topic", "stream", "storage", "event", "changes"];
const ANY: &[&str] = &[HTTP, "invoke", "queue", "topic", "stream", "storage", "schedule", "event", "changes"];

const KNOWN: [Known; 20] = [
    known("prefix", Form::Text, Place::Trigger, &["storage"]),
    known("suffix", Form::Text, Place::Trigger, &["storage"]),
    known("batch_size", Form::Number, Place::Options, BATCHES),
    known("batch_window", Form::Number, Place::Options, BATCHES),
    known(
        "concurrency",
        Form::Number,
        Place::Options,
        &[HTTP, "invoke", "queue", "topic", "stream", "storage", "event", "changes"],
    ),
    known("attempts", Form::Number, Place::Options, ALL),
    known("dead_letter", Form::Text, Place::Options, ALL),
    known("connection", Form::Text, Place::Options, ALL),
    known("subscription", Form::Text, Place::Options, &["queue", "topic", "stream", "event"]),
    known("consumer_group", Form::Text, Place::Options, &["stream"]),
    known("database", Form::Text, Place::Options, &["changes"]),
    known("start", Form::Text, Place::Options, &["stream", "changes"]),
    known("time_zone", Form::Text, Place::Options, &["schedule"]),
    known("service", Form::Text, Place::Options, ALL),
    known("source", Form::Text, Place::Options, &["event"]),
    known("memory", Form::Number, Place::Deploy, ANY),
    known("timeout", Form::Number, Place::Deploy, ANY),
    known("instances", Form::Number, Place::Deploy, ANY),
    known("visibility", Form::Word("Visibility", &["public", "private"]), Place::Deploy, CALLED),
    known("auth", Form::Word("Auth", &["anonymous", "function", "admin"]), Place::Deploy, CALLED),
];

const fn known(key: &'static str, form: Form, place: Place, classes: &'static [&'static str]) -> Known {
    Known { key, form, place, classes }
}

fn find(key: &Ident) -> Option<&'static Known> {
    const TABLE: &[Known] = &KNOWN;
    TABLE.iter().find(|known| key == known.key)
}

/// The keys, to suggest one for a misspelled key.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().map(|known| known.key)
}

/// The options that are given.
#[derive(Default)]
pub(crate) struct Options(Vec<(Ident, &'static Known, Value)>);

enum Value {
    Number(u32),
    Text(LitStr),
}

impl Options {
    /// Takes `batch_size = 10`, after the `=` was read. Returns `None` if there is no such option.
    pub(crate) fn take(&mut self, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<syn::Result<()>> {
        let known = find(key)?;
        if self.0.iter().any(|(other, ..)| other == key) {
            errors.report(key.span(), format!("duplicate option `{key}`"));
        }
        let value = match known.form {
            Form::Number => number(key, input, errors),
            Form::Text => crate::args::string(input, known.key, errors).map(|text| text.map(Value::Text)),
            Form::Word(_, words) => word(known.key, words, input, errors),
        };
        Some(value.map(|value| self.0.extend(value.map(|value| (key.clone(), known, value)))))
    }

    /// Reports the options that do not apply to the trigger; `None` is HTTP.
    pub(crate) fn check(&self, class: Option<Class>, errors: &mut Errors) {
        let here = class.map_or(HTTP, |class| class.key);
        for (key, known, _) in &self.0 {
            if known.classes.contains(&here) {
                continue;
            }
            let classes = known.classes.iter().map(|class| match *class {
                HTTP => "HTTP requests".to_owned(),
                class => format!("`{class}`"),
            });
            let classes = classes.collect::<Vec<_>>().join(", ");
            let why = match known.classes {
                CALLED => format!(", which a function with `{here}` does not receive: remove it"),
                _ => String::new(),
            };
            errors.report(key.span(), format!("`{key}` goes with {classes}{why}"));
        }
    }

    /// Returns a part of the trigger, as core's type.
    pub(crate) fn of_trigger(&self, key: &str) -> TokenStream {
        match self.0.iter().find(|(known, ..)| known == key) {
            Some((_, _, Value::Text(text))) => quote!(::core::option::Option::Some(#text)),
            _ => quote!(::core::option::Option::None),
        }
    }

    /// Returns the options of the transport, as core's type.
    pub(crate) fn options(&self, omnifn: &TokenStream) -> TokenStream {
        self.structure(&quote!(#omnifn::Options), "options", &Place::Options, omnifn)
    }

    /// Returns the options of the deployment, as core's type.
    pub(crate) fn deploy(&self, omnifn: &TokenStream) -> TokenStream {
        self.structure(&quote!(#omnifn::Deploy), "deploy", &Place::Deploy, omnifn)
    }

    fn structure(&self, ty: &TokenStream, variable: &str, place: &Place, omnifn: &TokenStream) -> TokenStream {
        let variable = Ident::new(variable, Span::call_site());
        let fields = self.0.iter().filter(|(_, known, _)| known.place == *place).map(|(key, known, value)| {
            let key = Ident::new(&key.to_string(), Span::call_site());
            let value = match (value, &known.form) {
                (Value::Number(number), _) => quote!(#number),
                (Value::Text(text), Form::Word(ty, _)) => {
                    let (ty, variant) = (Ident::new(ty, Span::call_site()), variant(&text.value()));
                    quote!(#omnifn::#ty::#variant)
                }
                (Value::Text(text), _) => quote!(#text),
            };
            quote!(#variable.#key = ::core::option::Option::Some(#value);)
        });
        let fields: Vec<_> = fields.collect();
        match fields.is_empty() {
            true => quote!(#ty::NONE),
            false => quote!({ let mut #variable = #ty::NONE; #(#fields)* #variable }),
        }
    }
}

/// Returns the name of core's variant for a word: `Created` for `created`.
pub(crate) fn variant(word: &str) -> Ident {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    Ident::new(&first.into_iter().chain(letters).collect::<String>(), Span::call_site())
}

fn word(
    key: &str,
    words: &'static [&'static str],
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<Value>> {
    let text = crate::args::string(input, key, errors)?;
    Ok(text.and_then(|text| {
        if words.contains(&text.value().as_str()) {
            return Some(Value::Text(text));
        }
        let there = words.iter().map(|word| format!("`{key} = \"{word}\"`")).collect::<Vec<_>>().join(" or ");
        errors.report(text.span(), format!("invalid value `{}`: write {there}", text.value()));
        None
    }))
}

fn number(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Value>> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    let span = value.clone().into_iter().next().map_or_else(|| input.span(), |first| first.span());
    let received = value.to_string();
    let number = (|input: ParseStream<'_>| input.parse::<LitInt>()).parse2(value);
    match number.and_then(|number| number.base10_parse::<u32>()) {
        Ok(number @ 1..) => Ok(Some(Value::Number(number))),
        _ => {
            let (of, example) = match key.to_string().as_str() {
                "memory" => (" of MiB", 256),
                "timeout" | "batch_window" => (" of seconds", 10),
                _ => ("", 10),
            };
            let received = if received.is_empty() { String::new() } else { format!(", not `{received}`") };
            errors.report(span, format!("`{key}` must be a number{of} from 1{received}: write `{key} = {example}`"));
            Ok(None)
        }
    }
}
