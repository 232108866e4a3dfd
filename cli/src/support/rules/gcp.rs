use crate::{
    cron::Cron,
    model::{App, Class, Function, StorageTrigger, Trigger},
    support::{
        Finding, limits,
        service::{Kind, Service},
    },
};

use super::{above, degraded, impossible, note, of_error, shared_memory};

pub(super) fn findings(app: &App, function: &Function, service: &Service, found: &mut Vec<Finding>) {
    let (options, deploy) = (&function.options, &function.deploy);
    found.extend(above("memory", deploy.memory, limits::GCP_MEMORY_MAX));
    match deploy.memory {
        Some(memory) if memory < limits::GCP_MEMORY_MIN.value => {
            let least = limits::GCP_MEMORY_MIN;
            let why = format!("`memory = {memory}`: the smallest is {least}, so it becomes that");
            found.push(degraded(why).help(format!("write `memory = {}`", least.value)).source(least.source));
        }
        Some(memory) if memory < limits::GCP_MEMORY_MIN_GEN2.value => {
            let why = format!(
                "`memory = {memory}`: below {} there is the first generation of Cloud Run alone",
                limits::GCP_MEMORY_MIN_GEN2
            );
            found.push(note(why).source(limits::GCP_MEMORY_MIN_GEN2.source));
        }
        _ => {}
    }
    if let (Some(memory), Some(shared)) = (deploy.memory, shared_memory(app, function))
        && shared > memory
    {
        found.push(note(format!("`memory = {memory}`: it shares a service with functions that ask for {shared} MiB")));
    }
    // Pub/Sub is under Eventarc, too; it sends again what was not answered by then.
    let longest = match service.kind {
        Kind::Http => limits::GCP_TIMEOUT,
        Kind::CloudScheduler => limits::GCP_SCHEDULER_DEADLINE,
        _ => limits::GCP_PUSH_DEADLINE,
    };
    found.extend(above("timeout", deploy.timeout, longest));
    found.extend(above("concurrency", options.concurrency, limits::GCP_CONCURRENCY));
    if let Some(size) = options.batch_size.filter(|size| *size > 1) {
        found.push(note(format!("`batch_size = {size}`: a push is one event")));
    }
    match service.kind {
        Kind::PubSub => pushed(function, found),
        Kind::Eventarc => through_eventarc(function, found),
        Kind::CloudScheduler => schedule(function, found),
        _ => {}
    }
    if let Trigger::Event(source) = &function.trigger
        && source.starts_with("google.cloud.audit.log.")
    {
        let why =
            "Eventarc's triggers of audit logs need a service's and a method's name, which `event` does not declare";
        found.push(impossible(why).help("make the trigger yourself, with `gcloud eventarc triggers create`"));
    }
}

fn pushed(function: &Function, found: &mut Vec<Finding>) {
    let options = &function.options;
    let (least, most) = (limits::GCP_DEAD_LETTER_MIN, limits::GCP_DEAD_LETTER_MAX);
    match (options.attempts, &options.dead_letter) {
        (Some(attempts), None) => {
            let why = format!(
                "`attempts = {attempts}` without `dead_letter`: Pub/Sub counts only towards a dead-letter topic, and tries for 7 days"
            );
            found.push(degraded(why).help("name one: `dead_letter = \"…\"`"));
        }
        (Some(attempts), Some(_)) if !(least.value..=most.value).contains(&attempts) => {
            let why = format!(
                "`attempts = {attempts}`: Pub/Sub takes {least} to {most}, so it becomes {}",
                attempts.clamp(least.value, most.value)
            );
            found.push(degraded(why).source(least.source));
        }
        _ => {}
    }
    if function.trigger.class() == Class::Stream {
        let why = "records of one key keep their order only if the publisher sets an ordering key";
        found.push(degraded(why).source("https://cloud.google.com/pubsub/docs/ordering"));
    }
    if let Trigger::Storage(StorageTrigger { suffix: Some(suffix), .. }) = &function.trigger {
        found.push(unfiltered(
            &format!("`suffix = \"{suffix}\"`"),
            "Cloud Storage's notifications filter by prefix alone",
        ));
    }
}

fn through_eventarc(function: &Function, found: &mut Vec<Finding>) {
    let options = &function.options;
    if let Some(attempts) = options.attempts {
        found.push(
            degraded(format!("`attempts = {attempts}`: Eventarc tries for 24 hours"))
                .source("https://cloud.google.com/eventarc/docs/retry-events"),
        );
    }
    if let Some(dead) = &options.dead_letter {
        let help = format!(
            "set it on the subscription that Eventarc makes: gcloud pubsub subscriptions update … --dead-letter-topic={dead}"
        );
        found.push(
            degraded(format!("`dead_letter = \"{dead}\"`: Eventarc has none"))
                .help(help)
                .source("https://cloud.google.com/eventarc/docs/retry-events"),
        );
    }
    if let Some(source) = &options.source {
        let why = format!(
            "`source = \"{source}\"`: Eventarc filters by the attributes that a provider lists, and `source` is not among them; omnifn rejects \
             events of other sources"
        );
        found.push(degraded(why).source("https://cloud.google.com/eventarc/docs/event-filtering"));
    }
    if let Trigger::Storage(StorageTrigger { prefix, suffix, .. }) = &function.trigger {
        let filters = [("prefix", prefix), ("suffix", suffix)].into_iter();
        let filters: Vec<_> =
            filters.filter_map(|(name, value)| value.as_ref().map(|value| format!("`{name} = \"{value}\"`"))).collect();
        if !filters.is_empty() {
            found.push(unfiltered(&filters.join(", "), "Eventarc does not filter by an object's name"));
        }
    }
}

/// The runtime passes over what the function does not take; but each is an invocation.
fn unfiltered(what: &str, why: &str) -> Finding {
    note(format!("{what}: {why}; every object is an invocation, and omnifn passes over the others"))
}

fn schedule(function: &Function, found: &mut Vec<Finding>) {
    let options = &function.options;
    if let Trigger::Schedule(source) = &function.trigger
        && let Err(error) = Cron::parse(source).and_then(|cron| cron.google())
    {
        found.push(of_error(&error));
    }
    if let Some(dead) = &options.dead_letter {
        found.push(degraded(format!("`dead_letter = \"{dead}\"`: Cloud Scheduler has none")));
    }
    let most = limits::GCP_SCHEDULER_RETRIES.value + 1;
    if let Some(attempts) = options.attempts.filter(|attempts| *attempts > most) {
        let why = format!(
            "`attempts = {attempts}`: Cloud Scheduler tries a tick again {} times at most",
            limits::GCP_SCHEDULER_RETRIES
        );
        found.push(degraded(why).source(limits::GCP_SCHEDULER_RETRIES.source));
    }
}
