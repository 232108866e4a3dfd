#![no_main]

use std::sync::LazyLock;

use omnifn_fuzz::messages::{Message, Provider};
use omnifn_gcp::Gcp;

static PROVIDER: LazyLock<Provider<Gcp>> = LazyLock::new(|| Provider::new("gcp", Gcp::new));

libfuzzer_sys::fuzz_target!(|message: Message<'_>| PROVIDER.pass(message));
