//! The outbox as the relay sees it: what is to be published, what was, and what never can be.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Db;
use crate::error::Result;

/// Which part of the outbox a relay serves.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub config_id: i32,
    /// Events that name no config are served too.
    pub unnamed: bool,
    /// Foreign workers deliver at once what they get: only what is due, and of enabled webhooks, may be published.
    pub only_due: bool,
}

/// One copy of an event, to be published.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Copy {
    pub seq: i64,
    pub event_id: String,
    pub webhook_id: i32,
    /// Its number, from 1.
    pub copy: i32,
    pub subject: String,
    pub payload: String,
    /// By the clock of the database.
    pub read_at: DateTime<Utc>,
}

/// Committed, unpublished and unfenced events after `seq`.
pub async fn unpublished(db: &Db, part: Part, after: i64, limit: i64) -> Result<Vec<Copy>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/relay/unpublished.sql"))
            .bind(after)
            .bind(limit)
            .bind(part.config_id)
            .bind(part.unnamed)
            .bind(part.only_due)
            .fetch_all(db.pool())
            .await?,
    )
}

/// What the sweeper must know of stream and consumer.
#[derive(Debug, Clone, Copy)]
pub struct StreamEnds {
    pub first_seq: i64,
    pub last_seq: i64,
    /// Everything up to here is acknowledged.
    pub ack_floor: i64,
    pub created: DateTime<Utc>,
}

/// Events that NATS should deliver now and whose last copy cannot come any more.
pub async fn republishable(
    db: &Db,
    part: Part,
    ends: StreamEnds,
    after_ms: f64,
    limit: i64,
) -> Result<Vec<Copy>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/sweep/republish.sql"))
            .bind(ends.first_seq)
            .bind(ends.last_seq)
            .bind(ends.ack_floor)
            .bind(ends.created)
            .bind(after_ms)
            .bind(limit)
            .bind(part.config_id)
            .bind(part.unnamed)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Notes that these copies are in the stream, at these sequences.
pub async fn mark_published(
    connection: &mut PgConnection,
    copies: &[(&Copy, i64)],
    read_at: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<&str> = copies.iter().map(|(c, _)| c.event_id.as_str()).collect();
    let numbers: Vec<i32> = copies.iter().map(|(c, _)| c.copy).collect();
    let sequences: Vec<i64> = copies.iter().map(|(_, seq)| *seq).collect();
    sqlx::query_scalar::<_, i64>(include_str!("../../sql/relay/mark_published.sql"))
        .bind(ids)
        .bind(numbers)
        .bind(sequences)
        .bind(read_at)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// NATS can never carry these events, for these reasons: the queue delivers them.
pub async fn mark_void(connection: &mut PgConnection, refused: &[(&Copy, &str)]) -> Result<()> {
    let ids: Vec<&str> = refused.iter().map(|(c, _)| c.event_id.as_str()).collect();
    let reasons: Vec<&str> = refused.iter().map(|(_, reason)| *reason).collect();
    sqlx::query_scalar::<_, i64>(include_str!("../../sql/relay/mark_void.sql"))
        .bind(ids)
        .bind(reasons)
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// One line of the publish history.
#[derive(Debug, Clone)]
pub struct Published<'a> {
    pub copy: &'a Copy,
    /// The stream sequence, or why it failed.
    pub outcome: Result<i64, &'a str>,
    pub latency_ms: f64,
}

/// Writes `rule_nats_publish_history`, success and failure.
pub async fn log_history(connection: &mut PgConnection, lines: &[Published<'_>]) -> Result<()> {
    fn column<'a, V>(lines: &'a [Published<'a>], pick: impl Fn(&'a Published<'a>) -> V) -> Vec<V> {
        lines.iter().map(pick).collect()
    }
    sqlx::query(include_str!("../../sql/relay/log_history.sql"))
        .bind(column(lines, |l| l.copy.webhook_id))
        .bind(column(lines, |l| l.copy.subject.as_str()))
        .bind(column(lines, |l| l.copy.payload.as_str()))
        .bind(column(lines, |l| l.copy.event_id.as_str()))
        .bind(column(lines, |l| l.outcome.ok()))
        .bind(column(lines, |l| l.outcome.is_ok()))
        .bind(column(lines, |l| l.outcome.err()))
        .bind(column(lines, |l| l.latency_ms))
        .execute(connection)
        .await?;
    Ok(())
}

/// Age of the oldest event after `seq` that waits to be published, milliseconds.
pub async fn lag_ms(db: &Db, part: Part, after: i64) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(include_str!("../../sql/relay/lag.sql"))
        .bind(after)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_optional(db.pool())
        .await?)
}
