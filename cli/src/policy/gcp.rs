//! Google Cloud: who gets which role on what, and why.

use std::collections::BTreeMap;

use crate::{
    error::Result,
    model::{App, Function, Grant, ResourceKind, Verb},
    plan::{
        google::{Route, Source, database, route, topic_id},
        names::ident,
        units::{Unit, secrets, units},
    },
};

use super::{Reason, ReasonKind};

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
    /// Why, at least one reason.
    pub why: Vec<Reason>,
}

const INVOKER: &str = "roles/run.invoker";
const PUBLISHER: &str = "roles/pubsub.publisher";

/// All roles of a program on Google Cloud, sorted, each once.
///
/// # Errors
/// Google Cloud cannot carry a function's events.
pub fn bindings(app: &App) -> Result<Vec<Binding>> {
    let mut bindings = Bindings::default();
    for unit in units(app) {
        for function in &unit.functions {
            trigger(app, &unit, function, &mut bindings)?;
            grants(&unit, function, &mut bindings);
        }
    }
    Ok(bindings.sorted())
}

#[derive(Default)]
struct Bindings(BTreeMap<(Who, On, &'static str), Vec<Reason>>);

impl Bindings {
    fn add(&mut self, who: Who, role: &'static str, on: On, why: Reason) {
        let reasons = self.0.entry((who, on, role)).or_default();
        if !reasons.contains(&why) {
            reasons.push(why);
        }
    }

    fn sorted(self) -> Vec<Binding> {
        self.0.into_iter().map(|((who, on, role), why)| Binding { who, role, on, why }).collect()
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
    let because = |kind, words: &str| Reason::new(kind, words, function);
    if route == Route::Http {
        match unit.is_public() {
            true => to.add(Who::Everyone, INVOKER, service, because(ReasonKind::Visibility, "visibility = \"public\"")),
            false => {
                to.add(Who::Callers, INVOKER, service, because(ReasonKind::Visibility, "visibility = \"private\""))
            }
        }
        return Ok(());
    }
    let class = function.trigger.class().key();
    let declared = format!("{class} = \"{}\"", function.trigger.source().unwrap_or_default());
    let why = || because(ReasonKind::Trigger, &declared);
    let pusher = Who::Pusher(ident(&function.name));
    to.add(pusher.clone(), INVOKER, service, why());
    match &route {
        Route::Eventarc { source, .. } => {
            to.add(pusher, "roles/eventarc.eventReceiver", On::Project, why());
            if let Source::Bucket(_) = source {
                to.add(Who::Storage, PUBLISHER, On::Project, why());
            }
        }
        Route::Notification { .. } => to.add(Who::Storage, PUBLISHER, On::Topic(notification_id(function)), why()),
        Route::Http | Route::Push { .. } | Route::Job { .. } => {}
    }
    let is_pushed = matches!(route, Route::Push { .. } | Route::Notification { .. });
    if let (Some(dead), true) = (&function.options.dead_letter, is_pushed) {
        let why = || because(ReasonKind::DeadLetter, &format!("dead_letter = \"{dead}\""));
        to.add(Who::PubSub, PUBLISHER, On::Topic(topic_id(ResourceKind::Queue, dead)), why());
        to.add(Who::PubSub, "roles/pubsub.subscriber", On::Subscription(ident(&function.name)), why());
    }
    Ok(())
}

fn grants(unit: &Unit<'_>, function: &Function, to: &mut Bindings) {
    let who = || Who::Service(unit.id.clone());
    for grant in &function.grants {
        let (role, on) = match grant.kind {
            ResourceKind::Bucket => (of_bucket(unit, grant), On::Bucket(bucket_id(&grant.name))),
            ResourceKind::Table => {
                let own = database(function);
                let same = unit.functions.iter().filter(|other| database(other) == own);
                let mut tables = same.flat_map(|other| &other.grants).filter(|other| other.kind == ResourceKind::Table);
                let writes_one = tables.any(|other| other.verb.changes());
                (if writes_one { "roles/datastore.user" } else { "roles/datastore.viewer" }, On::Database(own))
            }
            kind @ (ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream) => {
                (PUBLISHER, On::Topic(topic_id(kind, &grant.name)))
            }
        };
        to.add(who(), role, on, Reason::new(ReasonKind::Grant, grant.to_string(), function));
    }
    for secret in secrets(function) {
        let why = Reason::new(ReasonKind::Secret, format!("secret = \"{secret}\""), function);
        to.add(who(), "roles/secretmanager.secretAccessor", On::Secret(secret.to_owned()), why);
    }
}

/// Returns the smallest role that allows what all functions of the unit do with a bucket.
///
/// The legacy roles are those with the fewest permissions, and are for single buckets:
/// [the roles](https://cloud.google.com/storage/docs/access-control/iam-roles).
fn of_bucket(unit: &Unit<'_>, grant: &Grant) -> &'static str {
    let all = unit.functions.iter().flat_map(|function| &function.grants);
    let same = all.filter(|other| other.kind == grant.kind && other.name == grant.name);
    let verbs: Vec<Verb> = same.map(|other| other.verb).collect();
    let is = |part: Verb| verbs.iter().any(|verb| *verb == part || part.is_part_of(*verb));
    let changes = verbs.iter().any(|verb| verb.changes());
    match (changes, is(Verb::Gets), is(Verb::Lists)) {
        (true, false, _) if !verbs.contains(&Verb::Writes) => "roles/storage.legacyBucketWriter",
        (true, ..) => "roles/storage.objectUser",
        (false, true, false) => "roles/storage.legacyObjectReader",
        (false, false, true) => "roles/storage.legacyBucketReader",
        (false, ..) => "roles/storage.objectViewer",
    }
}

/// Why a role is the smallest that does, where that is not plain.
pub(crate) fn why_not_less(role: &str) -> Option<&'static str> {
    match role {
        "roles/storage.objectUser" => Some("Not objectCreator: that can neither replace nor delete an object."),
        "roles/storage.legacyBucketWriter" => Some(
            "Not objectCreator: that cannot replace an object. No role puts objects and does not delete and list them.",
        ),
        "roles/storage.legacyBucketReader" => Some("It lists objects, and gets none."),
        "roles/datastore.user" | "roles/datastore.viewer" => {
            Some("Firestore has no roles on a collection; the condition keeps it to one database.")
        }
        "roles/eventarc.eventReceiver" => Some("Eventarc asks for this role on the project."),
        _ => None,
    }
}
