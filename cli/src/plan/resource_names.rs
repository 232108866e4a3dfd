//! The names that resources can have in each cloud.

use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    model::{App, Function, Resource, ResourceKind, Trigger},
    plan::arn::{Name, Place},
};

use super::azure::{self, Carrier};

/// The names that a kind of resource can have.
struct Rule {
    least: usize,
    most: usize,
    takes: fn(char) -> bool,
    /// A rule that does not look at single characters.
    fits: fn(&str) -> bool,
    /// The characters, in words.
    words: &'static str,
}

/// Checks the names of all resources that a program names, and returns every error.
pub(crate) fn errors(app: &App, cloud: Cloud) -> Vec<Error> {
    let of_resources = app.all_resources().into_iter().filter_map(|resource| check(app, &resource, cloud).err());
    let of_functions = app.functions.iter().flat_map(|function| options(app, function, cloud));
    let of_secrets = app.functions.iter().flat_map(|function| secrets(app, function, cloud));
    let mut errors: Vec<Error> = of_resources.chain(of_functions).collect();
    // Several functions may read one secret.
    for error in of_secrets {
        if errors.iter().all(|other| other.message != error.message) {
            errors.push(error);
        }
    }
    errors
}

/// Checks the names of the resources that a function names, and returns every error.
pub(crate) fn errors_of(app: &App, function: &Function, cloud: Cloud) -> Vec<Error> {
    let of_resources = app.resources_of(function).into_iter().filter_map(|resource| check(app, &resource, cloud).err());
    let of_options = options(app, function, cloud).into_iter().chain(database(function, cloud));
    of_resources.chain(of_options).chain(secrets(app, function, cloud)).collect()
}

/// Checks the names that are set for a function's secrets.
fn secrets(app: &App, function: &Function, cloud: Cloud) -> Vec<Error> {
    let rule = match cloud {
        Cloud::Aws => AWS_SECRET,
        Cloud::Gcp => GOOGLE_SECRET,
        // A vault's name is made of it, with `-` for all but letters and digits.
        Cloud::Azure => return Vec::new(),
    };
    let wrong = super::units::secrets(function).filter_map(|key| {
        let name = app.resources.get(&format!("secret:{key}"))?.name.as_deref().filter(|name| !rule.accepts(name))?;
        let help = format!("write another in [package.metadata.omnifn.resources.\"secret:{key}\"] name = \"…\"");
        Some(refused(&format!("the secret `{key}` on {}", place_of(cloud)), name, &rule).help(help))
    });
    wrong.collect()
}

/// Checks the name of a function's database, which has to exist on Google Cloud.
fn database(function: &Function, cloud: Cloud) -> Option<Error> {
    let name = function.options.database.as_deref().filter(|name| *name != "(default)")?;
    let is_wrong = cloud == Cloud::Gcp && !FIRESTORE_DATABASE.accepts(name);
    is_wrong.then(|| of(function, "database", name, &FIRESTORE_DATABASE, cloud))
}

/// Checks the name of a resource.
///
/// # Errors
/// The cloud does not accept the name.
fn check(app: &App, resource: &Resource, cloud: Cloud) -> Result<()> {
    let (rule, name) = match cloud {
        // The name of a bucket that is made ends with the account and the region; this is the longest region.
        Cloud::Aws => {
            let place = Place { partition: "aws", region: "ap-southeast-99", account: "123456789012" };
            (aws(resource), Name::of(app, resource).write(&place))
        }
        // The name of a bucket that is made begins with the project; this is the longest one.
        Cloud::Gcp if resource.kind == ResourceKind::Bucket => {
            let project = app.gcp.project.clone().unwrap_or_else(|| "p".repeat(30));
            (google(resource.kind), super::google::bucket(app, resource, &project, str::to_owned))
        }
        Cloud::Gcp => (google(resource.kind), resource.name.clone()),
        Cloud::Azure => match in_azure(app, resource) {
            Some(rule) => (rule, resource.name.clone()),
            None => return Ok(()),
        },
    };
    if rule.accepts(&name) {
        return Ok(());
    }
    let kind = resource.kind.name();
    let what = format!("a {kind} on {}", place_of(cloud));
    let help =
        format!("give it a name: [package.metadata.omnifn.resources.\"{kind}:{}\"] name = \"…\"", resource.logical);
    Err(refused(&what, &resource.name, &rule).help(help))
}

/// Checks the names in a function's options that become resources of the cloud.
fn options(app: &App, function: &Function, cloud: Cloud) -> Vec<Error> {
    let options = &function.options;
    let is_pushed = matches!(function.trigger, Trigger::Queue(_) | Trigger::Topic(_) | Trigger::Stream(_));
    let named: Vec<(&str, Option<&str>, Rule)> = match cloud {
        Cloud::Aws => Vec::new(),
        Cloud::Gcp => vec![("subscription", options.subscription.as_deref().filter(|_| is_pushed), PUBSUB)],
        Cloud::Azure => {
            let is_on = |carrier| azure::carrier(function) == carrier;
            let dead = options.dead_letter.as_deref().filter(|_| is_on(Carrier::EventGrid));
            // Event Grid's dead letters go to a container of the queue's name.
            let dead = dead.map(|dead| app.resource(ResourceKind::Queue, dead).name);
            let is_topic = matches!(function.trigger, Trigger::Topic(_)) && is_on(Carrier::ServiceBus);
            let mut named = vec![
                ("subscription", options.subscription.as_deref().filter(|_| is_topic), SUBENTITY),
                ("consumer_group", azure::consumer_group(function).filter(|_| is_on(Carrier::EventHubs)), SUBENTITY),
                ("database", options.database.as_deref().filter(|_| is_on(Carrier::Cosmos)), COSMOS),
            ];
            if let Some(dead) = dead.filter(|dead| !CONTAINER.accepts(dead)) {
                return vec![of(function, "dead_letter", &dead, &CONTAINER, cloud)];
            }
            named.retain(|(_, name, _)| name.is_some());
            named
        }
    };
    let wrong = named.into_iter().filter_map(|(key, name, rule)| Some((key, name?, rule)));
    wrong
        .filter(|(_, name, rule)| !rule.accepts(name))
        .map(|(key, name, rule)| of(function, key, name, &rule, cloud))
        .collect()
}

fn of(function: &Function, key: &str, name: &str, rule: &Rule, cloud: Cloud) -> Error {
    let what = format!("`{key}` of `{}` on {}", function.name, place_of(cloud));
    refused(&what, name, rule).help(format!("write another at {}", function.location))
}

fn refused(what: &str, name: &str, rule: &Rule) -> Error {
    let Rule { least, most, words, .. } = rule;
    let words = format!("{what} cannot be called `{name}`: its name has {least} to {most} {words}");
    Error::new("omnifn::emit::names", words).kind(Kind::Impossible)
}

fn place_of(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "AWS",
        Cloud::Gcp => "Google Cloud",
        Cloud::Azure => "Azure",
    }
}

impl Rule {
    fn accepts(&self, name: &str) -> bool {
        (self.least..=self.most).contains(&name.len()) && name.chars().all(self.takes) && (self.fits)(name)
    }
}

fn any(_: &str) -> bool {
    true
}

fn is_small(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn is_letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Whether a letter or a digit is at both ends.
fn is_between(name: &str) -> bool {
    name.starts_with(is_letter_or_digit) && name.ends_with(is_letter_or_digit)
}

/// Whether this is the form of an IPv4 address, which the name of a bucket cannot have.
fn is_address(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_fifo_name(name: &str) -> bool {
    let name = name.strip_suffix(".fifo").unwrap_or(name);
    !name.is_empty() && !name.contains('.')
}

/// [S3](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html),
/// [DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html),
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html),
/// [SNS](https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html), and
/// [Kinesis](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html).
fn aws(resource: &Resource) -> Rule {
    match resource.kind {
        // A bucket that exists may be of a time when names were longer, and had capitals.
        ResourceKind::Bucket if !resource.create => Rule {
            least: 3,
            most: 255,
            takes: |c| is_letter_or_digit(c) || "-._".contains(c),
            fits: any,
            words: "letters, digits, `-`, `_` and `.`",
        },
        ResourceKind::Bucket => Rule {
            least: 3,
            most: 63,
            takes: |c| is_small(c) || c == '-' || c == '.',
            fits: |name| is_between(name) && !name.contains("..") && !is_address(name),
            words: "small letters, digits, `-` and `.`, with a letter or a digit at both ends",
        },
        ResourceKind::Table => Rule {
            least: 3,
            most: 255,
            takes: |c| is_letter_or_digit(c) || "-_.".contains(c),
            fits: any,
            words: "letters, digits, `-`, `_` and `.`",
        },
        ResourceKind::Queue | ResourceKind::Topic => Rule {
            least: 1,
            most: if resource.kind == ResourceKind::Queue { 80 } else { 256 },
            takes: |c| is_letter_or_digit(c) || "-_.".contains(c),
            fits: is_fifo_name,
            words: "letters, digits, `-` and `_`, with `.fifo` behind them for FIFO",
        },
        ResourceKind::Stream => Rule {
            least: 1,
            most: 128,
            takes: |c| is_letter_or_digit(c) || "-_.".contains(c),
            fits: any,
            words: "letters, digits, `-`, `_` and `.`",
        },
    }
}

/// [Secrets Manager](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html).
const AWS_SECRET: Rule = Rule {
    least: 1,
    most: 512,
    takes: |c| is_letter_or_digit(c) || "/_+=.@-".contains(c),
    fits: any,
    words: "letters, digits and `/_+=.@-`",
};

/// [Secret Manager](https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create).
const GOOGLE_SECRET: Rule = Rule {
    least: 1,
    most: 255,
    takes: |c| is_letter_or_digit(c) || c == '-' || c == '_',
    fits: any,
    words: "letters, digits, `-` and `_`",
};

/// [Pub/Sub](https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names).
const PUBSUB: Rule = Rule {
    least: 3,
    most: 255,
    takes: |c| is_letter_or_digit(c) || "-_.~+%".contains(c),
    fits: |name| name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.starts_with("goog"),
    words: "letters, digits and `-_.~+%`, with a letter in front, and not `goog`",
};

/// [Databases of Firestore](https://cloud.google.com/firestore/docs/manage-databases#database_id).
const FIRESTORE_DATABASE: Rule = Rule {
    least: 4,
    most: 63,
    takes: |c| is_small(c) || c == '-',
    fits: |name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.ends_with('-'),
    words: "small letters, digits and `-`, with a letter in front and no `-` at the end",
};

/// [Cloud Storage](https://cloud.google.com/storage/docs/buckets#naming) and
/// [Firestore](https://cloud.google.com/firestore/quotas#collections_documents_and_fields).
fn google(kind: ResourceKind) -> Rule {
    match kind {
        ResourceKind::Bucket => Rule {
            least: 3,
            most: 222,
            takes: |c| is_small(c) || "-_.".contains(c),
            fits: |name| {
                let is_short = name.split('.').all(|part| (1..=63).contains(&part.len()));
                is_between(name)
                    && is_short
                    && !is_address(name)
                    && !name.starts_with("goog")
                    && !name.contains("google")
            },
            words: "small letters, digits, `-`, `_` and `.` (at most 63 between dots), with a letter or a digit at both ends, and \
                    neither `goog` in front nor `google` in it",
        },
        ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream => PUBSUB,
        ResourceKind::Table => Rule {
            least: 1,
            most: 1500,
            takes: |c| c != '/',
            fits: |name| {
                let is_reserved = name.starts_with("__") && name.ends_with("__");
                !is_reserved && !matches!(name, "." | "..")
            },
            words: "characters without `/`, and is neither `.` nor `..` nor `__…__`",
        },
    }
}

/// [Containers](https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata) and
/// [queues](https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata) of Azure Storage.
const CONTAINER: Rule = Rule {
    least: 3,
    most: 63,
    takes: |c| is_small(c) || c == '-',
    fits: |name| is_between(name) && !name.contains("--"),
    words: "small letters, digits and single `-`, with a letter or a digit at both ends",
};

/// Subscriptions of Service Bus, and consumer groups of Event Hubs: [the rules of Azure's
/// resources](https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
const SUBENTITY: Rule = Rule {
    least: 1,
    most: 50,
    takes: |c| is_letter_or_digit(c) || "-_.".contains(c),
    fits: is_between,
    words: "letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends",
};

/// Databases and containers of Cosmos DB.
const COSMOS: Rule = Rule {
    least: 1,
    most: 255,
    takes: |c| !"/\\#?%".contains(c),
    fits: |name| !name.ends_with(' '),
    words: "characters without `/`, `\\`, `#`, `?` and `%`",
};

/// The rule for what a resource is in Azure; `None` if the name is only a part of a longer one that is made to fit.
fn in_azure(app: &App, resource: &Resource) -> Option<Rule> {
    let carried = |carrier: Carrier| {
        let mut functions = app.functions.iter();
        let own = Some((resource.kind, resource.logical.as_str()));
        functions.any(|function| function.trigger.resource() == own && azure::carrier(function) == carrier)
    };
    Some(match resource.kind {
        ResourceKind::Bucket => CONTAINER,
        // The host adds `-poison` to the name.
        ResourceKind::Queue if carried(Carrier::StorageQueue) => Rule { most: 56, ..CONTAINER },
        ResourceKind::Topic if carried(Carrier::EventGrid) && resource.create => return None,
        // Service Bus has `/` in names, but the resource manager separates the parts of a resource's name by it.
        ResourceKind::Queue | ResourceKind::Topic => Rule { most: 260, ..SUBENTITY },
        ResourceKind::Stream => Rule { most: 256, ..SUBENTITY },
        ResourceKind::Table => COSMOS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlay::Overlay;

    #[test]
    fn each_cloud_takes_its_own_names() {
        let long = "x".repeat(64);
        let names = |kind, names: &[&str], cloud| -> Vec<String> {
            let app = Overlay::default().app("shop", Vec::new(), None).unwrap();
            let resource = |name: &&str| Resource { kind, logical: "x".into(), name: (*name).to_owned(), create: true };
            let refused = names.iter().filter(|name| check(&app, &resource(name), cloud).is_err());
            refused.map(|name| (*name).to_owned()).collect()
        };
        for (kind, cloud, good, bad) in [
            (
                ResourceKind::Bucket,
                Cloud::Gcp,
                // The project stands before them.
                &["uploads", "my_lake", "a.b-c", "123", "ab", "goog-1", "10.0.0.1"][..],
                &["Data_Lake", "-a-", "a/b", "my-google-1", "a..b", "größe", &*long][..],
            ),
            (
                ResourceKind::Bucket,
                Cloud::Azure,
                &["uploads", "a-b"],
                &["Data_Lake", "data_lake", "a.b", "a--b", "-ab", "ab-", "ab", &*long],
            ),
            (ResourceKind::Bucket, Cloud::Aws, &["uploads", "a.b"], &["Data_Lake", "data_lake", "-ab", "a..b"]),
            (
                ResourceKind::Topic,
                Cloud::Gcp,
                &["news", "News_2", "a.b~c+d%e", "orders.fifo"],
                &["tele/metry", "1news", "ab", "goog-news", "a b", "a@b"],
            ),
            (
                ResourceKind::Topic,
                Cloud::Azure,
                &["news", "News_2", "a", "orders.fifo"],
                &["tele/metry", "-news", "news_", "a b", "a~b"],
            ),
            (ResourceKind::Topic, Cloud::Aws, &["news", "a.fifo"], &["tele/metry", "a.b", ".fifo", "a.b.fifo"]),
            (ResourceKind::Queue, Cloud::Gcp, &["orders"], &["a/b", "ab"]),
            (ResourceKind::Queue, Cloud::Azure, &["orders"], &["a/b"]),
            (ResourceKind::Stream, Cloud::Azure, &["telemetry"], &["a/b", "a+b", "_a"]),
            (ResourceKind::Stream, Cloud::Gcp, &["telemetry"], &["a/b", "7th"]),
            (ResourceKind::Table, Cloud::Gcp, &["accounts", "a b", "größe"], &["a/b", "..", "__a__"]),
            (ResourceKind::Table, Cloud::Azure, &["accounts", "a b"], &["a/b", "a#b", "a?b", "a%b"]),
            (ResourceKind::Table, Cloud::Aws, &["accounts", "a.b_c"], &["a/b", "ab", "a b"]),
        ] {
            assert_eq!(names(kind, good, cloud), Vec::<String>::new(), "{kind:?} on {cloud:?}");
            assert_eq!(names(kind, bad, cloud), bad, "{kind:?} on {cloud:?}");
        }
        // A bucket that exists is named as it is.
        let app = Overlay::default().app("shop", Vec::new(), None).unwrap();
        for (name, is_valid) in [("uploads", true), ("ab", false), ("goog-1", false), ("10.0.0.1", false)] {
            let kind = ResourceKind::Bucket;
            let there = Resource { kind, logical: "x".into(), name: name.into(), create: false };
            assert_eq!(check(&app, &there, Cloud::Gcp).is_ok(), is_valid, "{name}");
        }
    }
}
