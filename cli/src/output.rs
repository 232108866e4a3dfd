//! What is written where: results on standard output, words on standard error.

use std::{
    borrow::Cow,
    fmt,
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    args::{Color, Global},
    error::{Error, Result},
    text::is_unseen,
};

/// Where results and words go.
#[derive(Debug, Clone)]
pub struct Output {
    /// Whether results are JSON.
    pub json: bool,
    quiet: bool,
    bars: MultiProgress,
}

impl Output {
    /// As the arguments say.
    pub fn new(global: &Global) -> Self {
        global.color.set();
        let draws = io::stderr().is_terminal() && !global.quiet && !global.json;
        let target = if draws { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Output { json: global.json, quiet: global.quiet, bars: MultiProgress::with_draw_target(target) }
    }

    /// Writes a result for eyes on standard output, as it is.
    ///
    /// # Errors
    /// It cannot be written there. A reader that has gone, as `head`, is none: it wants no more.
    pub fn text(&self, text: impl fmt::Display) -> Result<()> {
        let written = self.bars.suspend(|| {
            let mut stdout = anstream::stdout();
            stdout.write_all(visible(&text.to_string()).as_bytes()).and_then(|()| stdout.flush())
        });
        is_written(written)
    }

    /// Writes a result as JSON on standard output.
    ///
    /// # Errors
    /// It cannot be written as JSON, or not there.
    pub fn value(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::new("omnifn::output", "the result cannot be written as JSON").caused_by(error))?;
        // serde_json leaves most of what a terminal would act on as it is. It stands in strings alone.
        let text = escaped(&text, |c| c != '\n' && is_unseen(c), |c| format!("\\u{:04x}", u32::from(c)));
        self.text(format_args!("{text}\n"))
    }

    /// Writes a result that is a failure, too: with `--json` one object that holds both, so that a reader has one document. Gives the
    /// error that is to be returned.
    pub fn value_with(&self, value: &impl Serialize, error: Error) -> Error {
        match serde_json::to_value(value) {
            Ok(Value::Object(mut object)) => {
                object.insert("error".to_owned(), as_json(&error));
                self.value(&object).err().unwrap_or_else(|| error.told())
            }
            Ok(_) | Err(_) => error,
        }
    }

    /// Says a line on standard error: what is done, in the manner of cargo (`   Packaged target/…`).
    pub fn status(&self, verb: &str, words: impl fmt::Display) {
        if !self.quiet {
            self.say(format_args!("\x1b[1;32m{verb:>12}\x1b[0m {}\n", indented(&words.to_string(), "  ")));
        }
    }

    /// Warns, on standard error.
    pub fn warn(&self, words: impl fmt::Display) {
        if !self.quiet {
            self.say(format_args!("\x1b[1;33mwarning\x1b[0m: {}\n", indented(&words.to_string(), "  ")));
        }
    }

    /// Shows how far something of so many steps is; nothing where no one looks at a terminal, with `--quiet` and with `--json`.
    pub fn progress(&self, steps: u64, words: impl Into<Cow<'static, str>>) -> Progress {
        let bar = self.bars.add(ProgressBar::new(steps));
        // One step is no bar: something turns instead.
        let form = if steps > 1 {
            "{msg:>12.bold} [{bar:24}] {pos}/{len} {prefix}"
        } else {
            "{msg:>12.bold} {spinner} {prefix}"
        };
        bar.set_style(
            ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "),
        );
        bar.set_message(words);
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(bar)
    }

    /// Tells a failure on standard error; with `--json`, as an object on standard output.
    pub fn error(&self, error: &Error) {
        // Where standard output takes nothing, standard error may.
        if self.json && self.value(&json!({ "error": as_json(error) })).is_ok() {
            return;
        }
        let shown: Vec<_> = std::iter::once(error).chain(&error.more).map(shown).collect();
        self.say(format_args!("{}", shown.join("\n")));
    }

    pub(crate) fn say(&self, words: fmt::Arguments<'_>) {
        let words = visible(&words.to_string()).into_owned();
        self.bars.suspend(|| drop(anstream::stderr().lock().write_all(words.as_bytes())));
    }
}

/// The text as a terminal may get it, the one place that all output passes: what names, paths and files contain cannot move the cursor,
/// hide or reorder what is seen, or end a line with anything but a line feed. Styles pass.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, after) = rest.split_at(at);
        out.push_str(&seen(before));
        let style = style(after).unwrap_or("");
        out.push_str(if style.is_empty() { r"\u{1b}" } else { style });
        rest = &after[style.len().max(1)..];
    }
    out.push_str(&seen(rest));
    Cow::Owned(out)
}

fn seen(text: &str) -> String {
    escaped(text, |c| !matches!(c, '\n' | '\t') && is_unseen(c), |c| c.escape_unicode().to_string())
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if is_escaped(c) {
            out.push_str(&escape(c))
        } else {
            out.push(c)
        }
        out
    })
}

/// The style that a text begins with: bold, underlined or coloured, as this command and clap write it; none that hides a text.
fn style(text: &str) -> Option<&str> {
    let (codes, _) = text.strip_prefix("\u{1b}[")?.split_once('m')?;
    let fits = |code: &str| matches!(code, "" | "0" | "1" | "2" | "3" | "4" | "22" | "24" | "39") || is_color(code);
    codes.split(';').all(fits).then(|| &text[..codes.len() + 3])
}

fn is_color(code: &str) -> bool {
    code.parse::<u8>().is_ok_and(|code| matches!(code, 31..=37 | 90..=97))
}

/// Whether a result was written to standard output.
///
/// # Errors
/// It did not: the disk is full, say.
pub(crate) fn is_written(written: io::Result<()>) -> Result<()> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new("omnifn::output", "the result cannot be written to standard output").caused_by(error))
        }
        _ => Ok(()),
    }
}

impl Color {
    /// From now on all that is written is coloured so. `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` count where nothing is said.
    pub(crate) fn set(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// How far something is. It goes when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A step begins; the words say with what.
    pub fn step(&self, words: impl Into<Cow<'static, str>>) {
        self.0.set_prefix(visible(&words.into()).replace('\n', " "));
    }

    /// A step is done.
    pub fn done(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// An error for eyes: its words, then a tree of what led to it and what to do.
fn shown(error: &Error) -> String {
    let mut text =
        format!("\x1b[1;31merror\x1b[0m\x1b[1m[{}]\x1b[0m: {}\n", error.code, indented(&error.message, "  "));
    let causes = error.causes.iter().map(|cause| ("\x1b[1mcause\x1b[0m", cause.as_str()));
    let help = error.help.as_deref().map(|help| ("\x1b[1;36mhelp\x1b[0m", help));
    let branches: Vec<_> = causes.chain(help).collect();
    for (at, (name, words)) in branches.iter().enumerate() {
        let (branch, below) = if at + 1 < branches.len() { ("├─", "  │  ") } else { ("╰─", "     ") };
        text.push_str(&format!("  {branch} {name}: {}\n", indented(words, below)));
    }
    text
}

/// The lines after the first stand under it.
fn indented(words: &str, by: &str) -> String {
    words.trim_end().replace('\n', &format!("\n{by}"))
}

fn as_json(error: &Error) -> Value {
    let more: Vec<_> = error.more.iter().map(as_json).collect();
    json!({
        "code": error.code, "kind": error.kind.name(), "message": error.message, "causes": error.causes, "help": error.help,
        "more": more,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn an_error_is_a_tree_of_its_causes_and_of_what_to_do() {
        let error = Error::new("omnifn::test", "it failed\nbadly")
            .caused_by("the first\n  of two lines\n")
            .caused_by("the last");
        let plain = |error: &Error| anstream::adapter::strip_str(&shown(error)).to_string();
        assert_eq!(
            plain(&error),
            "error[omnifn::test]: it failed\n  badly\n  ├─ cause: the first\n  │    of two lines\n  ╰─ cause: the last\n"
        );
        let helped = error.help("do\nthis").kind(Kind::Usage);
        assert!(plain(&helped).ends_with("  ├─ cause: the last\n  ╰─ help: do\n     this\n"), "{}", plain(&helped));
        assert_eq!(plain(&Error::new("omnifn::test", "it failed")), "error[omnifn::test]: it failed\n");
    }

    #[test]
    fn a_terminal_gets_styles_and_no_other_control_characters() {
        for (text, written) in [
            ("größe\n\ta", "größe\n\ta"),
            ("\x1b[1;31merror\x1b[0m", "\x1b[1;31merror\x1b[0m"),
            ("a\rb\u{9b}31mc\u{7f}", r"a\u{d}b\u{9b}31mc\u{7f}"),
            ("\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{85}", r"\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{85}"),
            ("\x1b[8mhidden\x1b[2J\x1b]0;title\x07\x1b", r"\u{1b}[8mhidden\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}"),
        ] {
            assert_eq!(visible(text), written);
        }
    }

    #[test]
    fn nothing_is_drawn_for_programs_and_for_who_wants_quiet() {
        for (json, quiet) in [(true, false), (false, true)] {
            let output = Output::new(&Global { json, quiet, color: Color::Auto });
            let progress = output.progress(3, "Building");
            progress.step("shop");
            progress.done();
            assert!(progress.0.is_hidden());
            assert_eq!(progress.0.position(), 1);
        }
    }
}
