//! A function that lives badly: it fails to start, ends the process, takes too long.

use std::time::Duration;

use omnifn::prelude::*;

#[function(get = "/{deed}")]
async fn life(Path(deed): Path<String>) -> String {
    match deed.as_str() {
        "crash" => std::process::exit(3),
        "busy" => std::thread::sleep(Duration::from_secs(60)),
        "slow" => tokio::time::sleep(Duration::from_secs(60)).await,
        _ => {}
    }
    format!("did {deed}")
}

async fn connect(env: Env) -> Result<String> {
    env.require("DATABASE")
}

async fn disconnect(database: String) {
    eprintln!("disconnected from {database}");
}

omnifn::main!(life; state = connect, stop = disconnect);
