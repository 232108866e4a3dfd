//! The examples' programs, as their notes say them.

use std::{fs, path::Path};

use cargo_omnifn::{
    model::{App, Function, FunctionNote},
    overlay::Overlay,
};
use serde_json::Value;

/// The programs of `tests/programs`, in order.
pub(crate) fn programs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// One of them, with settings laid over it: the value of `omnifn` in `[package.metadata]`.
pub(crate) fn program(name: &str, settings: Value, stage: Option<&str>) -> App {
    app(name, Value::from(notes(name)), settings, stage)
}

/// The notes of its functions.
pub(crate) fn notes(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/programs/{name}.json"));
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    serde_json::from_value(value["functions"].take()).unwrap()
}

/// A program of functions, as their notes are.
pub(crate) fn app(name: &str, functions: Value, settings: Value, stage: Option<&str>) -> App {
    let notes: Vec<FunctionNote> = serde_json::from_value(functions).unwrap();
    let functions = notes.into_iter().map(Function::from).collect();
    let overlay = Overlay::read(&serde_json::json!({ "omnifn": settings })).unwrap();
    overlay.app(name, functions, stage).unwrap()
}
