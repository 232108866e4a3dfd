//! Hostile senders: each case is an attack that succeeded once, or one that never may.

mod amplification;
mod idempotency;
mod identity;
mod webhooks;
