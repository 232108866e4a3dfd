//! Hostile senders: each case is an attack that succeeded once, or one that never may.

mod client_ip;
mod idempotency;
mod nesting;
mod secrets;
mod support;
mod webhooks;
