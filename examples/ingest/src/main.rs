//! Telemetry of devices: `cargo run -p ingest`.

use ingest::{connect, devices, readings};

omnifn::main!(readings::take, devices::read, devices::forget; state = connect);
