//! How a command waits for transactions that began before its change.

use std::time::Duration;

use super::duration;
use crate::engine::barrier::Patience;

/// How to wait for transactions that began before a change.
#[derive(Debug, clap::Args)]
pub struct BarrierArgs {
    /// How long to wait for transactions that began before the change
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub barrier_timeout: Duration,
    /// Do not wait for this session, since it cannot publish (a dump, say); journalled
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub barrier_ignore: Vec<i32>,
}

impl BarrierArgs {
    pub fn patience(&self) -> Patience {
        Patience {
            timeout: self.barrier_timeout,
            ignore: self.barrier_ignore.clone(),
        }
    }
}
