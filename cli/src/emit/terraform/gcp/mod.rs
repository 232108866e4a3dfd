//! Google Cloud: Cloud Run, Pub/Sub, Eventarc and Cloud Scheduler.

mod events;
mod resources;
mod roles;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use super::file;
use crate::{
    cloud::Cloud,
    emit::hcl::{Block, Body, Value, raw},
    error::{Error, Result},
    files::File,
    model::{App, Function, ResourceKind},
    plan::{
        google::{Route, database, route, topics},
        resource_names,
        units::{Unit, units},
    },
    policy::gcp::{Binding, Who, bindings},
};

/// What the files are written from.
struct Plan<'a> {
    app: &'a App,
    units: Vec<Unit<'a>>,
    routes: Vec<(&'a Function, Route)>,
    bindings: Vec<Binding>,
}

pub(super) fn render(app: &App) -> Result<Vec<File>> {
    let routes =
        app.functions.iter().map(|function| Ok((function, route(app, function)?))).collect::<Result<Vec<_>>>()?;
    Error::all(resource_names::errors(app, Cloud::Gcp)).map_or(Ok(()), Err)?;
    let plan = Plan { app, units: units(app), routes, bindings: bindings(app)? };
    let write = |name, more: &[String], body: &Body| file(app, Cloud::Gcp, name, more, body);
    let topics = topics(app)?;
    Ok([
        write("versions.tf", &commands(&plan), &versions()),
        write("variables.tf", &[], &variables(&plan)),
        write("services.tf", &[], &services::services(&plan)),
        write("events.tf", &[], &events::events(&plan)?),
        write("resources.tf", &[], &resources::resources(&plan, &topics)),
        write("roles.tf", &[], &roles::roles(&plan)),
        write("outputs.tf", &[], &outputs(&plan)),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// The commands that take it there.
fn commands(plan: &Plan<'_>) -> Vec<String> {
    let mut apis = vec!["run"];
    let has = |of: fn(&Route) -> bool| plan.routes.iter().any(|(_, route)| of(route));
    let publishes = !topics(plan.app).is_ok_and(|topics| topics.is_empty());
    if publishes
        || has(|route| matches!(route, Route::Push { .. } | Route::Notification { .. } | Route::Eventarc { .. }))
    {
        apis.push("pubsub");
    }
    if has(|route| matches!(route, Route::Eventarc { .. })) {
        apis.push("eventarc");
    }
    if has(|route| matches!(route, Route::Job { .. })) {
        apis.push("cloudscheduler");
    }
    if plan.units.iter().any(|unit| !unit.secrets().is_empty()) {
        apis.push("secretmanager");
    }
    if !databases(plan).is_empty() {
        apis.push("firestore");
    }
    let apis = apis.iter().map(|api| format!("{api}.googleapis.com")).collect::<Vec<_>>().join(" ");
    let mut lines = vec![
        "To take it there:".to_owned(),
        format!("  gcloud services enable {apis}"),
        format!("  {}          # prints how to push the image", crate::emit::words::package(plan.app, Cloud::Gcp)),
    ];
    let secrets: BTreeSet<_> = plan.units.iter().flat_map(Unit::secrets).collect();
    lines.extend(secrets.iter().map(|secret| {
        let secret = crate::shell::word(&crate::plan::names::secret(plan.app, secret));
        format!("  gcloud secrets create {secret} --data-file=-     # once; its value stays out of these files")
    }));
    lines.push("  terraform init && terraform apply -var project=… -var image=…".to_owned());
    lines
}

fn versions() -> Body {
    let google =
        Value::Map(vec![("source".into(), "hashicorp/google".into()), ("version".into(), ">= 6.0, < 8.0".into())]);
    let mut body = Body::default();
    body.add(
        Block::new("terraform", &[])
            .set("required_version", ">= 1.5")
            .block(Block::new("required_providers", &[]).set("google", google)),
    );
    body.add(Block::new("provider", &["google"]).set("project", raw("var.project")).set("region", raw("var.region")));
    body
}

fn variables(plan: &Plan<'_>) -> Body {
    let settings = &plan.app.gcp;
    let variable = |name: &str, description: &str, default: Option<&str>| {
        Block::new("variable", &[name])
            .set("description", description)
            .set("type", raw("string"))
            .set_some("default", default)
    };
    let mut body = Body::default();
    body.add(variable("project", "The project.", settings.project.as_deref()));
    body.add(variable("region", "The region.", Some(settings.region.as_deref().unwrap_or("europe-west1"))));
    body.add(variable(
        "image",
        "The image of the program, with its digest: a tag that moves changes nothing that runs.",
        settings.image.as_deref(),
    ));
    if !databases(plan).is_empty() {
        body.add(variable("firestore_location", "Where the databases are, if not in the region.", Some("")));
    }
    if plan.bindings.iter().any(|binding| binding.who == Who::Callers) {
        body.add(
            Block::new("variable", &["callers"])
                .set(
                    "description",
                    "Who may call the private HTTP functions, as `serviceAccount:…`, `user:…` or `group:…`.",
                )
                .set("type", raw("list(string)"))
                .set("default", Value::List(Vec::new())),
        );
    }
    body
}

fn outputs(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for unit in plan.units.iter().filter(|unit| unit.answers_requests()) {
        body.add(
            Block::new("output", &[&format!("{}_url", unit.id)])
                .set(
                    "description",
                    format!(
                        "The address of {}.",
                        unit.functions.iter().map(|f| format!("`{}`", f.name)).collect::<Vec<_>>().join(", ")
                    ),
                )
                .set("value", raw(format!("google_cloud_run_v2_service.{}.uri", unit.id))),
        );
    }
    body
}

/// The databases of Firestore that are needed, and whether each is made here.
fn databases(plan: &Plan<'_>) -> BTreeMap<String, bool> {
    let mut all = BTreeMap::new();
    for (function, _) in &plan.routes {
        let tables =
            plan.app.resources_of(function).into_iter().filter(|resource| resource.kind == ResourceKind::Table);
        for table in tables {
            *all.entry(database(function)).or_insert(true) &= table.create;
        }
    }
    all
}
