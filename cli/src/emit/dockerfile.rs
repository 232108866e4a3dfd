//! Dockerfiles: one that builds the program, for those who build in a container.
//!
//! `cargo omnifn package` makes the same image without any container engine.

use super::words;
use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    files::File,
    model::App,
};

pub(super) fn render(app: &App, clouds: &[Cloud]) -> Result<Vec<File>> {
    if !app.outside.is_empty() {
        let words = "the image's build does not see crates outside of the folder of Cargo.lock";
        let error = Error::new("omnifn::emit::outside", words).kind(Kind::Usage);
        let error = app.outside.iter().fold(error, Error::caused_by);
        return Err(error.help(
            "move them into the workspace's folder, or name them by version or `git`; `cargo omnifn package --target gcp` makes an image \
             without a container's build",
        ));
    }
    let mut files = Vec::new();
    if clouds.is_empty() || clouds.contains(&Cloud::Gcp) {
        files.push(File::new("Dockerfile", text(app, Cloud::Gcp)));
        files.push(File::new("Dockerfile.dockerignore", ignored(app)));
    }
    if clouds.contains(&Cloud::Aws) {
        files.push(File::new("Dockerfile.aws", text(app, Cloud::Aws)));
        files.push(File::new("Dockerfile.aws.dockerignore", ignored(app)));
    }
    if files.is_empty() {
        let words = "a plan of Azure Functions that takes containers is not among what is emitted: Flex Consumption takes a zip";
        return Err(Error::new("omnifn::emit::target", words)
            .kind(Kind::Usage)
            .help("write `--target gcp` (Cloud Run, Knative) or `--target aws` (Lambda), or use `cargo omnifn package --target azure`"));
    }
    Ok(files)
}

fn text(app: &App, cloud: Cloud) -> String {
    let mut text = String::from("# syntax=docker/dockerfile:1\n");
    text.push_str(&head(app, &format!("the image for {}", cloud.title())));
    let file = if cloud == Cloud::Aws { "Dockerfile.aws" } else { "Dockerfile" };
    let (tag, suffix) = (crate::plan::names::slug(&app.name), if cloud == Cloud::Aws { "-aws" } else { "" });
    text.push_str(&format!(
        "#\n# To build it, in the folder of Cargo.lock, which contains all crates that are given by a path:\n#   docker build -f {file} -t {tag}{suffix} .\n{}\n",
        match cloud {
            Cloud::Aws => "# Lambda takes it from ECR; the architecture has to be the function's.\n",
            _ => "",
        }
    ));
    text.push_str(&BUILD.replace("@PACKAGE@", &app.package).replace("@FEATURE@", cloud.name()));
    text.push_str(match cloud {
        Cloud::Aws => RUN_AWS,
        _ => RUN,
    });
    text
}

/// A static program needs neither a C library nor a shell. What cargo has downloaded and built stays in caches between builds, so that a
/// change in one file builds what depends on it.
const BUILD: &str = r#"FROM rust:1-slim-bookworm AS build

ARG PACKAGE=@PACKAGE@
ARG BIN=@PACKAGE@

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    TARGET="$(uname -m)-unknown-linux-musl" \
    && rustup target add "$TARGET" \
    && cargo build --release --locked --target "$TARGET" \
        --package "$PACKAGE" --bin "$BIN" --no-default-features --features @FEATURE@ \
    && install -D -m 0755 "target/$TARGET/release/$BIN" /out/app

"#;

/// CA roots, a user that is not root, and nothing else.
const RUN: &str = r#"FROM gcr.io/distroless/static-debian12:nonroot

COPY --from=build /out/app /app
USER 65532:65532
ENV PORT=8080
EXPOSE 8080
ENTRYPOINT ["/app"]
"#;

/// Lambda asks for events by itself: no port.
const RUN_AWS: &str = r#"FROM gcr.io/distroless/static-debian12:nonroot

COPY --from=build /out/app /app
USER 65532:65532
ENTRYPOINT ["/app"]
"#;

fn head(app: &App, what: &str) -> String {
    words::head(app, what).iter().flat_map(|words| words::lines(words)).map(|line| format!("# {line}\n")).collect()
}

fn ignored(app: &App) -> String {
    let head = head(app, "what the image's build does not see");
    format!("{head}\n**/target\n**/.git\n**/.env\n**/*.pem\n**/terraform\n")
}
