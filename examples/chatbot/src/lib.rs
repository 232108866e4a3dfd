//! A chat bot that answers signed webhooks.
//!
//! - [`slack`]: a slash command, `/roll 2d6`.
//! - [`github`]: thanks for a new issue.

use omnifn::{prelude::*, webhook::Webhook};

pub mod github;
pub mod slack;

/// The webhooks of the two services, with the secrets that they sign with.
#[derive(Debug, Clone)]
pub struct Callers {
    /// Slack, by its signing secret: `SLACK_SIGNING_SECRET`.
    pub slack: Webhook,
    /// GitHub, by the webhook's secret there: `GITHUB_WEBHOOK_SECRET`.
    pub github: Webhook,
}

/// Reads the secrets. Without a secret, the webhook of that service rejects every request.
///
/// # Errors
/// The file of a secret cannot be read. A missing secret is not an error, because a bot may serve only one of the services.
pub async fn connect(env: Env) -> Result<Callers> {
    let secret = |name: &str| {
        let secret = env.get(name)?;
        if secret.is_none() {
            eprintln!("{name} is not set, so its webhook rejects every request");
        }
        Ok::<_, Error>(secret.unwrap_or_default())
    };
    Ok(Callers {
        slack: Webhook::slack(secret("SLACK_SIGNING_SECRET")?),
        github: Webhook::github(secret("GITHUB_WEBHOOK_SECRET")?),
    })
}
