#![no_main]

use std::sync::LazyLock;

use omnifn_aws::Aws;
use omnifn_fuzz::messages::{Message, Provider};

static PROVIDER: LazyLock<Provider<Aws>> = LazyLock::new(|| Provider::new("aws", Aws::new));

libfuzzer_sys::fuzz_target!(|message: Message<'_>| PROVIDER.pass(message));
