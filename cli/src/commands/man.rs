//! `cargo omnifn man`

use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;

use crate::{
    error::{Error, Kind, Result},
    files::{self, File, MARK},
    output::Output,
};

/// Write the manual's pages.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command whose page is shown; that of `cargo omnifn` itself, by default.
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Option<String>,
    /// Write all pages into this folder.
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Overwrite files that were not generated.
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// Runs it, for the pages of this command.
///
/// # Errors
/// There is no such command, or the pages cannot be written.
pub fn run(args: &Args, command: &Command, output: &Output) -> Result<()> {
    let pages = pages(command);
    if let Some(folder) = &args.out {
        files::write_all(folder, &pages, args.force)?;
        for page in &pages {
            output.status("Wrote", folder.join(&page.path).display());
        }
        return Ok(());
    }
    let wanted = match &args.command {
        Some(command) => PathBuf::from(format!("cargo-omnifn-{command}.1")),
        None => PathBuf::from("cargo-omnifn.1"),
    };
    let Some(page) = pages.iter().find(|page| page.path == wanted) else {
        let commands: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let named = args.command.as_deref().unwrap_or_default();
        return Err(Error::new("omnifn::man", format!("there is no command `{named}`"))
            .kind(Kind::Usage)
            .help(format!("the commands are `{}`", commands.join("`, `"))));
    };
    output.text(&page.content)
}

/// A page for the command and for each of its subcommands.
fn pages(command: &Command) -> Vec<File> {
    let mut command = command.clone().name("cargo-omnifn");
    command.build();
    let below = command.get_subcommands().filter(|command| command.get_name() != "help");
    let below = below.map(|command| {
        let name = format!("cargo-omnifn-{}", command.get_name());
        page(&name, command.clone())
    });
    std::iter::once(page("cargo-omnifn", command.clone())).chain(below).collect()
}

fn page(name: &str, command: Command) -> File {
    let shown = name.replace('-', " ");
    let command = command.name(name.to_owned()).bin_name(shown).disable_help_subcommand(true);
    let mut page = format!(".\\\" {MARK}.\n").into_bytes();
    // A vector takes all that is written.
    let _ = Man::new(command).render(&mut page);
    File::new(format!("{name}.1"), String::from_utf8_lossy(&page))
}
