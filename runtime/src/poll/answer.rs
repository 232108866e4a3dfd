use std::{
    pin::pin,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use omnifn_core::{Adapter, Payload, log::Level};

use super::{
    client::{Answer, Client},
    message::{DEADLINE, Reply, ReplyTo},
};
use crate::{dispatch::Dispatch, log, otel, panic};

/// Lets the app answer an event, and posts the answer. What goes wrong is told in one line; there is always a next event.
///
/// This is all that a loop needs to do with an event.
pub(super) async fn answer<A: Adapter>(
    dispatch: &Dispatch<A>,
    client: &mut Client,
    to: &ReplyTo,
    head: HeaderMap,
    event: Bytes,
) {
    let deadline = if otel::exports() { deadline(&head) } else { None };
    let mut request = Request::new(Payload::Whole(event));
    *request.method_mut() = Method::POST;
    *request.headers_mut() = head;
    let answering = pin!(dispatch.answer(request));
    let reply = match panic::catch(answering).await {
        Ok(response) => Reply::from(response),
        Err(message) => {
            tell(Level::ERROR, to, format_args!("the runtime panicked: {message}"));
            Reply::failure("Runtime.Panicked", "the runtime panicked; the function's log says why")
        }
    };
    match client.reply(to, reply).await {
        Ok(answer) => settle(client, to, answer).await,
        Err(why) => fail(client, to, "Runtime.ReplyNotSent", &format!("the reply could not be sent: {why}")).await,
    }
    // Who called has the reply; the program may be frozen as soon as it asks for the next event.
    otel::after_invocation(deadline).await;
}

/// When the platform ends the invocation, where it says so.
fn deadline(head: &HeaderMap) -> Option<SystemTime> {
    let millis = head.get(DEADLINE)?.to_str().ok()?.trim().parse().ok()?;
    // That of an emulator, which is a time in 1970, says nothing.
    UNIX_EPOCH.checked_add(Duration::from_millis(millis)).filter(|deadline| *deadline > SystemTime::now())
}

/// Fails an invocation with words of the runtime's own, which the log gets, too.
pub(super) async fn fail(client: &mut Client, to: &ReplyTo, error_type: &'static str, message: &str) {
    tell(Level::ERROR, to, format_args!("{message}"));
    match client.reply(to, Reply::failure(error_type, message)).await {
        // A refusal means that the platform has ended the invocation itself.
        Ok(_) => {}
        Err(why) => tell(Level::ERROR, to, format_args!("the platform could not be told of it: {why}")),
    }
}

/// What the API's answer to a reply means.
async fn settle(client: &mut Client, to: &ReplyTo, answer: Answer) {
    let Answer { status, text } = answer;
    match status.as_u16() {
        200..300 => {}
        // Behind a question no other reply is taken: the platform has failed the invocation by itself.
        413 if !client.has_asked() => {
            let message = "the response is larger than Lambda takes in one piece (6 MiB): make it smaller, stream it \
                           (OMNIFN_AWS_STREAMING=1), or answer with a link to it";
            fail(client, to, "Function.ResponseSizeTooLarge", message).await;
        }
        410 => tell(
            Level::WARN,
            to,
            format_args!(
                "410: the invocation had ended before its reply{text}; if it ran into its timeout, raise that"
            ),
        ),
        403 => tell(
            Level::ERROR,
            to,
            format_args!(
                "403: the platform waits for no reply to this invocation{text}; it was answered before, or ended"
            ),
        ),
        400 => tell(
            Level::ERROR,
            to,
            format_args!("400: the platform did not understand the reply{text}; the invocation has failed"),
        ),
        other => tell(Level::ERROR, to, format_args!("the Runtime API answered {other} to the reply{text}")),
    }
}

fn tell(level: Level, to: &ReplyTo, words: std::fmt::Arguments<'_>) {
    log::of_invocation(level, &to.request_id, words);
}
