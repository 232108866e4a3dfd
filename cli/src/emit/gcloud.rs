//! The commands that do on Google Cloud what a text of Knative says.

use crate::{
    model::{App, Function, ResourceKind},
    plan::{
        google::{Route, Source, cpus, memory, route, timeout},
        names::{self, account_id, base, pusher_account, slug},
        units::Unit,
    },
    shell,
};

/// The command that makes a unit's service, in lines.
pub(super) fn deploy(app: &App, unit: &Unit<'_>, image: &str) -> Vec<String> {
    let project = app.gcp.project.as_deref().unwrap_or("PROJECT");
    let account = format!("--service-account={}@{project}.iam.gserviceaccount.com", account_id(&unit.name));
    let mut flags = vec![format!("--image={image}"), account];
    flags.extend(settings(app, unit));
    folded(format!("gcloud run deploy {}", unit.name), flags)
}

/// The flags that say what a unit's service needs, beside its image and its identity.
pub(crate) fn settings(app: &App, unit: &Unit<'_>) -> Vec<String> {
    let (memory, timeout) = (memory(unit.memory()), timeout(unit.timeout()));
    let mut flags =
        vec![region(app), format!("--memory={memory}Mi --cpu={} --timeout={timeout} --use-http2", cpus(memory))];
    flags.extend(unit.concurrency().map(|most| format!("--concurrency={most}")));
    flags.extend(unit.instances().map(|most| format!("--max-instances={most}")));
    // A list's comma may stand within a value; then another sign is the comma: `gcloud topic escaping`.
    let list = variables(unit).iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    flags.push(format!("--set-env-vars={}", shell::word(&format!("^;^{}", list.join(";")))));
    let secrets: Vec<_> =
        unit.secrets().into_iter().map(|secret| format!("{secret}={}:latest", names::secret(app, secret))).collect();
    if !secrets.is_empty() {
        flags.push(format!("--set-secrets={}", secrets.join(",")));
    }
    flags.push(match (unit.is_http(), unit.is_public()) {
        (true, true) => "--allow-unauthenticated".to_owned(),
        (true, false) => "--no-allow-unauthenticated".to_owned(),
        (false, _) => "--no-allow-unauthenticated --ingress=internal".to_owned(),
    });
    flags
}

/// The variables of a unit's service, without its secrets.
pub(crate) fn variables(unit: &Unit<'_>) -> Vec<(String, String)> {
    let mut variables: Vec<_> =
        unit.target.iter().map(|target| ("FUNCTION_TARGET".to_owned(), target.clone())).collect();
    variables.push(("OMNIFN_TIMEOUT".to_owned(), timeout(unit.timeout()).to_string()));
    variables.extend(unit.environment().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

/// The commands that bring a function its events; none for HTTP, and none where Google Cloud cannot.
pub(super) fn trigger(app: &App, unit: &Unit<'_>, function: &Function) -> Vec<String> {
    let Ok(route) = route(app, function) else { return Vec::new() };
    let name = format!("{}-{}", base(app), slug(&function.name));
    let path = format!("/_omnifn/{}", function.name);
    let project = app.gcp.project.as_deref().unwrap_or("PROJECT");
    let account = format!("{}@{project}.iam.gserviceaccount.com", pusher_account(app, &function.name));
    match route {
        Route::Http => Vec::new(),
        Route::Push { .. } | Route::Notification { .. } => {
            let topic = match function.trigger.resource() {
                Some((ResourceKind::Bucket, _)) | None => format!("{name}-objects"),
                Some((kind, source)) => app.resource(kind, source).name,
            };
            let subscription = function.options.subscription.as_deref().unwrap_or(&name);
            let mut flags = vec![
                format!("--topic={topic}"),
                format!("--push-endpoint=URL{path}"),
                format!("--push-auth-service-account={account}"),
                format!("--ack-deadline={}", timeout(function.deploy.timeout).clamp(10, 600)),
            ];
            if let Some(dead) = &function.options.dead_letter {
                let topic = app.resource(ResourceKind::Queue, dead).name;
                let attempts = function.options.attempts.unwrap_or(5).clamp(5, 100);
                flags.push(format!("--dead-letter-topic={topic} --max-delivery-attempts={attempts}"));
            }
            if let Route::Push { is_ordered: true, .. } = route {
                flags.push("--enable-message-ordering".to_owned());
            }
            let mut lines = Vec::new();
            if let Route::Notification { bucket, events, .. } = &route {
                let events = events.join(",");
                lines.push(format!(
                    "gcloud storage buckets notifications create gs://{} --topic={topic} --event-types={events}",
                    bucket.name
                ));
            }
            lines.extend(folded(format!("gcloud pubsub subscriptions create {subscription}"), flags));
            lines
        }
        Route::Eventarc { source, types } => types
            .iter()
            .flat_map(|kind| {
                let name = match types.len() {
                    1 => name.clone(),
                    _ => format!("{name}-{}", slug(kind.rsplit('.').next().unwrap_or(kind))),
                };
                folded(
                    format!("gcloud eventarc triggers create {name}"),
                    eventarc(app, unit, &source, kind, &path, &account),
                )
            })
            .collect(),
        Route::Job { schedule, time_zone } => {
            let mut flags = vec![
                format!("--schedule=\"{schedule}\" --time-zone={time_zone}"),
                format!("--uri=URL{path} --http-method=POST"),
                format!("--oidc-service-account-email={account}"),
                format!("--attempt-deadline={}s", timeout(function.deploy.timeout).clamp(15, 1800)),
                format!("--location={}", app.gcp.region.as_deref().unwrap_or("REGION")),
            ];
            flags.extend(
                function.options.attempts.map(|all| format!("--max-retry-attempts={}", all.saturating_sub(1).min(5))),
            );
            folded(format!("gcloud scheduler jobs create http {name}"), flags)
        }
    }
}

fn eventarc(app: &App, unit: &Unit<'_>, source: &Source, kind: &str, path: &str, account: &str) -> Vec<String> {
    let region = app.gcp.region.as_deref().unwrap_or("REGION");
    let mut flags = vec![
        format!("--location={region}"),
        format!("--destination-run-service={} --destination-run-region={region}", unit.name),
        format!("--destination-run-path={path}"),
        format!("--event-filters=type={kind}"),
    ];
    match source {
        Source::Bucket(bucket) => flags.push(format!("--event-filters=bucket={}", bucket.name)),
        Source::Documents { collection, database } => {
            flags.push(format!("--event-filters=database=\"{database}\""));
            flags.push(format!("--event-filters-path-pattern=document=\"{collection}/{{document}}\""));
            flags.push("--event-data-content-type=application/protobuf".to_owned());
        }
        Source::Channel => flags.push(format!("--channel={}-events", base(app))),
        Source::Service => {}
    }
    flags.push(format!("--service-account={account}"));
    flags
}

fn region(app: &App) -> String {
    format!("--region={}", app.gcp.region.as_deref().unwrap_or("REGION"))
}

fn folded(command: String, flags: Vec<String>) -> Vec<String> {
    let mut lines = vec![command];
    for flag in flags {
        if let Some(last) = lines.last_mut() {
            last.push_str(" \\");
        }
        lines.push(format!("  {flag}"));
    }
    lines
}
