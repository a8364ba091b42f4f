//! What a rollback would touch: which webhooks, what of theirs is undelivered, and who could deliver it.

use std::{collections::BTreeMap, iter::Sum, ops::AddAssign};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Db, clock, state::not_installed};
use crate::error::Result;

/// Undelivered events of one webhook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    pub events: i64,
    /// Of these, carried by NATS alone so far.
    pub without_queue_row: i64,
    /// Of these, in the hands of a NATS worker.
    pub held: i64,
    /// Of these, still to be published.
    pub unpublished: i64,
}

impl AddAssign for Undelivered {
    fn add_assign(&mut self, more: Undelivered) {
        self.events += more.events;
        self.without_queue_row += more.without_queue_row;
        self.held += more.held;
        self.unpublished += more.unpublished;
    }
}

impl Sum for Undelivered {
    fn sum<I: Iterator<Item = Undelivered>>(all: I) -> Undelivered {
        all.fold(Undelivered::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

/// The webhook of this name or, failing that, with this id.
pub async fn named(db: &Db, name: &str) -> Result<Option<i32>> {
    sqlx::query_scalar(include_str!("../../sql/rollback/named.sql"))
        .bind(name)
        .fetch_optional(db.pool())
        .await
        .map_err(not_installed)
}

/// Every webhook that NATS has to do with, or that a wave of this migration has moved.
pub async fn all(db: &Db, migration_id: Option<i32>) -> Result<Vec<i32>> {
    sqlx::query_scalar(include_str!("../../sql/rollback/all.sql"))
        .bind(migration_id)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// Undelivered events by webhook; webhooks without any are left out.
pub async fn undelivered(db: &Db, webhooks: &[i32]) -> Result<BTreeMap<i32, Undelivered>> {
    let rows: Vec<(i32, i64, i64, i64, i64)> =
        sqlx::query_as(include_str!("../../sql/rollback/events.sql"))
            .bind(webhooks)
            .bind(clock::now(db).await?)
            .fetch_all(db.pool())
            .await
            .map_err(not_installed)?;
    Ok(rows
        .into_iter()
        .map(|(id, events, without_queue_row, held, unpublished)| {
            let undelivered = Undelivered {
                events,
                without_queue_row,
                held,
                unpublished,
            };
            (id, undelivered)
        })
        .collect())
}

/// When a queue worker that is not ours last delivered one of these, within the last hour.
pub async fn foreign_worker(db: &Db, webhooks: &[i32]) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/rollback/foreign_worker.sql"))
            .bind(webhooks)
            .bind(clock::now(db).await? - TimeDelta::hours(1))
            .fetch_one(db.pool())
            .await?,
    )
}
