//! The commands that do on Google Cloud what a text of Knative says.

use crate::{
    literal::gcloud::{list, pair},
    model::{App, Function, ResourceKind},
    plan::{
        google::{self, Route, Source, cpus, memory, route, timeout, timeout_of},
        names::{self, account_id, base, pusher_account, slug},
        units::Unit,
        variables,
    },
    shell::word,
};

/// The command that makes a unit's service, in lines.
pub(super) fn deploy(app: &App, unit: &Unit<'_>, image: &str) -> Vec<String> {
    let project = google::project(app);
    let account = format!("{}@{project}.iam.gserviceaccount.com", account_id(&unit.name));
    let mut flags = vec![format!("--image={}", word(image)), format!("--service-account={}", word(&account))];
    flags.extend(settings(app, unit));
    folded(format!("gcloud run deploy {}", word(&unit.name)), flags)
}

/// The flags that say what a unit's service needs, beside its image and its identity.
pub(crate) fn settings(app: &App, unit: &Unit<'_>) -> Vec<String> {
    let (memory, timeout) = (memory(unit.memory()), timeout_of(unit));
    let protocol = if app.gcp.serves_http2() { "--use-http2" } else { "--no-use-http2" };
    let mut flags =
        vec![region(app), format!("--memory={memory}Mi --cpu={} --timeout={timeout} {protocol}", cpus(memory))];
    flags.extend(unit.concurrency().map(|most| format!("--concurrency={most}")));
    flags.extend(unit.instances().map(|most| format!("--max-instances={most}")));
    flags.push(format!("--set-env-vars={}", word(&list(&variables(app, unit)))));
    let secrets: Vec<_> =
        unit.secrets().into_iter().map(|secret| format!("{secret}={}:latest", names::secret(app, secret))).collect();
    if !secrets.is_empty() {
        flags.push(format!("--set-secrets={}", word(&secrets.join(","))));
    }
    flags.push(match (unit.answers_requests(), unit.is_public()) {
        (true, true) => "--allow-unauthenticated".to_owned(),
        (true, false) => "--no-allow-unauthenticated".to_owned(),
        (false, _) => "--no-allow-unauthenticated --ingress=internal".to_owned(),
    });
    flags
}

/// The variables of a unit's service, without its secrets.
pub(crate) fn variables(app: &App, unit: &Unit<'_>) -> Vec<(String, String)> {
    let mut variables: Vec<_> =
        unit.target.iter().map(|target| ("FUNCTION_TARGET".to_owned(), target.clone())).collect();
    variables.push(("OMNIFN_TIMEOUT".to_owned(), timeout_of(unit).to_string()));
    variables.extend(variables::google(app, unit, google::project(app), str::to_owned));
    variables.extend(unit.environment().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

/// The commands that bring a function its events; none for HTTP, and none where Google Cloud cannot.
pub(super) fn trigger(app: &App, unit: &Unit<'_>, function: &Function) -> Vec<String> {
    let Ok(route) = route(app, function) else { return Vec::new() };
    let name = format!("{}-{}", base(app), slug(&function.name));
    let path = format!("/_omnifn/{}", function.name);
    let project = google::project(app);
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
                format!("--topic={}", word(&topic)),
                format!("--push-endpoint={}", word(&format!("URL{path}"))),
                format!("--push-auth-service-account={}", word(&account)),
                format!("--ack-deadline={}", timeout(function.deploy.timeout).clamp(10, 600)),
            ];
            if let Some(dead) = &function.options.dead_letter {
                let topic = app.resource(ResourceKind::Queue, dead).name;
                let attempts = function.options.attempts.unwrap_or(5).clamp(5, 100);
                flags.push(format!("--dead-letter-topic={} --max-delivery-attempts={attempts}", word(&topic)));
            }
            if let Route::Push { is_ordered: true, .. } = route {
                flags.push("--enable-message-ordering".to_owned());
            }
            let mut lines = Vec::new();
            if let Route::Notification { bucket, events, .. } = &route {
                let events = events.join(",");
                lines.push(format!(
                    "gcloud storage buckets notifications create {} --topic={} --event-types={}",
                    word(&format!("gs://{}", google::bucket(app, bucket, project, str::to_owned))),
                    word(&topic),
                    word(&events)
                ));
            }
            lines.extend(folded(format!("gcloud pubsub subscriptions create {}", word(subscription)), flags));
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
                    format!("gcloud eventarc triggers create {}", word(&name)),
                    eventarc(app, unit, &source, kind, &path, &account),
                )
            })
            .collect(),
        Route::Job { schedule, time_zone } => {
            let mut flags = vec![
                format!("--schedule={} --time-zone={}", word(&schedule), word(&time_zone)),
                format!("--uri={} --http-method=POST", word(&format!("URL{path}"))),
                format!("--oidc-service-account-email={}", word(&account)),
                format!("--attempt-deadline={}s", timeout(function.deploy.timeout).clamp(15, 1800)),
                format!("--location={}", place(app)),
            ];
            flags.extend(
                function.options.attempts.map(|all| format!("--max-retry-attempts={}", all.saturating_sub(1).min(5))),
            );
            folded(format!("gcloud scheduler jobs create http {}", word(&name)), flags)
        }
    }
}

fn eventarc(app: &App, unit: &Unit<'_>, source: &Source, kind: &str, path: &str, account: &str) -> Vec<String> {
    let region = place(app);
    let mut flags = vec![
        format!("--location={region}"),
        format!("--destination-run-service={} --destination-run-region={region}", word(&unit.name)),
        format!("--destination-run-path={}", word(path)),
        format!("--event-filters={}", word(&pair("type", kind))),
    ];
    match source {
        Source::Bucket(bucket) => {
            let bucket = google::bucket(app, bucket, google::project(app), str::to_owned);
            flags.push(format!("--event-filters={}", word(&format!("bucket={bucket}"))));
        }
        Source::Documents { collection, database } => {
            flags.push(format!("--event-filters={}", word(&format!("database={database}"))));
            let document = format!("document={collection}/{{document}}");
            flags.push(format!("--event-filters-path-pattern={}", word(&document)));
            flags.push("--event-data-content-type=application/protobuf".to_owned());
        }
        Source::Channel => flags.push(format!("--channel={}", word(&format!("{}-events", base(app))))),
        Source::Service => {}
    }
    flags.push(format!("--service-account={}", word(account)));
    flags
}

fn region(app: &App) -> String {
    format!("--region={}", place(app))
}

/// The region as a word, or what stands for it.
fn place(app: &App) -> String {
    word(app.gcp.region.as_deref().unwrap_or("REGION"))
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
