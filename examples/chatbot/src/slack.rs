//! A slash command of Slack: `/roll 2d6`.

use omnifn::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Callers;

/// The fields of a slash command that the bot needs.
#[derive(Debug, Deserialize)]
pub struct Command {
    command: String,
    #[serde(default)]
    text: String,
    user_name: String,
}

/// A message that Slack shows in the channel.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Message {
    response_type: &'static str,
    text: String,
}

/// Answers a slash command.
#[function(post = "/slack/commands", name = "slack-command", visibility = "public", secret = "SLACK_SIGNING_SECRET")]
pub async fn command(
    ctx: Context,
    State(callers): State<Callers>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Message>> {
    callers.slack.verify(&headers, &body, ctx.now())?;
    let command: Command = serde_html_form::from_bytes(&body)
        .map_err(|e| Error::status(400, "this is not a slash command").with_source(e))?;
    // Every request has a signature of its own: luck enough for dice.
    let signature = headers.get("x-slack-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Json(answer(&command, luck(signature.trim_start_matches("v0=")))))
}

/// Returns the reply of the bot.
pub fn answer(command: &Command, luck: u64) -> Message {
    match (command.command.as_str(), dice(&command.text)) {
        ("/roll", Some((count, sides))) => {
            let rolls: Vec<_> = (0..count).map(|i| roll(luck, i, sides)).collect();
            let total: u64 = rolls.iter().sum();
            let shown: Vec<_> = rolls.iter().map(u64::to_string).collect();
            let text = format!("{} rolls {}: {} = {total}", command.user_name, command.text.trim(), shown.join(" + "));
            Message { response_type: "in_channel", text }
        }
        ("/roll", None) => whisper("write `/roll 2d6`: up to 20 dice of 2 to 100 sides"),
        (other, _) => whisper(&format!("unknown command {other}: use `/roll`")),
    }
}

fn whisper(text: &str) -> Message {
    Message { response_type: "ephemeral", text: text.to_owned() }
}

/// Parses dice such as `2d6`: two dice with six sides.
fn dice(text: &str) -> Option<(u64, u64)> {
    let (count, sides) = text.trim().split_once('d')?;
    let count = if count.is_empty() { 1 } else { count.parse().ok()? };
    let sides = sides.parse().ok()?;
    ((1..=20).contains(&count) && (2..=100).contains(&sides)).then_some((count, sides))
}

fn luck(signature: &str) -> u64 {
    u64::from_str_radix(signature.get(..16).unwrap_or_default(), 16).unwrap_or_default()
}

fn roll(luck: u64, i: u64, sides: u64) -> u64 {
    let mixed = (luck ^ i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 33) % sides + 1
}
