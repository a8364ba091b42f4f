//! The outbox as the relay sees it: what is to be published, what was, and what never can be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Db;
use crate::error::Result;

/// Webhooks fall into so many partitions, by their id modulo this; the SQL says `webhook_id & 7`.
pub const PARTITIONS: i32 = 8;

/// The partition of a webhook, never negative.
pub fn partition(webhook_id: i32) -> i32 {
    webhook_id & (PARTITIONS - 1)
}

/// Which part of the outbox a relay serves.
#[derive(Debug, Clone)]
pub struct Part {
    pub config_id: i32,
    /// Events that name no config are served too.
    pub unnamed: bool,
    /// Those of them whose webhooks fall into these partitions.
    pub partitions: Vec<i32>,
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

/// Up to which `seq` each partition was read.
pub type Cursors = BTreeMap<i32, i64>;

fn columns(cursors: &Cursors) -> (Vec<i32>, Vec<i64>) {
    cursors
        .iter()
        .map(|(partition, seq)| (*partition, *seq))
        .unzip()
}

/// Committed, unpublished and unfenced events after these cursors, `limit` of each partition, in the order of `seq` there.
pub async fn unpublished(
    db: &Db,
    part: &Part,
    after: &Cursors,
    limit: i64,
    except: &[i32],
) -> Result<Vec<Copy>> {
    let (partitions, seqs) = columns(after);
    Ok(
        sqlx::query_as(include_str!("../../sql/relay/unpublished.sql"))
            .bind(partitions)
            .bind(seqs)
            .bind(limit)
            .bind(part.config_id)
            .bind(part.unnamed)
            .bind(except)
            .bind(part.only_due)
            .fetch_all(db.in_order())
            .await?,
    )
}

/// Those of these events, by `seq` and partition, that are unpublished and unfenced.
pub async fn named(db: &Db, part: &Part, events: &[(i64, i32)]) -> Result<Vec<Copy>> {
    let (seqs, partitions): (Vec<i64>, Vec<i32>) = events.iter().copied().unzip();
    Ok(sqlx::query_as(include_str!("../../sql/relay/named.sql"))
        .bind(seqs)
        .bind(partitions)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_all(db.in_order())
        .await?)
}

/// What one partition holds, without payloads.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Behind {
    pub partition: i32,
    /// The newest event after the cursor, whoever it belongs to.
    pub newest: Option<i64>,
    /// Unpublished events up to the cursor.
    pub behind: Vec<i64>,
}

/// Looks behind the cursors, from `after` on.
pub async fn look(
    db: &Db,
    part: &Part,
    after: &Cursors,
    upto: &Cursors,
    limit: i64,
    except: &[i32],
) -> Result<Vec<Behind>> {
    let (partitions, cursors) = columns(upto);
    let from: Vec<i64> = partitions
        .iter()
        .map(|partition| after.get(partition).copied().unwrap_or(0))
        .collect();
    Ok(sqlx::query_as(include_str!("../../sql/relay/look.sql"))
        .bind(partitions)
        .bind(from)
        .bind(cursors)
        .bind(limit)
        .bind(except)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_all(db.in_order())
        .await?)
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
    part: &Part,
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
            .bind(&part.partitions)
            .fetch_all(db.in_order())
            .await?,
    )
}

/// Notes that these copies are in the stream, at these sequences.
pub async fn mark_published(db: &Db, copies: &[(&Copy, i64)], independent: bool) -> Result<()> {
    // In the order that PostgreSQL sorts them to, as a rule: then its sort is one pass.
    let mut copies = copies.to_vec();
    copies.sort_unstable_by(|(one, _), (other, _)| one.event_id.cmp(&other.event_id));
    let read_at: Vec<DateTime<Utc>> = copies.iter().map(|(c, _)| c.read_at).collect();
    let ids: Vec<&str> = copies.iter().map(|(c, _)| c.event_id.as_str()).collect();
    let numbers: Vec<i32> = copies.iter().map(|(c, _)| c.copy).collect();
    let sequences: Vec<i64> = copies.iter().map(|(_, seq)| *seq).collect();
    let seqs: Vec<i64> = copies.iter().map(|(c, _)| c.seq).collect();
    let partitions: Vec<i32> = copies
        .iter()
        .map(|(c, _)| partition(c.webhook_id))
        .collect();
    sqlx::query(include_str!("../../sql/relay/mark_published.sql"))
        .bind(ids)
        .bind(numbers)
        .bind(sequences)
        .bind(read_at)
        .bind(seqs)
        .bind(partitions)
        .bind(independent)
        .execute(db.in_order())
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

/// Age of the oldest event after these cursors that waits to be published, milliseconds.
pub async fn lag_ms(db: &Db, part: &Part, after: &Cursors) -> Result<Option<i64>> {
    let (partitions, seqs) = columns(after);
    Ok(sqlx::query_scalar(include_str!("../../sql/relay/lag.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_one(db.in_order())
        .await?)
}

/// How many events wait to be published; of each partition at most `at_most` are counted.
pub async fn waiting(db: &Db, part: &Part, after: &Cursors, at_most: i64) -> Result<i64> {
    let (partitions, seqs) = columns(after);
    Ok(
        sqlx::query_scalar(include_str!("../../sql/relay/waiting.sql"))
            .bind(partitions)
            .bind(seqs)
            .bind(at_most)
            .bind(part.config_id)
            .bind(part.unnamed)
            .bind(part.only_due)
            .fetch_one(db.in_order())
            .await?,
    )
}
