//! Why there is no session: the driver's pool only says that it waited. While no session comes back to it, one attempt a second asks why.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use super::connect::why_away;
use crate::error::{self, Result};

const EVERY: Duration = Duration::from_secs(1);
/// Services write heartbeats: their sessions come and go each second.
const QUIET: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(3);

/// When a session last came to the pool: opened, or given back. The pool's own counts do not tell: they have those that cannot be opened, and those that
/// are broken and not yet tried.
#[derive(Debug, Clone)]
pub struct Signs(Arc<Mutex<Instant>>);

impl Signs {
    pub fn new() -> Signs {
        Signs(Arc::new(Mutex::new(Instant::now())))
    }

    pub fn of_life(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn age(&self) -> Duration {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }
}

/// Asks as long as it lives.
#[derive(Debug)]
pub struct Reach(JoinHandle<()>);

impl Reach {
    pub fn start(
        fresh: impl Fn() -> Result<PgConnectOptions> + Send + 'static,
        signs: Signs,
    ) -> Reach {
        Reach(tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let lives = signs.age() < QUIET;
                let why = match fresh() {
                    Ok(options) if !lives => why_away(&options, PATIENCE).await,
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
