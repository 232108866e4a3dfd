use crate::{
    cron::Cron,
    model::{App, Function, ObjectChange, StorageTrigger, Trigger, Visibility},
    plan, policy,
    support::{
        Finding, limits,
        service::{Kind, Service},
    },
};

use super::{above, degraded, impossible, lower, note, of_error, shared_memory};

pub(super) fn findings(app: &App, function: &Function, service: &Service, found: &mut Vec<Finding>) {
    let (options, deploy) = (&function.options, &function.deploy);
    found.extend(above("memory", deploy.memory, limits::AZURE_MEMORY_MAX));
    found.extend(above("instances", deploy.instances, limits::AZURE_INSTANCES));
    found.extend(above("concurrency", options.concurrency, limits::AZURE_CONCURRENCY_MAX));
    memory(app, function, found);
    roles(app, function, found);
    match service.kind {
        Kind::Http => http(app, function, found),
        Kind::StorageQueue => storage_queue(function, found),
        Kind::ServiceBus => service_bus(function, found),
        Kind::Blob => blob(function, found),
        Kind::EventGrid => event_grid(function, found),
        Kind::EventHubs | Kind::Cosmos | Kind::Timer => {
            if let Some(dead) = &options.dead_letter {
                let why = format!(
                    "`dead_letter = \"{dead}\"`: there is none here, and after the last attempt the host goes on"
                );
                let help = "let the function itself send what fails for good to a queue";
                found.push(
                    degraded(why)
                        .help(help)
                        .source("https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages"),
                );
            }
        }
        _ => {}
    }
    match &function.trigger {
        Trigger::Schedule(source) => schedule(function, source, found),
        Trigger::Changes(_) => {
            let why = "Cosmos DB's change feed reports writes, but no deletions";
            let help = "mark a record as deleted, and let it expire";
            found.push(degraded(why).help(help).source("https://learn.microsoft.com/azure/cosmos-db/change-feed"));
        }
        Trigger::Storage(StorageTrigger { on, .. }) if on.contains(&ObjectChange::Updated) => {
            let why = "Blob Storage does not report changes of an object's metadata: `updated`";
            found.push(if on.len() == 1 { impossible(why) } else { degraded(why) });
        }
        _ => {}
    }
    if let Some(window) = options.batch_window.filter(|window| *window > 0) {
        found.push(note(format!("`batch_window = {window}`: the Functions host has one for the whole app, if at all")));
    }
}

/// Reports each role that allows an app more than its functions need, because Azure has no smaller one.
fn roles(app: &App, function: &Function, found: &mut Vec<Finding>) {
    if let Some(why) = plan::azure::connection_of_host(function) {
        found.push(impossible(why).help(plan::azure::CONNECTION_OF_HOST_HELP));
    }
    let (Ok(plan), Ok(all)) = (plan::azure::Plan::of(app), policy::azure::assignments(app)) else { return };
    let own = all.iter().filter(|role| role.why.iter().any(|reason| reason.function == function.name));
    for role in own {
        if let Some((why, source)) = policy::azure::more_than_needed(role.role, &role.on) {
            let on = policy::azure_place(&plan, &role.on);
            let (title, why) = (role.role.title(), lower(why));
            found.push(
                note(format!("its app has the role `{title}` on {on}, which cannot be narrowed: {why}")).source(source),
            );
        }
    }
}

/// One size of instances for all functions of a service.
fn memory(app: &App, function: &Function, found: &mut Vec<Finding>) {
    let Some(memory) = function.deploy.memory else { return };
    let size = plan::azure::memory(shared_memory(app, function));
    if memory != size && memory <= limits::AZURE_MEMORY_MAX.value {
        let why = format!("`memory = {memory}`: an instance has {size} MB, the size in which all of its functions fit");
        found.push(note(why).source(limits::AZURE_MEMORY_MEDIUM.source));
    }
}

fn blob(function: &Function, found: &mut Vec<Finding>) {
    let (options, tries) = (&function.options, limits::AZURE_BLOB_ATTEMPTS);
    let help = "with `service = \"event-grid\"`, Event Grid tries 30 times, and keeps dead letters in a container";
    if let Some(attempts) = options.attempts.filter(|attempts| *attempts != tries.value) {
        found.push(
            degraded(format!("`attempts = {attempts}`: the host tries a blob {tries} times"))
                .help(help)
                .source(tries.source),
        );
    }
    if let Some(dead) = &options.dead_letter {
        let why =
            format!("`dead_letter = \"{dead}\"`: the host notes what fails in the queue `webjobs-blobtrigger-poison`");
        found.push(degraded(why).help(help).source(tries.source));
    }
}

fn http(app: &App, function: &Function, found: &mut Vec<Finding>) {
    let limit = limits::AZURE_HTTP_TIMEOUT;
    if let Some(timeout) = function.deploy.timeout.filter(|timeout| *timeout > limit.value) {
        let why = format!(
            "`timeout = {timeout}`: Azure's load balancer waits {limit} for an answer, then its caller gets none"
        );
        found.push(degraded(why).help("answer at once, and do the work in a function of a queue").source(limit.source));
    }
    if function.deploy.visibility != Some(Visibility::Public) {
        found.push(note("callers show a key of the app, not an identity of the cloud"));
    }
    cors(app, function, found);
    if let Some(concurrency) = function.options.concurrency {
        found.push(note(format!(
            "`concurrency = {concurrency}`: Azure has one number for all HTTP functions of a function app"
        )));
    }
}

/// The host answers preflights for the whole app, and no layer of the program ever sees one.
fn cors(app: &App, function: &Function, found: &mut Vec<Finding>) {
    if !matches!(function.trigger, Trigger::Http(_)) {
        return;
    }
    let Some(cors) = &app.cors else {
        let why = "the Functions host answers the preflights of browsers, and refuses all: a layer of the program, such as tower-http's \
                   `CorsLayer`, does not receive them";
        let help =
            "if pages of other origins call this function, declare them: `omnifn::main!(…; cors = [\"https://…\"])`";
        found.push(note(why).help(help).source(CORS));
        return;
    };
    let unused =
        [("methods", cors.methods.is_some()), ("headers", cors.headers.is_some()), ("max_age", cors.max_age.is_some())];
    let unused = unused.iter().filter(|(_, is_declared)| *is_declared).map(|(name, _)| *name).collect::<Vec<_>>();
    if !unused.is_empty() {
        let why = format!(
            "`{}` of `cors`: the Functions host answers the preflights of the allowed origins, and allows any method and any header",
            unused.join("`, `")
        );
        found.push(note(why).source(CORS));
    }
}

const CORS: &str = "https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Configuration/CorsOptionsSetup.cs";

fn storage_queue(function: &Function, found: &mut Vec<Finding>) {
    let options = &function.options;
    if let Some(dead) = &options.dead_letter {
        let queue = function.trigger.source().unwrap_or_default();
        let why = format!("`dead_letter = \"{dead}\"`: dead letters of a storage queue go to `{queue}-poison`");
        let help = "read that queue, or use Service Bus: `service = \"service-bus\"`";
        found.push(degraded(why).help(help).source(limits::AZURE_STORAGE_QUEUE_BATCH.source));
    }
    if let Some(attempts) = options.attempts {
        found.push(note(format!("`attempts = {attempts}`: Azure has one number for all storage queues of the app")));
    }
    if options.batch_size.is_some_and(|size| size > limits::AZURE_STORAGE_QUEUE_BATCH.value) {
        found.push(note(format!(
            "`batch_size`: {} messages are fetched at once, and each comes alone",
            limits::AZURE_STORAGE_QUEUE_BATCH
        )));
    }
}

fn service_bus(function: &Function, found: &mut Vec<Finding>) {
    let limit = limits::AZURE_SERVICE_BUS_LOCK;
    if let Some(timeout) = function.deploy.timeout.filter(|timeout| *timeout > limit.value) {
        let why = format!(
            "`timeout = {timeout}`: a lock is {limit} long, and the Functions host renews it for a configured time"
        );
        found.push(note(why).source(limit.source));
    }
    if function.options.dead_letter.is_some() {
        found.push(note("dead letters go to the queue's or the subscription's own dead-letter queue first, and are forwarded from there"));
    }
}

fn event_grid(function: &Function, found: &mut Vec<Finding>) {
    let (options, wait, most) = (&function.options, limits::AZURE_EVENT_GRID_WAIT, limits::AZURE_EVENT_GRID_ATTEMPTS);
    if let Some(timeout) = function.deploy.timeout.filter(|timeout| *timeout > wait.value) {
        let why =
            format!("`timeout = {timeout}`: Event Grid waits {wait}; an event that takes longer comes again meanwhile");
        let help = "let the function take duplicates, as `omnifn::idempotency` does";
        found.push(degraded(why).help(help).source(wait.source));
    }
    if let Some(attempts) = options.attempts.filter(|attempts| *attempts > most.value) {
        found.push(
            degraded(format!("`attempts = {attempts}`: Event Grid tries {most} times at most")).source(most.source),
        );
    }
    if let Some(dead) = &options.dead_letter {
        let why = format!(
            "`dead_letter = \"{dead}\"`: Event Grid's dead letters go to a container of Blob Storage, not to a queue"
        );
        found.push(degraded(why).source(most.source));
    }
}

fn schedule(function: &Function, source: &str, found: &mut Vec<Finding>) {
    if let Err(error) = Cron::parse(source).and_then(|cron| cron.azure()) {
        found.push(of_error(&error));
    }
    if let Some(zone) = function.options.time_zone.as_deref().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC")) {
        let why = format!("`time_zone = \"{zone}\"`: timers on Flex Consumption run by UTC");
        found.push(impossible(why).help(plan::azure::in_utc(function)).source(TIME_ZONE));
    }
}

const TIME_ZONE: &str = "https://learn.microsoft.com/azure/azure-functions/functions-app-settings#website_time_zone";
