//! `wavegate apply`: carries out the next step of a wave if its gates pass.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate apply` is under construction"))
}
