use crate::{
    cron::Cron,
    model::{App, Class, Function, Trigger, Visibility},
    support::{
        Finding,
        limits::{self, Limit},
        service::{Kind, Service},
    },
};

use super::{above, degraded, impossible, note, of_error};

pub(super) fn findings(app: &App, function: &Function, service: &Service, found: &mut Vec<Finding>) {
    let (options, deploy) = (&function.options, &function.deploy);
    found.extend(above("memory", deploy.memory, limits::AWS_MEMORY_MAX));
    found.extend(above("timeout", deploy.timeout, limits::AWS_TIMEOUT));
    if let Some(memory) = deploy.memory.filter(|memory| *memory < limits::AWS_MEMORY_MIN.value) {
        let least = limits::AWS_MEMORY_MIN;
        let why = format!("`memory = {memory}`: the smallest is {least}, so it becomes that");
        found.push(degraded(why).help(format!("write `memory = {}`", least.value)).source(least.source));
    }
    if let Some(instances) = deploy.instances.filter(|instances| *instances > limits::AWS_INSTANCES.value) {
        let why = format!(
            "`instances = {instances}`: an account has {} for all functions, unless raised",
            limits::AWS_INSTANCES
        );
        found.push(degraded(why).help("ask for more under Service Quotas").source(limits::AWS_INSTANCES.source));
    }
    match service.kind {
        Kind::HttpApi | Kind::FunctionUrl => http(function, service.kind, found),
        Kind::Sqs => queue(function, service, found),
        Kind::Invoke => invoke(function, found),
        Kind::AwsStream | Kind::Kafka => stream(function, service.kind, found),
        _ => events(function, found),
    }
    if let Trigger::Schedule(source) = &function.trigger
        && let Err(error) = Cron::parse(source).and_then(|cron| cron.aws())
    {
        found.push(of_error(&error));
    }
    if let (Trigger::Event(source), None) = (&function.trigger, &options.source) {
        let why = format!(
            "`event = \"{source}\"` without `source`: the rule takes events of this type from every source of the bus"
        );
        found.push(note(why).source("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html"));
    }
    if app.functions.len() > 1 && is_alone(function) {
        let why = match (function.trigger.class(), function.options.service.as_deref()) {
            (Class::Stream, Some("iot" | "iot-rule")) => "what it receives can be any JSON",
            (Class::Stream, _) => "it declares no `service` of AWS, so the stream may be that of devices",
            _ => "what it receives can be any JSON",
        };
        found.push(note(format!(
            "{why}, so it has a Lambda function of its own: `emit` and `package` set OMNIFN_FUNCTION, without which the program does not \
             start"
        )));
    }
    if matches!(service.kind, Kind::Async) && options.batch_size.is_some_and(|size| size > 1) {
        found.push(note("`batch_size`: an event comes alone"));
    }
}

/// Whether the function has a Lambda function of its own: any JSON may be its event, or it is a stream that declares no service.
fn is_alone(function: &Function) -> bool {
    match function.trigger.class() {
        Class::Schedule | Class::Invoke => true,
        Class::Stream => !matches!(function.options.service.as_deref(), Some("kinesis" | "kafka" | "cloudwatch-logs")),
        _ => false,
    }
}

fn http(function: &Function, kind: Kind, found: &mut Vec<Finding>) {
    let limit = limits::AWS_HTTP_API_TIMEOUT;
    if let Some(timeout) = function.deploy.timeout.filter(|timeout| kind == Kind::HttpApi && *timeout > limit.value) {
        let why = format!("`timeout = {timeout}`: an HTTP API waits {limit}, then its caller gets a 503");
        let help = "write `http = \"function-url\"` under [package.metadata.omnifn.aws]: a function URL waits as long as the function runs";
        found.push(degraded(why).help(help).source(limit.source));
    }
    alone(function, found);
}

/// Describes a direct invocation: IAM decides who may invoke the function, and there is no gateway in front of it.
fn invoke(function: &Function, found: &mut Vec<Finding>) {
    if function.deploy.visibility == Some(Visibility::Public) {
        let why = "`visibility = \"public\"`: a direct invocation needs the permission `lambda:InvokeFunction`";
        found.push(note(why).source("https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"));
    }
    alone(function, found);
}

fn alone(function: &Function, found: &mut Vec<Finding>) {
    if function.options.concurrency.is_some_and(|concurrency| concurrency > 1) {
        found.push(note(
            "`concurrency`: an instance takes one request at a time, and more come up where more are needed",
        ));
    }
}

fn queue(function: &Function, service: &Service, found: &mut Vec<Finding>) {
    let options = &function.options;
    let is_fifo = service.shape == "sqs-fifo";
    let limit: Limit = if is_fifo { limits::AWS_SQS_FIFO_BATCH } else { limits::AWS_SQS_BATCH };
    found.extend(above("batch_size", options.batch_size, limit));
    match (is_fifo, options.batch_window) {
        (true, Some(window)) if window > 0 => {
            found.push(impossible(format!("`batch_window = {window}`: a FIFO queue has none")).source(limit.source));
        }
        (false, None) if options.batch_size.is_some_and(|size| size > 10) => {
            found.push(
                note("a batch of more than 10 has to wait at least 1 s: `batch_window = 1`")
                    .source(limits::AWS_BATCH_WINDOW.source),
            );
        }
        _ => found.extend(above("batch_window", options.batch_window, limits::AWS_BATCH_WINDOW)),
    }
    if let Some(dead) = options.dead_letter.as_deref().filter(|dead| dead.ends_with(".fifo") != is_fifo) {
        found.push(impossible(format!(
            "`dead_letter = \"{dead}\"`: dead letters of a FIFO queue go to one, and others do not"
        )));
    }
    if let (Some(attempts), None) = (options.attempts, &options.dead_letter) {
        let why = format!(
            "`attempts = {attempts}` without `dead_letter`: SQS counts only towards a dead-letter queue, and tries until a message is too old"
        );
        found.push(degraded(why).help("name a queue: `dead_letter = \"…\"`"));
    }
}

fn stream(function: &Function, kind: Kind, found: &mut Vec<Finding>) {
    let options = &function.options;
    found.extend(above("batch_size", options.batch_size, limits::AWS_STREAM_BATCH));
    found.extend(above("batch_window", options.batch_window, limits::AWS_BATCH_WINDOW));
    found.extend(above(
        "attempts",
        options.attempts.map(|attempts| attempts.saturating_sub(1)),
        limits::AWS_STREAM_RETRIES,
    ));
    if kind == Kind::Kafka {
        let why = "`service = \"kafka\"`: what it needs (brokers, network, secrets) is nowhere declared, so `emit` writes nothing of it";
        found.push(degraded(why).help("write the event source mapping by hand"));
    }
    fifo_dead_letter(function, found);
    if kind == Kind::AwsStream && options.dead_letter.is_some() {
        let why = "`dead_letter`: it contains the position of the records in the stream, not the records themselves";
        let help = "read them from the stream while it keeps them (24 hours by default)";
        found.push(
            degraded(why)
                .help(help)
                .source("https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"),
        );
    }
}

/// SNS, S3, EventBridge and Scheduler hand an event over to Lambda's own queue, which tries it.
fn events(function: &Function, found: &mut Vec<Finding>) {
    fifo_dead_letter(function, found);
    if let Trigger::Topic(source) = &function.trigger
        && source.ends_with(".fifo")
    {
        let help = "let a FIFO queue subscribe to the topic, and take from the queue";
        found.push(impossible("SNS sends nothing of a FIFO topic to a function").help(help));
    }
    let limit = limits::AWS_ASYNC_ATTEMPTS;
    if let Some(attempts) = function.options.attempts.filter(|attempts| *attempts > limit.value) {
        let why = format!("`attempts = {attempts}`: Lambda tries an event {limit} times at most");
        let help = "send it through a queue: a message of SQS is tried as often as you declare";
        found.push(degraded(why).help(help).source(limit.source));
    }
}

fn fifo_dead_letter(function: &Function, found: &mut Vec<Finding>) {
    if let Some(dead) = function.options.dead_letter.as_deref().filter(|dead| dead.ends_with(".fifo")) {
        found.push(impossible(format!("`dead_letter = \"{dead}\"`: Lambda sends no dead letters to a FIFO queue")));
    }
}
