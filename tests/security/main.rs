//! Hostile senders: each case is an attack that succeeded once, or one that never may.

mod handshakes;
mod idempotency;
mod sources;
mod webhooks;
