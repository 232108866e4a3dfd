//! What Knative's texts hold together: each document is YAML as a parser of others reads it, what they refer to is there, and no event can
//! be posted by one who may only send HTTP requests.

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::App,
};
use serde_json::json;
use yaml_rust2::{Yaml, YamlLoader};

fn documents(app: &App) -> Vec<Yaml> {
    let files = emit::render(app, Format::Knative, &[Cloud::Gcp]).unwrap();
    let [file] = &files[..] else { panic!("{} files", files.len()) };
    let all = YamlLoader::load_from_str(&file.content).unwrap_or_else(|error| panic!("{error}\n{}", file.content));
    all.into_iter().filter(|document| !document.is_null()).collect()
}

fn text<'y>(value: &'y Yaml, path: &str) -> Option<&'y str> {
    path.split('/').try_fold(value, |value, key| Some(&value[key]).filter(|value| !value.is_badvalue()))?.as_str()
}

fn named<'y>(all: &'y [Yaml], kind: &str, name: &str) -> Option<&'y Yaml> {
    all.iter().find(|it| text(it, "kind") == Some(kind) && text(it, "metadata/name") == Some(name))
}

/// The functions that a service answers for: those that it names, else all of the program.
fn served(service: &Yaml, app: &App) -> Vec<String> {
    let variables = service["spec"]["template"]["spec"]["containers"][0]["env"].as_vec().unwrap();
    let target =
        variables.iter().find(|it| text(it, "name") == Some("FUNCTION_TARGET")).and_then(|it| text(it, "value"));
    match target {
        Some(target) => target.split(',').map(str::to_owned).collect(),
        None => app.functions.iter().map(|function| function.name.clone()).collect(),
    }
}

#[test]
fn what_is_referred_to_is_there_and_each_function_is_served_once() {
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        let all = documents(&app);
        let services: Vec<_> = all.iter().filter(|it| text(it, "kind") == Some("Service")).collect();
        let mut functions: Vec<_> = services.iter().flat_map(|service| served(service, &app)).collect();
        let mut wanted: Vec<_> = app.functions.iter().map(|function| function.name.clone()).collect();
        functions.sort();
        wanted.sort();
        assert_eq!(functions, wanted, "{name}");
        for service in &services {
            let account = text(service, "spec/template/spec/serviceAccountName").unwrap();
            assert!(named(&all, "ServiceAccount", account).is_some(), "{name}: {account}");
        }
        let mut posted = Vec::new();
        for it in &all {
            let (subscriber, channel) = match text(it, "kind").unwrap() {
                "PingSource" => (&it["spec"]["sink"], None),
                "Trigger" => (&it["spec"]["subscriber"], None),
                "Subscription" => (&it["spec"]["subscriber"], text(it, "spec/channel/name")),
                _ => continue,
            };
            let service = named(&all, "Service", text(subscriber, "ref/name").unwrap()).unwrap();
            let function = text(subscriber, "uri").unwrap().strip_prefix("/_omnifn/").unwrap();
            assert!(served(service, &app).iter().any(|it| it == function), "{name}: {function}");
            posted.push(function.to_owned());
            let dead = text(it, "spec/delivery/deadLetterSink/ref/name");
            for channel in channel.into_iter().chain(dead) {
                assert!(named(&all, "Channel", channel).is_some(), "{name}: {channel}");
            }
        }
        posted.dedup();
        let of_events = app.functions.iter().filter(|function| function.trigger.source().is_some());
        assert_eq!(posted, of_events.map(|function| function.name.clone()).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn a_service_that_others_reach_takes_no_events() {
    let mut seen = (0, 0);
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        for service in documents(&app).iter().filter(|it| text(it, "kind") == Some("Service")) {
            let label = service["metadata"]["labels"]["networking.knative.dev/visibility"].as_str();
            let served = served(service, &app);
            let takes_events =
                |name: &String| app.functions.iter().any(|it| it.name == *name && it.trigger.source().is_some());
            if label == Some("cluster-local") {
                seen.0 += 1;
                assert!(!served.iter().any(takes_events) || served.len() == 1, "{name}: {served:?}");
            } else {
                seen.1 += 1;
                assert!(!served.iter().any(takes_events), "{name}: everyone can post events to {served:?}");
            }
        }
    }
    assert!(seen.0 > 5 && seen.1 >= 3, "{seen:?}");
}

#[test]
fn schedules_filters_and_deliveries_are_what_the_source_says() {
    let app = support::program(
        "triggers",
        json!({"gcp": {"project": "shop-1", "broker": "shop", "image": "registry.test/shop@sha256:0"}}),
        None,
    );
    let all = documents(&app);
    let ping = named(&all, "PingSource", "triggers-nightly").unwrap();
    assert_eq!((text(ping, "spec/schedule"), text(ping, "spec/timezone")), (Some("0 3 * * *"), Some("Europe/Berlin")));
    let trigger = named(&all, "Trigger", "triggers-index-deleted").unwrap();
    assert_eq!(text(trigger, "spec/broker"), Some("shop"));
    let filters = &trigger["spec"]["filters"];
    assert_eq!(text(&filters[0], "exact/type"), Some("google.cloud.storage.object.v1.deleted"));
    assert_eq!(text(&filters[0], "exact/bucket"), Some("shop-1-uploads"));
    assert_eq!(text(&filters[1], "prefix/subject"), Some("objects/pictures/"));
    assert_eq!(text(&filters[2], "suffix/subject"), Some(".jpg"));
    let settle = named(&all, "Subscription", "triggers-settle").unwrap();
    assert_eq!(settle["spec"]["delivery"]["retry"].as_i64(), Some(4));
    let service = named(&all, "Service", "triggers").unwrap();
    let spec = &service["spec"]["template"]["spec"];
    assert_eq!((spec["containerConcurrency"].as_i64(), spec["timeoutSeconds"].as_i64()), (Some(20), Some(10)));
    assert_eq!(text(&spec["containers"][0], "image"), Some("registry.test/shop@sha256:0"));
}

#[test]
fn the_protocol_is_what_the_settings_say() {
    for (settings, port, flag) in [
        (json!({}), "http1", "--no-use-http2"),
        (json!({"gcp": {"http2": false}}), "http1", "--no-use-http2"),
        (json!({"gcp": {"http2": true}}), "h2c", "--use-http2"),
    ] {
        let app = support::program("triggers", settings, None);
        let all = documents(&app);
        let service = named(&all, "Service", "triggers").unwrap();
        let ports = &service["spec"]["template"]["spec"]["containers"][0]["ports"];
        assert_eq!(text(&ports[0], "name"), Some(port));
        let knative = emit::render(&app, Format::Knative, &[Cloud::Gcp]).unwrap().remove(0).content;
        assert!(knative.contains(&format!(" {flag} ")), "{flag}");
        let terraform = emit::render(&app, Format::Terraform, &[Cloud::Gcp]).unwrap();
        assert!(terraform.iter().any(|file| file.content.contains(&format!("\"{port}\""))), "{port}");
    }
}

#[test]
fn commands_are_words_for_a_shell() {
    let functions = json!([
        {"v": 1, "name": "f", "trigger": {"kind": "schedule", "source": "0 3 * * *"}, "module": "m", "file": "f", "line": 1},
        {"v": 1, "name": "g", "trigger": {"kind": "queue", "source": "q"}, "module": "m", "file": "f", "line": 1},
    ]);
    let mut app = support::app("shop", functions, json!({"environment": {"A": "1;2", "B": "it's\nC"}}), None);
    // As no settings could have them.
    (app.gcp.region, app.gcp.project) = (Some("$(id)".to_owned()), Some("a b".to_owned()));
    app.functions[0].options.time_zone = Some("a;b".to_owned());
    app.functions[1].options.subscription = Some("`id`".to_owned());
    let text = emit::render(&app, Format::Knative, &[Cloud::Gcp]).unwrap().remove(0).content;
    for words in [
        r"--set-env-vars=$'^|^FUNCTION_TARGET=f|OMNIFN_TIMEOUT=300|A=1;2|B=it\'s\nC'",
        "--region='$(id)'",
        "--service-account='shop-f@a b.iam.gserviceaccount.com'",
        "--schedule='0 3 * * *' --time-zone='a;b'",
        "gcloud pubsub subscriptions create '`id`'",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    documents(&app);
}

#[test]
fn no_instance_takes_more_at_once_than_knative_lets_it() {
    let functions = json!([{"v": 1, "name": "f", "trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]},
        "options": {"concurrency": 1001}, "module": "m", "file": "f", "line": 1}]);
    let error = emit::render(&support::app("shop", functions, json!({}), None), Format::Knative, &[]).unwrap_err();
    assert!(error.message.contains("its concurrency is 1001, and there it is at most 1000"), "{error}");
}
