use serde_json::{Value, json};

use super::*;
use crate::{
    Auth, Deploy, Grant, HttpTrigger, Location, Methods, Options, ResourceKind, Route, StorageTrigger, Trigger, Verb,
    Visibility, event::ObjectChange,
};

const PLAIN: Spec = Spec {
    name: "plain",
    trigger: Trigger::Queue("orders"),
    options: Options::NONE,
    deploy: Deploy::NONE,
    grants: &[],
    secrets: &[],
    location: Location { module: "shop", file: "src/main.rs", line: 1 },
};

const FULL: Spec = Spec {
    name: "full",
    trigger: Trigger::Http(HttpTrigger {
        routes: &[
            Route { methods: Methods::PUT.and(Methods::GET), path: Some("/notes/{id}") },
            Route { methods: Methods::ANY, path: None },
        ],
    }),
    options: Options { batch_size: Some(10), concurrency: Some(u32::MAX), dead_letter: Some("dead"), ..Options::NONE },
    deploy: Deploy {
        memory: Some(256),
        timeout: Some(9),
        instances: Some(1),
        visibility: Some(Visibility::Private),
        auth: Some(Auth::Admin),
    },
    grants: &[
        Grant { verb: Verb::Reads, kind: ResourceKind::Bucket, name: "uploads" },
        Grant { verb: Verb::Publishes, kind: ResourceKind::Topic, name: "news" },
    ],
    secrets: &["A", "B"],
    location: Location { module: "shop::ümlaut", file: "src\\a \"b\"\n\u{1}.rs", line: 100 },
};

const STORAGE: Spec = Spec {
    trigger: Trigger::Storage(StorageTrigger {
        bucket: "uploads",
        on: &ObjectChange::ALL,
        prefix: Some("a/"),
        suffix: None,
    }),
    ..PLAIN
};

#[test]
fn json_is_what_the_spec_says() {
    let parsed = |spec: &Spec| serde_json::from_str::<Value>(&spec.to_json()).unwrap();
    assert_eq!(
        parsed(&FULL),
        json!({
            "v": 1, "name": "full",
            "trigger": {"kind": "http", "routes": [{"methods": ["GET", "PUT"], "path": "/notes/{id}"}, {"methods": ["ANY"]}]},
            "options": {"batch_size": 10, "concurrency": u32::MAX, "dead_letter": "dead"},
            "deploy": {"memory": 256, "timeout": 9, "instances": 1, "visibility": "private", "auth": "admin"},
            "grants": [{"verb": "reads", "kind": "bucket", "name": "uploads"}, {"verb": "publishes", "kind": "topic", "name": "news"}],
            "secrets": ["A", "B"],
            "module": "shop::ümlaut", "file": "src\\a \"b\"\n\u{1}.rs", "line": 100,
        })
    );
    assert_eq!(
        parsed(&STORAGE)["trigger"],
        json!({"kind": "storage", "source": "uploads", "on": ["created", "deleted", "archived", "updated"], "prefix": "a/"})
    );
    for (trigger, kind) in [
        (Trigger::Topic("x"), "topic"),
        (Trigger::Stream("x"), "stream"),
        (Trigger::Schedule("x"), "schedule"),
        (Trigger::Event("x"), "event"),
        (Trigger::Changes("x"), "changes"),
    ] {
        assert_eq!(parsed(&Spec { trigger, ..PLAIN })["trigger"], json!({"kind": kind, "source": "x"}));
    }
    assert_eq!(parsed(&Spec { trigger: Trigger::Invoke, ..PLAIN })["trigger"], json!({"kind": "invoke"}));
    assert!(!PLAIN.to_json().contains([' ', '\n']), "{}", PLAIN.to_json());
}

/// What the compiler makes of a spec, and what the program makes of it when it runs.
#[test]
fn a_note_is_its_json() {
    static NOTE: Note<{ function_length(&FULL) }> = Note::function(&FULL);
    let json = FULL.to_json();
    assert_eq!((NOTE.owner_length, NOTE.kind, &NOTE.owner), (7, 1, b"OMNIFN\0\0"));
    assert_eq!((NOTE.length as usize, &NOTE.content[..json.len()]), (json.len(), json.as_bytes()));
    assert!(NOTE.content[json.len()..].iter().all(|byte| *byte == 0) && NOTE.content.len().is_multiple_of(4));
    assert_eq!(size_of_val(&NOTE), 20 + NOTE.content.len());
}

#[test]
fn the_note_of_a_program() {
    const PROGRAM: Program = Program {
        functions: &[&FULL, &PLAIN],
        package: Some("shop"),
        version: None,
        omnifn: "0.1.0",
        providers: &["here"],
        http2: true,
        aborts: true,
        debug: false,
    };
    static NOTE: Note<{ program_length(&PROGRAM) }> = Note::program(&PROGRAM);
    let found: Value = serde_json::from_slice(&NOTE.content[..NOTE.length as usize]).unwrap();
    assert_eq!(NOTE.kind, 2);
    assert_eq!(
        found,
        json!({"v": 1, "program": ["full", "plain"], "crate": "shop", "version": "", "omnifn": "0.1.0",
            "providers": ["here"], "panic": "abort", "http2": true, "debug": false})
    );
}
