//! Triggers other than HTTP.

use omnifn_spec::{ObjectChange, cron::Cron};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, LitStr, Token, ext::IdentExt, parse::ParseStream};

use crate::{
    errors::Errors,
    options::{self, Options},
};

/// `queue = "orders"`.
pub(crate) struct Trigger {
    pub(crate) class: Class,
    pub(crate) key: Ident,
    /// The name that the trigger gives; `None` for `invoke`.
    pub(crate) source: Option<LitStr>,
}

impl Trigger {
    /// Returns the trigger as the attribute has it, for errors.
    fn written(&self) -> String {
        match &self.source {
            Some(source) => format!("{} = {:?}", self.key, source.value()),
            None => self.key.to_string(),
        }
    }
}

/// A class of triggers, by its key in the attribute.
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

/// The class of functions that are invoked directly. It is the only one whose trigger names nothing.
pub(crate) const INVOKE: Class =
    Class { key: "invoke", variant: "Invoke", event: "Json", what: "nothing: the payload is the whole input" };

pub(crate) fn class(key: &str) -> Option<Class> {
    CLASSES.into_iter().find(|class| class.key == key)
}

/// Whether an argument's type is that of an event.
pub(crate) fn is_event(type_name: &str) -> bool {
    CLASSES.iter().any(|class| class.event == type_name)
}

/// The trigger and its options.
#[derive(Default)]
pub(crate) struct Triggers {
    pub(crate) trigger: Option<Trigger>,
    on: Vec<Ident>,
    on_key: Option<Ident>,
}

impl Triggers {
    /// Takes `queue = "…"`.
    pub(crate) fn set(&mut self, class: Class, key: Ident, source: LitStr, errors: &mut Errors) {
        let value = source.value();
        if value.trim().is_empty() {
            errors.report(source.span(), format!("this must not be empty: write {}", class.what));
        } else if class.key == "schedule"
            && let Err(why) = Cron::parse(&value)
        {
            errors.report(source.span(), why);
        }
        self.add(Trigger { class, key, source: Some(source) }, errors);
    }

    /// Takes `invoke`.
    pub(crate) fn invoke(&mut self, key: Ident, errors: &mut Errors) {
        self.add(Trigger { class: INVOKE, key, source: None }, errors);
    }

    fn add(&mut self, trigger: Trigger, errors: &mut Errors) {
        match &self.trigger {
            Some(before) => errors.report(
                trigger.key.span(),
                format!(
                    "this function already has a trigger, `{}`: write another function for this one",
                    before.written()
                ),
            ),
            None => self.trigger = Some(trigger),
        }
    }

    /// Takes `on(created, deleted)`, of which `on` was read.
    pub(crate) fn on(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let changes = ObjectChange::ALL.map(ObjectChange::name);
        let content;
        syn::parenthesized!(content in input);
        while !content.is_empty() {
            let change = content.call(Ident::parse_any)?;
            let name = change.to_string();
            if !changes.contains(&name.as_str()) {
                errors.report(
                    change.span(),
                    format!("unknown change `{name}`: expected one of `{}`", changes.join("`, `")),
                );
            } else if self.on.contains(&change) {
                errors.report(change.span(), format!("duplicate change `{name}`"));
            } else {
                self.on.push(change);
            }
            if !content.is_empty() {
                content.parse::<Token![,]>()?;
            }
        }
        if self.on_key.is_some() {
            errors.report(key.span(), "duplicate option `on`");
        }
        self.on_key = Some(key);
        Ok(())
    }

    /// Returns the class; `None` is HTTP.
    pub(crate) fn class(&self) -> Option<Class> {
        self.trigger.as_ref().map(|trigger| trigger.class)
    }

    /// Reports options that do not apply to the trigger, or that need a trigger which is missing.
    pub(crate) fn check(&self, has_routes: bool, errors: &mut Errors) {
        if let (Some(trigger), true) = (&self.trigger, has_routes) {
            errors.report(
                trigger.key.span(),
                format!(
                    "a function has either HTTP routes or the trigger `{}`: write a function for each",
                    trigger.key
                ),
            );
        }
        if let Some(key) = &self.on_key
            && self.class().is_none_or(|class| class.key != "storage")
        {
            errors.report(key.span(), "`on` goes with `storage = \"bucket\"`");
        }
    }

    /// Returns the trigger, as core's type, if it is not HTTP.
    pub(crate) fn tokens(&self, options: &Options, omnifn: &TokenStream) -> Option<TokenStream> {
        let Trigger { class, source, .. } = self.trigger.as_ref()?;
        let variant = Ident::new(class.variant, Span::call_site());
        let Some(source) = source else { return Some(quote!(#omnifn::Trigger::#variant)) };
        if class.key != "storage" {
            return Some(quote!(#omnifn::Trigger::#variant(#source)));
        }
        let created = [Ident::new("created", Span::call_site())];
        let on = if self.on.is_empty() { &created[..] } else { &self.on };
        let on = on.iter().map(|change| {
            let variant = options::variant(&change.to_string());
            quote!(#omnifn::ObjectChange::#variant)
        });
        let (prefix, suffix) = (options.of_trigger("prefix"), options.of_trigger("suffix"));
        Some(quote! {
            #omnifn::Trigger::Storage(#omnifn::StorageTrigger {
                bucket: #source,
                on: &[#(#on),*],
                prefix: #prefix,
                suffix: #suffix,
            })
        })
    }
}
