//! What the gates need to know: what is new in ledger and queue since the last look, each grouped before anything is joined.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::{
    Db,
    tally::{self, Front, TallyStep, Times},
};
use crate::{
    error::Result,
    gates::{
        Baseline, Counts, Endpoint, Evidence, Lately, MissingEvent, QueueCounts, Recent,
        plain::Ambiguous,
    },
    model::{Gate, GateLimits},
};

/// Failures are looked at over this time.
pub const RECENT: TimeDelta = TimeDelta::minutes(5);
/// Ids that a report names at most.
const NAMED: i64 = 20;
/// A measurement that takes longer is given up: inconclusive, and no burden.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The ledger since the step began, what is missing, and what the queue did before.
pub async fn ledger(
    db: &Db,
    step: &TallyStep,
    now: DateTime<Utc>,
    limits: &GateLimits,
) -> Result<Counts> {
    counts(db, step, now, limits, true).await
}

/// The same of a step in which both paths deliver: what the queue did before is asked for where it has no event yet.
pub async fn ledger_of_both(
    db: &Db,
    step: &TallyStep,
    now: DateTime<Utc>,
    limits: &GateLimits,
) -> Result<Counts> {
    counts(db, step, now, limits, false).await
}

async fn counts(
    db: &Db,
    step: &TallyStep,
    now: DateTime<Utc>,
    limits: &GateLimits,
    alone: bool,
) -> Result<Counts> {
    let times = Times {
        now,
        horizon: before(now, limits.parity_horizon),
        lost: before(now, limits.lost_after()),
    };
    let born = tally::born(db).await?;
    let mut session = db.pool().acquire().await?;
    let mut tx = begin(&mut session).await?;
    many_rows(&mut tx).await?;
    let mut front = tally::front(&mut tx, step).await?;
    let baseline = match alone {
        true => Some(baseline(&mut tx, step).await?),
        false => None,
    };
    let before = baseline.as_ref().map(|baseline| &baseline.calls);
    let mut counts =
        tally::events(&mut tx, db.shape(), &mut front, step, times, born, before).await?;
    if counts.both(|arm| arm.missing + arm.late_single) > 0 {
        counts.missing = missing(&mut tx, &front, step, times).await?;
    }
    if counts.both(|arm| arm.altered) > 0 {
        counts.altered = sqlx::query_scalar(include_str!("../../sql/gates/altered.sql"))
            .bind(&step.enabled)
            .bind(step.since)
            .bind(NAMED)
            .fetch_all(&mut *tx)
            .await?;
    }
    counts.baseline = match baseline {
        Some(baseline) => baseline,
        None if counts.queue_arm.judged == 0 => self::baseline(&mut tx, step).await?,
        None => Baseline::default(),
    };
    tx.commit().await?;
    Ok(counts)
}

/// So long before now; a time that lies beyond the calendar is its beginning.
fn before(now: DateTime<Utc>, long: Duration) -> DateTime<Utc> {
    let long = TimeDelta::from_std(long).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(long).unwrap_or(DateTime::UNIX_EPOCH)
}

/// Of each enabled webhook the time of its newest event since the step began.
pub async fn newest(
    db: &Db,
    step: &TallyStep,
    now: DateTime<Utc>,
) -> Result<BTreeMap<i32, Option<DateTime<Utc>>>> {
    let rows: Vec<(i32, Option<DateTime<Utc>>)> =
        sqlx::query_as(include_str!("../../sql/gates/newest.sql"))
            .bind(&step.enabled)
            .bind(step.since)
            .bind(now)
            .fetch_all(db.pool())
            .await?;
    Ok(rows.into_iter().collect())
}

/// What came past the unified functions since the step began, by webhook.
pub async fn unrouted(db: &Db, step: &TallyStep) -> Result<Vec<(i32, i64)>> {
    Ok(sqlx::query_as(include_str!("../../sql/gates/unrouted.sql"))
        .bind(&step.enabled)
        .bind(step.since)
        .bind(step.migration_id)
        .bind(&step.wave)
        .fetch_all(db.pool())
        .await?)
}

/// What failed in the last five minutes, of the step.
pub async fn lately(db: &Db, step: &TallyStep, now: DateTime<Utc>) -> Result<Lately> {
    let since = (now - RECENT).max(step.since);
    let minutes = (now - since).num_milliseconds() as f64 / 60_000.0;
    let mut session = db.pool().acquire().await?;
    let mut tx = begin(&mut session).await?;
    many_rows(&mut tx).await?;
    let (nats, queue) = recent(&mut tx, step, since, now).await?;
    let endpoints = endpoints(&mut tx, step, since, now).await?;
    tx.commit().await?;
    Ok(Lately {
        nats,
        queue,
        endpoints,
        minutes: minutes.max(1.0),
    })
}

/// What failed lately, of NATS and of the queue.
async fn recent(
    connection: &mut PgConnection,
    step: &TallyStep,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Recent, Recent)> {
    type Row = (i64, i64, Option<String>, i64, i64, Option<String>);
    let row: Row = sqlx::query_as(include_str!("../../sql/gates/recent.sql"))
        .bind(&step.enabled)
        .bind(since)
        .bind(now)
        .fetch_one(connection)
        .await?;
    let arm = |events, failures, newest_error| Recent {
        events,
        failures,
        newest_error,
    };
    Ok((arm(row.0, row.1, row.2), arm(row.3, row.4, row.5)))
}

/// An open circuit is probed every five minutes at least: a longer silence is one without events.
const PROBED: TimeDelta = TimeDelta::minutes(10);

async fn endpoints(
    connection: &mut PgConnection,
    step: &TallyStep,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Endpoint>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/gates/endpoints.sql"))
            .bind(&step.enabled)
            .bind(since)
            .bind(now)
            .bind(now - PROBED)
            .fetch_all(connection)
            .await?,
    )
}

/// Attempts without a result since the step began.
pub async fn ambiguous(db: &Db, step: &TallyStep, now: DateTime<Utc>) -> Result<Ambiguous> {
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
    step: &TallyStep,
    times: Times,
) -> Result<Vec<MissingEvent>> {
    Ok(sqlx::query_as(include_str!("../../sql/gates/missing.sql"))
        .bind(front.tally_id)
        .bind(&step.enabled)
        .bind(step.since)
        .bind(front.counted_seq)
        .bind(times.horizon)
        .bind(NAMED)
        .bind(times.now)
        .fetch_all(connection)
        .await?)
}

async fn baseline(connection: &mut PgConnection, step: &TallyStep) -> Result<Baseline> {
    type Row = (i32, Option<i16>, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../sql/gates/baseline.sql"))
        .bind(step.migration_id)
        .bind(&step.wave)
        .bind(step.since)
        .bind(&step.enabled)
        .fetch_all(&mut *connection)
        .await?;
    let mut baseline = Baseline::default();
    for (webhook_id, bucket, ended, failed, events) in rows {
        let calls = baseline.calls.entry(webhook_id).or_default();
        calls.ended += ended;
        calls.failed += failed;
        if let Some(bucket) = bucket {
            let latency = baseline.latency.entry(webhook_id).or_default();
            latency.add(bucket, events.unsigned_abs());
        }
    }
    tally::before(connection, step, &mut baseline).await?;
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

/// What waits in the queue, and what others delivered from it; `unrouted` is left at 0. Webhooks without a row are left out.
pub async fn queue(db: &Db, webhooks: &[i32], now: DateTime<Utc>) -> Result<Vec<QueueCounts>> {
    let mut counts: BTreeMap<i32, QueueCounts> = BTreeMap::new();
    let mut session = db.pool().acquire().await?;
    let mut tx = begin(&mut session).await?;
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

/// The queue with what came past the unified functions.
pub fn with_unrouted(queue: Vec<QueueCounts>, unrouted: &[(i32, i64)]) -> Vec<QueueCounts> {
    let mut counts: BTreeMap<i32, QueueCounts> =
        queue.into_iter().map(|row| (row.webhook_id, row)).collect();
    for (id, rows) in unrouted {
        of(&mut counts, *id).unrouted += rows;
    }
    counts.into_values().collect()
}

fn of(counts: &mut BTreeMap<i32, QueueCounts>, id: i32) -> &mut QueueCounts {
    counts.entry(id).or_insert_with(|| QueueCounts {
        webhook_id: id,
        ..QueueCounts::default()
    })
}

async fn begin(session: &mut PgConnection) -> Result<Transaction<'_, Postgres>> {
    let mut tx = session.begin().await?;
    sqlx::query(include_str!("../../sql/gates/careful.sql"))
        .bind(TIMEOUT.as_millis().to_string())
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

async fn many_rows(connection: &mut PgConnection) -> Result<()> {
    sqlx::query(include_str!("../../sql/gates/many_rows.sql"))
        .execute(connection)
        .await?;
    Ok(())
}

/// What a gate measured the last time it looked at this wave since `since`, where its inputs had `key`.
pub async fn previous(
    db: &Db,
    migration_id: i32,
    wave: &str,
    gate: &Gate,
    key: &str,
    since: DateTime<Utc>,
) -> Result<Option<Evidence>> {
    let kept: Option<serde_json::Value> =
        sqlx::query_scalar(include_str!("../../sql/gates/previous.sql"))
            .bind(migration_id)
            .bind(wave)
            .bind(gate.as_str())
            .bind(since)
            .bind(key)
            .fetch_optional(db.pool())
            .await?;
    Ok(kept.map(|kept| Evidence::read(gate, kept)))
}
