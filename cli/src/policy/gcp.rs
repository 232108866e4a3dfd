//! Google Cloud: who gets which role on what, and why.

use std::{collections::BTreeMap, fmt};

use crate::{
    emit::{
        google::{Route, Source, database, route, topic_id},
        names::ident,
        units::{Unit, units},
    },
    error::Result,
    model::{App, Function, Grant, ResourceKind, Verb},
};

/// Who gets a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The service account of a service, by the service's name within the text.
    Service(String),
    /// The service account that posts a function's events, by the function's name within the text.
    Pusher(String),
    /// Pub/Sub's own account in the project.
    PubSub,
    /// Cloud Storage's own account in the project.
    Storage,
    /// Everyone.
    Everyone,
    /// Those that the variable `callers` names.
    Callers,
}

/// What a role is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The project: the role cannot be given on less.
    Project,
    /// One database of Firestore.
    Database(String),
    /// A service, by its name within the text.
    Service(String),
    /// A topic, likewise.
    Topic(String),
    /// The subscription of a function.
    Subscription(String),
    /// A bucket.
    Bucket(String),
    /// A secret.
    Secret(String),
}

/// A role that someone gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Who gets it.
    pub who: Who,
    /// The role.
    pub role: &'static str,
    /// On what.
    pub on: On,
    /// Why: what is declared, and of which function; at least one.
    pub reasons: Vec<String>,
}

/// All roles of a program on Google Cloud, sorted, each once.
///
/// # Errors
/// Google Cloud cannot carry a function's events.
pub fn bindings(app: &App) -> Result<Vec<Binding>> {
    let mut bindings = Bindings::default();
    for unit in units(app) {
        for function in &unit.functions {
            trigger(app, &unit, function, &mut bindings)?;
            grants(app, &unit, function, &mut bindings);
        }
    }
    Ok(bindings.sorted())
}

#[derive(Default)]
struct Bindings(BTreeMap<(Who, On, &'static str), Vec<String>>);

impl Bindings {
    fn add(&mut self, who: Who, role: &'static str, on: On, function: &Function, why: impl fmt::Display) {
        let reason = format!("`{}` ({}): {why}", function.name, function.source);
        let reasons = self.0.entry((who, on, role)).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    fn sorted(self) -> Vec<Binding> {
        self.0.into_iter().map(|((who, on, role), reasons)| Binding { who, role, on, reasons }).collect()
    }
}

/// The name of a bucket within a text.
pub(crate) fn bucket_id(logical: &str) -> String {
    ident(logical)
}

/// The topic that a bucket's notifications go through.
pub(crate) fn notification_id(function: &Function) -> String {
    ident(&format!("{}-objects", function.name))
}

fn trigger(app: &App, unit: &Unit<'_>, function: &Function, to: &mut Bindings) -> Result<()> {
    let service = On::Service(unit.id.clone());
    let route = route(app, function)?;
    let class = function.trigger.class().name();
    let declared = function.trigger.source().map_or_else(|| class.to_owned(), |source| format!("{class} = \"{source}\""));
    if route == Route::Http {
        match unit.is_public() {
            true => to.add(Who::Everyone, "roles/run.invoker", service, function, "visibility = \"public\""),
            false => to.add(Who::Callers, "roles/run.invoker", service, function, "visibility is not \"public\""),
        }
        return Ok(());
    }
    let pusher = Who::Pusher(ident(&function.name));
    to.add(pusher.clone(), "roles/run.invoker", service, function, format!("{declared}: its events are posted to it"));
    match &route {
        Route::Eventarc { source, .. } => {
            to.add(pusher, "roles/eventarc.eventReceiver", On::Project, function, format!("{declared}: Eventarc's trigger acts as this account"));
            if let Source::Bucket(_) = source {
                to.add(Who::Storage, "roles/pubsub.publisher", On::Project, function, format!("{declared}: Eventarc gets a bucket's changes through Pub/Sub"));
            }
        }
        Route::Notification { .. } => {
            let topic = On::Topic(notification_id(function));
            to.add(Who::Storage, "roles/pubsub.publisher", topic, function, format!("{declared}: the bucket tells its changes to this topic"));
        }
        Route::Http | Route::Push { .. } | Route::Job { .. } => {}
    }
    let is_pushed = matches!(route, Route::Push { .. } | Route::Notification { .. });
    if let (Some(dead), true) = (&function.options.dead_letter, is_pushed) {
        let why = format!("dead_letter = \"{dead}\": Pub/Sub moves dead letters there itself");
        to.add(Who::PubSub, "roles/pubsub.publisher", On::Topic(topic_id(ResourceKind::Queue, dead)), function, &why);
        to.add(Who::PubSub, "roles/pubsub.subscriber", On::Subscription(ident(&function.name)), function, &why);
    }
    Ok(())
}

fn grants(app: &App, unit: &Unit<'_>, function: &Function, to: &mut Bindings) {
    let who = || Who::Service(unit.id.clone());
    for grant in &function.grants {
        let (role, on) = match grant.kind {
            ResourceKind::Bucket => (
                // What may write may read: a second role would give nothing.
                if writes(unit, grant) { "roles/storage.objectUser" } else { "roles/storage.objectViewer" },
                On::Bucket(bucket_id(&grant.name)),
            ),
            ResourceKind::Table => {
                let own = database(function);
                let same = unit.functions.iter().filter(|other| database(other) == own);
                let mut tables = same.flat_map(|other| &other.grants).filter(|other| other.kind == ResourceKind::Table);
                let writes_one = tables.any(|other| other.verb == Verb::Writes);
                (if writes_one { "roles/datastore.user" } else { "roles/datastore.viewer" }, On::Database(own))
            }
            kind @ (ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream) => {
                ("roles/pubsub.publisher", On::Topic(topic_id(kind, &app.resource(kind, &grant.name).logical)))
            }
        };
        to.add(who(), role, on, function, grant);
    }
    for secret in &function.secrets {
        let on = On::Secret(ident(secret));
        to.add(who(), "roles/secretmanager.secretAccessor", on, function, format!("secret = \"{secret}\""));
    }
}

fn writes(unit: &Unit<'_>, grant: &Grant) -> bool {
    let all = unit.functions.iter().flat_map(|function| &function.grants);
    all.into_iter().any(|other| other.verb == Verb::Writes && other.kind == grant.kind && other.name == grant.name)
}

/// Why a role is the smallest that does, where that is not plain.
pub(crate) fn why_not_less(role: &str) -> Option<&'static str> {
    match role {
        "roles/storage.objectUser" => Some("Not objectCreator: that can neither replace nor delete an object."),
        "roles/datastore.user" | "roles/datastore.viewer" => {
            Some("Firestore has no roles on a collection; the condition keeps it to one database.")
        }
        "roles/eventarc.eventReceiver" => Some("Eventarc asks for this role on the project."),
        _ => None,
    }
}
