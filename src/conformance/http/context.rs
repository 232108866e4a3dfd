//! The context that a function receives.

use super::{
    cases::{case, one, to},
    exchange::Case,
    expect::{Answer, Expect, differ},
    functions::ReceivedContext,
};

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let ask = || to("GET", "/context");
    let asking = |name: &'static str, value: &'static str| {
        let mut request = ask();
        request.headers_mut().insert(name, http::HeaderValue::from_static(value));
        request
    };
    let well = || Expect::Context(|_, _| Ok(()));
    vec![
        one("the provider, the function's name, an id", ask(), {
            Expect::Context(|received, answer| {
                differ("provider", &answer.provider, &received.provider.as_str())?;
                differ("function", &"context", &received.function.as_str())?;
                let known = ["aws", "azure", "gcp", "local"].into_iter().filter(|name| *name == answer.provider);
                differ("typed contexts", &known.map(str::to_owned).collect(), &received.typed)?;
                differ("the declared context", &true, &received.has_own)?;
                let fit = !received.invocation_id.is_empty()
                    && received.invocation_id.bytes().all(|byte| byte.is_ascii_graphic());
                differ("an id that is fit for a log", &true, &fit)
            })
        }),
        Case {
            together: |answers| {
                let received = all(answers)?;
                differ(
                    "cold starts",
                    &vec![true, false, false],
                    &received.iter().map(|received| received.cold_start).collect(),
                )
            },
            ..case("the first invocation alone is a cold start", [(ask(), well()), (ask(), well()), (ask(), well())])
        },
        Case {
            app: || super::functions::app().layer(super::layer::Stamp("stamp")),
            ..one("a layer around the app changes nothing of it", ask(), {
                Expect::Context(|received, _| differ("function", &"context", &received.function.as_str()))
            })
        },
        one("a traceparent is the trace", asking("traceparent", TRACEPARENT), {
            Expect::Context(|received, _| differ("trace", &Some(TRACEPARENT), &received.trace.as_deref()))
        }),
        one("an invalid traceparent is ignored", asking("traceparent", "00-abc-def-01"), {
            Expect::Context(|received, _| {
                differ("trace", &false, &received.trace.as_deref().is_some_and(|trace| trace.contains("abc")))
            })
        }),
        one("X-Forwarded-For of a client is not its address", asking("x-forwarded-for", "203.0.113.66"), {
            Expect::Context(|received, _| {
                differ("believed", &false, &(received.client_ip.as_deref() == Some("203.0.113.66")))
            })
        }),
        one("the provider's own event, byte for byte", ask(), {
            Expect::Context(|received, answer| {
                let message = String::from_utf8_lossy(answer.message.body()).into_owned();
                let inside = answer.message.body() != answer.sent.body();
                differ("raw", &inside.then_some(message), &received.raw)
            })
        }),
        one("there is time left where there is a deadline", ask(), {
            Expect::Context(|received, _| differ("in time", &true, &received.in_time))
        }),
    ]
}

fn all(answers: &[Answer]) -> Result<Vec<ReceivedContext>, String> {
    let received =
        answers.iter().map(|answer| serde_json::from_slice(answer.response.body()).map_err(|e| e.to_string()));
    received.collect()
}
