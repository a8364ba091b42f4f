//! The outbox as the relay sees it: what is to be published, what was, and what never can be.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

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

impl Copy {
    /// What marks need of it.
    pub fn without_payload(&self) -> Copy {
        Copy {
            seq: self.seq,
            event_id: self.event_id.clone(),
            webhook_id: self.webhook_id,
            copy: self.copy,
            subject: String::new(),
            payload: String::new(),
            read_at: self.read_at,
        }
    }
}

/// Up to which `seq` each partition was read.
pub type Cursors = BTreeMap<i32, i64>;

fn columns(cursors: &Cursors) -> (Vec<i32>, Vec<i64>) {
    cursors
        .iter()
        .map(|(partition, seq)| (*partition, *seq))
        .unzip()
}

/// What one read brought.
#[derive(Debug, Default)]
pub struct Read {
    pub copies: Vec<Copy>,
    /// Events, by `seq` and partition, whose payload did not fit into this read.
    pub rest: Vec<(i64, i32)>,
    /// Those whose size nobody knows: they are to be read by themselves, since one of them may be refused.
    pub unknown: Vec<(i64, i32)>,
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    copy: Copy,
    known: bool,
    fits: bool,
}

impl Read {
    fn of(rows: Vec<Row>) -> Read {
        let mut read = Read::default();
        for Row { copy, known, fits } in rows {
            let place = (copy.seq, partition(copy.webhook_id));
            match (known, fits) {
                (true, true) => read.copies.push(copy),
                (true, false) => read.rest.push(place),
                (false, _) => read.unknown.push(place),
            }
        }
        read
    }
}

/// Which events a read is about.
#[derive(Debug, Clone, std::marker::Copy)]
pub struct Wanted<'a> {
    pub part: &'a Part,
    pub after: &'a Cursors,
    /// Of each partition.
    pub limit: i64,
    /// Webhooks that wait.
    pub except: &'a [i32],
}

/// Committed, unpublished and unfenced events after these cursors, in the order of `seq` in each partition. Of each partition payloads of
/// `bytes` at most; the first that exceeds them is in the rest, and nothing after it is read.
pub async fn unpublished(db: &Db, wanted: Wanted<'_>, bytes: i64) -> Result<Read> {
    let (partitions, seqs) = columns(wanted.after);
    let rows = sqlx::query_as::<_, Row>(include_str!("../../sql/relay/unpublished.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(wanted.limit)
        .bind(wanted.part.config_id)
        .bind(wanted.part.unnamed)
        .bind(wanted.except)
        .bind(wanted.part.only_due)
        .bind(bytes)
        .fetch_all(db.in_order())
        .await?;
    Ok(Read::of(rows))
}

/// The same by `seq` and partition, without payloads.
pub async fn listed(db: &Db, wanted: Wanted<'_>) -> Result<Vec<(i64, i32)>> {
    let (partitions, seqs) = columns(wanted.after);
    Ok(sqlx::query_as(include_str!("../../sql/relay/listed.sql"))
        .bind(partitions)
        .bind(seqs)
        .bind(wanted.limit)
        .bind(wanted.part.config_id)
        .bind(wanted.part.unnamed)
        .bind(wanted.except)
        .bind(wanted.part.only_due)
        .fetch_all(db.in_order())
        .await?)
}

/// Those of these events, by `seq` and partition, that are unpublished and unfenced: the first, and others as far as all are `bytes`.
pub async fn named(db: &Db, part: &Part, events: &[(i64, i32)], bytes: i64) -> Result<Read> {
    let (seqs, partitions): (Vec<i64>, Vec<i32>) = events.iter().copied().unzip();
    let rows = sqlx::query_as::<_, Row>(include_str!("../../sql/relay/named.sql"))
        .bind(seqs)
        .bind(partitions)
        .bind(part.config_id)
        .bind(part.unnamed)
        .bind(part.only_due)
        .bind(bytes)
        .fetch_all(db.in_order())
        .await?;
    Ok(Read::of(rows))
}

/// Reads the payloads of these copies: of the first, and of others as far as all are `bytes`. Returns those that have theirs, and those
/// that did not fit; one that is not in the outbox any more is in neither.
pub async fn with_payloads(db: &Db, copies: &[Copy], bytes: i64) -> Result<(Vec<Copy>, Vec<Copy>)> {
    let ids: Vec<&str> = copies.iter().map(|copy| copy.event_id.as_str()).collect();
    let rows: Vec<(String, bool, String)> =
        sqlx::query_as(include_str!("../../sql/relay/payloads.sql"))
            .bind(ids)
            .bind(bytes)
            .fetch_all(db.in_order())
            .await?;
    let mut found: HashMap<String, (bool, String)> = rows
        .into_iter()
        .map(|(id, fits, payload)| (id, (fits, payload)))
        .collect();
    let (mut full, mut rest) = (Vec::new(), Vec::new());
    for copy in copies {
        match found.remove(&copy.event_id) {
            Some((true, payload)) => full.push(Copy {
                payload,
                ..copy.clone()
            }),
            Some((false, _)) => rest.push(copy.clone()),
            None => {}
        }
    }
    Ok((full, rest))
}

/// The event that waits to be published there, if any does.
pub async fn event_of(db: &Db, (seq, partition): (i64, i32)) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/relay/event_of.sql"))
            .bind(seq)
            .bind(partition)
            .fetch_optional(db.in_order())
            .await?,
    )
}

/// What cannot be done with an event, whatever is tried.
#[derive(Debug, Clone, std::marker::Copy, PartialEq, Eq)]
pub enum Cannot {
    Read,
    Publish,
}

/// Sets an event aside by name, for a person to decide, unless the queue has it. Returns whether it was.
pub async fn set_aside(db: &Db, event_id: &str, cannot: Cannot, reason: &str) -> Result<bool> {
    let what = match cannot {
        Cannot::Read => "read",
        Cannot::Publish => "publish",
    };
    let set: Option<String> = sqlx::query_scalar(include_str!("../../sql/relay/set_aside.sql"))
        .bind([event_id])
        .bind([reason])
        .bind(what)
        .fetch_optional(db.in_order())
        .await?;
    Ok(set.is_some())
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

/// Events that NATS should deliver now and whose last copy cannot come any more; without payloads.
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

/// Notes that these copies are in the stream, at these sequences. Waits for nobody's lock: it fails then, as a whole.
pub async fn mark_published(db: &Db, copies: &[(&Copy, i64)], independent: bool) -> Result<()> {
    let question = include_str!("../../sql/relay/mark_published.sql");
    marks(db, question, copies, independent).await.map(|_| ())
}

/// The same around what somebody has locked; returns the events that are not marked because of it.
pub async fn mark_around(
    db: &Db,
    copies: &[(&Copy, i64)],
    independent: bool,
) -> Result<HashSet<String>> {
    let question = include_str!("../../sql/relay/mark_around.sql");
    marks(db, question, copies, independent).await
}

async fn marks(
    db: &Db,
    question: &'static str,
    copies: &[(&Copy, i64)],
    independent: bool,
) -> Result<HashSet<String>> {
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
    let left: Vec<String> = sqlx::query_scalar(question)
        .bind(ids)
        .bind(numbers)
        .bind(sequences)
        .bind(read_at)
        .bind(seqs)
        .bind(partitions)
        .bind(independent)
        .fetch_all(db.in_order())
        .await?;
    Ok(left.into_iter().collect())
}

/// NATS can never carry these events, for these reasons: the queue delivers them. Returns those that are not marked, because somebody has
/// locked them.
pub async fn mark_void(
    executor: impl sqlx::PgExecutor<'_>,
    refused: &[(&str, &str)],
) -> Result<HashSet<String>> {
    let (ids, reasons): (Vec<&str>, Vec<&str>) = refused.iter().copied().unzip();
    let left: Vec<String> = sqlx::query_scalar(include_str!("../../sql/relay/mark_void.sql"))
        .bind(ids)
        .bind(reasons)
        .fetch_all(executor)
        .await?;
    Ok(left.into_iter().collect())
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
