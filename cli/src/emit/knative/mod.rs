//! Knative: a Service for each unit, and what brings it its events.

mod events;
mod service;

use super::{
    gcloud, words,
    yaml::{self, Map},
};
use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    files::File,
    model::App,
    plan::{limits::at_most, names::slug, units::units},
};

/// A document, with the comment above it.
struct Document {
    comments: Vec<String>,
    value: Map,
}

pub(super) fn render(app: &App, clouds: &[Cloud]) -> Result<Vec<File>> {
    if !clouds.is_empty() && !clouds.contains(&Cloud::Gcp) {
        let words = "Knative's texts are for programs of the cloud `gcp`, whose protocol it is";
        return Err(Error::new("omnifn::emit::target", words)
            .kind(Kind::Usage)
            .help("leave `--target` out, or add `gcp`"));
    }
    for function in &app.functions {
        // What a cluster takes, unless its `container-concurrency-max-limit` says otherwise.
        at_most(function, Cloud::Gcp, "concurrency", function.options.concurrency, 1000, "")?;
    }
    let image = app.gcp.image.clone().unwrap_or_else(|| slug(&app.name));
    let mut documents = Vec::new();
    for unit in units(app) {
        documents.extend(service::documents(app, &unit, &image));
        for function in &unit.functions {
            documents.extend(events::documents(app, &unit, function)?);
        }
    }
    documents.extend(events::channels(app));
    let mut head = words::head(app, "the Knative side");
    head.push(String::new());
    head.push("To take it there:".to_owned());
    head.push(format!("  {}          # prints how to push the image", words::package(app, Cloud::Gcp)));
    head.push("  kubectl apply -f knative.yaml".to_owned());
    if app.gcp.image.is_none() {
        head.push(format!(
            "The image has no name yet: write [package.metadata.omnifn.gcp] image = \"…\", or give `{image}` one with kustomize \
             (`kustomize edit set image {image}=…`)."
        ));
    }
    head.push(
        "On Cloud Run itself, the commands in the comments below do the same; REGION, PROJECT and URL are yours."
            .to_owned(),
    );
    let mut text = yaml::document(&folded(&head), &Map::default());
    for document in documents {
        text.push_str("---\n");
        text.push_str(&yaml::document(&folded(&document.comments), &document.value));
    }
    Ok(vec![File::new("knative.yaml", text)])
}

fn folded(comments: &[String]) -> Vec<String> {
    comments.iter().flat_map(|words| words::fold(words, 118)).collect()
}

/// Commands as a comment.
fn commands(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| format!("  {line}")).collect()
}
