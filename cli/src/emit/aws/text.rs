//! What all texts for AWS begin with, and how names and texts are written in them.

use std::{collections::BTreeSet, path::Path};

use super::{LOG_DAYS, Plan, Planned};
use crate::{
    cloud::Cloud,
    emit::{
        words,
        yaml::{self, Map, Yaml, map},
    },
    error::{Error, Result},
    files::File,
    literal::cloudformation,
    model::App,
    shell,
};

/// The first lines: what it is, how it is deployed, and where AWS does less than was asked for.
pub(in crate::emit) fn head(plan: &Plan<'_>, what: &str, commands: &[String]) -> Vec<String> {
    let mut lines = words::head(plan.app, what);
    lines.extend([String::new(), lies(plan.app), format!("  {}", words::package(plan.app, Cloud::Aws))]);
    lines.extend(commands.iter().map(|command| format!("  {command}")));
    let secrets: BTreeSet<_> = plan.units.iter().flat_map(|planned| plan.secrets(planned)).collect();
    if !secrets.is_empty() {
        lines.extend(["", "These secrets are in Secrets Manager before that; a value that changes comes with the next deployment:"].map(str::to_owned));
        lines.extend(secrets.iter().map(|(_, name)| {
            format!("  aws secretsmanager create-secret --name {} --secret-string …", shell::word(name))
        }));
    }
    if !plan.remarks.is_empty() {
        lines.extend([String::new(), "What AWS does otherwise than was asked for:".to_owned()]);
        lines.extend(plan.remarks.iter().map(|remark| format!("- {remark}")));
    }
    lines
}

/// Where the text has to lie for its paths to lead to the zips.
fn lies(app: &App) -> String {
    match app.artifacts.as_str() {
        "target/omnifn" => {
            "Keep this file in the folder that contains `target`, where the zips are. To deploy:".to_owned()
        }
        own if Path::new(own).is_absolute() => {
            format!("The zips are put in `{own}`, on this machine alone. To deploy:")
        }
        own => format!("Keep this file in the folder of Cargo.toml; the zips are in `{own}`. To deploy:"),
    }
}

/// Checks that CloudFormation replaces no value of the user's in a template.
///
/// # Errors
/// CloudFormation would replace a value that is meant as it is.
pub(in crate::emit) fn check(app: &App, template: &Map) -> Result<()> {
    let errors = template.texts().into_iter().filter_map(|text| cloudformation::check(app, text).err());
    Error::all(errors.collect()).map_or(Ok(()), Err)
}

/// A file of YAML.
pub(in crate::emit) fn document(path: &str, head: &[String], map: &Map) -> File {
    File::new(path, yaml::document(head, map))
}

/// Letters and digits, each word with a capital: `slack-command` is `SlackCommand`.
pub(in crate::emit) fn pascal(text: &str) -> String {
    let mut pascal = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let (first, rest) = word.split_at(word.len().min(1));
        pascal.push_str(&first.to_ascii_uppercase());
        pascal.push_str(rest);
    }
    // A name begins with a letter.
    if pascal.starts_with(|c: char| c.is_ascii_alphabetic()) { pascal } else { format!("X{pascal}") }
}

/// A text with parameters, as `Fn::Sub`; one without any is itself. No name has a `$`: `limits` refuses it.
pub(in crate::emit) fn sub(text: String) -> Yaml {
    if text.contains("${") { map! { "Fn::Sub" => Yaml::Template(text) }.into() } else { text.into() }
}

/// The name of the stack: that of the program, and the stage.
pub(in crate::emit) fn stack(app: &App) -> String {
    let name = match &app.stage {
        Some(stage) if !app.name.ends_with(&format!("-{stage}")) => format!("{}-{stage}", app.name),
        _ => app.name.clone(),
    };
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// The log group of a unit, which it writes to and cannot make.
pub(in crate::emit) fn log(planned: &Planned<'_>) -> Map {
    let properties = map! { "LogGroupName" => format!("/aws/lambda/{}", planned.name), "RetentionInDays" => LOG_DAYS };
    map! { "Type" => "AWS::Logs::LogGroup", "Properties" => properties }
}

/// A schedule of EventBridge Scheduler that calls a function.
pub(in crate::emit) fn schedule(planned: &Planned<'_>, cron: &str, time_zone: &str, function: Yaml) -> Map {
    let properties = map! {
        "ScheduleExpression" => cron,
        "ScheduleExpressionTimezone" => time_zone,
        "FlexibleTimeWindow" => map! { "Mode" => "OFF" },
        "Target" => map! { "Arn" => function, "RoleArn" => super::get(&planned.id("ScheduleRole"), "Arn") },
    };
    map! { "Type" => "AWS::Scheduler::Schedule", "Properties" => properties }
}
