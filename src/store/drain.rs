//! What the queue still holds of webhooks that have left it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Db, clock, state::not_installed};
use crate::{
    error::Result,
    model::{Drain, Orphan},
};

/// What is left for these webhooks now, future due times included. Empty only counts when seen twice.
pub async fn remaining(db: &Db, webhooks: &[i32]) -> Result<Drain> {
    let now = clock::now(db).await?;
    let mut drain = Drain::default();
    for left in counted(db, webhooks, now).await?.into_values() {
        drain.pending += left.pending;
        drain.processing += left.processing;
        drain.retrying += left.retrying;
        drain.future += left.future;
    }
    if drain.processing > 0 {
        drain.orphaned = orphaned(db, webhooks, now).await?;
    }
    Ok(drain)
}

/// The same webhook by webhook, without the orphans; webhooks of which nothing is left are left out.
pub async fn by_webhook(db: &Db, webhooks: &[i32]) -> Result<BTreeMap<i32, Drain>> {
    counted(db, webhooks, clock::now(db).await?).await
}

async fn counted(db: &Db, webhooks: &[i32], now: DateTime<Utc>) -> Result<BTreeMap<i32, Drain>> {
    let rows: Vec<(i32, i64, i64, i64, i64)> =
        sqlx::query_as(include_str!("../../sql/drain/remaining.sql"))
            .bind(webhooks)
            .bind(now)
            .fetch_all(db.pool())
            .await
            .map_err(not_installed)?;
    let drain = |(id, pending, processing, retrying, future)| {
        let left = Drain {
            pending,
            processing,
            retrying,
            future,
            orphaned: Vec::new(),
        };
        (id, left)
    };
    Ok(rows.into_iter().map(drain).collect())
}

async fn orphaned(db: &Db, webhooks: &[i32], now: DateTime<Utc>) -> Result<Vec<Orphan>> {
    Ok(sqlx::query_as(include_str!("../../sql/drain/orphaned.sql"))
        .bind(webhooks)
        .bind(now)
        .fetch_all(db.pool())
        .await?)
}
