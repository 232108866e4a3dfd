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

/// A function of the host picks which key is checked. There is one for all HTTP functions of an app, and none of another app's.
#[test]
fn one_trigger_takes_every_request_of_a_unit() {
    let public = |name: &str, path: &str| {
        let route = json!({"kind": "http", "routes": [{"methods": ["GET"], "path": path}, {"methods": ["ANY"], "path": format!("{path}/more")}]});
        function(name, route, json!({"deploy": {"visibility": "public"}}))
    };
    let private = http("payroll", json!([{"methods": ["GET"], "path": "/payroll"}]));
    let texts = texts(vec![public("page", "/{page}"), private, public("app", "/"), public("App-2", "/b")]).unwrap();
    let paths = ["http/app-3/function.json", "http/host.json", "payroll/app/function.json", "payroll/host.json"];
    assert_eq!(texts.keys().collect::<Vec<_>>(), paths, "no function of a unit is called as the folder");
    for (path, level) in [(paths[0], "anonymous"), (paths[2], "function")] {
        let expected = json!([
            {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": level, "route": "{*path}"},
            {"type": "http", "direction": "out", "name": "res"},
        ]);
        assert_eq!(texts[path]["bindings"], expected);
    }
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
    assert_eq!(binding("http/app")["authLevel"], "anonymous");
    assert_eq!(binding("admin/app")["authLevel"], "admin");
    assert_eq!(
        (&binding("jobs/jobs")["type"], &binding("jobs/jobs")["connection"]),
        (&json!("queueTrigger"), &json!("JOBS"))
    );
    assert_eq!(binding("grid/grid")["type"], "eventGridTrigger");
    assert_eq!(binding("braces/braces")["path"], "up/{{a}}/{name}.png");
    assert_eq!(
        (&binding("braces/braces")["connection"], &binding("log/log")["connection"]),
        (&json!("BRACES_STORAGE"), &json!("LOG_EVENTHUBS"))
    );
    let retry = json!({"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:10"});
    assert_eq!(texts["log/log/function.json"]["retry"], retry);
    let extensions = |unit: &str| &texts[&format!("{unit}/host.json")]["extensions"];
    assert_eq!(extensions("jobs")["queues"], json!({"batchSize": 32, "maxDequeueCount": 3}));
    let hubs = json!({"maxEventBatchSize": 50, "minEventBatchSize": 50, "maxWaitTime": "00:00:05",
        "initialOffsetOptions": {"type": "fromEnd"}});
    assert_eq!(extensions("log")["eventHubs"], hubs);
    assert_eq!(extensions("http"), &json!({"http": {"routePrefix": ""}}), "what another app needs is not in it");
}

/// A function that is invoked directly has the route of its name, in an app of its own.
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
    assert_eq!(texts["price/price/function.json"]["bindings"], expected);
    assert_eq!(texts["open/open/function.json"]["bindings"][0]["authLevel"], "anonymous");
    assert_eq!(texts.keys().filter(|path| path.starts_with("price/")).count(), 2, "{texts:?}");
}

#[test]
fn what_azure_cannot_do_is_said_with_all_of_it() {
    let event = |name: &str| function(name, json!({"kind": "event", "source": "placed"}), json!({}));
    let functions = vec![
        event("host"),
        http(
            "inner",
            json!([{"methods": ["GET"], "path": "/Admin/users"}, {"methods": ["GET"], "path": "/a"}, {"methods": ["GET"], "path": "/runtime"}]),
        ),
        http("administrators", json!([{"methods": ["GET"], "path": "/administrators"}])),
        function("admins", json!({"kind": "invoke"}), json!({})),
        function("odd", json!({"kind": "schedule", "source": "0 3 1 * mon"}), json!({})),
    ];
    let error = texts(functions).unwrap_err();
    let all: Vec<_> = std::iter::once(&error).chain(&error.more).collect();
    assert!(all.iter().all(|error| error.kind == Kind::Impossible), "{all:?}");
    let codes: Vec<_> = all.iter().map(|error| error.code).collect();
    let reserved = "omnifn::package::reserved_route";
    assert_eq!(codes[..4], ["omnifn::package::name", reserved, reserved, reserved], "{all:?}");
    assert!(all[1].message.contains("`inner`") && all[3].message.contains("`admins`"), "{all:?}");
    assert_eq!(codes.len(), 5);
    // The host knows nothing of the names of HTTP functions, and two apps may have functions of one name in other letters.
    let route = |name: &str| http(name, json!([{"methods": ["GET"], "path": format!("/{name}")}]));
    texts(vec![route("host"), route("Twin"), route("twin"), event("one"), event("One")]).unwrap();
}

#[test]
fn the_time_of_an_app_is_the_longest_of_its_functions_where_all_say_one() {
    let deploy = |name: &str, timeout: Value| {
        let route = json!({"kind": "http", "routes": [{"methods": ["GET"], "path": format!("/{name}")}]});
        function(name, route, json!({"deploy": {"timeout": timeout}}))
    };
    let host = |functions| texts(functions).unwrap()["http/host.json"]["functionTimeout"].clone();
    assert_eq!(host(vec![deploy("a", json!(30)), deploy("b", json!(3700))]), "01:01:40");
    // Where one says none, it is at least the host's own: 30 minutes.
    assert_eq!(host(vec![deploy("a", json!(30)), deploy("b", Value::Null)]), Value::Null);
    assert_eq!(host(vec![deploy("a", json!(3700)), deploy("b", Value::Null)]), "01:01:40");
    let event = function("late", json!({"kind": "event", "source": "late"}), json!({"deploy": {"timeout": 60}}));
    let texts = texts(vec![deploy("a", json!(30)), event]).unwrap();
    assert_eq!(texts["http/host.json"]["functionTimeout"], "00:00:30", "that of another app counts for it alone");
}
