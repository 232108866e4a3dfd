//! `cargo omnifn emit`

use std::path::PathBuf;

use serde_json::json;

use crate::{
    args::SourceArgs,
    cloud::Cloud,
    emit::{self, Format},
    error::{Error, Kind, Result},
    files::{self, File},
    load,
    model::App,
    output::Output,
};

/// Write the infrastructure's text: triggers, sizes, schedules, and a role for each function with the least that it needs.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The format.
    pub format: Format,
    /// The folder for the files; one file alone goes to standard output, by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The clouds that the text is to speak of, where the format knows several.
    #[arg(long, value_name = "CLOUDS", value_delimiter = ',')]
    pub target: Vec<Cloud>,
    /// Overwrite files that were not generated.
    #[arg(long)]
    pub force: bool,
    /// The program whose functions are read.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Runs it.
///
/// # Errors
/// The functions cannot be read, a cloud cannot do what one asks for, or the files cannot be written.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let app = load::load(&args.source, output)?;
    let clouds = if args.target.is_empty() { Cloud::ALL.to_vec() } else { args.target.clone() };
    let texts = emit::render(&app, args.format, &clouds)?;
    write(args, &app, &texts, output)
}

fn write(args: &Args, app: &App, texts: &[File], output: &Output) -> Result<()> {
    match (&args.out, texts) {
        (Some(folder), texts) => {
            files::write_all(folder, texts, args.force)?;
            for text in texts {
                output.status("Wrote", folder.join(&text.path).display());
            }
            for command in emit::commands(app, args.format) {
                output.status("Deploy", format_args!("with `{command}`"));
            }
            if output.json {
                let paths: Vec<_> = texts.iter().map(|text| folder.join(&text.path)).collect();
                output.value(&json!({ "files": paths, "deploy": emit::commands(app, args.format) }))?;
            }
        }
        (None, texts) if output.json => {
            let files: Vec<_> =
                texts.iter().map(|text| json!({ "path": text.path, "content": text.content })).collect();
            output.value(&json!({ "files": files, "deploy": emit::commands(app, args.format) }))?;
        }
        (None, [only]) => output.text(&only.content)?,
        (None, several) => {
            let names: Vec<_> = several.iter().take(3).map(|text| text.path.display().to_string()).collect();
            let more = match several.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = names.join("`, `");
            let words = format!("the text is in {} files, and standard output is one: `{names}`{more}", several.len());
            return Err(Error::new("omnifn::emit::out", words).kind(Kind::Usage).help("name a folder with `--out`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{cli::Cli, cli::Command, overlay::Overlay};

    fn args(line: &[&str]) -> (Args, Output) {
        let cli = Cli::try_parse_from(["cargo-omnifn", "emit"].iter().chain(line)).unwrap();
        let output = Output::new(&cli.global);
        let Command::Emit(args) = cli.command else { panic!("no emit") };
        (args, output)
    }

    #[test]
    fn several_files_need_a_folder_and_are_written_whole() {
        let app = Overlay::default().app("shop", Vec::new(), None).unwrap();
        let two =
            [File::new("a.yaml", format!("# {}\n", files::MARK)), File::new("b.yaml", format!("# {}\n", files::MARK))];
        let (plain, output) = args(&["sam", "--quiet"]);
        let error = write(&plain, &app, &two, &output).unwrap_err();
        assert!(error.kind == Kind::Usage && error.message.ends_with("`a.yaml`, `b.yaml`"), "{error}");
        let many: Vec<_> = (0..23).map(|number| File::new(format!("{number}.tf"), "")).collect();
        let error = write(&plain, &app, &many, &output).unwrap_err();
        assert!(
            error.message.ends_with("in 23 files, and standard output is one: `0.tf`, `1.tf`, `2.tf` and 20 more"),
            "{error}"
        );

        let folder = std::env::temp_dir().join(format!("omnifn-emit-{}", std::process::id()));
        let (out, output) = args(&["sam", "--quiet", "--out", folder.to_str().unwrap()]);
        write(&out, &app, &two, &output).unwrap();
        write(&out, &app, &two, &output).unwrap();
        // One that somebody wrote stays, and so does the other.
        std::fs::write(folder.join("b.yaml"), "mine").unwrap();
        let other = [File::new("a.yaml", "new"), File::new("b.yaml", "new")];
        assert_eq!(write(&out, &app, &other, &output).unwrap_err().kind, Kind::Usage);
        assert_eq!(std::fs::read_to_string(folder.join("a.yaml")).unwrap(), two[0].content);
        let (forced, output) = args(&["sam", "--quiet", "--force", "--out", folder.to_str().unwrap()]);
        write(&forced, &app, &other, &output).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("b.yaml")).unwrap(), "new");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn targets_are_a_list() {
        let (args, _) = args(&["terraform", "--target", "aws,gcp"]);
        assert_eq!(args.target, [Cloud::Aws, Cloud::Gcp]);
    }
}
