//! The environment as settings: what a field accepts, and the error for an invalid value.

use std::{net::IpAddr, num::NonZeroU8};

use omnifn_core::{Env, ErrorKind, Secret};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Quiet,
    VeryLoud,
}

#[derive(Debug, Deserialize)]
struct Settings {
    name: String,
    port: Option<u16>,
    ratio: Option<f32>,
    level: Option<Level>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    hosts: Vec<IpAddr>,
    #[serde(rename = "api-key")]
    key: Option<Secret>,
    small: Option<NonZeroU8>,
    list: Option<Vec<u8>>,
}

#[test]
fn fields_are_variables() {
    let env = Env::of([
        ("NAME", " a, b "),
        ("PORT", " 8080\n"),
        ("RATIO", "0.5"),
        ("LEVEL", "very-loud"),
        ("OPEN", "TRUE"),
        ("HOSTS", "127.0.0.1, ::1"),
        ("API_KEY", "hunter2"),
        ("SMALL", "7"),
        ("LIST", "1,2"),
        ("OTHER", "ignored"),
    ]);
    let all: Settings = env.config().unwrap();
    assert_eq!((all.name.as_str(), all.port, all.ratio, all.open), (" a, b ", Some(8080), Some(0.5), true));
    assert!(matches!(all.level, Some(Level::VeryLoud)), "{:?}", all.level);
    assert_eq!((all.hosts.len(), all.small.unwrap().get(), all.list), (2, 7, Some(vec![1, 2])));
    assert_eq!(all.key.unwrap().expose(), "hunter2");
    let few: Settings = Env::of([("NAME", "x")]).config().unwrap();
    assert!(few.port.is_none() && !few.open && few.hosts.is_empty() && few.key.is_none());
    Env::of([("A", "b")]).config::<()>().unwrap();
}

#[test]
fn an_error_names_the_variable_and_no_value() {
    for (name, value, expected) in [
        ("PORT", "hunter2", "invalid value for `PORT`: expected a value of type u16"),
        ("PORT", "70000", "expected a value of type u16"),
        ("OPEN", "hunter2", "expected `true`, `false`, `1`, or `0`"),
        ("LEVEL", "hunter2", "expected one of `quiet`, `very-loud`"),
        ("HOSTS", "127.0.0.1,hunter2", "invalid value for `HOSTS`"),
        ("SMALL", "0", "expected a nonzero u8"),
        ("LIST", "1,,2", "expected a value of type u8"),
    ] {
        let error = Env::of([("NAME", "x"), (name, value)]).config::<Settings>().unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(name) && !error.contains("hunter2"), "{value}: {error}");
    }
    let error = Env::of([("PORT", "1")]).config::<Settings>().unwrap_err();
    assert_eq!(error.to_string(), "the variable `NAME` is not set (nor is `NAME_FILE`)");
    assert_eq!(error.kind(), ErrorKind::Config);
    let words = Env::of([("A", "b")]).config::<std::collections::HashMap<String, String>>().unwrap_err();
    assert!(words.to_string().contains("a struct with named fields"));
}

#[test]
fn a_value_may_stand_in_a_file() {
    let variables = |name: &str| match name {
        "NAME_FILE" => Some("/run/name".to_owned()),
        "API_KEY_FILE" => Some("/run/none".to_owned()),
        _ => None,
    };
    let env = Env::new(variables, |path| match path {
        "/run/name" => Ok("from a file\r\n".to_owned()),
        _ => Err(std::io::ErrorKind::PermissionDenied.into()),
    });
    assert_eq!(env.get("NAME").unwrap().as_deref(), Some("from a file"));
    let error = env.config::<Settings>().unwrap_err().to_string();
    assert!(error.contains("\"/run/none\"") && error.contains("`API_KEY_FILE`"), "{error}");
}
