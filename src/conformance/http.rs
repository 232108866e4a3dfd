//! HTTP requests: what a function sees, and what its caller receives.

mod cases;
mod context;
mod exchange;
mod expect;
mod functions;
mod layer;
mod replies;

use exchange::Case;

pub(super) use exchange::run;

/// All cases.
pub(super) fn cases() -> Vec<Case> {
    let mut all = cases::cases();
    all.extend(context::cases());
    all
}
