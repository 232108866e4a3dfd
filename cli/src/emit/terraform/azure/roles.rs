//! Who may do what, one block for each role of [`policy::azure`](crate::policy::azure).

use super::{
    apps::host,
    data::{cosmos_account, data, dead_id, id, leases_id},
};
use crate::{
    emit::hcl::{Block, Body, Value, literal, raw, template},
    error::Result,
    plan::{
        azure::{Plan, leases},
        names::{ident, secret_in_vault},
    },
    policy::azure::{Assignment, On, Who, assignments, why_not_less},
};

pub(super) fn roles(plan: &Plan<'_>) -> Result<Body> {
    let mut body = Body::default();
    for assignment in &assignments(plan.app)? {
        body.add(block(plan, assignment));
    }
    Ok(body)
}

fn block(plan: &Plan<'_>, assignment: &Assignment) -> Block {
    let (name, who) = match &assignment.who {
        Who::App(unit) => (format!("app-{unit}"), format!("azurerm_function_app_flex_consumption.{unit}")),
        Who::BlobEvents => ("blob-events".to_owned(), "azurerm_eventgrid_system_topic.blob_events".to_owned()),
        Who::Events => ("events".to_owned(), "azurerm_eventgrid_topic.events".to_owned()),
        Who::Topic(id) => (id.clone(), format!("azurerm_eventgrid_topic.{id}")),
    };
    let (on, scope) = target(plan, &assignment.on);
    let name = ident(&format!("{name}-{}-{on}", assignment.role.title()));
    let principal = raw(format!("{who}.identity[0].principal_id"));
    let mut block = if assignment.role.is_cosmos() {
        let account = cosmos_account(plan);
        Block::resource("azurerm_cosmosdb_sql_role_assignment", &name)
            .set("resource_group_name", raw("local.resource_group"))
            .set("account_name", raw(format!("{account}.name")))
            .set(
                "role_definition_id",
                template(format!("${{{account}.id}}/sqlRoleDefinitions/{}", assignment.role.id())),
            )
            .set("principal_id", principal)
            .set("scope", scope)
    } else {
        Block::resource("azurerm_role_assignment", &name)
            .set("scope", scope)
            .set("role_definition_name", assignment.role.title())
            .set("principal_id", principal)
            .set("principal_type", "ServicePrincipal")
    };
    for reason in &assignment.why {
        block = block.about(format!("For {reason}."));
    }
    match why_not_less(assignment.role, &assignment.on) {
        Some(why) => block.about(why),
        None => block,
    }
}

/// What a role is on: for the block's name, and as its scope.
fn target(plan: &Plan<'_>, on: &On) -> (String, Value) {
    match on {
        On::Host(unit) => ("host".to_owned(), raw(format!("{}.id", host(unit)))),
        On::DeadLetters(dead) => (dead_id(dead), raw(format!("azurerm_storage_container.{}.id", dead_id(dead)))),
        On::Poison(queue) => (format!("{queue}-poison"), raw(format!("azurerm_storage_queue.{queue}_poison.id"))),
        On::BlobPoison => ("blob-poison".to_owned(), raw("azurerm_storage_queue.blob_poison.id")),
        On::Resource(place) => {
            let found = plan.places.iter().find(|it| it.id == *place);
            (place.clone(), found.map_or_else(|| raw(format!("{}.id", data(plan))), |place| id(plan, place)))
        }
        On::Subscription(_, function) => {
            let function = ident(function);
            (format!("subscription-{function}"), raw(format!("azurerm_servicebus_subscription.{function}.id")))
        }
        On::Leases(database, function) => {
            let (database, leases) = (literal(database), literal(&leases(function)));
            let form = format!("${{{}.id}}/dbs/{database}/colls/{leases}", cosmos_account(plan));
            (leases_id(function), template(form))
        }
        On::Secret(secret) => (
            format!("secret-{secret}"),
            template(format!("${{data.azurerm_key_vault.main.id}}/secrets/{}", secret_in_vault(plan.app, secret))),
        ),
    }
}
