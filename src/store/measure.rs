//! What the gates need to know, in one pass over the ledger and one over the queue, each grouped before anything is joined.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Postgres, Transaction};

use super::Db;
use crate::{
    error::Result,
    gates::{ArmCounts, Counts, MissingEvent, QueueCounts, Report},
    model::GateLimits,
};

/// Failures are looked at over this time.
pub const RECENT: TimeDelta = TimeDelta::minutes(5);
/// Ids that a report names at most.
const NAMED: i64 = 20;
/// A measurement that takes longer is given up: inconclusive, and no burden.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Which events and rows are meant.
#[derive(Debug, Clone)]
pub struct Window {
    pub webhooks: Vec<i32>,
    /// Start of the step; never a sliding window.
    pub since: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// The ledger: one grouped pass, and a second look for the ids where parity misses some.
pub async fn ledger(db: &Db, window: &Window, limits: &GateLimits) -> Result<Counts> {
    let horizon = window.now - TimeDelta::from_std(limits.parity_horizon).unwrap_or_default();
    let recent = (window.now - RECENT).max(window.since);
    let mut tx = begin(db).await?;
    let rows: Vec<ArmCounts> = sqlx::query_as(include_str!("../../sql/gates/ledger.sql"))
        .bind(&window.webhooks)
        .bind(window.since)
        .bind(horizon)
        .bind(limits.latency_quantile)
        .bind(recent)
        .bind(window.now)
        .fetch_all(&mut *tx)
        .await?;
    let minutes = (window.now - recent).num_milliseconds() as f64 / 60_000.0;
    let mut counts = Counts::from_rows(rows, minutes);
    if counts.both(|arm| arm.missing + arm.late_single) > 0 {
        counts.missing =
            sqlx::query_as::<_, MissingEvent>(include_str!("../../sql/gates/missing.sql"))
                .bind(&window.webhooks)
                .bind(window.since)
                .bind(horizon)
                .bind(window.now)
                .bind(NAMED)
                .fetch_all(&mut *tx)
                .await?;
    }
    tx.commit().await?;
    Ok(counts)
}

/// The queue: one grouped pass. Webhooks without a row are left out.
pub async fn queue(db: &Db, window: &Window) -> Result<Vec<QueueCounts>> {
    let mut tx = begin(db).await?;
    let rows = sqlx::query_as(include_str!("../../sql/gates/queue.sql"))
        .bind(&window.webhooks)
        .bind(window.since)
        .bind(window.now)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(rows)
}

async fn begin(db: &Db) -> Result<Transaction<'_, Postgres>> {
    let mut tx = db.pool().begin().await?;
    sqlx::query(include_str!("../../sql/gates/timeout.sql"))
        .bind(TIMEOUT.as_millis().to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// What a gate measured the last time it looked at this wave since `since`, where its inputs had `key`.
pub async fn previous(
    db: &Db,
    migration_id: i32,
    wave: &str,
    gate: &str,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Option<serde_json::Value>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/gates/previous.sql"))
            .bind(migration_id)
            .bind(wave)
            .bind(gate)
            .bind(since)
            .bind(key)
            .fetch_optional(db.pool())
            .await?,
    )
}

/// Keeps a report with its inputs.
pub async fn keep(db: &Db, migration_id: Option<i32>, report: &Report) -> Result<()> {
    let column = |pick: fn(&crate::gates::GateResult) -> String| -> Vec<String> {
        report.results.iter().map(pick).collect()
    };
    let inputs: Vec<serde_json::Value> = report.results.iter().map(|r| r.inputs.clone()).collect();
    sqlx::query(include_str!("../../sql/gates/store.sql"))
        .bind(report.at)
        .bind(migration_id)
        .bind(&report.wave)
        .bind(&report.step)
        .bind(column(|r| r.gate.clone()))
        .bind(column(|r| r.verdict.as_str().to_string()))
        .bind(column(|r| r.reason.clone()))
        .bind(inputs)
        .execute(db.pool())
        .await?;
    Ok(())
}
