use serde_json::{Value, json};

use super::{limits, *};
use crate::{
    emit::{self, Format},
    error::Kind,
    model::{Class, CloudSettings, Function, FunctionNote},
    overlay::Overlay,
};

fn note(trigger: Value, options: Value, deploy: Value) -> Function {
    let note = json!({"v": 1, "name": "f", "trigger": trigger, "options": options, "deploy": deploy,
        "module": "m", "file": "src/main.rs", "line": 1});
    serde_json::from_value::<FunctionNote>(note).unwrap().into()
}

fn trigger(class: Class) -> Value {
    match class {
        Class::Http => json!({"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}),
        Class::Storage => json!({"kind": "storage", "source": "uploads", "on": ["created"]}),
        Class::Schedule => json!({"kind": "schedule", "source": "0 3 * * *"}),
        other => json!({"kind": other.key(), "source": "orders"}),
    }
}

fn cell(function: Function, cloud: Cloud) -> Cell {
    let app = Overlay::default().app("app", vec![function], None).unwrap();
    check(&app, &[cloud]).unwrap().remove(0)
}

/// Each service that is said to carry a class is one whose form the suites have delivered.
#[test]
fn every_class_is_carried_by_a_form_of_the_tables() {
    let services = [
        "",
        "kafka",
        "iot",
        "cloudwatch-logs",
        "activemq",
        "rabbitmq",
        "documentdb",
        "eventbridge",
        "storage-queue",
        "service-bus",
        "event-grid",
    ];
    for class in Class::ALL {
        for cloud in Cloud::ALL {
            for service in services {
                for batch_size in [1, 100] {
                    let options = json!({"service": service, "batch_size": batch_size, "dead_letter": "dead"});
                    let cell = cell(note(trigger(class), options, json!({})), cloud);
                    let why: Vec<_> = cell.findings.iter().filter(|of| of.verdict == Verdict::Impossible).collect();
                    assert!(why.is_empty(), "{class:?} on {cloud:?} by {service:?}: {why:?}");
                }
            }
        }
    }
}

#[test]
fn what_a_cloud_cannot_do_is_said() {
    use Cloud::{Aws, Azure, Gcp};
    use Verdict::{Degraded, Impossible, Ok};
    let http = || trigger(Class::Http);
    let queue = || trigger(Class::Queue);
    let topic = || trigger(Class::Topic);
    let stream = || trigger(Class::Stream);
    let storage = || trigger(Class::Storage);
    let fifo = || json!({"kind": "queue", "source": "orders.fifo"});
    let schedule = |cron: &str| json!({"kind": "schedule", "source": cron});
    let none = || json!({});
    let cases: Vec<(Cloud, Value, Value, Value, Verdict, &str)> = vec![
        (Aws, http(), none(), json!({"timeout": 900, "memory": 10_240}), Degraded, "an HTTP API waits 30 s"),
        (Aws, http(), none(), json!({"timeout": 901}), Impossible, "longest invocation: 900 s"),
        (Aws, http(), none(), json!({"memory": 10_241}), Impossible, "largest memory: 10240 MiB"),
        (Aws, http(), none(), json!({"memory": 127}), Degraded, "the smallest is 128 MiB"),
        (Aws, http(), none(), json!({"instances": 1001}), Degraded, "an account has 1000"),
        (Aws, queue(), json!({"batch_size": 10_000}), none(), Ok, "`batch_window = 1`"),
        (Aws, queue(), json!({"batch_size": 10_001}), none(), Impossible, "largest batch: 10000"),
        (Aws, fifo(), json!({"batch_size": 10}), none(), Ok, ""),
        (Aws, fifo(), json!({"batch_size": 11}), none(), Impossible, "FIFO queue: 10"),
        (Aws, fifo(), json!({"batch_window": 5}), none(), Impossible, "a FIFO queue has none"),
        (Aws, fifo(), json!({"dead_letter": "dead"}), none(), Impossible, "go to one"),
        (Aws, fifo(), json!({"dead_letter": "dead.fifo"}), none(), Ok, ""),
        (Aws, topic(), json!({"dead_letter": "dead.fifo"}), none(), Impossible, "to a FIFO queue"),
        (Aws, json!({"kind": "topic", "source": "news.fifo"}), none(), none(), Impossible, "nothing of a FIFO topic"),
        (Aws, queue(), json!({"batch_window": 301}), none(), Impossible, "300 s"),
        (Aws, queue(), json!({"attempts": 5}), none(), Degraded, "without `dead_letter`"),
        (Aws, queue(), json!({"attempts": 5, "dead_letter": "dead"}), none(), Ok, ""),
        (Aws, topic(), json!({"attempts": 3}), none(), Degraded, "does not see `attempt`"),
        (Aws, topic(), json!({"attempts": 4}), none(), Degraded, "tries an event 3 times"),
        (Aws, stream(), json!({"batch_size": 10_001}), none(), Impossible, "largest batch: 10000"),
        (Aws, stream(), json!({"service": "kafka"}), none(), Degraded, "delivers all of them again"),
        (Aws, stream(), json!({"dead_letter": "dead"}), none(), Degraded, "not the records themselves"),
        (Aws, schedule("0 3 1 * mon"), none(), none(), Impossible, "0 3 1 * mon"),
        (Aws, schedule("0 3 1 * *"), json!({"time_zone": "Europe/Berlin"}), none(), Ok, ""),
        (Gcp, http(), json!({"concurrency": 1000}), json!({"timeout": 3600, "memory": 32_768}), Ok, ""),
        (Gcp, http(), none(), json!({"timeout": 3601}), Impossible, "longest request: 3600 s"),
        (Gcp, http(), none(), json!({"memory": 32_769}), Impossible, "32768 MiB"),
        (Gcp, http(), none(), json!({"memory": 256}), Ok, "first generation"),
        (Gcp, http(), json!({"concurrency": 1001}), none(), Impossible, "1000"),
        (Gcp, queue(), none(), json!({"timeout": 601}), Impossible, "Pub/Sub's longest wait"),
        (Gcp, queue(), json!({"attempts": 4, "dead_letter": "dead"}), none(), Degraded, "becomes 5"),
        (Gcp, queue(), json!({"attempts": 101, "dead_letter": "dead"}), none(), Degraded, "becomes 100"),
        (Gcp, queue(), json!({"attempts": 5}), none(), Degraded, "without `dead_letter`"),
        (Gcp, queue(), json!({"batch_size": 10}), none(), Ok, "a push is one event"),
        (Gcp, stream(), none(), none(), Degraded, "ordering key"),
        (Gcp, storage(), json!({"attempts": 5}), none(), Degraded, "Eventarc tries for 24 hours"),
        (Gcp, storage(), json!({"attempts": 5, "dead_letter": "dead"}), none(), Ok, ""),
        (Gcp, trigger(Class::Changes), json!({"dead_letter": "dead"}), none(), Degraded, "Eventarc has none"),
        (
            Gcp,
            json!({"kind": "event", "source": "google.cloud.audit.log.v1.written"}),
            none(),
            none(),
            Impossible,
            "audit logs",
        ),
        (
            Gcp,
            schedule("0 3 * * *"),
            json!({"attempts": 7, "dead_letter": "dead"}),
            none(),
            Degraded,
            "5 times at most",
        ),
        (Gcp, schedule("0 3 * * *"), none(), json!({"timeout": 1801}), Impossible, "1800 s"),
        (Gcp, schedule("0 3 */2 * mon"), none(), none(), Impossible, "0 3 */2 * mon"),
        (Azure, http(), none(), json!({"timeout": 230, "memory": 4096}), Ok, ""),
        (Azure, http(), none(), json!({"timeout": 231}), Degraded, "waits 230 s"),
        (Azure, http(), none(), json!({"memory": 4097}), Impossible, "4096 MiB"),
        (Azure, http(), none(), json!({"memory": 600}), Ok, "has 2048 MB"),
        (Azure, http(), none(), json!({"instances": 1001}), Impossible, "1000"),
        (Azure, queue(), json!({"batch_size": 10}), none(), Degraded, "delivers all of them again"),
        (
            Azure,
            queue(),
            json!({"dead_letter": "dead", "attempts": 5}),
            json!({"timeout": 301}),
            Ok,
            "a lock is 300 s long",
        ),
        (
            Azure,
            queue(),
            json!({"service": "storage-queue", "dead_letter": "dead"}),
            none(),
            Degraded,
            "`orders-poison`",
        ),
        (Azure, stream(), json!({"dead_letter": "dead"}), none(), Degraded, "there is none here"),
        (Azure, trigger(Class::Event), none(), json!({"timeout": 31}), Degraded, "Event Grid waits 30 s"),
        (Azure, storage(), none(), json!({"timeout": 600}), Ok, ""),
        (Azure, storage(), json!({"attempts": 3}), none(), Degraded, "tries a blob 5 times"),
        (Azure, storage(), json!({"dead_letter": "dead"}), none(), Degraded, "`webjobs-blobtrigger-poison`"),
        (
            Azure,
            storage(),
            json!({"dead_letter": "dead", "service": "event-grid"}),
            none(),
            Degraded,
            "container of Blob Storage",
        ),
        (Azure, http(), json!({"concurrency": 1001}), none(), Impossible, "1000"),
        (Azure, storage(), json!({"attempts": 31, "service": "event-grid"}), none(), Degraded, "30 times at most"),
        (
            Azure,
            json!({"kind": "storage", "source": "uploads", "on": ["updated"]}),
            none(),
            none(),
            Impossible,
            "`updated`",
        ),
        (
            Azure,
            json!({"kind": "storage", "source": "uploads", "on": ["created", "updated"]}),
            none(),
            none(),
            Degraded,
            "`updated`",
        ),
        (Azure, trigger(Class::Changes), none(), none(), Degraded, "but no deletions"),
        (Azure, schedule("0 3 * * *"), json!({"time_zone": "Europe/Berlin"}), none(), Impossible, "run by UTC"),
        (Azure, schedule("0 3 1 * mon"), none(), none(), Impossible, "0 3 1 * mon"),
    ];
    for (cloud, trigger, options, deploy, verdict, words) in cases {
        let what = format!("{cloud:?} {trigger} {options} {deploy}");
        let function = note(trigger, options, deploy);
        let is_refused = is_refused(function.clone(), cloud);
        let cell = cell(function, cloud);
        assert_eq!(cell.verdict, verdict, "{what}: {:?}", cell.findings);
        let said = cell.findings.iter().any(|finding| finding.why.contains(words) && finding.verdict <= verdict);
        assert!(said, "{what}: nothing says {words:?} of {:?}", cell.findings);
        if let Some(is_refused) = is_refused {
            assert_eq!(is_refused, verdict == Impossible, "{what}: what cannot run is what `emit` refuses");
        }
    }
}

/// Whether a text that deploys the function there is refused. What Kafka needs is nowhere declared, but the function runs.
fn is_refused(function: Function, cloud: Cloud) -> Option<bool> {
    if matches!(
        function.options.service.as_deref(),
        Some("kafka" | "iot" | "cloudwatch-logs" | "activemq" | "documentdb")
    ) {
        return None;
    }
    let app = Overlay::default().app("app", vec![function], None).unwrap();
    let format = match cloud {
        Cloud::Aws => Format::Sam,
        Cloud::Gcp | Cloud::Azure => Format::Terraform,
    };
    Some(match emit::render(&app, format, &[cloud]) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.kind, Kind::Impossible, "{error:?}");
            true
        }
    })
}

#[test]
fn a_function_url_waits_as_long_as_the_function_runs() {
    let function = note(trigger(Class::Http), json!({}), json!({"timeout": 900}));
    let app = Overlay::default().app("app", vec![function], None).unwrap();
    let url = CloudSettings { http: Some("function-url".to_owned()), ..CloudSettings::default() };
    let cells = check(&crate::model::App { aws: url, ..app }, &[Cloud::Aws]).unwrap();
    assert_eq!((cells[0].verdict, cells[0].shape), (Verdict::Ok, "function-url"));
}

/// The rules name numbers by the table of limits alone: every one that is refused is a number of the table.
#[test]
fn what_is_above_a_limit_names_its_page() {
    for (cloud, deploy) in [
        (Cloud::Aws, json!({"timeout": 5000})),
        (Cloud::Gcp, json!({"timeout": 5000})),
        (Cloud::Azure, json!({"memory": 5000})),
    ] {
        let cell = cell(note(trigger(Class::Http), json!({}), deploy), cloud);
        let source = cell.findings[0].source.unwrap();
        assert!(limits::ALL.iter().any(|limit| limit.cloud == cloud && limit.source == source), "{source}");
        assert!(cell.findings[0].help.as_deref().unwrap().starts_with("write `"));
    }
}

/// A program with `cors` receives findings on the platforms that handle preflights in front of it.
#[test]
fn what_a_platform_makes_of_cors() {
    let cors = |credentials: bool| {
        serde_json::from_value(
            json!({"origins": ["https://shop.example.com"], "credentials": credentials, "max_age": 60}),
        )
        .unwrap()
    };
    let found = |deploy: Value, cors: Option<crate::model::Cors>, others: &[Value], cloud: Cloud| {
        let functions = [&deploy].into_iter().chain(others).enumerate().map(|(i, deploy)| {
            let mut function = note(
                json!({"kind": "http", "routes": [{"methods": ["GET"], "path": format!("/{i}")}]}),
                json!({}),
                deploy.clone(),
            );
            function.spec.name = format!("f{i}");
            function
        });
        let app = Overlay::default().app("app", functions.collect(), None).unwrap();
        let cell = check(&crate::model::App { cors, ..app }, &[cloud]).unwrap().remove(0);
        cell.findings
            .into_iter()
            .filter(|of| of.why.contains("reflight"))
            .map(|of| (of.verdict, of.why))
            .collect::<Vec<_>>()
    };
    let (public, private) = (json!({"visibility": "public"}), json!({}));
    for cloud in [Cloud::Aws, Cloud::Gcp] {
        assert_eq!(found(public.clone(), None, &[], cloud), []);
        assert_eq!(found(public.clone(), Some(cors(true)), &[], cloud), []);
        assert_eq!(found(private.clone(), None, &[], cloud), []);
        let [(verdict, why)] = &found(private.clone(), Some(cors(true)), &[], cloud)[..] else { panic!("one finding") };
        assert!(*verdict == Verdict::Degraded && why.contains("no effect on a private function"), "{why}");
        let beside_public = found(private.clone(), Some(cors(false)), std::slice::from_ref(&public), cloud);
        assert!(matches!(beside_public[..], [(Verdict::Ok, _)]), "{beside_public:?}");
    }
    let azure = found(public.clone(), None, &[], Cloud::Azure);
    assert!(matches!(&azure[..], [(Verdict::Ok, why)] if why.contains("`CorsLayer`")), "{azure:?}");
    let azure = found(public, Some(cors(true)), &[], Cloud::Azure);
    assert!(matches!(&azure[..], [(Verdict::Ok, why)] if why.starts_with("`max_age` of `cors`")), "{azure:?}");
}
