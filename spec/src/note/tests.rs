use serde_json::{Value, json};

use super::*;
use crate::{
    Auth, Cors, Deploy, Grant, HttpTrigger, Location, Methods, ObjectChange, Options, Owned, ResourceKind, Route,
    Static, StorageTrigger, Trigger, Verb, Visibility,
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

const PROGRAM_OF_TWO: Program = Program {
    functions: &[FULL.name, PLAIN.name],
    package: "shop",
    version: "",
    omnifn: "0.1.0",
    providers: &["here"],
    panic: Panic::Abort,
    http2: true,
    debug: false,
    cors: None,
};

const ALL_OF_CORS: Cors = Cors {
    origins: &["https://shop.example.com", "http://localhost:3000"],
    methods: Some(Methods::GET.and(Methods::POST)),
    headers: Some(&["content-type"]),
    exposed: &["etag"],
    credentials: true,
    max_age: Some(600),
};

#[test]
fn the_cors_declaration_of_a_program() {
    for (cors, expected) in [
        (
            ALL_OF_CORS,
            json!({"origins": ALL_OF_CORS.origins, "methods": ["GET", "POST"], "headers": ["content-type"],
            "exposed": ["etag"], "credentials": true, "max_age": 600}),
        ),
        (
            Cors { methods: Some(Methods::ANY), ..Cors::of(&["*"]) },
            json!({"origins": ["*"], "methods": ["ANY"], "exposed": [], "credentials": false}),
        ),
    ] {
        let program = Program { cors: Some(cors), ..PROGRAM_OF_TWO };
        let mut content = vec![0; json::program_length(&program)];
        json::write_program(&program, &mut content);
        let read: Versioned<Program<Owned>> = serde_json::from_slice(&content).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::from_slice::<Value>(&content).unwrap());
        assert_eq!(serde_json::to_value(&read).unwrap()["cors"], expected);
        assert_eq!(
            serde_json::to_value(&read).unwrap(),
            serde_json::to_value(Versioned { v: VERSION, declared: program }).unwrap()
        );
    }
    let wrong = json!({"origins": ["*"], "orgins": []});
    assert!(serde_json::from_value::<Cors<Owned>>(wrong).unwrap_err().to_string().contains("unknown field `orgins`"));
}

#[test]
fn the_note_of_a_program() {
    static NOTE: Note<{ program_length(&PROGRAM_OF_TWO) }> = Note::program(&PROGRAM_OF_TWO);
    let content = &NOTE.content[..NOTE.length as usize];
    assert_eq!(NOTE.kind, 2);
    assert_eq!(
        serde_json::from_slice::<Value>(content).unwrap(),
        json!({"v": 1, "program": ["full", "plain"], "crate": "shop", "version": "", "omnifn": "0.1.0",
            "providers": ["here"], "panic": "abort", "http2": true, "debug": false})
    );
    let read: Versioned<Program<Owned>> = serde_json::from_slice(content).unwrap();
    assert_eq!(
        (read.v, &read.functions[..], read.panic),
        (VERSION, &["full".to_owned(), "plain".to_owned()][..], Panic::Abort)
    );
    let written = Versioned { v: VERSION, declared: PROGRAM_OF_TWO };
    assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(written).unwrap());
}

/// Every option, each with a value of its own.
const ALL_OPTIONS: Options = Options {
    batch_size: Some(1),
    batch_window: Some(2),
    concurrency: Some(3),
    attempts: Some(4),
    dead_letter: Some("dead"),
    connection: Some("CONNECTION"),
    subscription: Some("mine"),
    consumer_group: Some("$Default"),
    database: Some("(default)"),
    start: Some("oldest"),
    time_zone: Some("Europe/Berlin"),
    service: Some("kafka"),
    source: Some("/shop"),
};

/// One declaration for each trigger, and for each value that a field of it can have.
fn every_spec() -> Vec<Spec> {
    let routes: Vec<Route> =
        Methods::NAMES.iter().map(|(methods, _)| Route { methods: *methods, path: Some("/a/{b}") }).collect();
    let mut triggers = vec![
        Trigger::Http(HttpTrigger::<Static> { routes: &[] }),
        Trigger::Http(HttpTrigger::<Static> { routes: routes.leak() }),
        Trigger::Http(HttpTrigger::<Static> { routes: &[Route { methods: Methods::ANY, path: None }] }),
        Trigger::Queue("orders.fifo"),
        Trigger::Topic("news \"ü\"\n"),
        Trigger::Stream("clicks"),
        Trigger::Schedule("*/5 8-17 * * mon-fri"),
        Trigger::Event("com.example.created"),
        Trigger::Changes("orders"),
        Trigger::Invoke,
    ];
    for on in ObjectChange::ALL {
        for (prefix, suffix) in [(None, None), (Some("in/"), None), (None, Some(".jpg")), (Some(""), Some("\u{7f}"))] {
            let on = vec![on, ObjectChange::Created].leak();
            triggers.push(Trigger::Storage(StorageTrigger::<Static> { bucket: "uploads", on, prefix, suffix }));
        }
    }
    let mut all: Vec<Spec> = triggers.into_iter().map(|trigger| Spec { trigger, ..PLAIN }).collect();
    all.extend(all.clone().into_iter().map(|spec| Spec { options: ALL_OPTIONS, ..spec }));
    for visibility in [Visibility::Public, Visibility::Private] {
        for auth in [Auth::Anonymous, Auth::Function, Auth::Admin] {
            let deploy = Deploy { visibility: Some(visibility), auth: Some(auth), ..FULL.deploy };
            all.push(Spec { deploy, ..FULL });
        }
    }
    let grants = Verb::ALL
        .into_iter()
        .flat_map(|verb| ResourceKind::ALL.into_iter().map(move |kind| Grant { verb, kind, name: "thing" }));
    all.push(Spec { grants: grants.collect::<Vec<_>>().leak(), ..FULL });
    all
}

/// The writer is `const` and writes by hand; the reader is serde's. Each note that the one writes, the other reads without a loss, and
/// writes again as it was.
#[test]
fn what_the_compiler_writes_is_what_serde_reads() {
    let all = every_spec();
    for class in crate::Class::ALL {
        assert!(all.iter().any(|spec| spec.class() == class), "{class} is missing");
    }
    for spec in all {
        let json = spec.to_json();
        let read: Versioned<Spec<Owned>> =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        assert_eq!(read.v, VERSION);
        assert_eq!(read.declared, owned(&spec), "{json}");
        let written: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), written, "{json}");
        assert_eq!(serde_json::to_value(Versioned { v: VERSION, declared: spec }).unwrap(), written, "{json}");
    }
}

/// The declaration as a tool has it, field by field, so that a field which is added is one that is compared.
fn owned(spec: &Spec) -> Spec<Owned> {
    let own = |text: &str| text.to_owned();
    let some = |text: Option<&str>| text.map(str::to_owned);
    let Spec { name, trigger, options, deploy, grants, secrets, location } = *spec;
    let Options {
        batch_size,
        batch_window,
        concurrency,
        attempts,
        dead_letter,
        connection,
        subscription,
        consumer_group,
        database,
        start,
        time_zone,
        service,
        source,
    } = options;
    Spec {
        name: own(name),
        trigger: match trigger {
            Trigger::Http(HttpTrigger { routes }) => Trigger::Http(HttpTrigger {
                routes: routes.iter().map(|route| Route { methods: route.methods, path: some(route.path) }).collect(),
            }),
            Trigger::Queue(name) => Trigger::Queue(own(name)),
            Trigger::Topic(name) => Trigger::Topic(own(name)),
            Trigger::Stream(name) => Trigger::Stream(own(name)),
            Trigger::Schedule(cron) => Trigger::Schedule(own(cron)),
            Trigger::Event(name) => Trigger::Event(own(name)),
            Trigger::Changes(name) => Trigger::Changes(own(name)),
            Trigger::Storage(StorageTrigger { bucket, on, prefix, suffix }) => Trigger::Storage(StorageTrigger {
                bucket: own(bucket),
                on: on.to_vec(),
                prefix: some(prefix),
                suffix: some(suffix),
            }),
            Trigger::Invoke => Trigger::Invoke,
        },
        options: Options {
            batch_size,
            batch_window,
            concurrency,
            attempts,
            dead_letter: some(dead_letter),
            connection: some(connection),
            subscription: some(subscription),
            consumer_group: some(consumer_group),
            database: some(database),
            start: some(start),
            time_zone: some(time_zone),
            service: some(service),
            source: some(source),
        },
        deploy,
        grants: grants
            .iter()
            .map(|grant| Grant { verb: grant.verb, kind: grant.kind, name: own(grant.name) })
            .collect(),
        secrets: secrets.iter().map(|secret| own(secret)).collect(),
        location: Location { module: own(location.module), file: own(location.file), line: location.line },
    }
}

#[test]
fn a_note_that_the_compiler_would_not_write_is_not_read() {
    let read = |field: &str, value: Value| {
        let mut note: Value = serde_json::from_str(&FULL.to_json()).unwrap();
        note[field] = value;
        serde_json::from_value::<Versioned<Spec<Owned>>>(note).unwrap_err().to_string()
    };
    let http = |methods: Value| json!({"kind": "http", "routes": [{"methods": methods, "path": "/"}]});
    assert!(read("trigger", http(json!(["GET", "get"]))).contains("unknown method \"get\""));
    assert!(read("trigger", http(json!([]))).contains("at least one method"));
    assert!(read("trigger", json!({"kind": "moon", "source": "x"})).contains("unknown variant `moon`"));
    assert!(read("trigger", json!({"kind": "queue"})).contains("missing field `source`"));
    let storage = json!({"kind": "storage", "source": "uploads", "on": ["moved"]});
    assert!(read("trigger", storage).contains("unknown variant `moved`"));
    assert!(read("deploy", json!({"visibility": "secret"})).contains("unknown variant `secret`"));
    assert!(read("deploy", json!({"memroy": 1})).contains("unknown field `memroy`"));
    assert!(
        read("grants", json!([{"verb": "owns", "kind": "bucket", "name": "x"}])).contains("unknown variant `owns`")
    );
}
