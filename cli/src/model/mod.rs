//! The functions of a program as a stage has them: what its binary declares ([`omnifn_spec`]), and what only this command adds to it: the
//! settings of `[package.metadata.omnifn]`, and the names that resources have in a cloud.

mod function;
mod note;
mod places;
mod resource;
pub(crate) mod settings;
mod units;

pub use function::Function;
pub use note::{
    Auth, Class, Cors, Deploy, FunctionNote, Grant, HttpRoute, HttpTrigger, Location, Methods, ObjectChange, Options,
    ProgramNote, ResourceKind, StorageTrigger, Trigger, Verb, Visibility,
};
pub use resource::Resource;
pub use settings::{CloudSettings, ResourceSettings, ScheduleSettings};
pub use units::UnitSettings;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cloud::Cloud;

/// A program with its functions, for one stage.
#[derive(Debug, Clone, Serialize)]
pub struct App {
    /// What it is called where it is deployed: the name of the package, unless the settings say another.
    pub name: String,
    /// The package.
    pub package: String,
    /// The stage, where one was asked for.
    pub stage: Option<String>,
    /// The functions of the program, in the order of `omnifn::main!`.
    pub functions: Vec<Function>,
    /// The origins whose pages may call the HTTP functions, if the program declares any.
    pub cors: Option<Cors>,
    /// What is set for AWS.
    pub aws: CloudSettings,
    /// What is set for Google Cloud.
    pub gcp: CloudSettings,
    /// What is set for Azure.
    pub azure: CloudSettings,
    /// How HTTP functions are grouped into units, if the settings say.
    pub units: UnitSettings,
    /// What is set for resources, by `kind:name`.
    pub resources: BTreeMap<String, ResourceSettings>,
    /// Where `cargo omnifn package` puts artifacts: `target/omnifn`, unless the project's target folder is elsewhere.
    pub artifacts: String,
    /// The dependencies by a path that leads out of the workspace's folder, as errors name them.
    #[serde(skip)]
    pub outside: Vec<String>,
}

impl App {
    /// Returns the program as it is on one cloud, with the schedules that are set for that cloud.
    #[must_use]
    pub fn on(&self, cloud: Cloud) -> App {
        let mut app = self.clone();
        let settings = match cloud {
            Cloud::Aws => &self.aws,
            Cloud::Gcp => &self.gcp,
            Cloud::Azure => &self.azure,
        };
        for function in &mut app.functions {
            let set = settings.functions.get(&function.name);
            let (Trigger::Schedule(source), Some(set)) = (&mut function.trigger, set) else { continue };
            if let Some(schedule) = &set.schedule {
                source.clone_from(schedule);
            }
            if set.time_zone.is_some() {
                function.options.time_zone.clone_from(&set.time_zone);
            }
        }
        app
    }

    /// A resource as this stage has it: its own name there, and whether it is made with the functions. What is made for a stage has the name of
    /// the stage in front, unless the stage's own settings give it another.
    pub fn resource(&self, kind: ResourceKind, logical: &str) -> Resource {
        let settings = self.resources.get(&format!("{}:{logical}", kind.name()));
        let create = settings.and_then(|set| set.create).unwrap_or(true);
        let set = settings.and_then(|set| set.name.as_deref());
        let name = match (&self.stage, set) {
            (Some(stage), set) if create && !settings.is_some_and(|set| set.is_of_stage) => {
                format!("{stage}-{}", set.unwrap_or(logical))
            }
            (_, set) => set.unwrap_or(logical).to_owned(),
        };
        Resource { kind, logical: logical.to_owned(), name, create }
    }

    /// Returns whether the settings name a resource.
    pub(crate) fn is_named(&self, resource: &Resource) -> bool {
        let settings = self.resources.get(&format!("{}:{}", resource.kind.name(), resource.logical));
        settings.is_some_and(|set| set.name.is_some())
    }

    /// Every resource that a trigger or a grant names, each once, sorted.
    pub fn all_resources(&self) -> Vec<Resource> {
        let mut all: Vec<_> = self.functions.iter().flat_map(|function| self.resources_of(function)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The resources that a function's trigger, dead letters and grants name.
    pub fn resources_of(&self, function: &Function) -> Vec<Resource> {
        let triggered = function.trigger.resource();
        let dead = function.options.dead_letter.as_deref().map(|name| (ResourceKind::Queue, name));
        let granted = function.grants.iter().map(|grant| (grant.kind, grant.name.as_str()));
        let named = triggered.into_iter().chain(dead).chain(granted);
        named.map(|(kind, name)| self.resource(kind, name)).collect()
    }
}
