use omnifn_spec::{name, route};
use proc_macro2::{Span, TokenStream};
use syn::{
    Ident, Lit, LitStr, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    spanned::Spanned,
};

use crate::{
    errors::Errors,
    grants::{self, Grants},
    options::{self, Options},
    trigger::{self, Triggers},
};

/// The options in the parentheses of `#[function(…)]`.
pub(crate) struct Args {
    /// Each method with its path, in the order in which they are written.
    pub(crate) routes: Vec<Route>,
    /// Whether all paths are among them, which is not so if one has an error.
    pub(crate) routes_are_known: bool,
    /// The trigger and its options, if it is not HTTP.
    pub(crate) triggers: Triggers,
    /// The options of the trigger, and those that only a deployment needs.
    pub(crate) options: Options,
    /// The resources that the function may use.
    pub(crate) grants: Grants,
    /// The function's name, if it is not that of the fn.
    pub(crate) name: Option<LitStr>,
    /// The path of omnifn: `::omnifn`, unless `crate = …` sets another.
    pub(crate) omnifn: Path,
}

/// `get = "/notes/{id}"`.
pub(crate) struct Route {
    pub(crate) method: Ident,
    pub(crate) path: LitStr,
}

/// The methods, as they are written in the attribute.
pub(crate) const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "any"];

/// Reads the options. An option with an error is left out and reported.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Args {
    let omnifn = syn::parse_quote!(::omnifn);
    let mut args = Args {
        routes: Vec::new(),
        routes_are_known: true,
        triggers: Triggers::default(),
        options: Options::default(),
        grants: Grants::default(),
        name: None,
        omnifn,
    };
    let parser = |input: ParseStream<'_>| {
        let mut crate_was_set = false;
        while !input.is_empty() {
            option(input, &mut args, &mut crate_was_set, errors)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.add(error);
    }
    // An option with an error may have declared what the arguments need, so they are not checked.
    args.routes_are_known = errors.is_empty();
    duplicates(&args.routes, errors);
    args.triggers.check(!args.routes.is_empty(), errors);
    args.options.check(args.triggers.class(), errors);
    args
}

fn option(input: ParseStream<'_>, args: &mut Args, crate_was_set: &mut bool, errors: &mut Errors) -> syn::Result<()> {
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        errors.report(
            literal.span(),
            "a path needs a method: write `get = \"/path\"`, or `any = \"/path\"` for every method",
        );
        return Ok(());
    }
    let key = input.call(Ident::parse_any)?;
    let name = key.to_string();
    if name == "on" && input.peek(syn::token::Paren) {
        return args.triggers.on(key, input, errors);
    }
    if name == trigger::INVOKE.key && (input.is_empty() || input.peek(Token![,])) {
        args.triggers.invoke(key, errors);
        return Ok(());
    }
    if !input.peek(Token![=]) {
        errors.report(key.span(), without_value(&name));
        return skip(input);
    }
    input.parse::<Token![=]>()?;
    match name.as_str() {
        "crate" => {
            let path: Path = input.call(Path::parse_mod_style)?;
            if std::mem::replace(crate_was_set, true) {
                errors.report(key.span(), "duplicate option `crate`");
            } else if path.leading_colon.is_none() && path.segments.first().is_none_or(|first| first.ident != "crate") {
                errors.report(path.span(), "expected an absolute path: begin it with `::` or `crate::`");
            } else {
                args.omnifn = path;
            }
        }
        "name" => match string(input, "a name", errors)? {
            Some(value) if args.name.is_some() => errors.report(value.span(), "duplicate option `name`"),
            Some(value) => {
                if let Err(rule) = name::function(&value.value()) {
                    errors.report(value.span(), format!("invalid function name `{}`: {rule}", value.value()));
                }
                args.name = Some(value);
            }
            None => {}
        },
        method if METHODS.contains(&method) => {
            if let Some(path) = string(input, "a path", errors)? {
                match route::parse(&path.value()) {
                    Ok(_) => args.routes.push(Route { method: key, path }),
                    Err(why) => errors.report(path.span(), why),
                }
            }
        }
        "invoke" => {
            errors.report(
                key.span(),
                "`invoke` takes no value, because the whole payload is the input: write `#[function(invoke)]`",
            );
            skip(input)?;
            args.triggers.invoke(key, errors);
        }
        _ => {
            if let Some(class) = trigger::class(&name) {
                if let Some(source) = string(input, class.key, errors)? {
                    args.triggers.set(class, key, source, errors);
                }
            } else if let Some(read) = args.options.take(&key, input, errors) {
                read?;
            } else if let Some(read) = args.grants.take(&key, input, errors) {
                read?;
            } else {
                errors.report(key.span(), unknown(&name));
                skip(input)?;
            }
        }
    }
    Ok(())
}

/// Reads a string literal, or reports that it is not one.
pub(crate) fn string(input: ParseStream<'_>, what: &str, errors: &mut Errors) -> syn::Result<Option<LitStr>> {
    if input.peek(LitStr) {
        return input.parse().map(Some);
    }
    let mut span = None;
    while !input.is_empty() && !input.peek(Token![,]) {
        let token: proc_macro2::TokenTree = input.parse()?;
        span.get_or_insert(token.span());
    }
    errors.report(span.unwrap_or_else(|| input.span()), format!("expected {what} as a string literal: write `\"…\"`"));
    Ok(None)
}

/// Skips to the next comma.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn without_value(name: &str) -> String {
    match name {
        method if METHODS.contains(&method) => format!("`{method}` needs a path: write `{method} = \"/path\"`"),
        "name" => "`name` needs a value: write `name = \"…\"`".to_owned(),
        "crate" => "`crate` needs a path: write `crate = ::omnifn`".to_owned(),
        // A word behind it is an error of its own.
        "invoke" => "`invoke` takes no value: write `#[function(invoke)]`".to_owned(),
        "on" => "`on` needs the changes: write `on(created, deleted)`".to_owned(),
        name if trigger::class(name).is_some() || options::keys().chain(grants::keys()).any(|key| key == name) => {
            format!("`{name}` needs a value: write `{name} = …`")
        }
        name => unknown(name),
    }
}

fn unknown(name: &str) -> String {
    let known = METHODS.into_iter().chain(["name", "crate", trigger::INVOKE.key]);
    let known = known.chain(trigger::CLASSES.map(|class| class.key)).chain(["on"]);
    let known = known.chain(options::keys()).chain(grants::keys());
    let lower = name.to_lowercase();
    let near = known.map(|known| (strsim::levenshtein(&lower, known), known)).filter(|(changes, _)| *changes <= 2);
    let near = || near.min_by_key(|(changes, _)| *changes).map(|(_, known)| known);
    let meant = ELSEWHERE.iter().find(|(words, _)| words.contains(&name)).map(|(_, meant)| *meant);
    let guess = meant.or_else(near).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
    let of_trigger = options::keys().filter(|key| !OF_DEPLOYMENT.contains(key)).chain(["on"]);
    let of_trigger = of_trigger.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let rest = format!(
        "the options are `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any`, each with a path; `invoke`; `queue`, \
         `topic`, `stream`, `storage`, `schedule`, `event`, `changes`, with {of_trigger}; `memory`, `timeout`, `instances`, `visibility`, \
         `auth`; `reads`, `gets`, `lists`, `writes`, `puts`, `deletes`, `publishes`, `secret`; `name`, `crate`"
    );
    format!("unknown option `{name}`{guess}\n{rest}")
}

const OF_DEPLOYMENT: [&str; 5] = ["memory", "timeout", "instances", "visibility", "auth"];

/// The names that other frameworks use.
const ELSEWHERE: [(&[&str], &str); 10] = [
    (&["path", "route", "url", "uri", "http"], "get"),
    (&["read"], "reads"),
    (&["write"], "writes"),
    (&["publish", "send", "sends"], "publishes"),
    (&["memory_mb", "memory_size", "ram"], "memory"),
    (&["timeout_seconds", "timeout_secs"], "timeout"),
    (&["cron", "rate", "timer"], "schedule"),
    (&["bucket", "blob"], "storage"),
    (&["batch"], "batch_size"),
    (&["direct", "invocation", "invoked", "typed", "call", "handler"], "invoke"),
];

/// Reports a route that is declared twice.
fn duplicates(routes: &[Route], errors: &mut Errors) {
    for (i, route) in routes.iter().enumerate() {
        let same = |other: &&Route| {
            other.method == route.method && route::same_shape(&other.path.value(), &route.path.value())
        };
        if let Some(other) = routes[..i].iter().find(same) {
            let (method, path) = (&route.method, other.path.value());
            errors.report(
                route.path.span(),
                format!("duplicate route: this function already has `{method} = \"{path}\"`"),
            );
        }
    }
}

/// A name that does not begin with what the fn is called.
pub(crate) fn name_of(fn_name: &Ident, given: Option<&LitStr>) -> (String, Span) {
    match given {
        Some(name) => (name.value(), name.span()),
        None => (fn_name.unraw().to_string(), fn_name.span()),
    }
}
