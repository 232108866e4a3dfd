//! What a cloud cannot do is an error that names the function, its place, the cloud, why, and what to do.

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    error::Kind,
    model::App,
};
use serde_json::{Value, json};

fn app(note: Value, settings: Value) -> App {
    let mut note = note;
    for (key, value) in
        json!({"v": 1, "name": "f", "module": "m", "file": "src/lib.rs", "line": 3}).as_object().unwrap()
    {
        note[key] = value.clone();
    }
    support::app("shop", json!([note]), settings, None)
}

#[rustfmt::skip]
fn table() -> Vec<(&'static str, Value, Cloud, &'static str)> {
    let http = |deploy: Value| json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}, "deploy": deploy});
    let from = |kind: &str, source: &str| json!({"trigger": {"kind": kind, "source": source, "on": ["updated"]}});
    let slow = |mut note: Value, seconds: u32| { note["deploy"] = json!({"timeout": seconds}); note };
    let zone = |mut note: Value| { note["options"] = json!({"time_zone": "Europe/Berlin"}); note };
    let read_by = |kind: &str, connection: &str| json!({"trigger": {"kind": kind, "source": "orders", "on": ["created"]},
        "options": {"service": "storage-queue", "connection": connection}});
    vec![
        ("the host's own account", read_by("queue", "AzureWebJobsStorage"), Cloud::Azure, "is that of the Functions host"),
        ("the same in short", read_by("storage", "storage"), Cloud::Azure, "is that of the Functions host"),
        ("a long request", http(json!({"timeout": 3601})), Cloud::Gcp, "its timeout is 3601 s, and there it is at most 3600 s"),
        ("much memory", http(json!({"memory": 40_000})), Cloud::Gcp, "its memory is 40000 MiB"),
        ("a long push", slow(from("queue", "q"), 601), Cloud::Gcp, "at most 600 s"),
        ("a long job", slow(from("schedule", "0 3 * * *"), 1801), Cloud::Gcp, "at most 1800 s"),
        ("an audit log", from("event", "google.cloud.audit.log.v1.written"), Cloud::Gcp, "need the name of a service"),
        ("both days at once", from("schedule", "0 3 */2 * 1"), Cloud::Gcp, "has no form for the schedule"),
        ("much memory", http(json!({"memory": 5000})), Cloud::Azure, "its memory is 5000 MiB, and there it is at most 4096 MiB"),
        ("many instances", http(json!({"instances": 1001})), Cloud::Azure, "its instances is 1001"),
        ("a time zone", zone(from("schedule", "0 3 * * *")), Cloud::Azure, "in the time zone Europe/Berlin"),
        ("either day", from("schedule", "0 3 1 * 1"), Cloud::Azure, "has no form for the schedule"),
        ("changed metadata", from("storage", "b"), Cloud::Azure, "which Blob Storage does not report"),
    ]
}

#[test]
fn the_function_the_cloud_the_reason_and_what_to_do() {
    for (what, note, cloud, why) in table() {
        let app = app(note, json!({}));
        let formats: &[Format] =
            if cloud == Cloud::Azure { &[Format::Terraform, Format::Bicep] } else { &[Format::Terraform] };
        for format in formats {
            let error = emit::render(&app, *format, &[cloud]).unwrap_err();
            assert_eq!(error.kind, Kind::Impossible, "{what}: {error}");
            let head = format!("`f` (src/lib.rs:3) cannot run on {}: ", cloud.title());
            assert!(error.message.starts_with(&head) && error.message.contains(why), "{what}: {error}");
            assert!(error.help.is_some_and(|help| !help.is_empty()), "{what}");
        }
    }
}

#[test]
fn what_is_at_a_limit_is_possible() {
    let http = json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]},
        "deploy": {"timeout": 3600, "memory": 4096, "instances": 1000}, "options": {"concurrency": 1000}});
    for cloud in [Cloud::Gcp, Cloud::Azure] {
        emit::render(&app(http.clone(), json!({})), Format::Terraform, &[cloud]).unwrap();
    }
    for zone in ["UTC", "Etc/UTC"] {
        let note = json!({"trigger": {"kind": "schedule", "source": "0 3 * * *"}, "options": {"time_zone": zone}});
        emit::render(&app(note, json!({})), Format::Bicep, &[Cloud::Azure]).unwrap();
    }
}

#[test]
fn two_resources_of_one_name_are_told_apart_or_refused() {
    let note = json!({"trigger": {"kind": "queue", "source": "news"},
        "grants": [{"verb": "publishes", "kind": "topic", "name": "news"}]});
    let error = emit::render(&app(note.clone(), json!({})), Format::Terraform, &[Cloud::Gcp]).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("the queue `news` and the topic `news` would be one topic of Pub/Sub"), "{error}");
    let settings = json!({"resources": {"topic:news": {"name": "all-news"}}});
    emit::render(&app(note, settings), Format::Terraform, &[Cloud::Gcp]).unwrap();
}

#[test]
fn a_format_of_one_cloud_is_not_asked_for_another() {
    let app = app(json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}}), json!({}));
    for (format, cloud) in
        [(Format::Knative, Cloud::Aws), (Format::Bicep, Cloud::Gcp), (Format::Dockerfile, Cloud::Azure)]
    {
        let error = emit::render(&app, format, &[cloud]).unwrap_err();
        assert!(error.kind == Kind::Usage && error.help.is_some(), "{error}");
        emit::render(&app, format, &Cloud::ALL).unwrap();
    }
}
