//! What Terraform's texts hold together: each is HCL as a parser of others reads it, each name that is used is declared, and every role in
//! them is one of the policies.

mod support;

use std::collections::BTreeSet;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::{App, Function, Trigger},
    policy::{azure, gcp},
};
use hcl::{Block, Body};
use serde_json::json;

/// All programs of all clouds; on Azure, schedules in UTC.
fn programs() -> Vec<(String, Cloud, App)> {
    let mut all = Vec::new();
    for name in support::programs() {
        for cloud in Cloud::ALL {
            let mut app = support::program(&name, json!({}), None);
            if cloud == Cloud::Azure {
                app.functions.iter_mut().for_each(|function| function.options.time_zone = None);
            }
            all.push((format!("{name} on {}", cloud.name()), cloud, app));
        }
    }
    all
}

/// All blocks of a cloud's folder, and its whole text without comments.
fn read(app: &App, cloud: Cloud) -> (Vec<Block>, String) {
    let mut text = String::new();
    for file in emit::render(app, Format::Terraform, &[cloud]).unwrap() {
        assert!(file.path.starts_with(format!("terraform/{}", cloud.name())), "{}", file.path.display());
        let code = file.content.lines().filter(|line| !line.trim_start().starts_with('#'));
        text.extend(code.flat_map(|line| [line, "\n"]));
    }
    let body: Body = hcl::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    (body.into_blocks().collect(), text)
}

fn label(block: &Block, at: usize) -> &str {
    block.labels().get(at).map_or("", |label| label.as_str())
}

/// What a file declares, as it is referred to.
fn declared(blocks: &[Block]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for block in blocks {
        let name = match block.identifier() {
            "resource" => format!("{}.{}", label(block, 0), label(block, 1)),
            "data" => format!("data.{}.{}", label(block, 0), label(block, 1)),
            "variable" => format!("var.{}", label(block, 0)),
            "output" => format!("output.{}", label(block, 0)),
            "locals" => {
                all.extend(block.body().attributes().map(|attribute| format!("local.{}", attribute.key())));
                continue;
            }
            _ => continue,
        };
        assert!(all.insert(name.clone()), "{name} is declared twice");
    }
    all
}

/// The names that a text refers to: `var.a`, `local.a`, `data.kind.name`, `kind_of.name`.
fn used(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let mut all = BTreeSet::new();
    for word in words {
        let parts: Vec<_> = word.split('.').collect();
        let taken = match parts[..] {
            ["data", kind, ..] if !kind.contains('_') => 0,
            ["data", _, _, ..] => 3,
            ["var" | "local", _, ..] => 2,
            [kind, _, ..] if ["aws_", "google_", "azurerm_"].iter().any(|start| kind.starts_with(start)) => 2,
            _ => 0,
        };
        if taken > 0 {
            all.insert(parts[..taken].join("."));
        }
    }
    all
}

#[test]
fn each_name_that_is_used_is_declared_and_each_that_is_declared_is_used() {
    for (name, cloud, app) in programs() {
        let (blocks, text) = read(&app, cloud);
        let (declared, used) = (declared(&blocks), used(&text));
        let missing: Vec<_> = used.difference(&declared).collect();
        assert!(missing.is_empty(), "{name} uses what is nowhere: {missing:?}");
        assert!(used.len() >= 5, "{name} uses {used:?}");
        let idle = declared.iter().filter(|name| name.starts_with("var.") || name.starts_with("data."));
        let idle: Vec<_> = idle.filter(|name| !used.contains(*name)).collect();
        assert!(idle.is_empty(), "{name} declares what nothing uses: {idle:?}");
    }
}

#[test]
fn each_function_is_in_exactly_one_service() {
    for (name, cloud, app) in programs() {
        let (blocks, text) = read(&app, cloud);
        let kind = match cloud {
            Cloud::Aws => "aws_lambda_function",
            Cloud::Gcp => "google_cloud_run_v2_service",
            Cloud::Azure => "azurerm_function_app_flex_consumption",
        };
        let services =
            blocks.iter().filter(|block| block.identifier() == "resource" && label(block, 0) == kind).count();
        assert!(services >= 1 && services <= app.functions.len(), "{name}: {services}");
        // HTTP functions that the same callers reach are one, on each cloud.
        let is_http = |function: &&Function| matches!(function.trigger, Trigger::Http(_));
        let access: BTreeSet<_> = app
            .functions
            .iter()
            .filter(is_http)
            .map(|it| format!("{:?}", (it.deploy.visibility, it.deploy.auth)))
            .collect();
        let others = app.functions.iter().filter(|function| !is_http(function)).count();
        assert_eq!(services, access.len() + others, "{name}");
        // An event is posted to the function's own path, and to no other.
        if cloud == Cloud::Gcp {
            for function in &app.functions {
                let is_posted = text.contains(&format!("/_omnifn/{}\"", function.name));
                let takes_events = function.trigger.source().is_some();
                assert_eq!(is_posted, takes_events, "{name}: {}", function.name);
            }
        }
    }
}

/// The roles that Terraform's texts give on Google Cloud and Azure: each kind of resource with the role.
fn roles(blocks: &[Block]) -> Vec<String> {
    let gives = |block: &&Block| {
        let kind = label(block, 0);
        block.identifier() == "resource"
            && (kind.ends_with("_iam_member")
                || kind == "azurerm_role_assignment"
                || kind == "azurerm_cosmosdb_sql_role_assignment")
    };
    let role = |block: &Block| {
        let text = |key: &str| block.body().attributes().find(|it| it.key() == key).map(|it| it.expr().to_string());
        let role = text("role").or(text("role_definition_name")).or(text("role_definition_id")).unwrap();
        role.trim_matches('"').rsplit('/').next().unwrap_or_default().to_owned()
    };
    blocks.iter().filter(gives).map(role).collect()
}

#[test]
fn every_role_in_a_text_is_one_of_the_policies_and_none_is_missing() {
    for (name, cloud, app) in programs() {
        let mut wanted: Vec<String> = match cloud {
            Cloud::Aws => continue,
            Cloud::Gcp => {
                gcp::bindings(&app).unwrap().iter().map(|it| it.role.trim_start_matches("roles/").to_owned()).collect()
            }
            Cloud::Azure => azure::assignments(&app)
                .unwrap()
                .iter()
                .map(|it| if it.role.is_cosmos() { it.role.id() } else { it.role.title() }.to_owned())
                .collect(),
        };
        let mut found = roles(&read(&app, cloud).0);
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn every_action_in_a_policy_of_aws_is_one_of_the_policies_and_none_is_missing() {
    for (name, cloud, app) in programs() {
        if cloud != Cloud::Aws {
            continue;
        }
        let mut found = Vec::new();
        for block in read(&app, cloud).0 {
            let is_trust = label(&block, 1).ends_with("_trust");
            if block.identifier() != "data" || label(&block, 0) != "aws_iam_policy_document" || is_trust {
                continue;
            }
            for statement in block.body().blocks() {
                let value =
                    |key: &str| statement.body().attributes().find(|it| it.key() == key).unwrap().expr().clone();
                let hcl::Expression::Array(actions) = value("actions") else { panic!("no list") };
                let hcl::Expression::Array(on) = value("resources") else { panic!("no list") };
                assert_eq!(on.len(), 1, "{name}");
                found.extend(actions.iter().map(|action| action.to_string().trim_matches('"').to_owned()));
            }
        }
        let roles = cargo_omnifn::policy::roles(&app);
        let mut wanted: Vec<_> =
            roles.iter().flat_map(|role| &role.permissions).map(|it| it.action.to_owned()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{name}");
    }
}

/// What a hand-made program has in its names is no expression of Terraform's.
#[test]
fn no_value_is_an_expression() {
    let functions = json!([{"v": 1, "name": "f", "trigger": {"kind": "changes", "source": "accounts"}, "module": "m", "file": "f", "line": 1,
        "grants": [{"verb": "reads", "kind": "table", "name": "accounts"}]}]);
    let mut app = support::app("shop", functions, json!({"environment": {"A": "${evil()} %{x} $${evil()}"}}), None);
    app.functions[0].options.database = Some("a${evil()}\"b".to_owned());
    for cloud in [Cloud::Gcp, Cloud::Azure] {
        let (_, text) = read(&app, cloud);
        assert!(text.contains("$${evil()} %%{x} $\\u0024{evil()}"), "{text}");
        assert!(text.contains("a${\"$\"}{evil()}") && !text.contains("a${evil"), "{text}");
    }
}
