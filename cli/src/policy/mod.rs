//! The least that each function may do, and why: every permission comes from a trigger, a grant or an option of its attribute.
//!
//! There is one role for each unit of functions that are deployed together, and one for each schedule that calls one; each permission of a
//! role is there for a [`Reason`], which names the function that needs it.

mod aws;
pub mod azure;
pub mod gcp;
mod iam;
mod others;

use std::fmt;

use serde::Serialize;

pub use crate::plan::arn::{Arn, Place};
pub use iam::{Statement, document, statements};
pub(crate) use others::azure_place;
pub use others::{Given, given};

use crate::{
    model::{App, Function},
    plan::units::{Unit, units},
};

/// What may be done in the name of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The unit that it is for: `http`, or the name of its one function.
    pub unit: String,
    /// The functions of the unit.
    pub functions: Vec<String>,
    /// Who takes it on.
    pub holder: Holder,
    /// What it allows.
    pub permissions: Vec<Permission>,
}

/// Who takes a role on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// The functions themselves, and the service that reads a queue, stream or table for one of them.
    Function,
    /// The schedule that calls it.
    Schedule,
}

/// One action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The action, as `sqs:SendMessage`.
    pub action: &'static str,
    /// What it may be done to; `None` is everything, where an action cannot be narrowed.
    pub on: Option<Arn>,
    /// Why, at least one reason.
    pub why: Vec<Reason>,
}

/// Why a permission is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The function that needs it.
    pub function: String,
    /// What asks for it.
    pub kind: ReasonKind,
    /// The words of the attribute that do, as `queue = "orders"`.
    pub words: String,
    /// Where these stand, as `src/lib.rs:44`.
    pub place: String,
}

/// What asks for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// The function is started by it.
    Trigger,
    /// The function declares the access.
    Grant,
    /// What fails in the end is sent on.
    DeadLetter,
    /// The function reads a secret.
    Secret,
    /// Who may send it requests.
    Visibility,
    /// The platform cannot run it without.
    Platform,
    /// The function writes its log.
    Logs,
}

/// The roles of a program on AWS: for each unit, in order, its own and then that of its schedule.
pub fn roles(app: &App) -> Vec<Role> {
    units(app).iter().flat_map(|unit| aws::roles(app, unit)).collect()
}

/// The roles of one unit.
pub(crate) fn roles_of(app: &App, unit: &Unit<'_>) -> Vec<Role> {
    aws::roles(app, unit)
}

impl Reason {
    fn new(kind: ReasonKind, words: impl Into<String>, function: &Function) -> Self {
        Reason { function: function.name.clone(), kind, words: words.into(), place: function.location.to_string() }
    }
}

/// As a comment says it: `queue = "orders", src/lib.rs:44`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.words, self.place)
    }
}

/// Adds permissions to a list: an action on a resource that is there already gets one more reason.
fn add(all: &mut Vec<Permission>, on: Option<Arn>, actions: &[&'static str], why: &Reason) {
    for &action in actions {
        match all.iter_mut().find(|there| there.action == action && there.on == on) {
            Some(there) if there.why.contains(why) => {}
            Some(there) => there.why.push(why.clone()),
            None => all.push(Permission { action, on: on.clone(), why: vec![why.clone()] }),
        }
    }
}
