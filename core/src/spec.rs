//! The declarations of a program, whose texts and lists are constants.

use omnifn_spec as spec;
pub use omnifn_spec::{Auth, Deploy, Methods, ResourceKind, Verb, Visibility};

/// The declaration of a function in `#[function]`. It is known at compile time, and packaging needs nothing else.
pub type Spec = spec::Spec;

/// The origins whose pages may call a program's HTTP functions from a browser, and what such a page may send and read.
pub type Cors = spec::Cors;

/// The trigger of a function.
pub type Trigger = spec::Trigger;

/// The requests that an HTTP function takes.
pub type HttpTrigger = spec::HttpTrigger;

/// A path pattern and the methods that it is for.
pub type Route = spec::Route;

/// The changes of objects that trigger a function.
pub type StorageTrigger = spec::StorageTrigger;

/// The options of a trigger that a deployment needs. Each applies to the clouds that have such an option.
pub type Options = spec::Options;

/// The permission of a function to use a resource: `reads = "bucket:uploads"`.
pub type Grant = spec::Grant;

/// A place in the source.
pub type Location = spec::Location;
