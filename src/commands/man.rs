//! `wavegate man`: manual pages, one a command.

use std::path::PathBuf;

use clap::CommandFactory;

use super::{Cli, Context, completions::write};
use crate::error::{Context as _, Result};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  wavegate man | man -l -
  wavegate man --dir /usr/local/share/man/man1")]
pub struct Args {
    /// Writes the page of every command into this folder; without it, the main page goes to stdout
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let pages = pages()?;
    let Some(dir) = args.dir else {
        if let Some((_, main)) = pages.first() {
            context.ui.print(main);
        }
        return Ok(());
    };
    for (name, text) in &pages {
        write(&dir.join(name), text)?;
    }
    context.ui.note(&format!(
        "wrote {} pages into {}",
        pages.len(),
        dir.display()
    ));
    Ok(())
}

/// File name and text of every page, the main page first. Global options stand on the main page alone.
pub fn pages() -> Result<Vec<(String, String)>> {
    let mut pages = Vec::new();
    add(Cli::command(), "", &mut pages)?;
    Ok(pages)
}

fn add(command: clap::Command, parent: &str, pages: &mut Vec<(String, String)>) -> Result<()> {
    let name = if parent.is_empty() {
        command.get_name().to_string()
    } else {
        format!("{parent}-{}", command.get_name())
    };
    let subcommands: Vec<clap::Command> = command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .cloned()
        .collect();
    let page = command.display_name(&name).bin_name(name.replace('-', " "));
    let mut buffer = Vec::new();
    clap_mangen::Man::new(page)
        .source(concat!("wavegate ", env!("CARGO_PKG_VERSION")))
        .manual("wavegate manual")
        .render(&mut buffer)
        .context("the manual page could not be made")?;
    let mut text = String::from_utf8(buffer).context("the manual page is not UTF-8")?;
    // The examples keep their lines.
    if let Some((before, after)) = text.split_once(".SH EXTRA\n") {
        let (extra, rest) = match after.find(".SH ") {
            Some(end) => after.split_at(end),
            None => (after, ""),
        };
        text = format!("{before}.SH EXAMPLES\n.nf\n{extra}.fi\n{rest}");
    }
    if !parent.is_empty() {
        text.push_str(
            ".SH \"SEE ALSO\"\n\\fBwavegate\\fR(1): global options, connections and exit codes\n",
        );
    }
    pages.push((format!("{name}.1"), text));
    for sub in subcommands {
        add(sub, &name, pages)?;
    }
    Ok(())
}
