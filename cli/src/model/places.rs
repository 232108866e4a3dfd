//! Where a value is written: in Cargo.toml, or in an attribute.

use super::{App, Function, HttpTrigger, StorageTrigger, Trigger};

impl App {
    /// Returns where a value is written that is this text, or a part of it: the file, and the key there.
    pub(crate) fn place_of(&self, text: &str) -> Option<String> {
        let mut of_functions = self.functions.iter().flat_map(written).chain(self.named());
        let is_part = |value: &str| !value.is_empty() && text.contains(value);
        let found = of_functions.by_ref().filter(|(_, value)| is_part(value)).max_by_key(|(_, value)| value.len());
        found.map(|(place, _)| place)
    }

    /// The names and schedules in Cargo.toml that are of no function.
    fn named(&self) -> Vec<(String, &str)> {
        let names = self
            .resources
            .iter()
            .filter_map(|(key, set)| Some((of_cargo(&format!("resources.{key:?}.name")), set.name.as_deref()?)));
        let clouds = [("aws", &self.aws), ("gcp", &self.gcp), ("azure", &self.azure)];
        let schedules = clouds.into_iter().flat_map(|(cloud, settings)| {
            settings.functions.iter().filter_map(move |(name, set)| {
                Some((of_cargo(&format!("{cloud}.functions.{name}.schedule")), set.schedule.as_deref()?))
            })
        });
        names.chain(schedules).collect()
    }
}

/// A key of `[package.metadata.omnifn]`.
fn of_cargo(key: &str) -> String {
    format!("`{key}` in [package.metadata.omnifn] of Cargo.toml")
}

/// The values of a function, each with its place.
fn written(function: &Function) -> Vec<(String, &str)> {
    let at = |key: &str| format!("`{key}` of `{}` ({})", function.name, function.location);
    let mut all: Vec<(String, &str)> = Vec::new();
    for (name, value) in &function.environment {
        let key = function.environment_keys.get(name).cloned();
        all.push((of_cargo(&key.unwrap_or_else(|| format!("environment.{name}"))), value));
    }
    let class = function.trigger.class().key();
    all.extend(function.trigger.source().map(|source| (at(class), source)));
    match &function.trigger {
        Trigger::Storage(StorageTrigger { prefix, suffix, .. }) => {
            all.extend(prefix.as_deref().map(|prefix| (at("prefix"), prefix)));
            all.extend(suffix.as_deref().map(|suffix| (at("suffix"), suffix)));
        }
        Trigger::Http(HttpTrigger { routes }) => {
            let paths = routes.iter().filter_map(|route| route.path.as_deref());
            all.extend(paths.map(|path| (at("path"), path)));
        }
        _ => {}
    }
    let options = &function.options;
    for (key, value) in [
        ("dead_letter", &options.dead_letter),
        ("connection", &options.connection),
        ("subscription", &options.subscription),
        ("consumer_group", &options.consumer_group),
        ("database", &options.database),
        ("source", &options.source),
    ] {
        all.extend(value.as_deref().map(|value| (at(key), value)));
    }
    all
}
