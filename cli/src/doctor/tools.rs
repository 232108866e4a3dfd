use super::{Check, Machine, Report, State};
use crate::cloud::Cloud;

/// A command that is not needed to build or to package.
struct Tool {
    name: &'static str,
    purpose: &'static str,
    clouds: &'static [Cloud],
    get: Get,
}

/// How to get it.
enum Get {
    /// By a command that is the same everywhere.
    By(&'static str),
    /// As a package of the system.
    Package(&'static str),
}

/// The second version, which no package manager is sure to have.
const AWS_CLI: &str = "curl https://awscli.amazonaws.com/awscli-exe-linux-x86_64.zip -o awscli.zip && unzip -q awscli.zip && sudo \
                       ./aws/install";

/// What links for everything, wherever there is Python.
pub(super) const ZIGBUILD: &str = "pip install cargo-zigbuild";

const TOOLS: [Tool; 8] = [
    Tool { name: "aws", purpose: "deploys CloudFormation, and zips", clouds: &[Cloud::Aws], get: Get::By(AWS_CLI) },
    Tool {
        name: "sam",
        purpose: "deploys SAM templates",
        clouds: &[Cloud::Aws],
        get: Get::By("pip install aws-sam-cli"),
    },
    Tool {
        name: "gcloud",
        purpose: "deploys to Cloud Run",
        clouds: &[Cloud::Gcp],
        get: Get::By("curl https://sdk.cloud.google.com | bash"),
    },
    Tool {
        name: "az",
        purpose: "deploys Bicep, and zips",
        clouds: &[Cloud::Azure],
        get: Get::By("pip install azure-cli"),
    },
    Tool {
        name: "func",
        purpose: "runs an app of Azure Functions here",
        clouds: &[Cloud::Azure],
        get: Get::By("npm install -g azure-functions-core-tools@4"),
    },
    Tool {
        name: "docker",
        purpose: "builds Dockerfiles, and runs images here",
        clouds: &[Cloud::Gcp],
        get: Get::Package("docker.io"),
    },
    Tool { name: "podman", purpose: "the same, without a daemon", clouds: &[Cloud::Gcp], get: Get::Package("podman") },
    Tool { name: "skopeo", purpose: "copies images to a registry", clouds: &[Cloud::Gcp], get: Get::Package("skopeo") },
];

pub(super) fn examine(machine: &dyn Machine, clouds: &[(Cloud, &'static str)], report: &mut Report) {
    for Tool { name, purpose, clouds: own, get } in TOOLS {
        let wanted: Vec<_> =
            own.iter().filter(|cloud| clouds.iter().any(|(of, _)| of == *cloud)).map(|cloud| cloud.name()).collect();
        if wanted.is_empty() {
            continue;
        }
        let (state, detail, get) = match machine.find(name) {
            Some(path) => (State::Found, path.display().to_string(), None),
            None => {
                let get = match get {
                    Get::By(command) => command.to_owned(),
                    Get::Package(package) => install(machine, package),
                };
                (State::Optional, "not found".to_owned(), Some(get))
            }
        };
        report.checks.push(Check {
            group: "commands",
            name: name.to_owned(),
            state,
            detail,
            purpose,
            clouds: wanted,
            get,
        });
    }
}

/// The command that installs a package, by Debian's name for it.
pub(super) fn install(machine: &dyn Machine, package: &str) -> String {
    let managers: [(&str, &str, usize); 5] = [
        ("apt-get", "sudo apt-get install", 0),
        ("dnf", "sudo dnf install", 1),
        ("apk", "sudo apk add", 2),
        ("pacman", "sudo pacman -S", 3),
        ("brew", "brew install", 4),
    ];
    // The names in each of them, in that order; where there is none, it is got in another way.
    let names: [&str; 5] = match package {
        "gcc" => ["gcc", "gcc", "build-base", "gcc", "gcc"],
        "gcc-aarch64-linux-gnu" => [package, "", "", "aarch64-linux-gnu-gcc", ""],
        "musl-tools" => [package, "musl-gcc", "musl-dev", "musl", ""],
        "docker.io" => [package, "moby-engine", "docker", "docker", "docker"],
        other => [other; 5],
    };
    match managers.into_iter().find(|(manager, ..)| machine.find(manager).is_some()) {
        Some((_, command, at)) if !names[at].is_empty() => format!("{command} {}", names[at]),
        Some(_) => ZIGBUILD.to_owned(),
        None => format!("install the package {}", names[0]),
    }
}
