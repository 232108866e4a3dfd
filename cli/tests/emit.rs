//! Every format over every example is the text in `tests/golden/<format>/<example>/`. `OMNIFN_BLESS=1` writes these anew: read the change
//! as one who deploys it would. What the providers' own tools say of them is in `tests/peers/suites/emit_validators.py`.

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    error::{Error, Kind},
    files::MARK,
    model::{App, Cors},
    policy,
};
use serde_json::{Value, json};

/// The formats, each with the folder that its texts are in and the clouds that it is asked for.
const FORMATS: &[(&str, Format, &[Cloud])] = &[
    ("sam", Format::Sam, &[Cloud::Aws]),
    ("cloudformation", Format::Cloudformation, &[Cloud::Aws]),
    ("serverless", Format::Serverless, &[Cloud::Aws]),
    ("terraform-aws", Format::Terraform, &[Cloud::Aws]),
    ("terraform-gcp", Format::Terraform, &[Cloud::Gcp]),
    ("terraform-azure", Format::Terraform, &[Cloud::Azure]),
    ("bicep", Format::Bicep, &[Cloud::Azure]),
    ("knative", Format::Knative, &[Cloud::Gcp]),
    ("dockerfile", Format::Dockerfile, &[Cloud::Gcp, Cloud::Aws]),
];

/// The program as a cloud can have it: timers of Azure's Flex Consumption know no time zone (`tests/impossible.rs`).
fn fitted(mut app: App, clouds: &[Cloud]) -> App {
    if clouds.contains(&Cloud::Azure) {
        app.functions.iter_mut().for_each(|function| function.options.time_zone = None);
    }
    app
}

/// Programs with settings laid over them, beside the plain ones: the name, the program, the settings, the stage.
fn variants() -> Vec<(&'static str, &'static str, Value, Option<&'static str>)> {
    let resource =
        |kind: &str| (kind.to_owned(), json!({"name": format!("prod-{}", kind.replace(':', "-")), "create": false}));
    let there: BTreeMap<_, _> =
        ["queue:orders", "queue:orders-dead", "topic:news", "stream:telemetry", "bucket:uploads", "table:accounts"]
            .map(resource)
            .into();
    let prod = json!({
        "name": "shop",
        "stages": {"prod": {
            "resources": there,
            "aws": {"region": "eu-central-1", "architecture": "arm64", "split": true},
            "functions": {
                "settle": {"instances": 5, "batch_size": 100, "environment": {"CURRENCY": "EUR: €"}},
                "measure": {"attempts": 3, "dead_letter": "measure-dead", "batch_window": 5},
                "announce": {"attempts": 9, "dead_letter": "news-dead", "memory": 64},
            },
        }},
    });
    let url = json!({"aws": {"http": "function-url", "streaming": true}});
    vec![
        ("triggers-there", "triggers", prod, Some("prod")),
        ("api-url", "api", url.clone(), None),
        ("ingest-url", "ingest", url, None),
    ]
}

fn programs() -> Vec<(String, App)> {
    let plain = support::programs().into_iter().map(|name| (name.clone(), support::program(&name, json!({}), None)));
    let with_settings = variants()
        .into_iter()
        .map(|(name, program, settings, stage)| (name.to_owned(), support::program(program, settings, stage)));
    let mut with_cors = support::program("api", json!({}), None);
    with_cors.cors = Some(Cors {
        origins: vec!["https://shop.example.com".to_owned(), "http://localhost:3000".to_owned()],
        methods: None,
        headers: None,
        exposed: vec!["etag".to_owned()],
        credentials: true,
        max_age: Some(600),
    });
    plain.chain(with_settings).chain([("api-cors".to_owned(), with_cors)]).collect()
}

#[test]
fn every_action_in_a_text_is_one_of_the_policies_and_none_is_missing() {
    let of_aws = FORMATS.iter().filter(|(_, format, clouds)| *clouds == [Cloud::Aws] && *format != Format::Terraform);
    for (folder, format, clouds) in of_aws {
        for (name, app) in programs() {
            let texts = emit::render(&app, *format, clouds).unwrap();
            let lines = texts.iter().flat_map(|file| file.content.lines());
            let mut found: Vec<_> = lines.filter_map(action).collect();
            let roles = policy::roles(&app);
            let statements = roles.iter().flat_map(|role| policy::statements(&role.permissions));
            let mut wanted: Vec<_> = statements.flat_map(|statement| statement.actions).map(str::to_owned).collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "{folder} of {name}");
        }
    }
}

#[test]
fn what_aws_cannot_do_is_an_error_that_names_the_function_and_a_way_out() {
    let queue =
        |source: &str, options: Value| json!({"trigger": {"kind": "queue", "source": source}, "options": options});
    let topic =
        |source: &str, options: Value| json!({"trigger": {"kind": "topic", "source": source}, "options": options});
    let cases = [
        (
            json!({"trigger": {"kind": "schedule", "source": "0 0 13 * 5"}}),
            "both the day of the month and the day of the week",
        ),
        (
            json!({"trigger": {"kind": "topic", "source": "news"}, "deploy": {"memory": 20000}}),
            "memory = 20000 is beyond the 10240",
        ),
        (
            json!({"trigger": {"kind": "topic", "source": "news"}, "deploy": {"timeout": 901}}),
            "timeout = 901 is beyond the 900",
        ),
        (queue("orders.fifo", json!({"batch_size": 11})), "batch_size = 11 is beyond the 10 "),
        (queue("orders.fifo", json!({"batch_window": 1})), "no `batch_window`"),
        (queue("orders", json!({"batch_size": 10001})), "batch_size = 10001"),
        (queue("orders", json!({"dead_letter": "dead.fifo"})), "both are FIFO queues, or none is"),
        (topic("news.fifo", json!({})), "FIFO topic"),
        (topic("news", json!({"dead_letter": "dead.fifo"})), "no dead letters to a FIFO queue"),
        (json!({"trigger": {"kind": "stream", "source": "s"}, "options": {"service": "kafka"}}), "Kafka"),
        (json!({"trigger": {"kind": "storage", "source": "Uploads", "on": ["created"]}}), "cannot be called `Uploads`"),
    ];
    for (declared, words) in cases {
        let app = support::app("shop", json!([note("f", declared.clone())]), json!({}), None);
        for format in [Format::Sam, Format::Cloudformation, Format::Serverless] {
            let error = emit::render(&app, format, &[Cloud::Aws]).expect_err(words);
            assert!(error.message.contains(words), "{declared}: {error}");
            assert_eq!(error.kind, Kind::Impossible, "{error}");
            assert!(error.message.contains("src/lib.rs:7") || error.help.is_some(), "{error}");
        }
    }
}

#[test]
fn a_name_that_lambda_does_not_take_is_refused() {
    let topic = || json!({"trigger": {"kind": "topic", "source": "news"}});
    for (name, words) in
        [("über", "`shop-über` has more than the letters"), (&"x".repeat(60)[..], "longer than the 64")]
    {
        let mut app = support::app("shop", json!([note("f", topic())]), json!({}), None);
        name.clone_into(&mut app.functions[0].name);
        for format in [Format::Sam, Format::Serverless] {
            let error = emit::render(&app, format, &[Cloud::Aws]).unwrap_err();
            assert!(error.kind == Kind::Impossible && error.message.contains(words), "{error}");
        }
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let broken =
        || json!({"trigger": {"kind": "topic", "source": "news"}, "deploy": {"memory": 20000, "timeout": 901}});
    let app = support::app("shop", json!([note("one", broken()), note("two", broken())]), json!({}), None);
    let error = emit::render(&app, Format::Sam, &[Cloud::Aws]).unwrap_err();
    fn count(error: &Error) -> usize {
        1 + error.more.iter().map(count).sum::<usize>()
    }
    assert_eq!(count(&error), 4, "{error:?}");
}

#[test]
fn names_that_are_one_in_cloudformation_are_refused() {
    let queue = |name: &str| json!({"trigger": {"kind": "queue", "source": name}});
    let app = support::app("shop", json!([note("a-b", queue("one")), note("a_b", queue("two"))]), json!({}), None);
    let error = emit::render(&app, Format::Cloudformation, &[Cloud::Aws]).unwrap_err();
    assert!(error.message.contains("two resources are both called `AB"), "{error}");
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let http =
        || json!([note("f", json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}}))]);
    // What no setting may be is refused when the settings are read; this is one that does not go with another.
    let settings = json!({"aws": {"streaming": true}});
    let error = emit::render(&support::app("shop", http(), settings, None), Format::Sam, &[Cloud::Aws]).unwrap_err();
    assert!(error.kind == Kind::Impossible && error.message.contains("an HTTP API cannot stream"), "{error}");
}

#[test]
fn a_setting_of_a_stage_goes_before_a_secret_and_nothing_before_what_the_program_is_told() {
    let mut declared = json!({"trigger": {"kind": "topic", "source": "news"}, "secrets": ["KEY", "OTHER"]});
    declared["options"] = json!({"dead_letter": "dead"});
    let settings = json!({"functions": {"f": {"environment": {"KEY": "set", "OMNIFN_FUNCTION": "g"}}}});
    let app = support::app("shop", json!([note("f", declared)]), settings, None);
    for format in [Format::Sam, Format::Cloudformation, Format::Serverless] {
        let text = &emit::render(&app, format, &[Cloud::Aws]).unwrap()[0].content;
        assert!(text.contains("KEY: set\n") && !text.contains("resolve:secretsmanager:shop/KEY"), "{text}");
        assert!(text.contains("OTHER: \"{{resolve:secretsmanager:shop/OTHER:SecretString}}\"\n"), "{text}");
        assert!(text.contains("OMNIFN_FUNCTION: f\n") && !text.contains("OMNIFN_FUNCTION: g"), "{text}");
        // Lambda tries twice more what it was handed, and not the four times of a stream.
        assert!(text.to_lowercase().contains("maximumretryattempts: 2\n"), "{text}");
    }
}

/// A bucket that several functions hear of tells through EventBridge, where filters may overlap.
#[test]
fn a_bucket_of_several_functions_tells_through_eventbridge() {
    let heard = |prefix: &str| json!({"trigger": {"kind": "storage", "source": "uploads", "on": ["created"], "prefix": prefix}});
    let app = support::app("shop", json!([note("a", heard("a")), note("b", heard("ab*"))]), json!({}), None);
    for format in [Format::Sam, Format::Cloudformation, Format::Serverless] {
        let text = &emit::render(&app, format, &[Cloud::Aws]).unwrap()[0].content;
        assert!(text.contains("EventBridgeEnabled: true") && !text.contains("LambdaConfigurations"), "{text}");
        assert_eq!(text.matches("Object Created").count(), 2, "{text}");
    }
}

#[test]
fn zips_are_where_the_target_folder_is() {
    let declared = json!({"trigger": {"kind": "topic", "source": "news"}});
    let mut app = support::app("shop", json!([note("f", declared)]), json!({}), None);
    for (artifacts, zip, folder, head) in [
        ("target/omnifn", "target/omnifn/aws/shop.zip", "../../target/omnifn/aws", "the folder that contains `target`"),
        (".build/omnifn", ".build/omnifn/aws/shop.zip", "../../.build/omnifn/aws", "the folder of Cargo.toml"),
        ("/x y/omnifn", "/x y/omnifn/aws/shop.zip", "/x y/omnifn/aws", "put in `/x y/omnifn`"),
    ] {
        artifacts.clone_into(&mut app.artifacts);
        for format in [Format::Sam, Format::Cloudformation, Format::Serverless] {
            let text = &emit::render(&app, format, &[Cloud::Aws]).unwrap()[0].content;
            assert!(text.contains(zip) && text.contains(head), "{text}");
        }
        let files = emit::render(&app, Format::Terraform, &[Cloud::Aws]).unwrap();
        assert!(files.iter().any(|file| file.content.contains(&format!("\"{folder}\""))), "{folder}");
    }
    assert!(emit::commands(&app, Format::Cloudformation)[0].ends_with("'/x y/omnifn/packaged.yaml'"));
}

/// A caller who may send requests to the HTTP functions cannot invoke the others: each of those has its own service.
#[test]
fn a_function_that_is_invoked_has_a_service_of_its_own() {
    let home = json!({
        "trigger": {"kind": "http", "routes": [{"methods": ["ANY"], "path": "/{*rest}"}]}, "deploy": {"visibility": "public"},
    });
    let invoked = || json!({"trigger": {"kind": "invoke"}});
    let functions = json!([note("price", invoked()), note("home", home), note("pay", invoked())]);
    let app = support::app("shop", functions, json!({}), None);
    let text = |format, cloud| {
        let files = emit::render(&app, format, &[cloud]).unwrap();
        files.into_iter().map(|file| file.content).collect::<String>()
    };
    let knative = text(Format::Knative, Cloud::Gcp);
    for target in ["price", "home", "pay"] {
        assert!(knative.contains(&format!("name: FUNCTION_TARGET\n              value: {target}\n")), "{knative}");
    }
    // The cluster's own callers reach it, and nobody else.
    assert_eq!(knative.matches("networking.knative.dev/visibility: cluster-local").count(), 2, "{knative}");
    let roles = text(Format::Terraform, Cloud::Gcp);
    assert_eq!(roles.matches("\"allUsers\"").count(), 1, "{roles}");
    for format in [Format::Sam, Format::Cloudformation, Format::Serverless] {
        let aws = text(format, Cloud::Aws);
        assert!(aws.contains("OMNIFN_FUNCTION: price\n") && aws.contains("OMNIFN_FUNCTION: pay\n"), "{aws}");
        let paths = aws.lines().filter(|line| line.contains("/price") && !line.contains("/aws/lambda/"));
        assert_eq!(paths.collect::<Vec<_>>(), Vec::<&str>::new(), "{aws}");
    }
    // On Azure, too: the zip of each app has no other function.
    let azure = text(Format::Bicep, Cloud::Azure);
    for unit in ["price", "http", "pay"] {
        assert!(azure.contains(&format!(" --name <{unit}_name> --src target/omnifn/azure/{unit}.zip\n")), "{azure}");
    }
    for target in ["price", "home", "pay"] {
        assert!(azure.contains(&format!("name: 'OMNIFN_FUNCTION'\n          value: '{target}'\n")), "{azure}");
    }
}

fn note(name: &str, mut declared: Value) -> Value {
    for (key, value) in [("v", json!(1)), ("name", json!(name)), ("module", json!("shop")), ("line", json!(7))] {
        declared[key] = value;
    }
    declared["file"] = json!("src/lib.rs");
    declared
}

/// `- sqs:SendMessage`, as an item of a list.
fn action(line: &str) -> Option<String> {
    let (service, name) = line.trim_start().strip_prefix("- ")?.split_once(':')?;
    let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
    (is_name(service) && is_name(name) && capital).then(|| format!("{service}:{name}"))
}

fn golden(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format)
}

/// All files below a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    all
}

#[test]
fn every_format_of_every_example_is_as_it_was() {
    let bless = std::env::var_os("OMNIFN_BLESS").is_some();
    for (folder, format, clouds) in FORMATS {
        let mut expected = BTreeMap::new();
        for (name, app) in programs() {
            let app = fitted(app, clouds);
            let texts =
                emit::render(&app, *format, clouds).unwrap_or_else(|error| panic!("{folder} of {name}: {error:?}"));
            assert!(!texts.is_empty(), "{folder} of {name} is nothing");
            let again = emit::render(&app, *format, clouds).unwrap();
            assert_eq!(texts, again, "{folder} of {name} is another the second time");
            for file in texts {
                let head: String = file.content.chars().take(512).collect();
                assert!(head.contains(MARK), "{folder} of {name}: {} does not say what it is", file.path.display());
                let path = Path::new(&name).join(&file.path);
                assert_eq!(expected.insert(path.clone(), file.content), None, "{} twice", path.display());
            }
        }
        let folder = golden(folder);
        if bless {
            let _ = fs::remove_dir_all(&folder);
            for (path, content) in &expected {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
        }
        let found = files(&folder);
        let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&expected), names(&found), "the files in {}: OMNIFN_BLESS=1 writes them", folder.display());
        for (path, content) in &expected {
            if found[path] != *content {
                let other = content.lines().zip(found[path].lines()).position(|(new, old)| new != old);
                let line = other.unwrap_or_else(|| content.lines().count().min(found[path].lines().count()));
                let (new, old) = (content.lines().nth(line), found[path].lines().nth(line));
                let path = folder.join(path);
                panic!("{}:{} was {old:?} and is {new:?}: OMNIFN_BLESS=1 writes it anew", path.display(), line + 1);
            }
        }
    }
}
