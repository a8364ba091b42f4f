//! What a rollback would touch: which webhooks, what of theirs is undelivered, and who could deliver it.

use std::{collections::BTreeMap, iter::Sum, ops::AddAssign};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Db, clock, state::not_installed};
use crate::{
    error::{Error, Result},
    plan::unknown_webhook,
};

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

/// The webhook that is meant: `name:NAME`, `id:ID`, or a bare word that is the name or the id of one webhook and of no other.
/// Where nobody is meant, or more than one could be, an error that says what there is.
pub async fn named(db: &Db, word: &str) -> Result<i32> {
    let (bare, by) = match word.split_once(':') {
        Some(("id", id)) => (id, Some(false)),
        Some(("name", name)) => (name, Some(true)),
        _ => (word, None),
    };
    let rows = matching(db, bare).await?;
    let meant: Vec<&(i32, String, bool)> = rows
        .iter()
        .filter(|(_, _, by_name)| by.is_none_or(|by| by == *by_name))
        .collect();
    // A webhook may be called `id:7`: a prefix is one only where it leads somewhere.
    let whole = match by {
        Some(_) => matching(db, word).await?,
        None => Vec::new(),
    };
    match (meant.as_slice(), whole.as_slice()) {
        ([(id, ..)], []) | ([], [(id, ..)]) => Ok(*id),
        ([], _) => {
            let names = names(db).await?;
            Err(unknown_webhook(word, names.iter().map(String::as_str)))
        }
        (some, also) => Err(ambiguous(word, some.iter().copied().chain(also))),
    }
}

async fn matching(db: &Db, word: &str) -> Result<Vec<(i32, String, bool)>> {
    sqlx::query_as(include_str!("../../sql/rollback/named.sql"))
        .bind(word)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

async fn names(db: &Db) -> Result<Vec<String>> {
    sqlx::query_scalar(include_str!("../../sql/rollback/names.sql"))
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

fn ambiguous<'a>(word: &str, rows: impl Iterator<Item = &'a (i32, String, bool)>) -> Error {
    let mut error = Error::refused(format!("`{word}` may mean more than one webhook"));
    for (id, name, by_name) in rows {
        error = error
            .detail(format!("webhook {name} has the id {id}"))
            .hint(match by_name {
                true => format!("--webhook name:{name}"),
                false => format!("--webhook id:{id}"),
            });
    }
    error
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

/// When a queue worker that is not ours last delivered one of these, within the last hour; to be told, not to be relied on: a
/// rollback cannot wait until all calls are read, and looks at those alone that were made in this hour.
pub async fn foreign_worker(db: &Db, webhooks: &[i32]) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/rollback/foreign_worker.sql"))
            .bind(webhooks)
            .bind(clock::now(db).await? - TimeDelta::hours(1))
            .fetch_one(db.pool())
            .await?,
    )
}
