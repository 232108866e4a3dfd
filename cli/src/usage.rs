//! Arguments that cannot be read: told in clap's words, and with `--json` as every other error is.

use std::{ffi::OsString, process::ExitCode};

use clap::{ValueEnum as _, error::ErrorKind};

use crate::{
    args::{Color, Global},
    error::{Error, Kind},
    output::Output,
};

/// Tells what is wrong with the arguments; or shows the help or the version, where these were asked for.
pub(crate) fn tell(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let (json, color) = wanted(arguments);
    if json && error.use_stderr() {
        let error = as_error(error);
        Output::new(&Global { json, quiet: false, color }).error(&error);
        return error.exit_code();
    }
    let output = Output::new(&Global { json: false, quiet: false, color });
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        output.say(format_args!("{text}"));
    } else if let Err(error) = output.text(text) {
        output.error(&error);
        return error.exit_code();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// What could be read of the arguments that go with every command.
fn wanted(arguments: &[OsString]) -> (bool, Color) {
    let own = || arguments.iter().filter_map(|argument| argument.to_str()).take_while(|argument| *argument != "--");
    let color = own().zip(own().skip(1)).find_map(|(name, value)| match name.split_once('=') {
        Some(("--color", value)) => Color::from_str(value, false).ok(),
        None if name == "--color" => Color::from_str(value, false).ok(),
        _ => None,
    });
    let last = own()
        .last()
        .and_then(|last| last.strip_prefix("--color="))
        .and_then(|value| Color::from_str(value, false).ok());
    (own().any(|argument| argument == "--json"), color.or(last).unwrap_or(Color::Auto))
}

fn as_error(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Error::new("omnifn::usage", "no command is named").kind(Kind::Usage).help(text.trim().to_owned());
    }
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (words, help) = text.split_once("\n\n").unwrap_or((text, ""));
    let error = Error::new("omnifn::usage", words.split_whitespace().collect::<Vec<_>>().join(" ")).kind(Kind::Usage);
    if help.trim().is_empty() { error } else { error.help(help.trim().to_owned()) }
}
