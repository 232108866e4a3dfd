//! A chat bot by a signed webhook.

use omnifn::{prelude::*, webhook::Webhook};
use serde::{Deserialize, Serialize};

/// What Slack posts, as far as it matters.
#[derive(Debug, Deserialize)]
struct Command {
    #[serde(default)]
    text: String,
    user_name: String,
}

/// What is shown in the channel.
#[derive(Debug, Serialize)]
struct Answer {
    response_type: &'static str,
    text: String,
}

/// Answers `/roll 2d6`, from Slack alone.
#[function(post = "/slack/commands", visibility = "public", secret = "SLACK_SIGNING_SECRET")]
async fn roll(ctx: Context, State(slack): State<Webhook>, headers: HeaderMap, body: Bytes) -> Result<Json<Answer>> {
    slack.verify(&headers, &body, ctx.now())?;
    let command: Command = serde_html_form::from_bytes(&body)
        .map_err(|error| Error::status(400, "this is no slash command").with_source(error))?;
    // Every request has a signature of its own: luck enough for dice.
    let luck = headers.get("x-slack-signature").map_or(0, |value| value.as_bytes().iter().fold(7, mix));
    Ok(Json(answer(&command, luck)))
}

fn answer(command: &Command, luck: u64) -> Answer {
    let Some((count, sides)) = dice(&command.text) else {
        let text = "write `/roll 2d6`: up to 20 dice of 2 to 100 sides".to_owned();
        return Answer { response_type: "ephemeral", text };
    };
    let rolls: Vec<_> = (0..count).map(|i| (mix(luck, &i) >> 33) % sides + 1).collect();
    let shown = rolls.iter().map(u64::to_string).collect::<Vec<_>>().join(" + ");
    let text = format!("{} rolls {}: {shown} = {}", command.user_name, command.text.trim(), rolls.iter().sum::<u64>());
    Answer { response_type: "in_channel", text }
}

/// `2d6`: two dice of six sides.
fn dice(text: &str) -> Option<(u8, u64)> {
    let (count, sides) = text.trim().split_once('d')?;
    let count = if count.is_empty() { 1 } else { count.parse().ok()? };
    let sides = sides.parse().ok()?;
    ((1..=20).contains(&count) && (2..=100).contains(&sides)).then_some((count, sides))
}

fn mix(luck: u64, byte: &u8) -> u64 {
    (luck ^ u64::from(*byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Without its secret, the bot does not start.
async fn connect(env: Env) -> Result<Webhook> {
    Ok(Webhook::slack(env.secret("SLACK_SIGNING_SECRET")?))
}

omnifn::main!(roll; state = connect);

#[cfg(test)]
mod tests;
