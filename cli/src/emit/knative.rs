//! Knative.

use crate::{
    cli::Cloud,
    error::{Error, Result},
    files::File,
    model::App,
};

pub(super) fn render(app: &App, clouds: &[Cloud]) -> Result<Vec<File>> {
    let _ = clouds;
    Err(Error::new("omnifn::emit::format", format!("{} cannot be written as Knative yet", app.name)))
}
