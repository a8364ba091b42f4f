//! Why there is no session: the driver's pool only says that it waited. While none of its sessions lives, one attempt a second asks why.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgConnectOptions};
use tokio::task::JoinHandle;

use super::connect::why_away;
use crate::error::{self, Result};

const EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks as long as it lives.
#[derive(Debug)]
pub struct Reach(JoinHandle<()>);

impl Reach {
    pub fn start(
        fresh: impl Fn() -> Result<PgConnectOptions> + Send + 'static,
        pool: PgPool,
    ) -> Reach {
        Reach(tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let why = match (pool.size(), fresh()) {
                    (0, Ok(options)) => why_away(&options, PATIENCE).await,
                    _ => None,
                };
                error::set_away(why);
            }
        }))
    }
}

impl Drop for Reach {
    fn drop(&mut self) {
        self.0.abort();
    }
}
