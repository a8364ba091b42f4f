//! `wavegate gate`: evaluates and explains gates; changes nothing.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate gate` is under construction"))
}
