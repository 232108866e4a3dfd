#![no_main]

use std::sync::LazyLock;

use omnifn_fuzz::messages::{Message, Provider};
use omnifn_local::Local;

static PROVIDER: LazyLock<Provider<Local>> = LazyLock::new(|| Provider::new("local", Local::new));

libfuzzer_sys::fuzz_target!(|message: Message<'_>| PROVIDER.pass(message));
