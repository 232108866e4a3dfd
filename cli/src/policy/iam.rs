//! Permissions as statements of IAM.

use serde_json::{Value, json};

use super::{Arn, Permission, Place, Reason};

/// Actions that are allowed on one resource for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The actions, in order.
    pub actions: Vec<&'static str>,
    /// What they may be done to; `None` is everything.
    pub on: Option<&'a Arn>,
    /// Why.
    pub why: &'a [Reason],
}

/// The permissions as statements: those on the same resource for the same reasons are one.
pub fn statements(permissions: &[Permission]) -> Vec<Statement<'_>> {
    let mut all: Vec<Statement<'_>> = Vec::new();
    for Permission { action, on, why } in permissions {
        match all.iter_mut().find(|statement| statement.on == on.as_ref() && statement.why == why) {
            Some(statement) => statement.actions.push(action),
            None => all.push(Statement { actions: vec![action], on: on.as_ref(), why }),
        }
    }
    all
}

/// A policy's document.
pub fn document(permissions: &[Permission], place: &Place<'_>) -> Value {
    let statements = statements(permissions).into_iter().map(|statement| {
        let resource = statement.on.map_or_else(|| "*".to_owned(), |arn| arn.write(place));
        json!({ "Effect": "Allow", "Action": statement.actions, "Resource": resource })
    });
    json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() })
}
