//! Who may do what, one declaration for each role of [`policy::azure`](crate::policy::azure).

use super::{
    apps::host,
    data::{child, leases_id, named},
    text::{Declaration, Value, object, raw},
};
use crate::{
    error::Result,
    literal::bicep::literal,
    plan::{
        azure::{Plan, leases},
        names::{ident, secret_in_vault},
    },
    policy::azure::{Assignment, On, Who, assignments, why_not_less},
};

pub(super) fn declarations(plan: &Plan<'_>) -> Result<Vec<Declaration>> {
    let mut all = Vec::new();
    if !plan.secrets().is_empty() {
        let vault = named(raw("keyVaultName"));
        all.push(Declaration::existing("vault", "Microsoft.KeyVault/vaults@2023-07-01", vault));
    }
    for secret in plan.secrets() {
        let value = child("vault", secret_in_vault(plan.app, secret));
        all.push(Declaration::existing(&secret_id(secret), "Microsoft.KeyVault/vaults/secrets@2023-07-01", value));
    }
    all.extend(assignments(plan.app)?.iter().map(|assignment| declaration(plan, assignment)));
    Ok(all)
}

fn secret_id(secret: &str) -> String {
    ident(&format!("secret-{secret}"))
}

fn declaration(plan: &Plan<'_>, assignment: &Assignment) -> Declaration {
    let who = match &assignment.who {
        Who::App(unit) => format!("app_{unit}"),
        Who::BlobEvents => "blob_events".to_owned(),
        Who::Events => "events".to_owned(),
        Who::Topic(id) => id.clone(),
    };
    let (on, scope) = target(&assignment.on);
    let symbol = format!("{who}_{}_{on}", ident(assignment.role.title()));
    let id = assignment.role.id();
    let mut declaration = if assignment.role.is_cosmos() {
        let place = match &assignment.on {
            On::Leases(database, function) => (database.clone(), leases(function)),
            On::Resource(id) => {
                let place = plan.places.iter().find(|place| place.id == *id);
                place.map(|place| (place.database.clone(), place.resource.name.clone())).unwrap_or_default()
            }
            _ => Default::default(),
        };
        let scope = format!("${{cosmos.id}}/dbs/{}/colls/{}", literal(&place.0), literal(&place.1));
        cosmos(&symbol, &who, id, &scope, &on)
    } else {
        let properties = object([
            ("principalId", raw(format!("{who}.identity.principalId"))),
            ("principalType", "ServicePrincipal".into()),
            (
                "roleDefinitionId",
                raw(format!("subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{id}')")),
            ),
        ]);
        let value = object([
            ("name", raw(format!("guid({scope}.id, {who}.id, '{id}')"))),
            ("scope", raw(scope)),
            ("properties", properties),
        ]);
        Declaration::resource(&symbol, "Microsoft.Authorization/roleAssignments@2022-04-01", value)
    };
    declaration = declaration.about(format!("{}.", assignment.role.title()));
    for reason in &assignment.why {
        declaration = declaration.about(format!("For {reason}."));
    }
    match why_not_less(assignment.role, &assignment.on) {
        Some(why) => declaration.about(why),
        None => declaration,
    }
}

/// A role of Cosmos DB's own, on one container.
fn cosmos(symbol: &str, who: &str, id: &str, scope: &str, on: &str) -> Declaration {
    let properties = object([
        ("principalId", raw(format!("{who}.identity.principalId"))),
        ("roleDefinitionId", Value::Template(format!("${{cosmos.id}}/sqlRoleDefinitions/{id}"))),
        ("scope", Value::Template(scope.to_owned())),
    ]);
    let value = object([
        ("parent", raw("cosmos")),
        ("name", raw(format!("guid({on}.id, {who}.id, '{id}')"))),
        ("properties", properties),
    ]);
    Declaration::resource(symbol, "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15", value)
}

/// What a role is on: for the declaration's name, and as its scope.
fn target(on: &On) -> (String, String) {
    let same = |id: String| (id.clone(), id);
    match on {
        On::Host(unit) => same(host(unit)),
        On::DeadLetters(dead) => same(ident(&format!("dead-{dead}"))),
        On::Resource(id) => same(id.clone()),
        On::Poison(id) => same(format!("{id}_poison")),
        On::BlobPoison => same("blob_poison".to_owned()),
        On::Subscription(_, function) => same(format!("subscription_{}", ident(function))),
        On::Leases(_, function) => same(leases_id(function)),
        On::Secret(secret) => same(secret_id(secret)),
    }
}
