//! Terraform: a folder for each cloud.

mod aws;
mod azure;
mod gcp;

use std::path::Path;

use super::{hcl::Body, words};
use crate::{cloud::Cloud, error::Result, files::File, model::App};

pub(super) fn render(app: &App, clouds: &[Cloud]) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for cloud in Cloud::ALL.into_iter().filter(|cloud| clouds.contains(cloud)) {
        let app = app.on(cloud);
        files.extend(match cloud {
            Cloud::Aws => aws::render(&app)?,
            Cloud::Gcp => gcp::render(&app)?,
            Cloud::Azure => azure::render(&app)?,
        });
    }
    Ok(files)
}

/// A file of a cloud's folder, with the head that all have; none where there is nothing in it.
fn file(app: &App, cloud: Cloud, name: &str, more: &[String], body: &Body) -> Option<File> {
    let mut head = words::head(app, &format!("the {} side", cloud.title()));
    if !more.is_empty() {
        head.push(String::new());
        head.extend_from_slice(more);
    }
    let path = Path::new("terraform").join(cloud.name()).join(name);
    (!body.is_empty()).then(|| File::new(path, body.render(&head)))
}
