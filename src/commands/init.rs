//! `wavegate init`: reads the database and writes a commented wave plan.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate init` is under construction"))
}
