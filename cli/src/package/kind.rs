//! The forms of artifacts, and how they may be called.

use crate::error::{self, Error};

/// What form an artifact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A zip.
    Zip,
    /// A folder.
    Folder,
    /// An image's layout.
    Image,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Zip, Kind::Folder, Kind::Image];

    /// As the list names it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::Zip => "zip",
            Kind::Folder => "folder",
            Kind::Image => "image",
        }
    }
}

/// Whether artifacts of this kind are ever called so.
pub(super) fn is_made(kind: &str, name: &str) -> bool {
    Kind::ALL.into_iter().any(|known| {
        known.name() == kind
            && match known {
                Kind::Zip => name.ends_with(".zip"),
                Kind::Folder => matches!(name, "app" | "source"),
                Kind::Image => name == "image",
            }
    })
}

/// What would be written outside of its folder.
pub(super) fn outside(name: &str) -> Error {
    Error::new("omnifn::package::name", format!("{name:?} cannot be the name of a file in an artifact's folder"))
        .kind(error::Kind::Usage)
        .caused_by("it would be written outside of it")
        .help("give the program a name of letters, digits, `-` and `_`: `name` in [package.metadata.omnifn] of Cargo.toml")
}
