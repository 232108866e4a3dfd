omnifn::main!();
