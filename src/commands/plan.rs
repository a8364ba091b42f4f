//! `wavegate plan`: checks a plan against the database and shows the next steps.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate plan` is under construction"))
}
