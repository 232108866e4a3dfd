//! A chat bot by signed webhooks.
//!
//! - [`slack`]: a slash command, `/roll 2d6`.
//! - [`github`]: thanks for a new issue.
//! - [`signature`]: who may call: what both of them sign, checked in constant time, and not too old.

use std::sync::Arc;

use omnifn::Result;

pub mod github;
pub mod signature;
pub mod slack;

/// The secrets that the two services sign with.
#[derive(Clone)]
pub struct Secrets {
    /// Slack's signing secret: `SLACK_SIGNING_SECRET`.
    pub slack: Arc<str>,
    /// The webhook's secret at GitHub: `GITHUB_WEBHOOK_SECRET`.
    pub github: Arc<str>,
}

/// A secret is never shown.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Reads the secrets. Without one, that service's webhook answers nobody.
///
/// # Errors
/// None: a bot for one service alone is a bot.
pub async fn connect() -> Result<Secrets> {
    let secret = |name: &str| std::env::var(name).unwrap_or_default().into();
    Ok(Secrets { slack: secret("SLACK_SIGNING_SECRET"), github: secret("GITHUB_WEBHOOK_SECRET") })
}
