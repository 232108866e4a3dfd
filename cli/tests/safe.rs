//! What is set, and what a manifest says, is never more than the text that it is: no name widens a policy, no value is replaced by what
//! reads the text, no line ends where nobody ended it.

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use cargo_omnifn::{
    cli::Cloud,
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

#[test]
fn a_line_ends_where_the_text_says_it_does() {
    let declared = json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}});
    let mut app = support::app("shop", json!([note("f", declared)]), json!({}), None);
    app.functions[0].source.file = "a\rb\u{85}c\u{2028}d\ne".to_owned();
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
