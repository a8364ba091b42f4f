//! `wavegate completions`: completion scripts for shells.

use std::path::{Path, PathBuf};

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::{Cli, Context};
use crate::error::{Context as _, Error, Result};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  wavegate completions bash > /etc/bash_completion.d/wavegate
  wavegate completions zsh > ~/.zfunc/_wavegate
  wavegate completions --dir completions        every shell, one file each")]
pub struct Args {
    /// The shell whose script is printed
    #[arg(required_unless_present = "dir")]
    shell: Option<Shell>,
    /// Writes the scripts of all shells into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "shell")]
    dir: Option<PathBuf>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    match (args.shell, args.dir) {
        (Some(shell), _) => context.ui.print(&script(shell)?),
        (None, Some(dir)) => {
            for shell in Shell::value_variants() {
                write(&dir.join(file_name(*shell)), &script(*shell)?)?;
            }
            context
                .ui
                .note(&format!("wrote the scripts into {}", dir.display()));
        }
        (None, None) => {}
    }
    Ok(())
}

/// The completion script of one shell.
pub fn script(shell: Shell) -> Result<String> {
    let mut buffer = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wavegate", &mut buffer);
    String::from_utf8(buffer).context("the script is not UTF-8")
}

/// What the shell expects the file to be called.
pub fn file_name(shell: Shell) -> String {
    match shell {
        Shell::Zsh => "_wavegate".to_string(),
        Shell::PowerShell => "wavegate.ps1".to_string(),
        Shell::Elvish => "wavegate.elv".to_string(),
        shell => format!("wavegate.{shell}"),
    }
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let wrong = |cause: std::io::Error| {
        Error::failed(format!("cannot write {}", path.display()))
            .because(cause)
            .hint("does the folder exist, and may you write there?")
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    std::fs::write(path, text).map_err(wrong)
}
