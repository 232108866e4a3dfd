//! A function of CloudEvents that tells what it saw, for a look beside other frameworks' functions that do the same.

use omnifn::prelude::*;
use serde_json::{Value, json};

#[function(event = "any")]
async fn tell(event: CloudEvent<Value>) -> Result<()> {
    if event.r#type == "fail" {
        return Err(Error::retry("the function failed on purpose"));
    }
    let color = event.extensions.get("color");
    let CloudEvent { data, id, source, subject, r#type, .. } = &event;
    eprintln!("saw {}", json!({"color": color, "data": data, "id": id, "source": source, "subject": subject, "type": r#type}));
    Ok(())
}

omnifn::main!(tell);
