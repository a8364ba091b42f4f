//! The outbox as the relay sees it: what is to be published, what was, and what never can be.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgTransaction};

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

/// A transaction whose statements go along the indexes, in the order asked for. Left to itself the planner guesses a backlog small, and
/// sorts all of it for each batch.
async fn in_order(db: &Db) -> Result<PgTransaction<'static>> {
    let mut transaction = db.pool().begin().await?;
    sqlx::query(include_str!("../../sql/relay/in_order.sql"))
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

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
    let mut reading = in_order(db).await?;
    let found = sqlx::query_as(include_str!("../../sql/relay/unpublished.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(limit)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(except)
        .bind(part.only_due)
        .fetch_all(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
}

/// Those of these events, by `seq` and partition, that are unpublished and unfenced.
pub async fn named(db: &Db, part: &Part, events: &[(i64, i32)]) -> Result<Vec<Copy>> {
    let (seqs, partitions): (Vec<i64>, Vec<i32>) = events.iter().copied().unzip();
    let mut reading = in_order(db).await?;
    let found = sqlx::query_as(include_str!("../../sql/relay/named.sql"))
        .bind(seqs)
        .bind(partitions)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_all(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
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
    let mut reading = in_order(db).await?;
    let found = sqlx::query_as(include_str!("../../sql/relay/look.sql"))
        .bind(partitions)
        .bind(from)
        .bind(cursors)
        .bind(limit)
        .bind(except)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_all(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
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
    let mut reading = in_order(db).await?;
    let found = sqlx::query_as(include_str!("../../sql/sweep/republish.sql"))
        .bind(ends.first_seq)
        .bind(ends.last_seq)
        .bind(ends.ack_floor)
        .bind(ends.created)
        .bind(after_ms)
        .bind(limit)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(&part.partitions)
        .fetch_all(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
}

/// Notes that these copies are in the stream, at these sequences.
pub async fn mark_published(db: &Db, copies: &[(&Copy, i64)], independent: bool) -> Result<()> {
    let read_at: Vec<DateTime<Utc>> = copies.iter().map(|(c, _)| c.read_at).collect();
    let ids: Vec<&str> = copies.iter().map(|(c, _)| c.event_id.as_str()).collect();
    let numbers: Vec<i32> = copies.iter().map(|(c, _)| c.copy).collect();
    let sequences: Vec<i64> = copies.iter().map(|(_, seq)| *seq).collect();
    let seqs: Vec<i64> = copies.iter().map(|(c, _)| c.seq).collect();
    let partitions: Vec<i32> = copies
        .iter()
        .map(|(c, _)| partition(c.webhook_id))
        .collect();
    let mut marking = in_order(db).await?;
    sqlx::query_scalar::<_, i64>(include_str!("../../sql/relay/mark_published.sql"))
        .bind(ids)
        .bind(numbers)
        .bind(sequences)
        .bind(read_at)
        .bind(seqs)
        .bind(partitions)
        .bind(independent)
        .fetch_one(&mut *marking)
        .await?;
    marking.commit().await?;
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
pub async fn log_history(db: &Db, lines: &[Published<'_>]) -> Result<()> {
    match copy_history(db, lines).await {
        // Refused, so nothing is written: a webhook that is gone, a table that cannot be copied into.
        Err(sqlx::Error::Database(_)) => insert_history(db, lines).await,
        copied => Ok(copied?),
    }
}

/// COPY is cheaper than a statement with arrays: rows go to a page together. It takes all or nothing.
async fn copy_history(db: &Db, lines: &[Published<'_>]) -> sqlx::Result<()> {
    let mut text = String::with_capacity(lines.len() * 512);
    for line in lines {
        line.write(&mut text);
    }
    let mut connection = db.pool().acquire().await?;
    let mut copy = connection
        .copy_in_raw(include_str!("../../sql/relay/copy_history.sql"))
        .await?;
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

async fn insert_history(db: &Db, lines: &[Published<'_>]) -> Result<()> {
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
        .execute(db.pool())
        .await?;
    Ok(())
}

impl Published<'_> {
    /// One line in the text format of COPY, columns as in copy_history.sql.
    fn write(&self, out: &mut String) {
        use std::fmt::Write as _;
        let copy = self.copy;
        let _ = write!(out, "{}\t", copy.webhook_id);
        for column in [&copy.subject, &copy.payload, &copy.event_id] {
            escape(column, out);
            out.push('\t');
        }
        match self.outcome {
            Ok(sequence) => _ = write!(out, "{sequence}\tt\t\\N"),
            Err(why) => {
                out.push_str("\\N\tf\t");
                escape(why, out);
            }
        }
        let _ = writeln!(out, "\t{:.2}\twavegate", self.latency_ms.min(99_999_999.0));
    }
}

/// A text as COPY reads it.
fn escape(text: &str, out: &mut String) {
    let special = |byte: &u8| matches!(byte, b'\\' | b'\n' | b'\r' | b'\t');
    let mut rest = text;
    while let Some(at) = rest.as_bytes().iter().position(special) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// Age of the oldest event after these cursors that waits to be published, milliseconds.
pub async fn lag_ms(db: &Db, part: &Part, after: &Cursors) -> Result<Option<i64>> {
    let (partitions, seqs) = columns(after);
    let mut reading = in_order(db).await?;
    let found = sqlx::query_scalar(include_str!("../../sql/relay/lag.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_one(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
}

/// How many events wait to be published; of each partition at most `at_most` are counted.
pub async fn waiting(db: &Db, part: &Part, after: &Cursors, at_most: i64) -> Result<i64> {
    let (partitions, seqs) = columns(after);
    let mut reading = in_order(db).await?;
    let found = sqlx::query_scalar(include_str!("../../sql/relay/waiting.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(at_most)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .fetch_one(&mut *reading)
        .await?;
    reading.commit().await?;
    Ok(found)
}
