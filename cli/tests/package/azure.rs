//! `host.json` and each `function.json` of the examples, and of what none of them has. `OMNIFN_BLESS=1` writes the files anew.

use std::{collections::BTreeMap, fs, path::Path};

use cargo_omnifn::{error::Kind, package::azure};
use serde_json::{Value, json};

use crate::programs;

#[test]
fn the_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/package/azure");
    let mut expected = BTreeMap::new();
    for name in programs::programs() {
        for (path, text) in azure::texts(&programs::program(&name, json!({}), None)).unwrap() {
            expected.insert(format!("{name}/{path}"), text);
        }
    }
    if std::env::var_os("OMNIFN_BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for (path, text) in &expected {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut there = BTreeMap::new();
    read(&folder, "", &mut there);
    assert_eq!(there.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (path, text) in expected {
        assert_eq!(
            there[&path], text,
            "{path}: OMNIFN_BLESS=1 cargo test -p cargo-omnifn --test package writes it anew"
        );
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn function(name: &str, trigger: Value, more: Value) -> Value {
    let mut note =
        json!({"v": 1, "name": name, "trigger": trigger, "module": "shop", "file": "src/main.rs", "line": 3});
    note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    note
}

fn http(name: &str, routes: Value) -> Value {
    function(name, json!({"kind": "http", "routes": routes}), json!({}))
}

/// The texts of a program, by their paths.
fn texts(functions: Vec<Value>) -> Result<BTreeMap<String, Value>, cargo_omnifn::error::Error> {
    let app = programs::app("shop", Value::from(functions), json!({}), None);
    let texts = azure::texts(&app)?;
    Ok(texts.into_iter().map(|(path, text)| (path, serde_json::from_str(&text).unwrap())).collect())
}

#[test]
fn no_two_folders_take_the_same_request() {
    let any = http("any", json!([{"methods": ["ANY"], "path": "/a/{x}"}]));
    let get = http("get", json!([{"methods": ["GET"], "path": "/a/{x}"}]));
    let head = http("head", json!([{"methods": ["HEAD"], "path": "/b"}]));
    let both = http("both", json!([{"methods": ["GET", "POST"], "path": "/b"}, {"methods": ["DELETE"], "path": "/c"}]));
    let all = http("all", json!([{"methods": ["ANY"]}]));
    let texts = texts(vec![any, get, head, both, all]).unwrap();
    let methods = |name: &str| texts[&format!("{name}/function.json")]["bindings"][0]["methods"].clone();
    assert_eq!(methods("any"), json!(["post", "put", "patch", "delete", "options"]));
    assert_eq!(methods("get"), json!(["get", "head"]), "HEAD is answered by GET");
    assert_eq!(methods("head"), json!(["head"]));
    assert_eq!(methods("both"), json!(["get", "post"]), "HEAD is another function's");
    assert_eq!(methods("both-2"), json!(["delete"]), "a second path is a second folder");
    assert_eq!(methods("all"), Value::Null, "all");
    assert_eq!(texts["all/function.json"]["bindings"][0]["route"], "{*path}");
    assert_eq!(texts["both/function.json"]["bindings"][1], json!({"type": "http", "direction": "out", "name": "res"}));
}

#[test]
fn keys_and_services_are_what_the_attribute_says() {
    let route = json!({"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]});
    let public = function("public", route, json!({"deploy": {"visibility": "public"}}));
    let admin = function(
        "admin",
        json!({"kind": "http", "routes": [{"methods": ["GET"], "path": "/x"}]}),
        json!({"deploy": {"visibility": "public", "auth": "admin"}}),
    );
    let jobs = function(
        "jobs",
        json!({"kind": "queue", "source": "jobs"}),
        json!({"options": {"service": "storage-queue", "connection": "JOBS", "batch_size": 64, "attempts": 3}}),
    );
    let grid =
        function("grid", json!({"kind": "topic", "source": "news"}), json!({"options": {"service": "event-grid"}}));
    let braces = function(
        "braces",
        json!({"kind": "storage", "source": "up", "on": ["created"], "prefix": "{a}/", "suffix": ".png"}),
        json!({}),
    );
    let log = function(
        "log",
        json!({"kind": "stream", "source": "log"}),
        json!({"options": {"attempts": 4, "batch_size": 50, "batch_window": 5, "start": "latest"}}),
    );
    let texts = texts(vec![public, admin, jobs, grid, braces, log]).unwrap();
    let binding = |name: &str| &texts[&format!("{name}/function.json")]["bindings"][0];
    assert_eq!(binding("public")["authLevel"], "anonymous");
    assert_eq!(binding("public")["route"], "{root:maxlength(0)?}", "an empty route would be the function's name");
    assert_eq!(binding("admin")["authLevel"], "admin");
    assert_eq!((&binding("jobs")["type"], &binding("jobs")["connection"]), (&json!("queueTrigger"), &json!("JOBS")));
    assert_eq!(binding("grid")["type"], "eventGridTrigger");
    assert_eq!(binding("braces")["path"], "up/{{a}}/{name}.png");
    let retry = json!({"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"});
    assert_eq!(texts["log/function.json"]["retry"], retry);
    let extensions = &texts["host.json"]["extensions"];
    assert_eq!(extensions["queues"], json!({"batchSize": 32, "maxDequeueCount": 3}));
    let hubs = json!({"maxEventBatchSize": 50, "minEventBatchSize": 50, "maxWaitTime": "00:00:05",
        "initialOffsetOptions": {"type": "fromEnd"}});
    assert_eq!(extensions["eventHubs"], hubs);
}

/// A function that is invoked directly has the route of its name, and an `any` of the same path leaves it the method.
#[test]
fn a_function_that_is_invoked_has_a_route_of_its_name() {
    let invoked = |name: &str, more: Value| function(name, json!({"kind": "invoke"}), more);
    let any = http("any", json!([{"methods": ["ANY"], "path": "/Price"}]));
    let open = invoked("open", json!({"deploy": {"visibility": "public"}}));
    let texts = texts(vec![invoked("price", json!({})), any, open]).unwrap();
    let expected = json!([
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "function", "route": "price", "methods": ["post"]},
        {"type": "http", "direction": "out", "name": "res"},
    ]);
    assert_eq!(texts["price/function.json"]["bindings"], expected);
    assert_eq!(texts["open/function.json"]["bindings"][0]["authLevel"], "anonymous");
    let methods = json!(["get", "put", "patch", "delete", "options", "head"]);
    let found = &texts["any/function.json"]["bindings"][0]["methods"];
    assert!(found.as_array().unwrap().iter().all(|method| methods.as_array().unwrap().contains(method)), "{found}");
}

#[test]
fn what_azure_cannot_do_is_said_with_all_of_it() {
    let functions = vec![
        http("host", json!([{"methods": ["GET"], "path": "/a"}])),
        http("inner", json!([{"methods": ["GET"], "path": "/Admin/users"}])),
        http("twin", json!([{"methods": ["GET"], "path": "/b"}])),
        http("Twin", json!([{"methods": ["GET"], "path": "/c"}])),
        function("odd", json!({"kind": "schedule", "source": "0 3 1 * mon"}), json!({})),
    ];
    let error = texts(functions).unwrap_err();
    let all: Vec<_> = std::iter::once(&error).chain(&error.more).collect();
    assert!(all.iter().all(|error| error.kind == Kind::Impossible), "{all:?}");
    let codes: Vec<_> = all.iter().map(|error| error.code).collect();
    assert_eq!(codes[..3], ["omnifn::package::name", "omnifn::package::reserved_route", "omnifn::package::name"]);
    assert_eq!(codes.len(), 4);
}

#[test]
fn the_time_is_the_longest_where_all_say_one() {
    let deploy = |name: &str, timeout: Value| {
        function(name, json!({"kind": "event", "source": name}), json!({"deploy": {"timeout": timeout}}))
    };
    let host = |functions| texts(functions).unwrap()["host.json"]["functionTimeout"].clone();
    assert_eq!(host(vec![deploy("a", json!(30)), deploy("b", json!(3700))]), "01:01:40");
    // Where one says none, it is at least the host's own: 30 minutes.
    assert_eq!(host(vec![deploy("a", json!(30)), deploy("b", Value::Null)]), Value::Null);
    assert_eq!(host(vec![deploy("a", json!(3700)), deploy("b", Value::Null)]), "01:01:40");
}
