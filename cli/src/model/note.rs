//! The types of the crate `omnifn-spec`, as they are read from a binary.

use omnifn_spec::{self as spec, Owned, note};
pub use omnifn_spec::{Auth, Class, Deploy, Methods, ObjectChange, ResourceKind, Verb, Visibility};

/// The note that `omnifn::main!` wrote.
pub type ProgramNote = note::Versioned<note::Program<Owned>>;

/// The note that `#[function]` wrote.
pub type FunctionNote = note::Versioned<spec::Spec<Owned>>;

/// The origins whose pages may call the HTTP functions.
pub type Cors = spec::Cors<Owned>;

/// What starts a function.
pub type Trigger = spec::Trigger<Owned>;

/// The requests that start a function.
pub type HttpTrigger = spec::HttpTrigger<Owned>;

/// The changes of objects that start a function.
pub type StorageTrigger = spec::StorageTrigger<Owned>;

/// A path with its methods.
pub type HttpRoute = spec::Route<Owned>;

/// The options of the trigger's transport.
pub type Options = spec::Options<Owned>;

/// What a function may do with a resource.
pub type Grant = spec::Grant<Owned>;

/// A place in the source.
pub type Location = spec::Location<Owned>;
