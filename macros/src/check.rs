use omnifn_spec::route;
use quote::ToTokens;
use syn::{ReturnType, Type, spanned::Spanned};

use crate::{
    args::Args,
    errors::Errors,
    item::{Input, Item},
    trigger::{self, Class, INVOKE},
    types,
};

/// The model of a fn, as far as its tokens reveal it.
pub(crate) enum Model<'a> {
    /// An async fn that takes a request, with these arguments.
    Handler(Vec<&'a Type>),
    /// An async fn that takes an event of this class, with these arguments.
    Events(Class, Vec<&'a Type>),
    /// A fn that returns a whole tower service, with these arguments.
    Service(Vec<&'a Type>),
}

/// Reports everything that is wrong with the fn and its options.
pub(crate) fn check<'a>(args: &Args, item: &'a Item, errors: &mut Errors) -> Model<'a> {
    signature(item, errors);
    let inputs: Vec<&Type> = item.inputs.iter().filter_map(typed).collect();
    let has_output = matches!(item.output, ReturnType::Type(..));
    if let Some(trigger) = &args.triggers.trigger {
        events(trigger.class, item, &inputs, errors);
        return Model::Events(trigger.class, inputs);
    }
    let returns_router = match &item.output {
        ReturnType::Type(_, ty) => types::name(ty).is_some_and(|name| name == "Router"),
        ReturnType::Default => false,
    };
    if item.is_async && !returns_router {
        arguments(&inputs, args.routes_are_known, errors);
        if args.routes_are_known {
            parameters(args, &inputs, errors);
        }
        return Model::Handler(inputs);
    }
    if !has_output || !(inputs.is_empty() || returns_router) {
        errors.report(item.fn_token.span, "a function that takes requests must be async: write `async fn`");
    } else {
        for ty in &inputs {
            owned(ty, "the state", errors);
        }
        wildcard(args, errors);
    }
    Model::Service(inputs)
}

/// Checks an async fn whose arguments include the event exactly once.
fn events(class: Class, item: &Item, inputs: &[&Type], errors: &mut Errors) {
    if !item.is_async {
        let does = if class == INVOKE { "is invoked" } else { "takes events" };
        errors.report(item.fn_token.span, format!("a function that {does} must be async: write `async fn`"));
    }
    let mut taken = false;
    for ty in inputs {
        if owned(ty, "the event", errors) {
            continue;
        }
        let of_payload = |name: &str| class == INVOKE && types::takes_payload(name);
        let (event, is_batch) = types::batched(ty).map_or((*ty, false), |record| (record, true));
        let is_event = |name: &String| is_batch || trigger::is_event(name) || of_payload(name);
        let Some(name) = types::name(event).filter(is_event) else { continue };
        if is_batch && class.key == "schedule" {
            errors.report(ty.span(), "a schedule delivers one `Tick` at a time: write `Tick`");
        } else if trigger::is_event(&name) && name != class.event && !of_payload(&name) {
            let (key, event) = (class.key, class.event);
            errors.report(ty.span(), format!("`{key}` goes with `{event}`, not with `{name}`"));
        } else if std::mem::replace(&mut taken, true) {
            let (what, before) = if class == INVOKE { ("payload", "one") } else { ("event", &*format!("a `{name}`")) };
            errors.report(ty.span(), format!("duplicate argument for the {what}: there is already {before}"));
        }
    }
}

/// Reports an argument type that is not owned. Returns whether it did.
fn owned(ty: &Type, source: &str, errors: &mut Errors) -> bool {
    match types::unwrapped(ty) {
        Type::Reference(reference) => errors.report(ty.span(), borrowed(&reference.elem, source)),
        Type::ImplTrait(_) => errors.report(ty.span(), "expected a concrete type: write it instead of `impl …`"),
        Type::Infer(_) => errors.report(ty.span(), "expected a concrete type: write it instead of `_`"),
        _ => return false,
    }
    true
}

fn typed(input: &Input) -> Option<&Type> {
    match input {
        Input::Typed(ty) => Some(ty),
        _ => None,
    }
}

fn signature(item: &Item, errors: &mut Errors) {
    for (qualifier, span) in &item.qualifiers {
        errors.report(*span, format!("a function cannot be `{qualifier}`: remove it"));
    }
    if let Some(param) = item.generics.params.first() {
        errors.report(param.span(), "a function cannot be generic: write concrete types");
    } else if let Some(clause) = &item.generics.where_clause {
        errors.report(clause.span(), "a function cannot have a `where` clause: remove it");
    }
    for input in &item.inputs {
        match input {
            Input::Receiver(span) => {
                errors.report(
                    *span,
                    "a function cannot take `self`: move it out of the `impl`, and take what it needs as `State<…>`",
                );
            }
            Input::Variadic(span) => errors.report(*span, "a function cannot be variadic: write each argument"),
            Input::Typed(_) => {}
        }
    }
}

fn arguments(inputs: &[&Type], trigger_is_known: bool, errors: &mut Errors) {
    let last = inputs.len().saturating_sub(1);
    let readers = inputs.iter().filter(|ty| types::reads_body(ty)).count();
    for (i, ty) in inputs.iter().enumerate() {
        if owned(ty, "the request", errors) {
            continue;
        }
        let ty_name = types::name(ty).unwrap_or_default();
        if trigger::is_event(&ty_name) && trigger_is_known {
            let classes = trigger::CLASSES.iter().filter(|class| class.event == ty_name);
            let classes = classes.map(|class| format!("`{} = \"…\"`", class.key)).collect::<Vec<_>>().join(", ");
            errors.report(
                ty.span(),
                format!("`{ty_name}` cannot be extracted from an HTTP request: declare {classes} in the attribute"),
            );
        } else if i < last && types::reads_body(ty) {
            errors.report(ty.span(), match readers {
                1 => format!("`{ty_name}` reads the body of the request: put it last"),
                _ => format!("`{ty_name}` reads the body of the request, and a later argument does, too: keep one, and put it last"),
            });
        }
    }
}

fn borrowed(referred: &Type, source: &str) -> String {
    let instead = match types::unwrapped(referred) {
        Type::Path(path) if path.path.is_ident("str") => "`String`".to_owned(),
        Type::Slice(_) => "`Bytes`".to_owned(),
        ty => format!("`{}`", ty.to_token_stream()),
    };
    format!("an argument must be owned, because it is created from {source}: write {instead}")
}

/// Checks the path parameters against the arguments that could take them.
fn parameters(args: &Args, inputs: &[&Type], errors: &mut Errors) {
    let paths: Vec<_> = inputs.iter().filter(|ty| types::name(ty).is_some_and(|name| name == "Path")).collect();
    for route in &args.routes {
        let names = route::parse(&route.path.value()).unwrap_or_default();
        if inputs.iter().all(|ty| types::is_blind_to_path(ty))
            && let Some(name) = names.iter().find(|name| !name.starts_with('_'))
        {
            errors.report(
                route.path.span(),
                format!(
                    "no argument takes the parameter `{name}`: add `Path({name}): Path<String>`, or rename it to `_{name}`"
                ),
            );
        }
        for ty in &paths {
            let (wanted, there) = (types::arity(ty), names.len());
            if there == 0 {
                errors.report(
                    ty.span(),
                    format!("`Path` takes parameters, but `{}` has none: write one as `{{name}}`", route.path.value()),
                );
            } else if let Some(wanted) = wanted.filter(|wanted| *wanted != there) {
                errors.report(
                    ty.span(),
                    format!(
                        "this takes {}, but `{}` has {}: write {}",
                        count(wanted),
                        route.path.value(),
                        count(there),
                        tuple(there),
                    ),
                );
            }
        }
    }
    if args.routes.is_empty() {
        for ty in paths {
            errors.report(
                ty.span(),
                "`Path` takes parameters, but this function has no path: write `#[function(get = \"/…/{name}\")]`",
            );
        }
    }
}

fn count(n: usize) -> String {
    match n {
        1 => "one parameter".to_owned(),
        n => format!("{n} parameters"),
    }
}

fn tuple(n: usize) -> String {
    match n {
        1 => "`Path<String>`".to_owned(),
        n => format!("`Path<({})>`, or a struct with these fields", vec!["String"; n].join(", ")),
    }
}

/// Checks the routes of a service, which takes every path below its own.
fn wildcard(args: &Args, errors: &mut Errors) {
    let has_wildcard = |path: &str| path.contains("{*");
    if let Some(first) = args.routes.first()
        && !args.routes.iter().any(|route| has_wildcard(&route.path.value()))
    {
        let path = first.path.value();
        errors.report(first.path.span(), format!(
            "a service is mounted under a prefix: write `{}/{{*rest}}`; a function that handles requests itself is an `async fn`",
            path.trim_end_matches('/'),
        ));
    }
}
