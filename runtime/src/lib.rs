//! The I/O of omnifn: sockets, the clock, the environment, standard output, threads.
//!
//! [`dispatch`] is the path from a provider's bytes to a function and back. [`serve`] feeds it from an HTTP server, [`poll`] from the
//! Lambda Runtime API.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod deadline;
mod deliver;
pub mod dispatch;
pub mod env;
mod id;
pub mod layers;
pub mod log;
#[cfg(feature = "serve")]
pub mod mount;
#[cfg(all(feature = "serve", feature = "oidc"))]
mod oidc;
#[cfg(all(feature = "serve", not(feature = "oidc")))]
#[path = "oidc/off.rs"]
mod oidc;
#[cfg(feature = "otel")]
pub mod otel;
#[cfg(not(feature = "otel"))]
#[path = "otel/off.rs"]
pub mod otel;
mod panic;
#[cfg(feature = "poll")]
pub mod poll;
mod report;
#[cfg(feature = "testing")]
pub mod runtime_api;
#[cfg(feature = "serve")]
mod sender;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(any(feature = "serve", feature = "poll"))]
mod shutdown;
mod slots;
mod span;
pub mod start;
mod watched;
