//! The aws adapter.
