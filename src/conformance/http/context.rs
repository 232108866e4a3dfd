//! The context that a function receives.

use super::{
    cases::{case, one, to},
    exchange::Case,
    expect::{Answer, Expect, differ},
    functions::Told,
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
    let well = || Expect::Told(|_, _| Ok(()));
    vec![
        one("the provider, the function's name, an id", ask(), {
            Expect::Told(|told, answer| {
                differ("provider", &answer.provider, &told.provider.as_str())?;
                differ("function", &"context", &told.function.as_str())?;
                let known = ["aws", "azure", "gcp", "local"].into_iter().filter(|name| *name == answer.provider);
                differ("typed contexts", &known.map(str::to_owned).collect(), &told.typed)?;
                differ("the declared context", &true, &told.has_own)?;
                let fit =
                    !told.invocation_id.is_empty() && told.invocation_id.bytes().all(|byte| byte.is_ascii_graphic());
                differ("an id that is fit for a log", &true, &fit)
            })
        }),
        Case {
            together: |answers| {
                let told = all(answers)?;
                differ("cold starts", &vec![true, false, false], &told.iter().map(|told| told.cold_start).collect())
            },
            ..case("the first invocation alone is a cold start", [(ask(), well()), (ask(), well()), (ask(), well())])
        },
        Case {
            app: || super::functions::app().layer(super::layer::Stamp("stamp")),
            ..one("a layer around the app changes nothing of it", ask(), {
                Expect::Told(|told, _| differ("function", &"context", &told.function.as_str()))
            })
        },
        one("a traceparent is the trace", asking("traceparent", TRACEPARENT), {
            Expect::Told(|told, _| differ("trace", &Some(TRACEPARENT), &told.trace.as_deref()))
        }),
        one("an invalid traceparent is ignored", asking("traceparent", "00-abc-def-01"), {
            Expect::Told(|told, _| {
                differ("trace", &false, &told.trace.as_deref().is_some_and(|trace| trace.contains("abc")))
            })
        }),
        one("X-Forwarded-For of a client is not its address", asking("x-forwarded-for", "203.0.113.66"), {
            Expect::Told(|told, _| differ("believed", &false, &(told.client_ip.as_deref() == Some("203.0.113.66"))))
        }),
        one("the provider's own event, byte for byte", ask(), {
            Expect::Told(|told, answer| {
                let message = String::from_utf8_lossy(answer.message.body()).into_owned();
                let inside = answer.message.body() != answer.sent.body();
                differ("raw", &inside.then_some(message), &told.raw)
            })
        }),
        one("there is time left where there is a deadline", ask(), {
            Expect::Told(|told, _| differ("in time", &true, &told.in_time))
        }),
    ]
}

fn all(answers: &[Answer]) -> Result<Vec<Told>, String> {
    let told = answers.iter().map(|answer| serde_json::from_slice(answer.response.body()).map_err(|e| e.to_string()));
    told.collect()
}
