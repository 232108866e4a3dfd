//! What is emitted for a hostile program: its texts stay texts in every format, and no policy is without the condition that keeps other
//! accounts out.

#[path = "support/formats.rs"]
mod formats;
#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::App,
};
use formats::FORMATS;
use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

/// Texts that are something else in one of the formats.
const HOSTILE: [&str; 18] = [
    "${file(\"/etc/passwd\")}",
    "%{ for x in y }evil%{ endfor }",
    "$${x}%%{y}",
    "${self:custom.evil}",
    "\" }\nresource \"evil\" \"evil\" {}\n",
    "'\nresource evil 'evil' = {}\n'",
    "\n  Evil:\n    Type: Evil",
    "\n---\nkind: Evil",
    "!Ref Evil",
    "!Sub ${Evil}",
    "*evil",
    "&evil",
    "- evil: {",
    "# evil",
    "'''",
    "\\",
    "<<EOF",
    "null",
];

fn note(name: &str, mut declared: Value) -> Value {
    for (key, value) in [("v", json!(1)), ("name", json!(name)), ("module", json!("shop")), ("line", json!(7))] {
        declared[key] = value;
    }
    declared["file"] = json!("src/lib.rs");
    declared
}

/// A program with a text at one of the places where any text may be.
fn with(place: &str, text: &str) -> App {
    let at = |here: &str| if place == here { text } else { "x" };
    let functions = json!([
        note(
            "f",
            json!({"trigger": {"kind": "storage", "source": "uploads", "on": ["created"], "prefix": at("prefix"), "suffix": at("suffix")}})
        ),
        note("g", json!({"trigger": {"kind": "event", "source": at("event")}})),
        note(
            "h",
            json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": format!("/{}", at("path"))}]}})
        ),
    ]);
    let mut app = support::app("shop", functions, json!({"environment": {"GREETING": at("environment")}}), None);
    app.functions[0].location.file = at("file").to_owned();
    app
}

/// How many values a reader of this text replaces. In comments, it replaces none.
fn replaced(format: Format, text: &str) -> usize {
    let is_comment = |line: &&str| ["#", "//"].iter().any(|start| line.trim_start().starts_with(start));
    let text = &text.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n");
    let kept = match format {
        Format::Terraform => text.replace("$${", "").replace("%%{", ""),
        Format::Bicep => text.replace("\\${", ""),
        Format::Serverless => text.replace("\\\\${", "").replace("\\${", ""),
        // What is not in `Sub` is a text.
        _ => return 0,
    };
    kept.matches("${").count() + if format == Format::Terraform { kept.matches("%{").count() } else { 0 }
}

#[test]
fn a_text_is_no_template_in_any_format() {
    let mut compared = 0;
    for (format, cloud) in FORMATS {
        for place in ["prefix", "suffix", "event", "path", "environment", "file"] {
            let harmless = emit::render(&with(place, "x"), format, &[cloud]).expect("a plain program");
            for hostile in HOSTILE {
                // What a cloud does not take is an error before anything is deployed.
                let Ok(files) = emit::render(&with(place, hostile), format, &[cloud]) else { continue };
                assert_eq!(files.len(), harmless.len(), "{format:?} for {cloud:?}: {place} = {hostile:?}");
                for (file, harmless) in files.iter().zip(&harmless) {
                    let what = format!("{format:?} for {cloud:?}: {place} = {hostile:?}:\n{}", file.content);
                    assert_eq!(replaced(format, &file.content), replaced(format, &harmless.content), "{what}");
                    let declares = |line: &&str| {
                        let line = line.trim_start();
                        line.starts_with("resource ") || line.starts_with("Type:") || line.starts_with("kind:")
                    };
                    let count = |text: &str| text.lines().filter(declares).count();
                    assert_eq!(count(&file.content), count(&harmless.content), "{what}");
                    match format {
                        Format::Sam | Format::Cloudformation | Format::Serverless | Format::Knative => {
                            let [found, expected] =
                                [file, harmless].map(|file| YamlLoader::load_from_str(&file.content));
                            assert_eq!(found.expect(&what).len(), expected.expect("YAML").len(), "{what}");
                        }
                        Format::Terraform => drop(hcl::parse(&file.content).expect(&what)),
                        _ => {}
                    }
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 300, "{compared} texts");
}

fn text(yaml: &Yaml) -> String {
    format!("{yaml:?}")
}

/// A service of AWS acts for every account: a policy that lets it in says for whom.
#[test]
fn a_service_of_aws_acts_for_this_account_only() {
    let mut checked = 0;
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        let files = emit::render(&app, Format::Cloudformation, &[Cloud::Aws]).expect("CloudFormation");
        let document = &YamlLoader::load_from_str(&files[0].content).expect("YAML")[0];
        for (id, resource) in document["Resources"].as_hash().expect("resources") {
            let properties = &resource["Properties"];
            let what = format!("{name}: {}", text(id));
            match resource["Type"].as_str().expect("a type") {
                "AWS::Lambda::Permission" => {
                    // A Function URL is called by clients, and its permission names the kind of its authentication.
                    let is_limited = !properties["SourceArn"].is_badvalue()
                        || !properties["FunctionUrlAuthType"].is_badvalue()
                        || !properties["InvokedViaFunctionUrl"].is_badvalue();
                    assert!(is_limited, "{what}");
                    // The name of a bucket does not name its account.
                    if properties["Principal"].as_str() == Some("s3.amazonaws.com") {
                        assert!(!properties["SourceAccount"].is_badvalue(), "{what}");
                    }
                    checked += 1;
                }
                "AWS::IAM::Role" if text(properties).contains("scheduler.amazonaws.com") => {
                    assert!(text(&properties["AssumeRolePolicyDocument"]).contains("aws:SourceAccount"), "{what}");
                    checked += 1;
                }
                "AWS::SQS::QueuePolicy" | "AWS::SNS::TopicPolicy" => {
                    let statements = properties["PolicyDocument"]["Statement"].as_vec().expect("statements");
                    // A statement that denies grants no access.
                    for statement in statements.iter().filter(|it| it["Effect"].as_str() != Some("Deny")) {
                        let condition = text(&statement["Condition"]);
                        assert!(
                            condition.contains("aws:SourceArn") || condition.contains("aws:SourceAccount"),
                            "{what}"
                        );
                        checked += 1;
                    }
                }
                _ => {}
            }
        }
        let files = emit::render(&app, Format::Terraform, &[Cloud::Aws]).expect("Terraform");
        let all: String = files.iter().map(|file| file.content.as_str()).collect();
        for block in all.split("\nresource ").filter(|block| block.starts_with("\"aws_lambda_permission\"")) {
            let block = block.split("\n}").next().unwrap_or_default();
            assert!(block.contains("source_arn") || block.contains("function_url_auth_type"), "{name}: {block}");
            assert!(!block.contains("s3.amazonaws.com") || block.contains("source_account"), "{name}: {block}");
            checked += 1;
        }
    }
    assert!(checked > 15, "{checked} policies");
}

/// On Google Cloud, a role on Firestore is limited to a database, and nobody is let in from everywhere unless the source says so.
#[test]
fn roles_of_google_cloud_have_their_conditions() {
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        let files = emit::render(&app, Format::Terraform, &[Cloud::Gcp]).expect("Terraform");
        let all: String = files.iter().map(|file| file.content.as_str()).collect();
        for block in all.split("\nresource ").filter(|block| block.contains("roles/datastore.")) {
            let block = block.split("\n}").next().unwrap_or_default();
            assert!(block.contains("condition {") && block.contains("/databases/"), "{name}: {block}");
        }
    }
    let grant = json!({"trigger": {"kind": "topic", "source": "news"}, "grants": [{"verb": "reads", "kind": "table", "name": "x"}]});
    let app = support::app("shop", json!([note("f", grant)]), json!({}), None);
    let files = emit::render(&app, Format::Terraform, &[Cloud::Gcp]).expect("Terraform");
    let all: String = files.iter().map(|file| file.content.as_str()).collect();
    assert!(
        all.contains("roles/datastore.viewer") && all.contains("resource.name == ") && !all.contains("allUsers"),
        "{all}"
    );
}
