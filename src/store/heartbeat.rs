//! Who is alive: relays and workers tell once a second, readers judge by `seen_at`.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Db;
use crate::error::{Error, Result};
use crate::model::Path;

/// A relay or worker that was silent for longer counts as gone.
pub const SILENT: TimeDelta = TimeDelta::seconds(30);

#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct WorkerBeat {
    pub worker_id: String,
    /// `queue` or `nats`.
    pub path: Path,
    pub host: String,
    pub pid: i32,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub claimed: i64,
    pub delivered: i64,
    pub failed: i64,
    pub acked: i64,
    pub in_flight: i32,
    pub rss_bytes: Option<i64>,
    pub last_error: Option<String>,
    /// It serves some webhooks only.
    pub dedicated: bool,
}

#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct RelayBeat {
    pub relay_id: String,
    pub host: String,
    pub pid: i32,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    /// Which it publishes now; none: it stands by.
    pub partitions: Vec<i32>,
    pub published: i64,
    pub failed: i64,
    /// Age of the oldest unpublished event, milliseconds.
    pub lag_ms: Option<i64>,
    /// Events per second, lately.
    pub rate: Option<f64>,
    pub last_ack_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    pub last_error_at: Option<DateTime<Utc>>,
    /// The durable of foreign workers whose acknowledgements this relay counts as deliveries; none where ours deliver.
    pub foreign_consumer: Option<String>,
}

/// Workers heard from since `since` that serve every webhook. A dedicated one says nothing of the others: whoever asks who would deliver
/// must not count it.
pub async fn workers(db: &Db, since: DateTime<Utc>) -> Result<Vec<WorkerBeat>> {
    heard(db, since, false).await
}

/// The dedicated ones too.
pub async fn all_workers(db: &Db, since: DateTime<Utc>) -> Result<Vec<WorkerBeat>> {
    heard(db, since, true).await
}

async fn heard(db: &Db, since: DateTime<Utc>, dedicated: bool) -> Result<Vec<WorkerBeat>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/heartbeat/workers.sql"))
            .bind(since)
            .bind(dedicated)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Relays heard from since `since`, the busiest first.
pub async fn relays(db: &Db, since: DateTime<Utc>) -> Result<Vec<RelayBeat>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/heartbeat/relays.sql"))
            .bind(since)
            .fetch_all(db.pool())
            .await?,
    )
}

/// How steady a relay or a worker has been.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Steadiness {
    pub id: String,
    /// Since then no two beats were more than ten seconds apart.
    pub steady_since: Option<DateTime<Utc>>,
    pub rss_bytes: Option<i64>,
    /// Memory a minute after the start.
    pub rss_settled: Option<i64>,
}

/// Of everybody heard from since `since`.
pub async fn steady(db: &Db, since: DateTime<Utc>) -> Result<Vec<Steadiness>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/heartbeat/steady.sql"))
            .bind(since)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Writes this worker's heartbeat; `goodbye` when it stops in order.
pub async fn beat_worker(db: &Db, beat: &WorkerBeat, goodbye: bool) -> Result<()> {
    sqlx::query(include_str!("../../sql/heartbeat/worker_beat.sql"))
        .bind(&beat.worker_id)
        .bind(beat.path.as_str())
        .bind(&beat.host)
        .bind(beat.pid)
        .bind(beat.started_at)
        .bind(beat.claimed)
        .bind(beat.delivered)
        .bind(beat.failed)
        .bind(beat.acked)
        .bind(beat.in_flight)
        .bind(beat.rss_bytes)
        .bind(&beat.last_error)
        .bind(goodbye)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Notes which config a relay serves; a database that cannot hold it yet goes without.
pub async fn relay_serves(db: &Db, relay_id: &str, config_id: i32) -> Result<()> {
    let noted = sqlx::query(include_str!("../../sql/heartbeat/relay_serves.sql"))
        .bind(relay_id)
        .bind(config_id)
        .execute(db.pool())
        .await;
    match noted.map_err(Error::from) {
        Err(error) if error.sqlstate() != Some("42703") => Err(error),
        _ => Ok(()),
    }
}

/// Writes this relay's heartbeat; `goodbye` when it stops in order.
pub async fn beat_relay(db: &Db, beat: &RelayBeat, goodbye: bool) -> Result<()> {
    sqlx::query(include_str!("../../sql/heartbeat/relay_beat.sql"))
        .bind(&beat.relay_id)
        .bind(&beat.host)
        .bind(beat.pid)
        .bind(beat.started_at)
        .bind(&beat.partitions)
        .bind(beat.published)
        .bind(beat.failed)
        .bind(beat.lag_ms)
        .bind(beat.rate)
        .bind(beat.last_ack_at)
        .bind(&beat.last_error)
        .bind(beat.last_error_at)
        .bind(goodbye)
        .bind(&beat.foreign_consumer)
        .execute(db.pool())
        .await?;
    Ok(())
}
