//! The resources that a function may use (`reads = "bucket:uploads"`), and the secrets that it reads.

use omnifn_spec::{ResourceKind, Verb, name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, LitStr, Token, parse::ParseStream};

use crate::{errors::Errors, options};

const SECRET: &str = "secret";

/// The keys, to suggest one for a misspelled key.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    Verb::ALL.map(Verb::name).into_iter().chain([SECRET])
}

/// All grants and secrets.
#[derive(Default)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    secrets: Vec<String>,
}

#[derive(PartialEq, Eq)]
struct Grant {
    verb: Verb,
    kind: ResourceKind,
    name: String,
}

impl Grants {
    /// Takes `reads = "bucket:uploads"` or `secret = ["A", "B"]`, after the `=` was read. Returns `None` if there is no such
    /// option.
    pub(crate) fn take(&mut self, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<syn::Result<()>> {
        let verb = Verb::ALL.into_iter().find(|verb| key == verb.name());
        if verb.is_none() && key != SECRET {
            return None;
        }
        let what = if verb.is_some() { "a resource" } else { "the name of a secret" };
        Some(texts(what, input, errors).map(|texts| {
            for text in texts {
                let added = match &verb {
                    Some(verb) => self.grant(*verb, &text.value()),
                    None => self.secret(text.value()),
                };
                if let Err(why) = added {
                    errors.report(text.span(), why);
                }
            }
        }))
    }

    fn grant(&mut self, verb: Verb, text: &str) -> Result<(), String> {
        let (key, kinds) = (verb.name(), verb.kinds().iter().map(|kind| kind.name()).collect::<Vec<_>>());
        let first = kinds[0];
        let Some((kind, name)) = text.split_once(':') else {
            let name = if text.trim().is_empty() { example(first) } else { text.trim() };
            return Err(format!("expected a kind and a name: write `{key} = \"{first}:{name}\"`"));
        };
        if kind == "secret" {
            return Err(format!("a secret is not a resource: write `secret = \"{}\"`", name.trim()));
        }
        let kinds = kinds.join("`, `");
        let Some(of) = ResourceKind::named(kind) else {
            return Err(format!("unknown kind of resource `{kind}`: `{key}` takes `{kinds}`"));
        };
        if !verb.kinds().contains(&of) {
            let other = match (verb, kind) {
                (Verb::Publishes, kind) => format!("write `writes = \"{kind}:{name}\"`"),
                (verb, kind) if verb.changes() => format!("write `publishes = \"{kind}:{name}\"`"),
                (_, kind) => format!("to be started by its messages, declare the trigger `{kind} = \"{name}\"`"),
            };
            return Err(format!("`{key}` takes `{kinds}`, not `{kind}`: {other}"));
        }
        if name.trim().is_empty() {
            return Err(format!("the name is missing: write `{key} = \"{kind}:{}\"`", example(kind)));
        }
        let grant = Grant { verb, kind: of, name: name.trim().to_owned() };
        if self.grants.contains(&grant) {
            return Err(format!("`{key} = \"{kind}:{}\"` is declared twice", grant.name));
        }
        let whole = |other: &&Grant| other.kind == of && other.name == grant.name && verb.is_part_of(other.verb);
        let part = |other: &&Grant| other.kind == of && other.name == grant.name && other.verb.is_part_of(verb);
        let contained = self.grants.iter().find(whole).map(|other| (other.verb, verb));
        let contained = contained.or(self.grants.iter().find(part).map(|other| (verb, other.verb)));
        if let Some((whole, part)) = contained {
            let (whole, part, name) = (whole.name(), part.name(), &grant.name);
            return Err(format!(
                "`{whole} = \"{kind}:{name}\"` allows all that `{part}` allows: leave one of them out"
            ));
        }
        self.grants.push(grant);
        Ok(())
    }

    fn secret(&mut self, name: String) -> Result<(), String> {
        if name::variable(&name).is_err() {
            return Err(format!(
                "invalid secret `{name}`: expected the name of a variable, of letters, digits, and `_`, as `secret = \"API_KEY\"`"
            ));
        }
        if self.secrets.contains(&name) {
            return Err(format!("`secret = \"{name}\"` is declared twice"));
        }
        self.secrets.push(name);
        Ok(())
    }

    /// Returns the grants, as core's type.
    pub(crate) fn grants(&self, omnifn: &TokenStream) -> TokenStream {
        let grants = self.grants.iter().map(|Grant { verb, kind, name }| {
            let (verb, kind) = (options::variant(verb.name()), options::variant(kind.name()));
            quote!(#omnifn::Grant { verb: #omnifn::Verb::#verb, kind: #omnifn::ResourceKind::#kind, name: #name })
        });
        quote!(&[#(#grants),*])
    }

    /// Returns the secrets, as core's type.
    pub(crate) fn secrets(&self) -> TokenStream {
        let secrets = &self.secrets;
        quote!(&[#(#secrets),*])
    }
}

/// Whether a resource may have this name.
fn example(kind: &str) -> &'static str {
    match kind {
        "bucket" => "uploads",
        "table" => "orders",
        "topic" => "news",
        "stream" => "telemetry",
        _ => "jobs",
    }
}

/// Reads a string, or a list of strings in brackets.
fn texts(what: &str, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<LitStr>> {
    if !input.peek(syn::token::Bracket) {
        return Ok(crate::args::string(input, what, errors)?.into_iter().collect());
    }
    let content;
    let bracket = syn::bracketed!(content in input);
    let mut texts = Vec::new();
    if content.is_empty() {
        errors.report(span_of(&bracket), format!("this list is empty: write {what} as `[\"…\"]`"));
    }
    while !content.is_empty() {
        texts.extend(crate::args::string(&content, what, errors)?);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(texts)
}

fn span_of(bracket: &syn::token::Bracket) -> Span {
    bracket.span.join()
}
