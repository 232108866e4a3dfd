//! A webhook of GitHub: thanks for a new issue.

use omnifn::prelude::*;
use serde::Deserialize;

use crate::Callers;

#[derive(Deserialize)]
struct Event {
    action: Option<String>,
    issue: Option<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
    user: User,
}

#[derive(Deserialize)]
struct User {
    login: String,
}

/// Answers an event of a repository. GitHub shows the reply in the list of deliveries.
#[function(post = "/github/webhook", name = "github-webhook", visibility = "public", secret = "GITHUB_WEBHOOK_SECRET")]
pub async fn webhook(ctx: Context, State(callers): State<Callers>, request: Request) -> Result<(StatusCode, String)> {
    let request = callers.github.verify_request(request, ctx.now()).await?;
    let kind = request.headers().get("x-github-event").and_then(|value| value.to_str().ok());
    let event: Event = serde_json::from_slice(request.body())
        .map_err(|e| Error::status(400, "this is not a GitHub event").with_source(e))?;
    Ok(match (kind.unwrap_or_default(), event.action.as_deref(), event.issue) {
        ("ping", ..) => (StatusCode::OK, "pong".to_owned()),
        ("issues", Some("opened"), Some(Issue { number, user })) => {
            (StatusCode::OK, format!("thank you for #{number}, @{}", user.login))
        }
        _ => (StatusCode::ACCEPTED, "nothing to say".to_owned()),
    })
}
