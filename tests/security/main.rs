//! Hostile senders: each case is an attack that succeeded once, or one that never may.

mod amplification;
mod client_ip;
mod handshakes;
mod idempotency;
mod identity;
mod nesting;
mod secrets;
mod sources;
mod support;
mod webhooks;
