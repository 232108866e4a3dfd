//! `cargo omnifn policy`

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::{Value, json};

use crate::{
    args::SourceArgs,
    cloud::Cloud,
    error::{Error, Kind, Result},
    load,
    model::App,
    output::Output,
    policy::{self, Given, Holder, Place, Role},
};

/// Say what each function may do: on AWS as policies of IAM, on Google Cloud and Azure as roles.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say for each action why it is there: the trigger or the grant that asks for it, and where that stands.
    #[arg(long)]
    pub explain: bool,
    /// The clouds; all of them, by default.
    #[arg(long, value_name = "CLOUDS", value_delimiter = ',')]
    pub target: Vec<Cloud>,
    /// The function; all of them, by default.
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    /// The program whose functions are read.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Runs it.
///
/// # Errors
/// The functions cannot be read, or there is none of that name.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let app = load::load(&args.source, output)?;
    let mut roles = chosen(&app, args.function.as_deref())?;
    if !args.target.is_empty() && !args.target.contains(&Cloud::Aws) {
        roles.clear();
    }
    let given = others(&app, args, output)?;
    if args.explain && !output.json {
        return output.text([explained(&app, &roles), explained_others(&given)].concat());
    }
    let of_aws = roles.iter().map(if args.explain { reasons } else { document });
    let of_others = given.iter().map(|given| match args.explain {
        true => json!(given),
        false => json!({ "cloud": given.cloud, "who": given.who, "role": given.role, "on": given.on }),
    });
    output.value(&of_aws.chain(of_others).collect::<Vec<_>>())
}

/// The roles on the other clouds. One that cannot do what a function asks for is told of, and left out unless it was asked for.
fn others(app: &App, args: &Args, output: &Output) -> Result<Vec<Given>> {
    let mut all = Vec::new();
    for cloud in Cloud::ALL.into_iter().filter(|cloud| args.target.is_empty() || args.target.contains(cloud)) {
        match policy::given(app, cloud) {
            Ok(given) => all.extend(given),
            Err(error) if args.target.is_empty() => output.warn(error),
            Err(error) => return Err(error),
        }
    }
    if let Some(name) = &args.function {
        let function = app.functions.iter().find(|function| function.name == *name);
        let place = function.map(|function| function.location.to_string()).unwrap_or_default();
        all.retain(|given| given.why.iter().any(|reason| reason.place == place));
    }
    Ok(all)
}

fn chosen(app: &App, function: Option<&str>) -> Result<Vec<Role>> {
    let roles = policy::roles(app);
    let Some(name) = function else { return Ok(roles) };
    let roles: Vec<_> =
        roles.into_iter().filter(|role| role.functions.iter().any(|function| function == name)).collect();
    if roles.is_empty() {
        let names = app.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join("`, `");
        let words = format!("the program has no function `{name}`: it has `{names}`");
        return Err(Error::new("omnifn::policy::function", words).kind(Kind::Usage));
    }
    Ok(roles)
}

fn document(role: &Role) -> Value {
    let document = policy::document(&role.permissions, &Place::CLOUDFORMATION);
    json!({ "unit": role.unit, "functions": role.functions, "holder": role.holder, "policy": document })
}

fn reasons(role: &Role) -> Value {
    let all = role.permissions.iter().map(|permission| {
        let on = permission.on.as_ref().map_or_else(|| "*".to_owned(), |arn| arn.write(&Place::CLOUDFORMATION));
        json!({ "action": permission.action, "resource": on, "why": permission.why })
    });
    json!({ "unit": role.unit, "functions": role.functions, "holder": role.holder, "permissions": all.collect::<Vec<_>>() })
}

/// For eyes.
fn explained(app: &App, roles: &[Role]) -> String {
    let mut text = String::new();
    for role in roles {
        let who = match role.holder {
            Holder::Function => "",
            Holder::Schedule => ", its schedule",
        };
        let _ = match &role.functions[..] {
            [one] if *one == role.unit => writeln!(text, "{one}{who}"),
            several => writeln!(text, "the unit {} ({}){who}", role.unit, several.join(", ")),
        };
        for permission in &role.permissions {
            let on = permission.on.as_ref().map_or_else(|| "*".to_owned(), |arn| arn.write(&Place::WORDS));
            let _ = writeln!(text, "  {}  {on}", permission.action);
            for reason in &permission.why {
                match role.functions.len() {
                    1 => writeln!(text, "      because {reason}"),
                    _ => writeln!(text, "      because of `{}`: {reason}", reason.function),
                }
                .unwrap_or_default();
            }
        }
        let own = app.functions.iter().filter(|function| role.functions.contains(&function.name));
        let secrets: BTreeSet<_> = own.flat_map(|function| &function.secrets).collect();
        for secret in secrets.iter().filter(|_| role.holder == Holder::Function) {
            let _ =
                writeln!(text, "  no action for the secret {secret}: its value is put in when the stack is deployed");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The same of the other clouds: who, and what they may.
fn explained_others(all: &[Given]) -> String {
    let mut text = String::new();
    let mut before = None;
    for given in all {
        let who = (given.cloud, given.who.as_str());
        if before.replace(who) != Some(who) {
            let cloud = if given.cloud == Cloud::Gcp.name() { "Google Cloud" } else { "Azure" };
            let _ = writeln!(text, "\n{cloud}: {}", given.who);
        }
        let _ = writeln!(text, "  {}  {}", given.role, given.on);
        for reason in &given.why {
            let _ = writeln!(text, "      because {reason}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Function, FunctionNote};

    #[test]
    fn every_action_is_explained() {
        let note = json!({"v": 1, "name": "settle", "trigger": {"kind": "queue", "source": "orders"},
            "grants": [{"verb": "publishes", "kind": "topic", "name": "news"}], "secrets": ["KEY"],
            "module": "shop", "file": "src/main.rs", "line": 3});
        let function: Function = serde_json::from_value::<FunctionNote>(note).unwrap().into();
        let app = crate::overlay::Overlay::default().app("shop", vec![function], None).unwrap();
        let text = explained(&app, &chosen(&app, Some("settle")).unwrap());
        assert_eq!(
            text,
            "settle
  logs:CreateLogStream  arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/shop-settle:*
      because `settle` writes its log, src/main.rs:3
  logs:PutLogEvents  arn:aws:logs:REGION:ACCOUNT:log-group:/aws/lambda/shop-settle:*
      because `settle` writes its log, src/main.rs:3
  sqs:ReceiveMessage  arn:aws:sqs:REGION:ACCOUNT:orders
      because queue = \"orders\", src/main.rs:3
  sqs:DeleteMessage  arn:aws:sqs:REGION:ACCOUNT:orders
      because queue = \"orders\", src/main.rs:3
  sqs:GetQueueAttributes  arn:aws:sqs:REGION:ACCOUNT:orders
      because queue = \"orders\", src/main.rs:3
  sns:Publish  arn:aws:sns:REGION:ACCOUNT:news
      because publishes = \"topic:news\", src/main.rs:3
  no action for the secret KEY: its value is put in when the stack is deployed
"
        );
        let given: Vec<_> = [Cloud::Gcp, Cloud::Azure].map(|cloud| policy::given(&app, cloud).unwrap()).concat();
        assert_eq!(
            explained_others(&given),
            "
Google Cloud: the service shop-settle
  roles/pubsub.publisher  the topic news
      because publishes = \"topic:news\", src/main.rs:3
  roles/secretmanager.secretAccessor  the secret shop-KEY
      because secret = \"KEY\", src/main.rs:3

Google Cloud: the account shop-settle-events, which posts events
  roles/run.invoker  the service shop-settle
      because queue = \"orders\", src/main.rs:3

Azure: the app shop-settle
  Storage Blob Data Owner  the storage account of shop-settle's host
      because the host of `settle` keeps keys, locks and the package there, src/main.rs:3
  Azure Service Bus Data Receiver  the queue orders
      because queue = \"orders\", src/main.rs:3
  Azure Service Bus Data Sender  the topic news
      because publishes = \"topic:news\", src/main.rs:3
  Key Vault Secrets User  the secret shop-KEY
      because secret = \"KEY\", src/main.rs:3
"
        );
        let error = chosen(&app, Some("settel")).unwrap_err();
        assert!(error.message.contains("it has `settle`"), "{error}");
    }
}
