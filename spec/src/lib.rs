//! The declarations of functions: the types behind `#[function]` of [omnifn](https://docs.rs/omnifn).
//!
//! There is one definition for everyone who needs it. The macros check an attribute by the rules that are here ([`cron`], [`route`],
//! [`name`], [`cors`]); the program contains the declaration as a `const` [`Spec`]; the compiler writes it into the binary as a [`note`]; and tools
//! read the note back into the same types. A program's declarations consist of what the compiler knows ([`Static`]), those of a tool are
//! read from a file ([`Owned`]).
//!
//! This crate performs no I/O and names no provider. Without its features it has no dependencies, so that it costs the macros nothing.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod class;
pub mod conflict;
pub mod cors;
pub mod cron;
mod deploy;
mod grant;
mod methods;
pub mod name;
pub mod note;
mod options;
mod ownership;
pub mod route;
mod spec;
mod trigger;

pub use class::Class;
pub use cors::Cors;
pub use deploy::{Auth, Deploy, Visibility};
pub use grant::{Grant, ResourceKind, Verb};
pub use methods::Methods;
pub use options::Options;
pub use ownership::{Owned, Ownership, Static};
pub use spec::{Location, Spec};
pub use trigger::{HttpTrigger, ObjectChange, Route, StorageTrigger, Trigger};
