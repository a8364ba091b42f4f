//! What the gates need to know: what is new in ledger and queue since the last look, each grouped before anything is joined.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, Postgres, Transaction};

use super::{
    Db,
    tally::{self, Front, Step, Times},
};
use crate::{
    error::Result,
    gates::{
        Baseline, Calls, Counts, Endpoint, MissingEvent, QueueCounts, Recent, plain::Ambiguous,
    },
    model::GateLimits,
};

/// Failures are looked at over this time.
pub const RECENT: TimeDelta = TimeDelta::minutes(5);
/// Ids that a report names at most.
const NAMED: i64 = 20;
/// A measurement that takes longer is given up: inconclusive, and no burden.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The ledger since the step began, what failed lately, what is missing, and what the queue did before.
pub async fn ledger(
    db: &Db,
    step: &Step,
    now: DateTime<Utc>,
    limits: &GateLimits,
) -> Result<Counts> {
    let times = Times {
        now,
        horizon: now - TimeDelta::from_std(limits.parity_horizon).unwrap_or_default(),
    };
    let mut tx = begin(db).await?;
    let mut front = tally::front(&mut tx, step).await?;
    let mut counts = tally::events(&mut tx, &mut front, step, times).await?;
    recent(&mut tx, step, now, &mut counts).await?;
    counts.endpoints = endpoints(&mut tx, step, now).await?;
    if counts.both(|arm| arm.missing + arm.late_single) > 0 {
        counts.missing = missing(&mut tx, &front, step, times).await?;
    }
    counts.baseline = baseline(&mut tx, step).await?;
    let suspects = counts.suspects(limits);
    tally::failures(&mut tx, &front, &suspects, &mut counts).await?;
    tx.commit().await?;
    Ok(counts)
}

async fn recent(
    connection: &mut PgConnection,
    step: &Step,
    now: DateTime<Utc>,
    counts: &mut Counts,
) -> Result<()> {
    let since = (now - RECENT).max(step.since);
    let rows: Vec<(String, i64, i64, Option<String>)> =
        sqlx::query_as(include_str!("../../sql/gates/recent.sql"))
            .bind(&step.enabled)
            .bind(since)
            .bind(now)
            .fetch_all(connection)
            .await?;
    for (prefers, events, failures, newest_error) in rows {
        let arm = match prefers.as_str() {
            "nats" => &mut counts.nats_recent,
            _ => &mut counts.queue_recent,
        };
        *arm = Recent {
            events,
            failures,
            newest_error,
        };
    }
    let minutes = (now - since).num_milliseconds() as f64 / 60_000.0;
    counts.recent_minutes = minutes.max(1.0);
    Ok(())
}

/// An open circuit is probed every five minutes at least: a longer silence is one without events.
const PROBED: TimeDelta = TimeDelta::minutes(10);

async fn endpoints(
    connection: &mut PgConnection,
    step: &Step,
    now: DateTime<Utc>,
) -> Result<Vec<Endpoint>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/gates/endpoints.sql"))
            .bind(&step.enabled)
            .bind((now - RECENT).max(step.since))
            .bind(now)
            .bind(now - PROBED)
            .fetch_all(connection)
            .await?,
    )
}

/// Attempts without a result since the step began.
pub async fn ambiguous(db: &Db, step: &Step, now: DateTime<Utc>) -> Result<Ambiguous> {
    Ok(
        sqlx::query_as(include_str!("../../sql/gates/ambiguous.sql"))
            .bind(&step.enabled)
            .bind(step.since)
            .bind(now)
            .fetch_one(db.pool())
            .await?,
    )
}

async fn missing(
    connection: &mut PgConnection,
    front: &Front,
    step: &Step,
    times: Times,
) -> Result<Vec<MissingEvent>> {
    Ok(sqlx::query_as(include_str!("../../sql/gates/missing.sql"))
        .bind(front.tally_id)
        .bind(&step.enabled)
        .bind(front.counted_to)
        .bind(times.horizon)
        .bind(times.now)
        .bind(NAMED)
        .fetch_all(connection)
        .await?)
}

async fn baseline(connection: &mut PgConnection, step: &Step) -> Result<Baseline> {
    let calls: Vec<(i32, i64, i64)> =
        sqlx::query_as(include_str!("../../sql/gates/baseline_calls.sql"))
            .bind(step.migration_id)
            .bind(&step.wave)
            .bind(step.since)
            .bind(&step.enabled)
            .fetch_all(&mut *connection)
            .await?;
    let latencies: Vec<(i16, i64)> =
        sqlx::query_as(include_str!("../../sql/gates/baseline_latencies.sql"))
            .bind(step.migration_id)
            .bind(&step.wave)
            .bind(step.since)
            .bind(&step.enabled)
            .fetch_all(connection)
            .await?;
    let mut baseline = Baseline::default();
    for (webhook_id, ended, failed) in calls {
        baseline.calls.insert(webhook_id, Calls { ended, failed });
    }
    for (bucket, events) in latencies {
        baseline.latency.add(bucket, events.unsigned_abs());
    }
    Ok(baseline)
}

#[derive(sqlx::FromRow)]
struct Waiting {
    webhook_id: i32,
    pending: i64,
    retrying: i64,
    processing: i64,
    due: i64,
    orphaned: i64,
    oldest_due: Option<DateTime<Utc>>,
}

/// The queue: what waits there, and what came past the unified functions since the step began (without a step: not asked).
/// Webhooks without a row are left out.
pub async fn queue(
    db: &Db,
    step: Option<&Step>,
    webhooks: &[i32],
    now: DateTime<Utc>,
) -> Result<Vec<QueueCounts>> {
    let mut counts: BTreeMap<i32, QueueCounts> = BTreeMap::new();
    let mut tx = begin(db).await?;
    if let Some(step) = step {
        let front = tally::front(&mut tx, step).await?;
        for (id, unrouted) in tally::queue(&mut tx, &front, step, now).await? {
            of(&mut counts, id).unrouted += unrouted;
        }
    }
    let waiting: Vec<Waiting> = sqlx::query_as(include_str!("../../sql/gates/waiting.sql"))
        .bind(webhooks)
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
    for found in waiting {
        let row = of(&mut counts, found.webhook_id);
        row.pending = found.pending;
        row.retrying = found.retrying;
        row.processing = found.processing;
        row.due = found.due;
        row.orphaned = found.orphaned;
        row.oldest_due = found.oldest_due;
    }
    let foreign: Vec<(i32, i64)> = sqlx::query_as(include_str!("../../sql/gates/foreign.sql"))
        .bind(webhooks)
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
    for (id, done) in foreign {
        of(&mut counts, id).foreign_done = done;
    }
    tx.commit().await?;
    Ok(counts.into_values().collect())
}

fn of(counts: &mut BTreeMap<i32, QueueCounts>, id: i32) -> &mut QueueCounts {
    counts.entry(id).or_insert_with(|| QueueCounts {
        webhook_id: id,
        ..QueueCounts::default()
    })
}

async fn begin(db: &Db) -> Result<Transaction<'_, Postgres>> {
    let mut tx = db.pool().begin().await?;
    sqlx::query(include_str!("../../sql/gates/careful.sql"))
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
