//! `wavegate stream`: the JetStream stream and consumer: status, ensure.

use super::Context;
use crate::error::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, _context: &Context) -> Result<()> {
    Err(Error::failed("`wavegate stream` is under construction"))
}
