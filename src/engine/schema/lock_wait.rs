//! Making way and trying again: a statement that does not get its lock in time waits outside of the queue.

use std::time::Duration;

use sqlx::{PgConnection, postgres::PgDatabaseError};
use tokio::time::Instant;

use crate::{
    error::{Error, Result},
    model::{Backoff, Listener, Progress},
    store::schema,
};

/// An error with what PostgreSQL says beside it: for example which objects depend on the one that is to be dropped.
pub(super) fn with_detail(error: Error) -> Error {
    let detail = error.answer().and_then(PgDatabaseError::detail);
    let lines: Vec<String> = detail
        .into_iter()
        .flat_map(str::lines)
        .map(Into::into)
        .collect();
    lines.into_iter().fold(error, Error::hint)
}

const RETRY: Backoff = Backoff::new(200, 5000);

/// The pauses between the tries of one step.
pub(super) struct LockWait<'a> {
    what: &'a str,
    schema: &'a str,
    relations: Vec<String>,
    end: Instant,
    tries: u32,
}

impl<'a> LockWait<'a> {
    pub(super) fn new(
        what: &'a str,
        schema: &'a str,
        relations: Vec<String>,
        patience: Duration,
    ) -> Self {
        LockWait {
            what,
            schema,
            relations,
            end: Instant::now() + patience,
            tries: 0,
        }
    }

    /// Says who is in the way and waits; an error once patience is over.
    pub(super) async fn wait(
        &mut self,
        connection: &mut PgConnection,
        listener: Listener<'_>,
    ) -> Result<()> {
        let holders = schema::blockers(connection, self.schema, &self.relations).await?;
        let names: Vec<String> = holders.iter().map(ToString::to_string).collect();
        let who = if names.is_empty() {
            "sessions that have just ended".to_string()
        } else {
            names.join("; ")
        };
        if Instant::now() >= self.end {
            return Err(Error::refused(format!("{}: the tables are in use by {who}", self.what))
                .hint("end those sessions or run it at a quieter time; run again, it continues with this step")
                .hint("--lock-wait gives it more time"));
        }
        listener(Progress::Waiting {
            on: format!("{}: {who}", self.what),
        });
        self.tries += 1;
        tokio::time::sleep(RETRY.jittered(self.tries)).await;
        Ok(())
    }
}
