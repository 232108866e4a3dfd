//! Recognizes the types of arguments by their names. An unknown type is accepted.

use syn::{GenericArgument, PathArguments, Type};

/// Returns the last name of a path, such as `Json` of `omnifn::extract::Json<Note>`; of an `Option` or a `Result`, the name of its content.
pub(crate) fn name(ty: &Type) -> Option<String> {
    let Type::Path(path) = unwrapped(ty) else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    match (name.as_str(), first_argument(ty)) {
        ("Option" | "Result", Some(content)) => self::name(content),
        _ => Some(name),
    }
}

/// Returns the type of a record if this is a batch of them: `Message<Order>` of `Batch<Message<Order>>`.
pub(crate) fn batched(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = unwrapped(ty) else { return None };
    let is_batch = path.path.segments.last().is_some_and(|last| last.ident == "Batch");
    first_argument(ty).filter(|_| is_batch)
}

/// Whether an argument of this type reads the body.
pub(crate) fn reads_body(ty: &Type) -> bool {
    const READERS: [&str; 8] = ["Json", "Form", "RawForm", "Multipart", "String", "Bytes", "Body", "Request"];
    name(ty).is_some_and(|name| READERS.contains(&name.as_str()))
}

/// Whether an argument with this name of a type takes the payload of a function that is invoked.
pub(crate) fn takes_payload(name: &str) -> bool {
    ["Json", "Bytes", "Value"].contains(&name)
}

/// Whether an argument of this type certainly does not read the path.
pub(crate) fn is_blind_to_path(ty: &Type) -> bool {
    const BLIND: [&str; 17] = [
        "Json",
        "Form",
        "RawForm",
        "Multipart",
        "String",
        "Bytes",
        "Body",
        "Query",
        "RawQuery",
        "State",
        "Context",
        "HeaderMap",
        "Method",
        "Version",
        "Extensions",
        "Extension",
        "TypedHeader",
    ];
    name(ty).is_some_and(|name| BLIND.contains(&name.as_str()))
}

/// Whether an argument of this type certainly takes no state. All others are checked by rustc, because `State` may have an alias.
pub(crate) fn takes_no_state(ty: &Type) -> bool {
    const OTHERS: [&str; 12] = [
        "Path",
        "Uri",
        "Parts",
        "Request",
        "Batch",
        "Message",
        "Object",
        "Tick",
        "CloudEvent",
        "Change",
        "Env",
        "Value",
    ];
    let Some(name) = name(ty) else { return false };
    name != "State" && (is_blind_to_path(ty) || OTHERS.contains(&name.as_str()))
}

/// Returns how many parameters `Path<…>` takes, if its content reveals it: one for a text or a number, or the length of a tuple.
pub(crate) fn arity(ty: &Type) -> Option<usize> {
    const SCALARS: [&str; 17] = [
        "String", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    match unwrapped(first_argument(ty)?) {
        Type::Tuple(tuple) => Some(tuple.elems.len()),
        content @ Type::Path(_) => name(content).filter(|name| SCALARS.contains(&name.as_str())).map(|_| 1),
        _ => None,
    }
}

/// Returns the type within parentheses, or within the invisible group of a macro.
pub(crate) fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => unwrapped(&inner.elem),
        Type::Group(inner) => unwrapped(&inner.elem),
        ty => ty,
    }
}

fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = unwrapped(ty) else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
