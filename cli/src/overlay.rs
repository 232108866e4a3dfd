//! `[package.metadata.omnifn]` of Cargo.toml: names, sizes and regions, for all stages and for one.
//!
//! ```toml
//! [package.metadata.omnifn]
//! name = "shop"                               # else the package's name
//! secrets = ["DATABASE_URL"]                  # what `state = connect` reads, so that every function gets it
//! environment = { LANG = "C" }
//!
//! [package.metadata.omnifn.functions.settle]
//! memory = 512                                # any of the attribute's deployment options
//! environment = { CURRENCY = "EUR" }
//!
//! [package.metadata.omnifn.resources."queue:orders"]
//! name = "shop-orders"                        # its name in the cloud
//! create = false                              # it is there already
//!
//! [package.metadata.omnifn.aws]
//! region = "eu-central-1"
//! architecture = "arm64"                      # or x86_64
//!
//! [package.metadata.omnifn.stages.prod.functions.settle]
//! memory = 1024                               # the same tables, for one stage
//! ```

mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    cli::Cloud,
    error::{Error, Kind, Result},
    model::{App, Deploy, Function, Options},
};

/// What is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Overlay {
    name: Option<String>,
    secrets: Vec<String>,
    environment: BTreeMap<String, String>,
    functions: BTreeMap<String, FunctionSettings>,
    resources: BTreeMap<String, ResourceSettings>,
    aws: CloudSettings,
    gcp: CloudSettings,
    azure: CloudSettings,
    stages: BTreeMap<String, Overlay>,
}

/// What is set for a function: what its attribute can say of a deployment, and variables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FunctionSettings {
    memory: Option<u32>,
    timeout: Option<u32>,
    instances: Option<u32>,
    visibility: Option<String>,
    auth: Option<String>,
    batch_size: Option<u32>,
    batch_window: Option<u32>,
    concurrency: Option<u32>,
    attempts: Option<u32>,
    dead_letter: Option<String>,
    time_zone: Option<String>,
    environment: BTreeMap<String, String>,
}

/// What is set for a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResourceSettings {
    /// Its name in the cloud.
    pub name: Option<String>,
    /// Whether it is made with the functions.
    pub create: Option<bool>,
}

/// What is set for a cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudSettings {
    /// The region.
    pub region: Option<String>,
    /// `arm64` or `x86_64`.
    pub architecture: Option<String>,
    /// The project (Google Cloud).
    pub project: Option<String>,
    /// The name of an image, as `europe-docker.pkg.dev/p/r/shop` (Google Cloud, Knative).
    pub image: Option<String>,
    /// What stands in front of HTTP functions on AWS: `function-url`, or `http-api` (unless said).
    pub http: Option<String>,
    /// Whether function URLs send replies while they come (AWS).
    pub streaming: Option<bool>,
    /// Whether a package of its own is made for each function (AWS).
    pub split: Option<bool>,
    /// The broker that events come from (Knative); `default` unless said.
    pub broker: Option<String>,
}

impl Overlay {
    /// Reads the metadata of a package: the value of `omnifn` in it, if there is one.
    ///
    /// # Errors
    /// A key is unknown or a value is of another type; the words name the place.
    pub fn read(metadata: &Value) -> Result<Self> {
        let Some(own) = metadata.get("omnifn") else { return Ok(Overlay::default()) };
        serde_path_to_error::deserialize(own).map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { String::new() } else { format!(": at `{place}`") };
            Error::new("omnifn::settings", format!("`[package.metadata.omnifn]` of Cargo.toml cannot be read{place}"))
                .kind(Kind::Usage)
                .caused_by(error.into_inner())
                .help("`cargo omnifn`'s README lists every key, with its type, under \"Settings\"")
        })
    }

    /// What is set for a cloud, in this stage: all that is known before there are functions.
    pub fn cloud(&self, cloud: Cloud, stage: Option<&str>) -> CloudSettings {
        let of = |overlay: &Overlay| match cloud {
            Cloud::Aws => overlay.aws.clone(),
            Cloud::Gcp => overlay.gcp.clone(),
            Cloud::Azure => overlay.azure.clone(),
        };
        let own = stage.and_then(|stage| self.stages.get(stage)).map(of).unwrap_or_default();
        own.over(of(self))
    }

    /// Lays what is set, for all stages and then for this one, over functions.
    ///
    /// # Errors
    /// There is no such stage, or a function is named that the program has not.
    pub fn app(self, package: &str, functions: Vec<Function>, stage: Option<&str>) -> Result<App> {
        let Overlay { name, secrets, environment, functions: settings, resources, aws, gcp, azure, mut stages } = self;
        let known = stages.keys().map(String::as_str).collect::<Vec<_>>().join("`, `");
        let near = stage.and_then(|stage| check::nearest(stage, stages.keys().map(String::as_str)).map(str::to_owned));
        let own = match stage {
            Some(stage) => Some(stages.remove(stage).ok_or_else(|| {
                let there = if known.is_empty() { "there is none".to_owned() } else { format!("there are `{known}`") };
                Error::new("omnifn::stage", format!("no stage `{stage}` in Cargo.toml: {there}"))
                    .kind(Kind::Usage)
                    .help(match &near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("add [package.metadata.omnifn.stages.{stage}]"),
                    })
            })?),
            None => None,
        };
        let name = name.unwrap_or_else(|| package.to_owned());
        let stage = stage.map(str::to_owned);
        let mut app = App { name, package: package.to_owned(), stage, functions, aws, gcp, azure, resources };
        lay_program(&mut app, &secrets, &environment);
        lay_functions(&mut app, settings)?;
        if let Some(own) = own {
            if let Some(name) = own.name {
                app.name = name;
            }
            app.resources.extend(own.resources);
            app.aws = own.aws.over(app.aws);
            app.gcp = own.gcp.over(app.gcp);
            app.azure = own.azure.over(app.azure);
            lay_program(&mut app, &own.secrets, &own.environment);
            lay_functions(&mut app, own.functions)?;
        }
        check::check(&app)?;
        Ok(app)
    }
}

/// What every function of the program gets, for the state is made for each of them.
fn lay_program(app: &mut App, secrets: &[String], environment: &BTreeMap<String, String>) {
    for function in &mut app.functions {
        let new = secrets.iter().filter(|secret| !function.secrets.contains(secret)).cloned().collect::<Vec<_>>();
        function.secrets.extend(new);
        function.environment.extend(environment.clone());
    }
}

fn lay_functions(app: &mut App, settings: BTreeMap<String, FunctionSettings>) -> Result<()> {
    for (name, set) in settings {
        let Some(function) = app.functions.iter_mut().find(|function| function.name == name) else {
            let names = app.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join("`, `");
            let words = format!("Cargo.toml sets something for a function `{name}`, but the program has: `{names}`");
            let near = check::nearest(&name, app.functions.iter().map(|function| function.name.as_str()));
            let help = near.map_or_else(
                || format!("remove [package.metadata.omnifn.functions.{name}]"),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::new("omnifn::settings", words).kind(Kind::Usage).help(help));
        };
        let FunctionSettings { memory, timeout, instances, visibility, auth, .. } = set;
        let deploy = Deploy { memory, timeout, instances, visibility, auth };
        function.deploy = deploy.over(std::mem::take(&mut function.deploy));
        let options = Options {
            batch_size: set.batch_size,
            batch_window: set.batch_window,
            concurrency: set.concurrency,
            attempts: set.attempts,
            dead_letter: set.dead_letter,
            time_zone: set.time_zone,
            ..Options::default()
        };
        function.options = options.over(std::mem::take(&mut function.options));
        function.environment.extend(set.environment);
    }
    Ok(())
}

impl CloudSettings {
    fn over(self, other: CloudSettings) -> CloudSettings {
        CloudSettings {
            region: self.region.or(other.region),
            architecture: self.architecture.or(other.architecture),
            project: self.project.or(other.project),
            image: self.image.or(other.image),
            http: self.http.or(other.http),
            streaming: self.streaming.or(other.streaming),
            split: self.split.or(other.split),
            broker: self.broker.or(other.broker),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::FunctionNote;

    fn settle() -> Function {
        let note = json!({"v": 1, "name": "settle", "trigger": {"kind": "queue", "source": "orders"},
            "options": {"batch_size": 5}, "deploy": {"memory": 256}, "module": "shop", "file": "src/main.rs", "line": 3});
        serde_json::from_value::<FunctionNote>(note).unwrap().into()
    }

    #[test]
    fn a_stage_goes_before_all_stages_and_these_before_the_attribute() {
        let metadata = json!({"omnifn": {
            "name": "shop",
            "functions": {"settle": {"memory": 512, "timeout": 9, "environment": {"A": "1", "B": "1"}}},
            "aws": {"region": "eu-west-1", "architecture": "arm64"},
            "stages": {"prod": {
                "name": "shop-prod",
                "functions": {"settle": {"memory": 1024, "environment": {"B": "2"}}},
                "resources": {"queue:orders": {"name": "prod-orders", "create": false}},
                "aws": {"region": "us-east-1"},
            }},
        }});
        let overlay = Overlay::read(&metadata).unwrap();
        let app = overlay.clone().app("crate-name", vec![settle()], Some("prod")).unwrap();
        let function = &app.functions[0];
        assert_eq!(
            (app.name.as_str(), function.deploy.memory, function.deploy.timeout),
            ("shop-prod", Some(1024), Some(9))
        );
        assert_eq!((function.options.batch_size, &function.environment["B"][..]), (Some(5), "2"));
        assert_eq!((app.aws.region.as_deref(), app.aws.architecture.as_deref()), (Some("us-east-1"), Some("arm64")));
        assert_eq!(overlay.cloud(Cloud::Aws, Some("prod")), app.aws);
        assert_eq!(overlay.cloud(Cloud::Aws, None).region.as_deref(), Some("eu-west-1"));
        let queue = &app.all_resources()[0];
        assert_eq!((queue.name.as_str(), queue.create), ("prod-orders", false));
        assert_eq!(overlay.app("crate-name", vec![settle()], None).unwrap().functions[0].deploy.memory, Some(512));
    }

    #[test]
    fn what_the_program_needs_every_function_gets() {
        let metadata = json!({"omnifn": {"secrets": ["KEY"], "environment": {"A": "1"}, "stages": {"prod": {
            "secrets": ["OTHER", "KEY"], "functions": {"settle": {"environment": {"A": "2"}}},
        }}}});
        let app = Overlay::read(&metadata).unwrap().app("shop", vec![settle()], Some("prod")).unwrap();
        assert_eq!(
            (&app.functions[0].secrets[..], &app.functions[0].environment["A"][..]),
            (&["KEY".to_owned(), "OTHER".to_owned()][..], "2")
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let said = |metadata: Value, stage: Option<&str>| {
            let app = Overlay::read(&metadata).and_then(|overlay| overlay.app("shop", vec![settle()], stage));
            let error = app.unwrap_err();
            format!("{error}: {}", error.causes.join(": "))
        };
        assert!(said(json!({"omnifn": {"memroy": 1}}), None).contains("memroy"));
        let place = said(json!({"omnifn": {"functions": {"settle": {"memory": "big"}}}}), None);
        assert!(place.contains("functions.settle.memory"), "{place}");
        let resource = said(json!({"omnifn": {"resources": {"queue:ordrs": {}}}}), None);
        assert!(resource.contains("`queue:ordrs`"), "{resource}");
        assert!(said(json!({"omnifn": {"aws": {"http": "rest"}}}), None).contains("rest"));
        assert!(said(json!({"omnifn": {"gcp": {"architecture": "mips"}}}), None).contains("mips"));
        let public = said(json!({"omnifn": {"functions": {"settle": {"visibility": "public"}}}}), None);
        assert!(public.contains("no HTTP requests"), "{public}");
        assert!(said(json!({"omnifn": {"secrets": ["A B"]}}), None).contains("`A B`"));
        assert!(said(json!({"omnifn": {"functions": {"settel": {}}}}), None).contains("`settel`"));
        assert!(said(json!({"omnifn": {"stages": {"test": {}}}}), Some("prod")).contains("there are `test`"));
    }
}
