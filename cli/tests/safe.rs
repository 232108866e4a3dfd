//! What is set, and what a manifest says, is never more than the text that it is: no name widens a policy, no value is replaced by what
//! reads the text, no line ends where nobody ended it.

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
};
use serde_json::{Value, json};

/// A name that is there already reaches policies and templates as one that is made does.
#[test]
fn a_name_that_is_there_already_is_checked_as_well() {
    for (kind, name) in
        [("queue", "*"), ("queue", "a${evil('x')}b"), ("bucket", "a/*"), ("table", "a*"), ("topic", "a b")]
    {
        let grant = json!({"verb": if kind == "bucket" || kind == "table" { "reads" } else { "publishes" }, "kind": kind, "name": "x"});
        let declared = json!({"trigger": {"kind": "topic", "source": "news"}, "grants": [grant]});
        let settings = json!({"resources": {format!("{kind}:x"): {"name": "x", "create": false}}});
        let mut app = support::app("shop", json!([note("f", declared)]), settings, None);
        app.resources.get_mut(&format!("{kind}:x")).unwrap().name = Some(name.to_owned());
        for format in [Format::Sam, Format::Cloudformation, Format::Serverless, Format::Terraform] {
            let error = emit::render(&app, format, &[Cloud::Aws]).expect_err(name);
            assert!(error.message.contains(&format!("cannot be called `{name}`")), "{error}");
        }
    }
    // One of a time when these were taken.
    let declared = json!({"trigger": {"kind": "topic", "source": "news"}, "grants": [{"verb": "reads", "kind": "bucket", "name": "x"}]});
    let settings = json!({"resources": {"bucket:x": {"name": "Old_Bucket", "create": false}}});
    let app = support::app("shop", json!([note("f", declared)]), settings, None);
    emit::render(&app, Format::Sam, &[Cloud::Aws]).unwrap();
}

#[test]
fn serverless_replaces_nothing_in_what_is_set() {
    let declared = json!({"trigger": {"kind": "storage", "source": "uploads", "on": ["created"], "prefix": "in/${x}"},
        "grants": [{"verb": "reads", "kind": "bucket", "name": "uploads"}]});
    let settings = json!({"environment": {"GREETING": "Hello ${name} ${self:service}"}});
    let app = support::app("shop", json!([note("f", declared)]), settings, None);
    let text = &emit::render(&app, Format::Serverless, &[Cloud::Aws]).unwrap()[0].content;
    assert!(text.contains(r#"GREETING: "Hello \\${name} \\${self:service}""#), "{text}");
    assert!(text.contains(r#"prefix: "in/\\${x}""#), "{text}");
    assert!(
        text.contains(r#"Fn::Sub: "arn:${AWS::Partition}:s3:::uploads-${AWS::AccountId}-${AWS::Region}/*""#),
        "{text}"
    );
    // SAM has no variables, and takes it as it is.
    let text = &emit::render(&app, Format::Sam, &[Cloud::Aws]).unwrap()[0].content;
    assert!(text.contains(r#"GREETING: "Hello ${name} ${self:service}""#), "{text}");
}

/// S3's notifications compare encoded keys, EventBridge's patterns and the other clouds' filters compare the keys themselves.
#[test]
fn filters_are_written_as_each_service_compares_them() {
    let declared = json!({"trigger": {"kind": "storage", "source": "lake", "on": ["created"], "prefix": "dt=2026/my files/", "suffix": "+1.jpg"}});
    let app = support::app("shop", json!([note("f", declared)]), json!({}), None);
    let (prefix, suffix) = ("dt%3D2026/my+files/", "%2B1.jpg");
    for (format, cloud, written) in [
        (Format::Sam, Cloud::Aws, [format!("Value: \"{prefix}\""), format!("Value: \"{suffix}\"")]),
        (Format::Cloudformation, Cloud::Aws, [format!("Value: \"{prefix}\""), format!("Value: \"{suffix}\"")]),
        (Format::Terraform, Cloud::Aws, [format!("= \"{prefix}\""), format!("= \"{suffix}\"")]),
        (Format::Serverless, Cloud::Aws, ["wildcard: \"dt=2026/my files/*+1.jpg\"".to_owned(), String::new()]),
        (Format::Terraform, Cloud::Azure, ["/blobs/dt=2026/my files/\"".to_owned(), "= \"+1.jpg\"".to_owned()]),
        (Format::Bicep, Cloud::Azure, ["/blobs/dt=2026/my files/'".to_owned(), "'+1.jpg'".to_owned()]),
        (Format::Knative, Cloud::Gcp, ["objects/dt=2026/my files/".to_owned(), "+1.jpg".to_owned()]),
    ] {
        let files = emit::render(&app, format, &[cloud]).unwrap();
        let text: String = files.iter().map(|file| file.content.as_str()).collect();
        for written in written {
            assert!(text.contains(&written), "{format:?} for {cloud:?} has no {written:?}:\n{text}");
        }
    }
}

/// Kubernetes replaces `$(NAME)` in values.
#[test]
fn knative_replaces_nothing_in_what_is_set() {
    let declared = json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}});
    let settings = json!({"environment": {"GREETING": "Hello $(NAME) for $5"}});
    let app = support::app("shop", json!([note("f", declared)]), settings, None);
    let text = &emit::render(&app, Format::Knative, &[Cloud::Gcp]).unwrap()[0].content;
    assert!(text.contains("value: \"Hello $$(NAME) for $5\""), "{text}");
}

#[test]
fn a_name_that_a_cloud_does_not_take_is_refused_before_the_deployment() {
    let bicep = (Format::Bicep, Cloud::Azure);
    let [aws, google, azure] = [Cloud::Aws, Cloud::Gcp, Cloud::Azure].map(|cloud| (Format::Terraform, cloud));
    let storage = |name: &str| json!({"trigger": {"kind": "storage", "source": name, "on": ["created"]}});
    let from = |kind: &str, name: &str| json!({"trigger": {"kind": kind, "source": name}});
    let with = |mut declared: Value, options: Value| {
        declared["options"] = options;
        declared
    };
    for (declared, name, refusing) in [
        (storage("Data_Lake"), "Data_Lake", &[aws, google, azure, bicep][..]),
        (storage("data_lake"), "data_lake", &[aws, azure, bicep]),
        (from("topic", "tele/metry"), "tele/metry", &[aws, google, azure, bicep]),
        (from("queue", "7orders"), "7orders", &[google]),
        (from("stream", "a+b"), "a+b", &[aws, azure, bicep]),
        (from("changes", "a/b"), "a/b", &[aws, google, azure, bicep]),
        (with(from("queue", "orders"), json!({"service": "storage-queue"})), "", &[]),
        (with(from("queue", "or_ders"), json!({"service": "storage-queue"})), "or_ders", &[azure, bicep]),
        (with(from("topic", "news"), json!({"subscription": "7"})), "7", &[google]),
        (with(from("topic", "news"), json!({"subscription": "mine/"})), "mine/", &[google, azure, bicep]),
        (with(from("stream", "hub"), json!({"consumer_group": "a/b"})), "a/b", &[azure, bicep]),
        (with(from("event", "order.placed"), json!({"dead_letter": "Dead_ones"})), "Dead_ones", &[azure, bicep]),
    ] {
        let app = support::app("shop", json!([note("f", declared.clone())]), json!({}), None);
        for (format, cloud) in [aws, google, azure, bicep] {
            let refused = emit::render(&app, format, &[cloud]).map_err(|error| error.to_string());
            let cells = cargo_omnifn::support::check(&app, &[cloud]).unwrap();
            let mut findings = cells[0].findings.iter();
            let is_found = findings.any(|finding| finding.why.contains(&format!("cannot be called `{name}`")));
            if refusing.contains(&(format, cloud)) {
                let error = refused.expect_err(name);
                assert!(error.contains(&format!("cannot be called `{name}`")), "{format:?} for {cloud:?}: {error}");
                assert!(is_found, "check of {declared} for {cloud:?}");
            } else {
                assert!(refused.is_ok() && !is_found, "{declared} in {format:?} for {cloud:?}: {refused:?}");
            }
        }
    }
}

#[test]
fn the_name_of_a_secret_is_one_of_its_cloud() {
    let declared = |name: &str| {
        let mut note = note(name, json!({"trigger": {"kind": "topic", "source": "news"}, "secrets": ["KEY"]}));
        note["trigger"]["source"] = json!(format!("news-{name}"));
        note
    };
    let settings = json!({"resources": {"secret:KEY": {"name": "team/key"}}});
    let app = support::app("shop", json!([declared("f"), declared("g")]), settings, None);
    emit::render(&app, Format::Sam, &[Cloud::Aws]).unwrap();
    emit::render(&app, Format::Bicep, &[Cloud::Azure]).unwrap();
    let error = emit::render(&app, Format::Terraform, &[Cloud::Gcp]).unwrap_err();
    assert!(error.message.contains("the secret `KEY` on Google Cloud cannot be called `team/key`"), "{error}");
    assert!(error.more.is_empty(), "{error:?}");
}

#[test]
fn a_schedule_that_never_fires_is_refused_everywhere() {
    let declared = json!({"trigger": {"kind": "schedule", "source": "0 0 30 2 *"}});
    let app = support::app("shop", json!([note("f", declared)]), json!({}), None);
    for (format, cloud) in [
        (Format::Sam, Cloud::Aws),
        (Format::Cloudformation, Cloud::Aws),
        (Format::Serverless, Cloud::Aws),
        (Format::Terraform, Cloud::Aws),
        (Format::Terraform, Cloud::Gcp),
        (Format::Terraform, Cloud::Azure),
        (Format::Bicep, Cloud::Azure),
        (Format::Knative, Cloud::Gcp),
    ] {
        let error = emit::render(&app, format, &[cloud]).unwrap_err();
        assert!(error.message.contains("never fires"), "{format:?}: {error}");
    }
    for cell in cargo_omnifn::support::check(&app, &Cloud::ALL).unwrap() {
        assert!(cell.findings.iter().any(|finding| finding.why.contains("never fires")), "{cell:?}");
    }
}

#[test]
fn a_schedule_can_be_set_for_one_cloud() {
    let declared =
        json!({"trigger": {"kind": "schedule", "source": "0 3 * * *"}, "options": {"time_zone": "Europe/Berlin"}});
    let app = |settings| support::app("shop", json!([note("f", declared.clone())]), settings, None);
    assert!(emit::render(&app(json!({})), Format::Bicep, &[Cloud::Azure]).is_err());
    let app = app(json!({"azure": {"functions": {"f": {"schedule": "0 2 * * *", "time_zone": "UTC"}}}}));
    emit::render(&app, Format::Bicep, &[Cloud::Azure]).unwrap();
    let [azure] = &cargo_omnifn::support::check(&app, &[Cloud::Azure]).unwrap()[..] else { panic!("one cell") };
    assert!(azure.findings.iter().all(|finding| !finding.why.contains("time_zone")), "{azure:?}");
    let text = |format, cloud| emit::render(&app, format, &[cloud]).unwrap()[0].content.clone();
    assert!(text(Format::Sam, Cloud::Aws).contains("Europe/Berlin"));
    assert!(text(Format::Knative, Cloud::Gcp).contains("timezone: Europe/Berlin"));
    assert_eq!(app.on(Cloud::Azure).functions[0].trigger.source(), Some("0 2 * * *"));
}

#[test]
fn a_line_ends_where_the_text_says_it_does() {
    let declared = json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}});
    let mut app = support::app("shop", json!([note("f", declared)]), json!({}), None);
    app.functions[0].location.file = "a\rb\u{85}c\u{2028}d\ne".to_owned();
    app.name = "shop\nRUN evil\rRUN evil".to_owned();
    let formats = [
        (Format::Terraform, Cloud::Gcp),
        (Format::Terraform, Cloud::Azure),
        (Format::Bicep, Cloud::Azure),
        (Format::Knative, Cloud::Gcp),
        (Format::Dockerfile, Cloud::Gcp),
        (Format::Dockerfile, Cloud::Aws),
    ];
    for (format, cloud) in formats {
        for file in emit::render(&app, format, &[cloud]).unwrap() {
            let unseen = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{2028}' | '\u{2029}');
            assert_eq!(file.content.chars().find(unseen), None, "{format:?}: {}", file.content);
            assert!(!file.content.lines().any(|line| line.starts_with("RUN evil")), "{format:?}: {}", file.content);
        }
    }
}

fn note(name: &str, mut declared: Value) -> Value {
    for (key, value) in [("v", json!(1)), ("name", json!(name)), ("module", json!("shop")), ("line", json!(7))] {
        declared[key] = value;
    }
    declared["file"] = json!("src/lib.rs");
    declared
}
