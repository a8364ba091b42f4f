//! `wavegate completions`: prints a completion script.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed(
        "`wavegate completions` is under construction",
    ))
}
