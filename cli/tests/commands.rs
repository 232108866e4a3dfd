//! What every command writes, and with which code it ends: as the files in `cmd/` show. `TRYCMD=overwrite cargo test -p cargo-omnifn
//! --test commands` writes them anew.

#[test]
fn commands_write_what_they_wrote() {
    let cases = trycmd::TestCases::new();
    cases.case("tests/cmd/*.trycmd");
    // The machine that is made up has commands that are scripts.
    if cfg!(unix) {
        cases.case("tests/cmd/*.toml");
    }
}
