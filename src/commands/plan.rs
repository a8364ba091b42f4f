//! `wavegate plan`: checks a plan against the database and shows the next steps.

use std::path::PathBuf;

use super::{Context, plan_file};
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan (YAML); `-` reads it from standard input
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
}

pub async fn run(args: Args, _context: &Context) -> Result<()> {
    plan_file::load(&args.plan)?;
    Err(Error::failed("`wavegate plan` is under construction"))
}
