//! A chat bot by signed webhooks.
//!
//! - [`slack`]: a slash command, `/roll 2d6`.
//! - [`github`]: thanks for a new issue.

use omnifn::{prelude::*, webhook::Webhook};

pub mod github;
pub mod slack;

/// Who may call, by the secrets that the two services sign with.
#[derive(Debug, Clone)]
pub struct Callers {
    /// Slack, by its signing secret: `SLACK_SIGNING_SECRET`.
    pub slack: Webhook,
    /// GitHub, by the webhook's secret there: `GITHUB_WEBHOOK_SECRET`.
    pub github: Webhook,
}

/// Reads the secrets. Without one, that service's webhook answers nobody.
///
/// # Errors
/// Where a secret's file cannot be read. A bot for one service alone is a bot.
pub async fn connect(env: Env) -> Result<Callers> {
    let secret = |name: &str| {
        let secret = env.get(name)?;
        if secret.is_none() {
            eprintln!("{name} is not set, so that webhook answers nobody");
        }
        Ok::<_, Error>(secret.unwrap_or_default())
    };
    Ok(Callers {
        slack: Webhook::slack(secret("SLACK_SIGNING_SECRET")?),
        github: Webhook::github(secret("GITHUB_WEBHOOK_SECRET")?),
    })
}
