//! Whatever fails is an error of a function: by `Err`, by `?`, by `bail!`.
#![deny(warnings)]
#![forbid(unsafe_code)]

use omnifn::prelude::*;

type Boxed = Box<dyn std::error::Error + Send + Sync>;

#[function(get = "/str")]
async fn text() -> Result<String, &'static str> {
    Err("hunter2")
}

#[function(get = "/string")]
async fn owned_text() -> Result<Json<u8>, String> {
    Err("hunter2".to_owned())
}

#[function(get = "/boxed")]
async fn boxed() -> Result<&'static str, Boxed> {
    Err("hunter2")?
}

#[function(get = "/anyhow")]
async fn of_anyhow() -> Result<&'static str, anyhow::Error> {
    anyhow::bail!("hunter2")
}

#[function(get = "/question")]
async fn question() -> Result<()> {
    let _: u8 = "7".parse()?;
    let boxed = || Err::<(), Boxed>("hunter2".into());
    if boxed().is_ok() {
        Err("hunter2")?;
        Err("hunter2".to_owned())?;
        Err(anyhow::anyhow!("hunter2"))?;
    }
    boxed()?;
    Ok(())
}

#[function(get = "/bail")]
async fn bailing() -> Result<()> {
    let what = "hunter2";
    bail!("{what}: {}", 7)
}

#[function(get = "/bail-status")]
async fn bailing_with_a_status() -> Result<()> {
    bail!(Error::status(500, "hunter2"))
}

#[function(queue = "a")]
async fn event_of_text(_: Message) -> Result<(), String> {
    Err("hunter2".to_owned())
}

#[function(queue = "b")]
async fn event_of_a_str(_: Message) -> Result<(), &'static str> {
    Err("hunter2")
}

#[function(queue = "c")]
async fn event_of_a_box(_: Message) -> Result<(), Boxed> {
    Err("hunter2")?
}

#[function(queue = "d")]
async fn event_of_anyhow(_: Message) -> anyhow::Result<()> {
    bail!(anyhow::anyhow!("hunter2"))
}

fn main() {
    let app = || {
        omnifn::app!(
            text,
            owned_text,
            boxed,
            of_anyhow,
            question,
            bailing,
            bailing_with_a_status,
            event_of_text,
            event_of_a_str,
            event_of_a_box,
            event_of_anyhow
        )
    };
    let testing = omnifn::testing::Testing::new(app);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for path in ["/str", "/string", "/boxed", "/anyhow", "/question", "/bail", "/bail-status"] {
            let dispatch = omnifn_runtime::dispatch::Dispatch::new(
                omnifn::local::Local::new(&|_: &str| None),
                app().router().unwrap(),
            );
            let request = omnifn::http::Request::get(path).body(omnifn_core::Payload::default()).unwrap();
            let (head, body) = dispatch.answer(request).await.into_parts();
            let body = body.collect(1000).await.unwrap();
            assert_eq!(head.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(head.headers["content-type"], "application/problem+json");
            assert!(!String::from_utf8_lossy(&body).contains("hunter2"), "{path}");
        }
        for name in ["event_of_text", "event_of_a_str", "event_of_a_box", "event_of_anyhow"] {
            let outcome = testing.deliver(name, Message::new(Bytes::new())).await;
            assert!(
                matches!(outcome, omnifn::Outcome::Failed(error) if error.to_string().contains("hunter2")),
                "{name}"
            );
        }
    });
}
