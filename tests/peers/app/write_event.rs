//! What the conformance client asks of a function of CloudEvents: it writes the event, as JSON, before it answers.

use omnifn::prelude::*;
use serde_json::{Value, json};

#[function(event = "any")]
async fn write_event(event: CloudEvent<Option<Value>>) -> Result<()> {
    // In the check of concurrency it takes a second without work.
    if std::env::var_os("SLOWLY").is_some() {
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    let mut written = json!({"specversion": "1.0", "id": event.id, "source": event.source, "type": event.r#type});
    let optional = [
        ("subject", event.subject),
        ("time", event.time_text),
        ("datacontenttype", event.data_content_type),
        ("dataschema", event.data_schema),
    ];
    let attributes = optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    for (name, value) in attributes.chain(event.extensions) {
        written[name.as_str()] = value.into();
    }
    written["data"] = event.data.unwrap_or_default();
    std::fs::write("function_output.json", written.to_string())?;
    Ok(())
}

omnifn::main!(write_event);
