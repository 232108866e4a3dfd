use omnifn_core::{Error, ErrorKind, Settings};

use super::endpoint::Endpoint;

/// What the environment says of the loop.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) endpoint: Endpoint,
    /// How many invocations at once: more than one on Managed Instances alone.
    pub(super) concurrency: u16,
    /// The process is to be frozen after its start, and to begin anew from that image.
    pub(super) snap_start: bool,
    pub(super) driver: Loop,
    /// Whether the next event is asked for in one piece with a reply.
    pub(super) pipelines: bool,
}

/// Which loop runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    Own,
    #[cfg(feature = "lambda_runtime")]
    LambdaRuntime,
}

impl Options {
    pub(super) fn read(settings: &dyn Settings) -> Result<Self, Error> {
        let address = settings.get("AWS_LAMBDA_RUNTIME_API").ok_or_else(|| {
            config(
                "AWS_LAMBDA_RUNTIME_API is not set, so this is not an AWS Lambda environment: set OMNIFN_PROVIDER=local \
                 (with the feature `local`) to run here, or start the program by `cargo lambda watch` or the Lambda \
                 Runtime Interface Emulator"
                    .to_owned(),
            )
        })?;
        let endpoint = Endpoint::parse(&address)?;
        let concurrency = match settings.get("AWS_LAMBDA_MAX_CONCURRENCY") {
            None => 1,
            Some(text) => text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                config(format!("AWS_LAMBDA_MAX_CONCURRENCY is {text:?}: expected a number from 1 to {}", u16::MAX))
            })?,
        };
        Ok(Options {
            concurrency,
            snap_start: settings.get("AWS_LAMBDA_INITIALIZATION_TYPE").as_deref() == Some("snap-start"),
            driver: Loop::read(settings.get("OMNIFN_AWS_LOOP").as_deref())?,
            pipelines: match settings.get("OMNIFN_AWS_PIPELINE").as_deref() {
                None => endpoint.is_platforms_own(),
                Some("1") => true,
                Some("0") => false,
                Some(other) => {
                    return Err(config(format!("OMNIFN_AWS_PIPELINE is {other:?}: expected 1 or 0, or nothing")));
                }
            },
            endpoint,
        })
    }
}

impl Loop {
    fn read(name: Option<&str>) -> Result<Self, Error> {
        match name {
            Some("own") => Ok(Loop::Own),
            #[cfg(feature = "lambda_runtime")]
            None | Some("lambda_runtime") => Ok(Loop::LambdaRuntime),
            #[cfg(not(feature = "lambda_runtime"))]
            None => Ok(Loop::Own),
            #[cfg(not(feature = "lambda_runtime"))]
            Some("lambda_runtime") => Err(config(
                "OMNIFN_AWS_LOOP is `lambda_runtime`, but this program was built without the feature `lambda-runtime`"
                    .to_owned(),
            )),
            Some(other) => {
                Err(config(format!("OMNIFN_AWS_LOOP is {other:?}: expected `own` or `lambda_runtime`, or nothing")))
            }
        }
    }
}

fn config(words: String) -> Error {
    Error::new(ErrorKind::Config, words)
}
