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
//! [package.metadata.omnifn.resources."queue:orders"] # or "secret:DATABASE_URL"
//! name = "shop-orders"                        # its name in the cloud
//! create = false                              # it is there already
//!
//! [package.metadata.omnifn.units]                 # HTTP functions that are deployed together; unless set, all that are alike
//! api = ["place", "read"]
//!
//! [package.metadata.omnifn.aws]
//! region = "eu-central-1"
//! architecture = "arm64"                      # or x86_64
//!
//! [package.metadata.omnifn.azure.functions.nightly] # the schedule on one cloud, which may know no time zones
//! schedule = "0 2 * * *"
//! time_zone = "UTC"
//!
//! [package.metadata.omnifn.stages.prod.functions.settle]
//! memory = 1024                               # the same tables, for one stage
//! ```

mod check;
mod nearest;
mod regions;
mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use nearest::nearest;

use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    model::{
        App, Auth, CloudSettings, Deploy, Function, Options, ResourceSettings, UnitSettings, Visibility, settings,
    },
};

/// Where artifacts are put, unless the target folder is elsewhere.
const ARTIFACTS: &str = "target/omnifn";

/// What is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Overlay(Settings<BTreeMap<String, Settings<NoStages>>>);

/// The same, for all stages or for one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings<S> {
    name: Option<String>,
    secrets: Vec<String>,
    environment: BTreeMap<String, String>,
    functions: BTreeMap<String, FunctionSettings>,
    units: UnitSettings,
    resources: BTreeMap<String, ResourceSettings>,
    #[serde(deserialize_with = "settings::aws")]
    aws: CloudSettings,
    #[serde(deserialize_with = "settings::gcp")]
    gcp: CloudSettings,
    #[serde(deserialize_with = "settings::azure")]
    azure: CloudSettings,
    stages: S,
}

/// A stage has no stages of its own.
#[derive(Debug, Clone, Default)]
struct NoStages;

impl<'de> Deserialize<'de> for NoStages {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("unknown field `stages`: a stage has none of its own"))
    }
}

/// What is set for a function: what its attribute can say of a deployment, and variables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FunctionSettings {
    memory: Option<u32>,
    timeout: Option<u32>,
    instances: Option<u32>,
    visibility: Option<Visibility>,
    auth: Option<Auth>,
    batch_size: Option<u32>,
    batch_window: Option<u32>,
    concurrency: Option<u32>,
    attempts: Option<u32>,
    dead_letter: Option<String>,
    time_zone: Option<String>,
    environment: BTreeMap<String, String>,
}

impl Overlay {
    /// Reads the metadata of a package: the value of `omnifn` in it, if there is one.
    ///
    /// # Errors
    /// A key is unknown or a value is of another type; the words name the place.
    pub fn read(metadata: &Value) -> Result<Self> {
        let Some(own) = metadata.get("omnifn") else { return Ok(Overlay::default()) };
        serde_path_to_error::deserialize(own).map_err(unreadable)
    }

    /// What is set for a cloud, in this stage: all that is known before there are functions.
    pub fn cloud(&self, cloud: Cloud, stage: Option<&str>) -> CloudSettings {
        let of = |aws: &CloudSettings, gcp: &CloudSettings, azure: &CloudSettings| match cloud {
            Cloud::Aws => aws.clone(),
            Cloud::Gcp => gcp.clone(),
            Cloud::Azure => azure.clone(),
        };
        let own = stage.and_then(|stage| self.0.stages.get(stage));
        let own = own.map(|own| of(&own.aws, &own.gcp, &own.azure)).unwrap_or_default();
        own.over(of(&self.0.aws, &self.0.gcp, &self.0.azure))
    }

    /// Lays what is set, for all stages and then for this one, over functions.
    ///
    /// # Errors
    /// There is no such stage, or a function is named that the program has not.
    pub fn app(self, package: &str, functions: Vec<Function>, stage: Option<&str>) -> Result<App> {
        let Settings { name, secrets, environment, functions: settings, units, resources, aws, gcp, azure, mut stages } =
            self.0;
        let known = stages.keys().map(String::as_str).collect::<Vec<_>>().join("`, `");
        let near = stage.and_then(|stage| nearest(stage, stages.keys().map(String::as_str)).map(str::to_owned));
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
        let mut app = App {
            name,
            package: package.to_owned(),
            stage,
            functions,
            cors: None,
            aws,
            gcp,
            azure,
            units,
            resources,
            artifacts: ARTIFACTS.to_owned(),
            outside: Vec::new(),
        };
        lay_program(&mut app, &secrets, &environment, "");
        lay_functions(&mut app, settings, "")?;
        if let Some(own) = own {
            if let Some(name) = own.name {
                app.name = name;
            }
            for (key, set) in own.resources {
                let is_of_stage = set.name.is_some();
                app.resources.insert(key, ResourceSettings { is_of_stage, ..set });
            }
            if !own.units.is_empty() {
                app.units = own.units;
            }
            app.aws = own.aws.over(app.aws);
            app.gcp = own.gcp.over(app.gcp);
            app.azure = own.azure.over(app.azure);
            let keys = format!("stages.{}.", app.stage.as_deref().unwrap_or_default());
            lay_program(&mut app, &own.secrets, &own.environment, &keys);
            lay_functions(&mut app, own.functions, &keys)?;
        }
        check::check(&app)?;
        Ok(app)
    }
}

/// Which key it is that cannot be read, and what was meant, perhaps.
fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> Error {
    let place = error.path().to_string();
    let place = if place == "." { String::new() } else { format!(": at `{place}`") };
    let cause = error.into_inner().to_string();
    // "unknown field `regoin`, expected `region`"
    let words: Vec<_> = cause.split('`').skip(1).step_by(2).collect();
    let near = match &words[..] {
        [unknown, known @ ..] if cause.starts_with("unknown field") || cause.starts_with("unknown variant") => {
            nearest(unknown, known.iter().copied())
        }
        _ => None,
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`cargo omnifn`'s README lists every key, with its type, under \"Settings\"".to_owned(),
    };
    Error::new("omnifn::settings", format!("`[package.metadata.omnifn]` of Cargo.toml cannot be read{place}"))
        .kind(Kind::Usage)
        .caused_by(cause)
        .help(help)
}

/// What every function of the program gets, for the state is made for each of them.
fn lay_program(app: &mut App, secrets: &[String], environment: &BTreeMap<String, String>, keys: &str) {
    for function in &mut app.functions {
        let new = secrets.iter().filter(|secret| !function.secrets.contains(secret)).cloned().collect::<Vec<_>>();
        function.secrets.extend(new);
        set_variables(function, environment.clone(), &format!("{keys}environment"));
    }
}

/// Sets variables of a function, which stand below a key.
fn set_variables(function: &mut Function, variables: BTreeMap<String, String>, key: &str) {
    function.environment_keys.extend(variables.keys().map(|name| (name.clone(), format!("{key}.{name}"))));
    function.environment.extend(variables);
}

fn lay_functions(app: &mut App, settings: BTreeMap<String, FunctionSettings>, keys: &str) -> Result<()> {
    for (name, set) in settings {
        let Some(function) = app.functions.iter_mut().find(|function| function.name == name) else {
            let names = app.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join("`, `");
            let words = format!("Cargo.toml sets something for a function `{name}`, but the program has: `{names}`");
            let near = nearest(&name, app.functions.iter().map(|function| function.name.as_str()));
            let help = near.map_or_else(
                || format!("remove [package.metadata.omnifn.functions.{name}]"),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::new("omnifn::settings", words).kind(Kind::Usage).help(help));
        };
        let FunctionSettings { memory, timeout, instances, visibility, auth, .. } = set;
        let mut deploy = Deploy::NONE;
        (deploy.memory, deploy.timeout, deploy.instances) = (memory, timeout, instances);
        (deploy.visibility, deploy.auth) = (visibility, auth);
        function.deploy = deploy.or(function.deploy);
        let mut options = Options::default();
        (options.batch_size, options.batch_window) = (set.batch_size, set.batch_window);
        (options.concurrency, options.attempts) = (set.concurrency, set.attempts);
        (options.dead_letter, options.time_zone) = (set.dead_letter, set.time_zone);
        function.options = options.or(std::mem::take(&mut function.options));
        set_variables(function, set.environment, &format!("{keys}functions.{name}.environment"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
