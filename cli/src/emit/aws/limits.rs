//! What AWS cannot do for a function at all. ([Lambda's quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).)

use crate::{
    error::{Error, Kind, Result},
    model::{App, Class, Function},
    plan::{
        arn::{Name, Place},
        units::Unit,
    },
};

/// Checks numbers and names.
///
/// # Errors
/// All that are beyond what AWS takes.
pub(super) fn check(app: &App, unit: &Unit<'_>) -> Result<()> {
    let mut errors: Vec<_> = unit.functions.iter().flat_map(|function| of_function(function)).collect();
    let name = Name::of_unit(app, unit).write(&Place::WORDS);
    let function = unit.functions[0];
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        errors.push(cannot(
            function,
            format!("its name `{name}` has more than the letters, digits, `-` and `_` that Lambda takes"),
        ));
    }
    if name.len() > 64 {
        errors.push(cannot(function, format!("its name `{name}` is longer than the 64 characters that Lambda takes")));
    }
    Error::all(errors).map_or(Ok(()), Err)
}

fn of_function(function: &Function) -> Vec<Error> {
    let (class, options, deploy) = (function.trigger.class(), &function.options, &function.deploy);
    let source = function.trigger.source().unwrap_or_default();
    let is_fifo = source.ends_with(".fifo");
    let mut errors = Vec::new();
    let mut most = |what: &str, value: Option<u32>, most: u32, why: &str| {
        if let Some(value) = value.filter(|value| *value > most) {
            errors.push(cannot(function, format!("{what} = {value} is beyond the {most} that {why}")));
        }
    };
    most("memory", deploy.memory, 10_240, "Lambda gives, in MiB");
    most("timeout", deploy.timeout, 900, "Lambda waits, in seconds");
    if class == Class::Queue {
        most("instances", deploy.instances, 1000, "read a queue of SQS");
    }
    match class {
        Class::Queue if is_fifo => most("batch_size", options.batch_size, 10, "a FIFO queue of SQS gives"),
        Class::Queue => most("batch_size", options.batch_size, 10_000, "SQS gives"),
        Class::Stream | Class::Changes => most("batch_size", options.batch_size, 10_000, "a stream gives"),
        _ => {}
    }
    most("batch_window", options.batch_window, 300, "Lambda waits for a batch, in seconds");
    if class == Class::Queue && is_fifo && options.batch_window.is_some_and(|window| window > 0) {
        errors.push(cannot(function, "a FIFO queue of SQS has no `batch_window`".to_owned()));
    }
    if class == Class::Topic && is_fifo {
        let words = "SNS sends nothing of a FIFO topic to a function".to_owned();
        errors.push(cannot(function, words).help("let a FIFO queue subscribe to the topic, and take from the queue"));
    }
    if class == Class::Stream && matches!(options.service.as_deref(), Some("kafka" | "msk")) {
        let words = "what Kafka needs (brokers, network, secrets) is nowhere declared".to_owned();
        errors.push(
            cannot(function, words).help("write the event source mapping by hand, or leave `service` out for Kinesis"),
        );
    }
    let by_hand = match (class, options.service.as_deref()) {
        (Class::Stream, Some("iot" | "iot-rule")) => Some("an IoT rule"),
        (Class::Stream, Some("cloudwatch-logs")) => Some("the subscription of a log group"),
        (Class::Queue, Some("activemq" | "rabbitmq")) => Some("an event source mapping of Amazon MQ"),
        (Class::Changes, Some("documentdb")) => Some("an event source mapping of DocumentDB"),
        _ => None,
    };
    if let Some(what) = by_hand {
        let words = format!("{what} cannot be generated, because what it needs is declared nowhere");
        errors.push(cannot(function, words).help("write it by hand, or omit `service`"));
    }
    if class == Class::Queue
        && let Some(dead) = &options.dead_letter
        && dead.ends_with(".fifo") != is_fifo
    {
        let words = format!("the dead letters of `{source}` cannot go to `{dead}`: both are FIFO queues, or none is");
        errors.push(cannot(function, words));
    }
    if let Some(dead) = options.dead_letter.as_deref().filter(|dead| class != Class::Queue && dead.ends_with(".fifo")) {
        errors.push(cannot(function, format!("Lambda sends no dead letters to a FIFO queue, as `{dead}` is")));
    }
    // https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html
    let variables = function.environment.keys().chain(&function.secrets);
    for variable in variables.filter(|name| name.len() < 2 || !name.starts_with(|c: char| c.is_ascii_alphabetic())) {
        let words =
            format!("its variable `{variable}` has not the two characters, the first a letter, that Lambda asks for");
        errors.push(cannot(function, words));
    }
    errors
}

/// Checks what the functions are built for.
///
/// # Errors
/// Lambda has no such machines.
pub(super) fn architecture(app: &App) -> Result<()> {
    match app.aws.architecture.as_deref() {
        None | Some("x86_64" | "arm64") => Ok(()),
        Some(other) => {
            let words = format!("`aws.architecture = \"{other}\"` is not known: there are `x86_64` and `arm64`");
            Err(Error::new("omnifn::emit::architecture", words).kind(Kind::Usage))
        }
    }
}

fn cannot(function: &Function, why: String) -> Error {
    Error::new("omnifn::emit::aws", format!("`{}` ({}) cannot run on AWS: {why}", function.name, function.location))
        .kind(Kind::Impossible)
}
