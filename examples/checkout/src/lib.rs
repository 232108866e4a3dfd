//! Functions that are invoked directly, with JSON in and JSON out: a step of a workflow, and a trigger of a user pool.

pub mod members;
pub mod price;
