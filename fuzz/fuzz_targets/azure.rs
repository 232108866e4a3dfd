#![no_main]

use std::sync::LazyLock;

use omnifn_azure::Azure;
use omnifn_fuzz::messages::{Message, Provider};

static PROVIDER: LazyLock<Provider<Azure>> = LazyLock::new(|| Provider::new("azure", Azure::new));

libfuzzer_sys::fuzz_target!(|message: Message<'_>| PROVIDER.pass(message));
