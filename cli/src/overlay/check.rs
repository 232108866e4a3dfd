//! What can be known to be wrong before a cloud is asked for.

use super::{
    nearest::nearest,
    regions::{self, Unknown},
    rules::{self, Rule},
};
use crate::{
    cloud::Cloud,
    cron::{Cron, zones},
    error::{Error, Kind, Result},
    model::{App, Class, Function},
    plan::{units, variables},
};

/// Checks all that is set, whether in Cargo.toml or in attributes.
pub(super) fn check(app: &App) -> Result<()> {
    let mut found = Found::default();
    program(app, &mut found);
    resources(app, &mut found);
    clouds(app, &mut found);
    schedules(app, &mut found);
    for (unit, _) in app.units.named() {
        let place = "write another in [package.metadata.omnifn.units]";
        found.text("the name of a unit", unit, &rules::FUNCTION, place);
    }
    found.0.extend(units::errors(app));
    for function in &app.functions {
        http(function, &mut found);
        numbers(function, &mut found);
        texts(function, &mut found);
    }
    Error::all(found.0).map_or(Ok(()), Err)
}

/// All that is wrong.
#[derive(Default)]
struct Found(Vec<Error>);

impl Found {
    fn wrong(&mut self, words: String, help: impl Into<String>) {
        self.0.push(Error::new("omnifn::settings", words).kind(Kind::Usage).help(help.into()));
    }

    /// Names a text that breaks its rule, and where another is written.
    fn text(&mut self, what: &str, text: &str, rule: &Rule, place: &str) {
        if !rule.takes(text) {
            self.wrong(format!("{what} cannot be {text:?}"), format!("{place}: {}", rule.words));
        }
    }
}

fn program(app: &App, found: &mut Found) {
    let place = "write another in [package.metadata.omnifn] name = \"…\"";
    found.text("the program's name", &app.name, &rules::PROGRAM, place);
    found.text("the name of the package", &app.package, &rules::PACKAGE, "cargo takes no such name");
    if let Some(stage) = &app.stage {
        found.text("the name of a stage", stage, &rules::STAGE, "give [package.metadata.omnifn.stages] another");
    }
}

fn resources(app: &App, found: &mut Found) {
    let all = app.all_resources();
    let secrets = app.functions.iter().flat_map(|function| &function.secrets).map(|name| format!("secret:{name}"));
    let mut there: Vec<_> =
        all.iter().map(|known| format!("{}:{}", known.kind.name(), known.logical)).chain(secrets).collect();
    there.sort();
    there.dedup();
    for (key, set) in &app.resources {
        if there.contains(key) {
            let place = format!("write another in [package.metadata.omnifn.resources.{key:?}] name = \"…\"");
            // Those of the others are checked below.
            if let Some(name) = set.name.as_ref().filter(|_| key.starts_with("secret:")) {
                found.text(&format!("the name of `{key}`"), name, &rules::CLOUD, &place);
            }
            continue;
        }
        let help = match nearest(key, there.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if there.is_empty() => "no trigger and no grant names a resource: remove it".to_owned(),
            None => format!("the program's triggers, grants and secrets name `{}`", there.join("`, `")),
        };
        found.wrong(
            format!("Cargo.toml sets something for a resource `{}`, which no function names", key.escape_debug()),
            help,
        );
    }
    if let Some((one, other)) = variables::ambiguous(app) {
        let (a, b) = (one.kind.name(), other.kind.name());
        found.wrong(
            format!(
                "the {a} `{}` and the {b} `{}` have the same variable, `{}` or one that begins with it",
                one.logical,
                other.logical,
                variables::name(one.kind, &one.logical)
            ),
            "give them names that differ in letters and digits",
        );
    }
    for resource in &all {
        let (kind, logical) = (resource.kind.name(), &resource.logical);
        let place = format!("write another in [package.metadata.omnifn.resources.\"{kind}:{logical}\"] name = \"…\"");
        found.text(&format!("the name of the {kind} `{logical}`"), &resource.name, &rules::CLOUD, &place);
    }
}

fn clouds(app: &App, found: &mut Found) {
    let mut known = |key: &str, value: &Option<String>, all: [&str; 2]| {
        if let Some(value) = value.as_deref().filter(|value| !all.contains(value)) {
            let help = format!("write `{:?}` or `{:?}`", all[0], all[1]);
            found.wrong(format!("`{key} = {value:?}` is not known"), help);
        }
    };
    known("aws.http", &app.aws.http, ["http-api", "function-url"]);
    known("aws.architecture", &app.aws.architecture, ["arm64", "x86_64"]);
    known("gcp.architecture", &app.gcp.architecture, ["arm64", "x86_64"]);
    for (key, value, rule) in [
        ("gcp.project", &app.gcp.project, &rules::PROJECT),
        ("gcp.image", &app.gcp.image, &rules::IMAGE),
        ("gcp.broker", &app.gcp.broker, &rules::BROKER),
    ] {
        if let Some(value) = value {
            found.text(&format!("`{key}`"), value, rule, &format!("write another `{key}` in Cargo.toml"));
        }
    }
    for (cloud, settings) in [(Cloud::Aws, &app.aws), (Cloud::Gcp, &app.gcp), (Cloud::Azure, &app.azure)] {
        let Some(region) = &settings.region else { continue };
        let key = format!("{}.region", cloud.name());
        if !rules::REGION.takes(region) {
            found.text(&format!("`{key}`"), region, &rules::REGION, &format!("write another `{key}` in Cargo.toml"));
        } else if let Err(unknown) = regions::check(cloud, region) {
            let help = match unknown {
                Unknown::Near(near) => format!("did you mean `{near}`?"),
                Unknown::Form(example) => format!("write one as `{example}`"),
            };
            found.wrong(format!("`{key} = {region:?}` is not a region of {}", cloud.title()), help);
        }
    }
}

/// Checks the schedules that are set for one cloud.
fn schedules(app: &App, found: &mut Found) {
    for (cloud, settings) in [("aws", &app.aws), ("gcp", &app.gcp), ("azure", &app.azure)] {
        for (name, set) in &settings.functions {
            let table = format!("[package.metadata.omnifn.{cloud}.functions.{name}]");
            let function = app.functions.iter().find(|function| function.name == *name);
            match function.map(|function| function.trigger.class()) {
                Some(Class::Schedule) => {}
                Some(_) => found.wrong(
                    format!("{table} sets a schedule, and `{name}` has none"),
                    "remove it: what is set for a function on one cloud is its `schedule` and its `time_zone`",
                ),
                None => {
                    let names = || app.functions.iter().map(|function| function.name.as_str());
                    let help = match nearest(name, names()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("remove it; the program has: `{}`", names().collect::<Vec<_>>().join("`, `")),
                    };
                    found.wrong(format!("{table} is for a function that the program does not have"), help);
                }
            }
            if let Some(error) = set.schedule.as_deref().and_then(|schedule| Cron::parse(schedule).err()) {
                found.0.push(error);
            }
            time_zone(set.time_zone.as_deref(), &format!("`{name}` on `{cloud}`"), found);
        }
    }
}

fn time_zone(zone: Option<&str>, what: &str, found: &mut Found) {
    if let Some(zone) = zone.filter(|zone| !zones::is_known(zone)) {
        let help = match nearest(zone, zones::all()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a name of IANA's time zone database, as `Europe/Berlin`".to_owned(),
        };
        found.wrong(format!("`time_zone = {zone:?}` of {what} is not known"), help);
    }
}

fn http(function: &Function, found: &mut Found) {
    let (name, deploy) = (&function.name, &function.deploy);
    for (key, is_set) in [("visibility", deploy.visibility.is_some()), ("auth", deploy.auth.is_some())] {
        if is_set && !matches!(function.trigger.class(), Class::Http | Class::Invoke) {
            let help = "remove it: it declares who may send HTTP requests";
            found.wrong(format!("`{key}` is set for `{name}`, which takes no HTTP requests"), help);
        }
    }
}

/// Nothing runs with none of these. A `batch_window` of 0 waits for nothing, which is something.
fn numbers(function: &Function, found: &mut Found) {
    let (deploy, options) = (&function.deploy, &function.options);
    for (key, value) in [
        ("memory", deploy.memory),
        ("timeout", deploy.timeout),
        ("instances", deploy.instances),
        ("batch_size", options.batch_size),
        ("concurrency", options.concurrency),
        ("attempts", options.attempts),
    ] {
        if value == Some(0) {
            let words = format!("`{key} = 0` of `{}` ({}) lets nothing run", function.name, function.location);
            found.wrong(words, "write 1 or more, or leave it out");
        }
    }
}

fn texts(function: &Function, found: &mut Found) {
    let (name, options) = (&function.name, &function.options);
    found.text("the name of a function", name, &rules::FUNCTION, &format!("look at {}", function.location));
    for secret in &function.secrets {
        let what = format!("a secret of `{name}`");
        found.text(&what, secret, &rules::VARIABLE, "it is the name of a variable");
    }
    for (variable, value) in &function.environment {
        let what = format!("a variable of `{name}`");
        found.text(&what, variable, &rules::VARIABLE, "give it another name in `environment`");
        if value.contains('\0') {
            let words = format!("the variable `{variable}` of `{name}` has a NUL, where it would end");
            found.wrong(words, "write its value without it");
        }
    }
    for (key, value, own) in [
        ("connection", &options.connection, ""),
        ("subscription", &options.subscription, ""),
        ("consumer_group", &options.consumer_group, "$Default"),
        ("database", &options.database, "(default)"),
    ] {
        // What clouds call it if nobody else does.
        if let Some(text) = value.as_deref().filter(|text| own.is_empty() || *text != own) {
            found.text(&format!("`{key}` of `{name}`"), text, &rules::CLOUD, &format!("look at {}", function.location));
        }
    }
    time_zone(options.time_zone.as_deref(), &format!("`{name}`"), found);
}
