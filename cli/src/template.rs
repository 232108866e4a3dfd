//! The crates that `cargo omnifn new` makes.

use std::path::Path;

use clap::ValueEnum;

use crate::files::File;

/// What a new crate begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Template {
    /// An HTTP API.
    Http,
    /// Messages of a queue.
    Queue,
    /// Smaller pictures of those that are uploaded.
    Image,
    /// Telemetry of devices: a stream, a schedule, and HTTP.
    Iot,
    /// A slash command by a signed webhook.
    Chatbot,
}

/// Where a new crate finds omnifn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// In the registry, of this version.
    Version(&'a str),
    /// In a folder.
    Path(&'a Path),
}

/// What of a template is its own.
struct Own {
    about: &'static str,
    run: &'static str,
    try_it: &'static str,
    /// One of its functions.
    function: &'static str,
    /// The features of omnifn that it needs.
    features: &'static [&'static str],
    /// What it depends on beside omnifn, each a line of Cargo.toml.
    dependencies: &'static [&'static str],
    /// The dependency that has a feature for each cloud.
    by_cloud: Option<&'static str>,
    /// Its sources, below `src/`.
    sources: &'static [(&'static str, &'static str)],
}

const SERDE: &str = r#"serde = { version = "1", features = ["derive"] }"#;

impl Template {
    /// All of them.
    pub const ALL: [Template; 5] = [Template::Http, Template::Queue, Template::Image, Template::Iot, Template::Chatbot];

    /// The files of a crate of this name. `alone` is whether it says that it is a member of no workspace.
    pub fn files(self, name: &str, source: &Source<'_>, alone: bool) -> Vec<File> {
        let own = self.own();
        let cloud = |cloud: &str| match own.by_cloud {
            Some(dependency) => format!("\"omnifn/{cloud}\", \"{dependency}/{cloud}\""),
            None => format!("\"omnifn/{cloud}\""),
        };
        let mut dependencies = own.dependencies.to_vec();
        let omnifn = dependency(source, own.features);
        dependencies.push(&omnifn);
        // As cargo sorts them.
        dependencies.sort_unstable();
        let workspace = if alone {
            "\n# It is inside the folder of another workspace, but not a member of it.\n[workspace]\n"
        } else {
            ""
        };
        let filled = |text: &str| {
            let values = [
                ("name", name),
                ("about", own.about.trim()),
                ("run", own.run.trim()),
                ("try", own.try_it.trim()),
                ("function", own.function),
                ("workspace", workspace),
                ("dependencies", &dependencies.join("\n")),
                ("testing", &dependency(source, &["testing"])),
                ("aws", &cloud("aws")),
                ("gcp", &cloud("gcp")),
                ("azure", &cloud("azure")),
            ];
            values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{{{key}}}}}"), value))
        };
        let mut files = vec![
            File::new("Cargo.toml", filled(include_str!("../templates/Cargo.toml.in"))),
            File::new("README.md", filled(include_str!("../templates/README.md.in"))),
            File::new("AGENTS.md", filled(include_str!("../templates/AGENTS.md.in"))),
            File::new(".gitignore", include_str!("../templates/gitignore")),
        ];
        files.extend(own.sources.iter().map(|(path, text)| File::new(Path::new("src").join(path), *text)));
        files
    }

    fn own(self) -> Own {
        macro_rules! text {
            ($file:literal) => {
                include_str!(concat!("../templates/", $file))
            };
        }
        match self {
            Template::Http => Own {
                about: text!("http/about.md"),
                run: "cargo run",
                try_it: text!("http/try.sh"),
                function: "hello",
                features: &[],
                dependencies: &[SERDE],
                by_cloud: None,
                sources: &[("main.rs", text!("http/main.rs")), ("tests.rs", text!("http/tests.rs"))],
            },
            Template::Queue => Own {
                about: text!("queue/about.md"),
                run: "cargo run",
                try_it: text!("queue/try.sh"),
                function: "settle",
                features: &[],
                dependencies: &[SERDE],
                by_cloud: None,
                sources: &[("main.rs", text!("queue/main.rs")), ("tests.rs", text!("queue/tests.rs"))],
            },
            Template::Image => Own {
                about: text!("image/about.md"),
                run: text!("image/run.sh"),
                try_it: text!("image/try.sh"),
                function: "thumbnail",
                features: &[],
                dependencies: &[
                    r#"image = { version = "0.25", default-features = false, features = ["jpeg", "png"] }"#,
                    r#"object_store = { version = "0.14", default-features = false, features = ["fs"] }"#,
                    r#"url = "2""#,
                ],
                by_cloud: Some("object_store"),
                sources: &[
                    ("main.rs", text!("image/main.rs")),
                    ("bucket.rs", text!("image/bucket.rs")),
                    ("picture.rs", text!("image/picture.rs")),
                    ("tests.rs", text!("image/tests.rs")),
                ],
            },
            Template::Iot => Own {
                about: text!("iot/about.md"),
                run: "cargo run",
                try_it: text!("iot/try.sh"),
                function: "measure",
                features: &[],
                dependencies: &[SERDE],
                by_cloud: None,
                sources: &[
                    ("main.rs", text!("iot/main.rs")),
                    ("sums.rs", text!("iot/sums.rs")),
                    ("tests.rs", text!("iot/tests.rs")),
                ],
            },
            Template::Chatbot => Own {
                about: text!("chatbot/about.md"),
                run: text!("chatbot/run.sh"),
                try_it: text!("chatbot/try.sh"),
                function: "roll",
                features: &["webhook"],
                dependencies: &[
                    SERDE,
                    r#"serde_html_form = { version = "0.4", default-features = false, features = ["de", "std"] }"#,
                ],
                by_cloud: None,
                sources: &[("main.rs", text!("chatbot/main.rs")), ("tests.rs", text!("chatbot/tests.rs"))],
            },
        }
    }
}

/// The line of Cargo.toml.
fn dependency(source: &Source<'_>, features: &[&str]) -> String {
    let from = match source {
        Source::Version(version) => format!("version = {version:?}"),
        // JSON's texts are TOML's, too.
        Source::Path(path) => format!("path = {}", serde_json::Value::from(path.display().to_string())),
    };
    match (source, features) {
        (Source::Version(version), []) => format!("omnifn = {version:?}"),
        (_, []) => format!("omnifn = {{ {from} }}"),
        (_, features) => format!("omnifn = {{ {from}, features = {features:?} }}"),
    }
}
