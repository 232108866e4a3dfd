//! How functions become what a cloud deploys, for the texts and the roles alike: which of them share a service, what carries the
//! events of each, how things are called, and what cannot be.

pub(crate) mod arn;
pub(crate) mod azure;
pub(crate) mod google;
pub(crate) mod limits;
pub(crate) mod names;
pub(crate) mod resource_names;
pub(crate) mod units;
pub(crate) mod variables;
