//! What a deployed program is told, and what two deployments of one program share: nothing.

#[path = "support/formats.rs"]
mod formats;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::{App, ResourceKind, Verb},
    overlay::Overlay,
};
use formats::FORMATS;
use serde_json::{Value, json};

/// Timers of Azure's Flex Consumption know no time zone.
fn program(name: &str, stage: Option<&str>) -> App {
    let stages: BTreeMap<_, _> = ["blue", "green"].map(|stage| (stage, json!({}))).into();
    let mut app = support::program(name, json!({ "stages": stages }), stage);
    app.functions.iter_mut().for_each(|function| function.options.time_zone = None);
    app
}

fn text(app: &App, format: Format, cloud: Cloud) -> String {
    emit::render(app, format, &[cloud]).unwrap().into_iter().map(|file| file.content + "\n").collect()
}

/// The formats that describe a running program: a Dockerfile only builds one.
fn formats() -> impl Iterator<Item = (Format, Cloud)> {
    FORMATS.into_iter().filter(|(format, _)| *format != Format::Dockerfile)
}

fn variable(kind: &str, name: &str) -> String {
    format!("OMNIFN_{kind}_{name}").to_ascii_uppercase().replace(['-', '.'], "_")
}

#[test]
fn every_resource_that_a_function_uses_is_named_in_its_variables() {
    let mut seen = 0;
    for name in support::programs() {
        let app = program(&name, None);
        for (format, cloud) in formats() {
            let text = text(&app, format, cloud);
            for function in &app.functions {
                let granted = function.grants.iter().map(|grant| (grant.kind, grant.name.as_str()));
                for (kind, logical) in function.trigger.resource().into_iter().chain(granted) {
                    let variable = variable(kind.name(), logical);
                    assert!(text.contains(&variable), "{format:?} of {name} on {cloud:?}: {variable}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Each kind of resource, with what a client needs to reach it.
#[test]
fn the_values_are_what_a_client_needs() {
    let grant = |verb: Verb, kind: ResourceKind| json!({"verb": verb, "kind": kind, "name": "my-x"});
    let grants = [
        grant(Verb::Publishes, ResourceKind::Queue),
        grant(Verb::Publishes, ResourceKind::Topic),
        grant(Verb::Publishes, ResourceKind::Stream),
        grant(Verb::Reads, ResourceKind::Bucket),
        grant(Verb::Reads, ResourceKind::Table),
    ];
    let function = json!([{"v": 1, "name": "f", "trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]},
        "grants": grants, "module": "m", "file": "f", "line": 1}]);
    // Each kind has a name of its own, for on Google Cloud three of them are topics.
    let resources: BTreeMap<_, _> = ["queue", "topic", "stream", "bucket", "table"]
        .map(|kind| (format!("{kind}:my-x"), json!({ "name": format!("{kind}-x") })))
        .into();
    let settings = json!({"resources": resources, "gcp": {"project": "p-1"}});
    let app = support::app("shop", function, settings, None);
    let aws = [
        ("QUEUE", "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/queue-x"),
        ("TOPIC", "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:topic-x"),
        ("STREAM", "stream-x"),
        ("BUCKET", "s3://bucket-x"),
        ("TABLE", "table-x"),
    ];
    let google = [
        ("QUEUE", "projects/p-1/topics/queue-x"),
        ("TOPIC", "projects/p-1/topics/topic-x"),
        ("STREAM", "projects/p-1/topics/stream-x"),
        ("BUCKET", "gs://bucket-x"),
        ("TABLE", "table-x"),
        ("TABLE_MY_X_DATABASE", "(default)"),
    ];
    let azure = [
        ("QUEUE", "queue-x"),
        ("QUEUE_MY_X_ENDPOINT", "${bus.name}.servicebus.windows.net"),
        ("TOPIC", "topic-x"),
        ("TOPIC_MY_X_ENDPOINT", "${bus.name}.servicebus.windows.net"),
        ("STREAM", "stream-x"),
        ("STREAM_MY_X_ENDPOINT", "${hubs.name}.servicebus.windows.net"),
        ("BUCKET", "${data.properties.primaryEndpoints.blob}bucket-x"),
        ("TABLE", "table-x"),
        ("TABLE_MY_X_DATABASE", "shop"),
        ("TABLE_MY_X_ENDPOINT", "${cosmos.properties.documentEndpoint}"),
    ];
    for (format, cloud, values) in [
        (Format::Sam, Cloud::Aws, &aws[..]),
        (Format::Knative, Cloud::Gcp, &google),
        (Format::Bicep, Cloud::Azure, &azure),
    ] {
        let text = text(&app, format, cloud);
        let words: Vec<_> =
            text.split(|c: char| c.is_whitespace() || "\"'".contains(c)).filter(|word| !word.is_empty()).collect();
        for (kind, value) in values {
            let name = if kind.contains('_') { format!("OMNIFN_{kind}") } else { format!("OMNIFN_{kind}_MY_X") };
            // The value follows the name, after what the format writes between them.
            let own = |word: &&str| word.trim_end_matches(':') == name;
            let at = words.iter().position(own).unwrap_or_else(|| panic!("{format:?} has no {name}"));
            assert!(
                words[at + 1..].iter().take(3).any(|word| word == value),
                "{format:?}, {name}: {:?}",
                &words[at..at + 4]
            );
        }
    }
}

#[test]
fn a_variable_that_is_set_is_kept_and_two_resources_never_share_one() {
    let function = |grants: Value| {
        json!([{"v": 1, "name": "f", "trigger": {"kind": "queue", "source": "my-x"}, "grants": grants,
        "module": "m", "file": "f", "line": 1}])
    };
    let settings = json!({"environment": {"OMNIFN_QUEUE_MY_X": "mine"}});
    let app = support::app("shop", function(json!([])), settings, None);
    for (format, cloud) in formats() {
        let text = text(&app, format, cloud);
        assert!(text.contains("mine"), "{format:?}");
        // Knative's text has it in the service and in the command beside it.
        assert!(text.matches("OMNIFN_QUEUE_MY_X").count() <= 2, "{format:?}: {text}");
    }
    let twin = function(json!([{"verb": "publishes", "kind": "queue", "name": "my_x"}]));
    let notes: Vec<cargo_omnifn::model::FunctionNote> = serde_json::from_value(twin).unwrap();
    let error = Overlay::default().app("shop", notes.into_iter().map(Into::into).collect(), None).unwrap_err();
    assert!(error.message.contains("have the same variable, `OMNIFN_QUEUE_MY_X`"), "{error}");
}

/// The names that a text gives to what it creates: the values of these keys, of whatever format.
fn created(text: &str) -> BTreeSet<String> {
    const KEYS: [&str; 16] = [
        "QueueName",
        "TopicName",
        "TableName",
        "BucketName",
        "FunctionName",
        "LogGroupName",
        "Name",
        "name",
        "function_name",
        "queue_name",
        "service",
        "account_id",
        "StreamName",
        "RoleName",
        "topic",
        "id",
    ];
    let pairs = text.lines().filter_map(|line| line.trim().split_once([':', '=']));
    let named = pairs.filter(|(key, _)| KEYS.contains(&key.trim().trim_matches('"')));
    named.map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

#[test]
fn two_stages_create_no_name_twice() {
    for name in support::programs() {
        let (blue, green) = (program(&name, Some("blue")), program(&name, Some("green")));
        let own = |app: &App| app.all_resources().into_iter().map(|it| (it.kind, it.name)).collect::<BTreeSet<_>>();
        assert!(own(&blue).is_disjoint(&own(&green)), "{name}");
        for (format, cloud) in formats() {
            let texts = [&blue, &green].map(|app| text(app, format, cloud));
            let [blues, greens] = [&texts[0], &texts[1]].map(|text| created(text));
            // What both have is a reference or a word of the format, and never the name of a function or of a resource.
            let both: Vec<_> = blues.intersection(&greens).collect();
            let logical = blue.all_resources().into_iter().map(|it| it.logical);
            let names: BTreeSet<_> =
                logical.chain(blue.functions.iter().map(|it| format!("{}-{}", blue.package, it.name))).collect();
            assert!(both.iter().all(|text| !names.contains(*text)), "{format:?} of {name}: {both:?}");
            assert!(blues.iter().any(|text| text.contains("blue")), "{format:?} of {name}: {blues:?}");
        }
    }
}

#[test]
fn a_name_has_the_stage_in_front_unless_the_stage_gives_it() {
    let function = json!([{"v": 1, "name": "f", "trigger": {"kind": "queue", "source": "orders.fifo"}, "module": "m", "file": "f", "line": 1}]);
    let resource = |set: Value| json!({"resources": {"queue:orders.fifo": set}});
    for (all, own, expected) in [
        (json!({}), json!({}), "prod-orders.fifo"),
        (resource(json!({"name": "shop.fifo"})), json!({}), "prod-shop.fifo"),
        (json!({}), resource(json!({"name": "exactly.fifo"})), "exactly.fifo"),
        (resource(json!({"name": "theirs.fifo", "create": false})), json!({}), "theirs.fifo"),
    ] {
        let mut settings = all;
        settings["stages"] = json!({ "prod": own });
        let app = support::app("shop", function.clone(), settings, Some("prod"));
        assert_eq!(app.resource(ResourceKind::Queue, "orders.fifo").name, expected);
    }
}
