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
        errors.say(item.fn_token.span, "a function that answers requests is async: write `async fn`");
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
        errors.say(item.fn_token.span, format!("a function that {does} is async: write `async fn`"));
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
            errors.say(ty.span(), "a schedule delivers one `Tick` at a time: write `Tick`");
        } else if trigger::is_event(&name) && name != class.event && !of_payload(&name) {
            let (key, event) = (class.key, class.event);
            errors.say(ty.span(), format!("`{key}` goes with `{event}`, not with `{name}`"));
        } else if std::mem::replace(&mut taken, true) {
            let (what, before) =
                if class == INVOKE { ("payload", "another") } else { ("event", &*format!("a `{name}`")) };
            errors.say(ty.span(), format!("one argument takes the {what}, and {before} stands before this one"));
        }
    }
}

/// Reports an argument type that is not owned. Returns whether it did.
fn owned(ty: &Type, source: &str, errors: &mut Errors) -> bool {
    match types::unwrapped(ty) {
        Type::Reference(reference) => errors.say(ty.span(), borrowed(&reference.elem, source)),
        Type::ImplTrait(_) => errors.say(ty.span(), "an argument has one type: write it instead of `impl …`"),
        Type::Infer(_) => errors.say(ty.span(), "an argument has one type: write it instead of `_`"),
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
        errors.say(*span, format!("a function is not `{qualifier}`: remove it"));
    }
    if let Some(param) = item.generics.params.first() {
        errors.say(param.span(), "a function has no generics, for nobody would choose them: write the types");
    } else if let Some(clause) = &item.generics.where_clause {
        errors.say(clause.span(), "a function has no `where`: there is nothing to choose");
    }
    for input in &item.inputs {
        match input {
            Input::Receiver(span) => {
                errors.say(
                    *span,
                    "a function has no `self`: move it out of the `impl`, and take what it needs as `State<…>`",
                );
            }
            Input::Variadic(span) => errors.say(*span, "a function has a fixed number of arguments"),
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
            errors.say(
                ty.span(),
                format!("`{ty_name}` is no part of an HTTP request: it goes with {classes} in the attribute"),
            );
        } else if i < last && types::reads_body(ty) {
            errors.say(ty.span(), match readers {
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
    format!("an argument is owned, for it is made of {source}: write {instead}")
}

/// Checks the path parameters against the arguments that could take them.
fn parameters(args: &Args, inputs: &[&Type], errors: &mut Errors) {
    let paths: Vec<_> = inputs.iter().filter(|ty| types::name(ty).is_some_and(|name| name == "Path")).collect();
    for route in &args.routes {
        let names = route::parse(&route.path.value()).unwrap_or_default();
        if inputs.iter().all(|ty| types::is_blind_to_path(ty))
            && let Some(name) = names.iter().find(|name| !name.starts_with('_'))
        {
            errors.say(
                route.path.span(),
                format!(
                    "no argument takes the parameter `{name}`: add `Path({name}): Path<String>`, or call it `_{name}`"
                ),
            );
        }
        for ty in &paths {
            let (wanted, there) = (types::arity(ty), names.len());
            if there == 0 {
                errors.say(
                    ty.span(),
                    format!("`Path` takes parameters, and `{}` has none: write one as `{{name}}`", route.path.value()),
                );
            } else if let Some(wanted) = wanted.filter(|wanted| *wanted != there) {
                errors.say(
                    ty.span(),
                    format!(
                        "this takes {}, and `{}` has {}: write {}",
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
            errors.say(
                ty.span(),
                "`Path` takes parameters, and this function has no path: write `#[function(get = \"/…/{name}\")]`",
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
        errors.say(first.path.span(), format!(
            "a service is mounted under all that follows: write `{}/{{*rest}}`; a function that answers by itself is an `async fn`",
            path.trim_end_matches('/'),
        ));
    }
}
