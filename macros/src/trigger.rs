//! The options of triggers that are no HTTP requests.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{
    Ident, LitInt, LitStr, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::{cron, errors::Errors};

/// `queue = "orders"`.
pub(crate) struct Trigger {
    pub(crate) class: Class,
    pub(crate) key: Ident,
    pub(crate) source: LitStr,
}

/// A class of triggers, as the attribute's key says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    pub(crate) key: &'static str,
    /// The variant, and the marker, in core.
    pub(crate) variant: &'static str,
    /// The type that takes its events.
    pub(crate) event: &'static str,
    what: &'static str,
}

pub(crate) const CLASSES: [Class; 7] = [
    Class { key: "queue", variant: "Queue", event: "Message", what: "the name of a queue" },
    Class { key: "topic", variant: "Topic", event: "Message", what: "the name of a topic" },
    Class { key: "stream", variant: "Stream", event: "Message", what: "the name of a stream" },
    Class { key: "storage", variant: "Storage", event: "Object", what: "the name of a bucket" },
    Class { key: "schedule", variant: "Schedule", event: "Tick", what: "a cron expression" },
    Class { key: "event", variant: "Event", event: "CloudEvent", what: "a type of events" },
    Class { key: "changes", variant: "Changes", event: "Change", what: "the name of a table" },
];

pub(crate) fn class(key: &str) -> Option<Class> {
    CLASSES.into_iter().find(|class| class.key == key)
}

/// Whether an argument's type is that of an event.
pub(crate) fn is_event(type_name: &str) -> bool {
    CLASSES.iter().any(|class| class.event == type_name)
}

/// An option with a number or a text, and the triggers that it goes with.
struct Known {
    key: &'static str,
    is_number: bool,
    classes: &'static [&'static str],
}

const ALL: &[&str] = &["queue", "topic", "stream", "storage", "schedule", "event", "changes"];
const BATCHES: &[&str] = &["queue", "topic", "stream", "storage", "event", "changes"];

const KNOWN: [Known; 14] = [
    Known { key: "prefix", is_number: false, classes: &["storage"] },
    Known { key: "suffix", is_number: false, classes: &["storage"] },
    Known { key: "batch_size", is_number: true, classes: BATCHES },
    Known { key: "batch_window", is_number: true, classes: BATCHES },
    Known { key: "concurrency", is_number: true, classes: BATCHES },
    Known { key: "attempts", is_number: true, classes: ALL },
    Known { key: "dead_letter", is_number: false, classes: ALL },
    Known { key: "connection", is_number: false, classes: ALL },
    Known { key: "subscription", is_number: false, classes: &["queue", "topic", "stream", "event"] },
    Known { key: "consumer_group", is_number: false, classes: &["stream"] },
    Known { key: "database", is_number: false, classes: &["changes"] },
    Known { key: "start", is_number: false, classes: &["stream", "changes"] },
    Known { key: "time_zone", is_number: false, classes: &["schedule"] },
    Known { key: "service", is_number: false, classes: ALL },
];

/// The keys of options, for the guess at a slip of the pen.
pub(crate) fn option_keys() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.key).chain(["on"])
}

/// All that is said of the trigger.
#[derive(Default)]
pub(crate) struct Triggers {
    pub(crate) trigger: Option<Trigger>,
    on: Vec<Ident>,
    on_key: Option<Ident>,
    options: Vec<(Ident, Value)>,
}

enum Value {
    Number(u32),
    Text(LitStr),
}

impl Triggers {
    /// Takes `queue = "…"`.
    pub(crate) fn set(&mut self, class: Class, key: Ident, source: LitStr, errors: &mut Errors) {
        let value = source.value();
        if value.trim().is_empty() {
            errors.say(source.span(), format!("this is empty: write {}", class.what));
        } else if class.key == "schedule"
            && let Err(why) = cron::check(&value)
        {
            errors.say(source.span(), why);
        }
        match &self.trigger {
            Some(before) => errors.say(
                key.span(),
                format!(
                    "this function has a trigger already, `{} = {:?}`: write another fn for this one",
                    before.key,
                    before.source.value()
                ),
            ),
            None => self.trigger = Some(Trigger { class, key, source }),
        }
    }

    /// Takes `on(created, deleted)`, of which `on` was read.
    pub(crate) fn on(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        const CHANGES: [&str; 4] = ["created", "deleted", "archived", "updated"];
        let content;
        syn::parenthesized!(content in input);
        while !content.is_empty() {
            let change = content.call(Ident::parse_any)?;
            let name = change.to_string();
            if !CHANGES.contains(&name.as_str()) {
                errors.say(change.span(), format!("there is no change `{name}`: there are `{}`", CHANGES.join("`, `")));
            } else if self.on.contains(&change) {
                errors.say(change.span(), format!("`{name}` is given twice"));
            } else {
                self.on.push(change);
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        if self.on_key.is_some() {
            errors.say(key.span(), "`on` is given twice");
        }
        self.on_key = Some(key);
        Ok(())
    }

    /// Takes `batch_size = 10`, of which all up to the value was read. `None` where there is no such option.
    pub(crate) fn option(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Option<syn::Result<()>> {
        let known = KNOWN.iter().find(|known| key == known.key)?;
        if self.options.iter().any(|(other, _)| other == key) {
            errors.say(key.span(), format!("`{key}` is given twice"));
        }
        let value = match known.is_number {
            true => number(key, input, errors),
            false => crate::args::string(input, known.key, errors).map(|text| text.map(Value::Text)),
        };
        Some(value.map(|value| self.options.extend(value.map(|value| (key.clone(), value)))))
    }

    /// What does not go with the trigger, or goes with one that is not there.
    pub(crate) fn check(&self, has_routes: bool, errors: &mut Errors) {
        if let (Some(trigger), true) = (&self.trigger, has_routes) {
            errors.say(
                trigger.key.span(),
                format!("a function has one trigger, HTTP requests or `{}`: write a fn for each", trigger.key),
            );
        }
        let class = self.trigger.as_ref().map(|trigger| trigger.class.key);
        if let Some(key) = &self.on_key
            && class != Some("storage")
        {
            errors.say(key.span(), "`on` goes with `storage = \"bucket\"`");
        }
        for (key, _) in &self.options {
            let Some(known) = KNOWN.iter().find(|known| key == known.key) else { continue };
            if !class.is_some_and(|class| known.classes.contains(&class)) {
                let classes = known.classes.join("`, `");
                errors.say(key.span(), format!("`{key}` goes with `{classes}`"));
            }
        }
    }

    /// The trigger, as core's type. Not for HTTP.
    pub(crate) fn tokens(&self, omnifn: &TokenStream) -> Option<TokenStream> {
        let Trigger { class, source, .. } = self.trigger.as_ref()?;
        let variant = Ident::new(class.variant, Span::call_site());
        if class.key != "storage" {
            return Some(quote!(#omnifn::Trigger::#variant(#source)));
        }
        let created = [Ident::new("created", Span::call_site())];
        let on = if self.on.is_empty() { &created[..] } else { &self.on };
        let on = on.iter().map(|change| {
            let name = change.to_string();
            let variant = name[..1].to_uppercase() + &name[1..];
            let variant = Ident::new(&variant, Span::call_site());
            quote!(#omnifn::ObjectChange::#variant)
        });
        let (prefix, suffix) = (self.optional("prefix"), self.optional("suffix"));
        Some(quote! {
            #omnifn::Trigger::Storage(#omnifn::StorageTrigger {
                bucket: #source,
                on: &[#(#on),*],
                prefix: #prefix,
                suffix: #suffix,
            })
        })
    }

    fn optional(&self, key: &str) -> TokenStream {
        match self.options.iter().find(|(known, _)| known == key) {
            Some((_, Value::Text(text))) => quote!(::core::option::Option::Some(#text)),
            _ => quote!(::core::option::Option::None),
        }
    }

    /// The options, as core's type.
    pub(crate) fn options(&self, omnifn: &TokenStream) -> TokenStream {
        let fields = self.options.iter().filter(|(key, _)| key != "prefix" && key != "suffix").map(|(key, value)| {
            let key = Ident::new(&key.to_string(), Span::call_site());
            match value {
                Value::Number(number) => quote!(options.#key = ::core::option::Option::Some(#number);),
                Value::Text(text) => quote!(options.#key = ::core::option::Option::Some(#text);),
            }
        });
        let fields: Vec<_> = fields.collect();
        match fields.is_empty() {
            true => quote!(#omnifn::Options::NONE),
            false => quote!({ let mut options = #omnifn::Options::NONE; #(#fields)* options }),
        }
    }
}

fn number(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Value>> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    let span = value.clone().into_iter().next().map_or_else(|| input.span(), |first| first.span());
    let number = (|input: ParseStream<'_>| input.parse::<LitInt>()).parse2(value);
    match number.and_then(|number| number.base10_parse::<u32>()) {
        Ok(number @ 1..) => Ok(Some(Value::Number(number))),
        _ => {
            errors.say(span, format!("`{key}` is a number from 1: write `{key} = 10`"));
            Ok(None)
        }
    }
}
