//! `wavegate preflight`: checks that everything is ready, each finding with its remedy.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate preflight` is under construction"))
}
