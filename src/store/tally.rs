//! What the gates have counted since a step began, kept in the database: a look reads what is new, and what had no last word.
//!
//! Exact, although rows come late: the front only moves up to the start of the oldest transaction that runs. Whatever is created
//! before that is committed and visible, or gone; it is counted once it can change no more, and named in `tally_open` until then.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::{
    error::Result,
    gates::{ArmCounts, BlockArm, Counts},
};

/// One step of one wave, and whose events count.
#[derive(Debug, Clone)]
pub struct Step {
    pub migration_id: i32,
    pub wave: String,
    /// When it began; never a sliding window.
    pub since: DateTime<Utc>,
    /// Of the success gate; fixed by the first look.
    pub block_ms: i64,
    pub members: Vec<i32>,
    /// Those of the members that are enabled.
    pub enabled: Vec<i32>,
}

/// The times of one look.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub now: DateTime<Utc>,
    /// Younger events are not judged.
    pub horizon: DateTime<Utc>,
}

/// How far a step is counted. Held by one look at a time, until its transaction ends.
#[derive(Debug, sqlx::FromRow)]
pub struct Front {
    pub tally_id: i64,
    block_ms: i64,
    /// Events.
    pub counted_to: DateTime<Utc>,
    queue_counted_to: DateTime<Utc>,
}

/// One group of events; `kind` says by what they are grouped.
#[derive(Default, sqlx::FromRow)]
struct Group {
    kind: i32,
    webhook_id: Option<i32>,
    /// By webhook: the block in which these events failed.
    failed_in: Option<i32>,
    block: Option<i32>,
    bucket: Option<i16>,
    prefers: String,
    r#final: bool,
    events: i64,
    judged: i64,
    delivered: i64,
    dead: i64,
    taken_over: i64,
    undelivered: i64,
    two_route: i64,
    ripe: i64,
    unpublished: i64,
    unseen: i64,
    unfinished: i64,
    void: i64,
    missing: i64,
    late_single: i64,
    open: Option<Vec<String>>,
}

/// `grouping(webhook_id, block, bucket)`: a bit for each column that does not group.
const BY_WEBHOOK: i32 = 0b011;
const BY_BLOCK: i32 = 0b101;

/// Takes hold of the step's tally, made where there is none.
pub async fn front(connection: &mut PgConnection, step: &Step) -> Result<Front> {
    Ok(sqlx::query_as(include_str!("../../sql/tally/front.sql"))
        .bind(step.migration_id)
        .bind(&step.wave)
        .bind(step.since)
        .bind(step.block_ms)
        .fetch_one(connection)
        .await?)
}

/// Up to when everything that was created is visible or gone, as far as the caller's `most`. To be asked before a look takes its
/// snapshot: what ends in between is seen by it.
async fn settled(
    connection: &mut PgConnection,
    counted_to: DateTime<Utc>,
    most: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let settled: Option<DateTime<Utc>> =
        sqlx::query_scalar(include_str!("../../sql/tally/settled.sql"))
            .fetch_one(connection)
            .await?;
    Ok(settled.unwrap_or(counted_to).min(most).max(counted_to))
}

/// Counts the queue rows of the step: how many there are, and how many came past the unified functions; by webhook.
pub async fn queue(
    connection: &mut PgConnection,
    front: &Front,
    step: &Step,
    now: DateTime<Utc>,
) -> Result<Vec<(i32, i64, i64)>> {
    type Rows = Vec<(i32, i64, i64)>;
    let to = settled(connection, front.queue_counted_to, now).await?;
    let look = async |connection: &mut PgConnection, from, to| -> Result<Rows> {
        Ok(
            sqlx::query_as(include_str!("../../sql/tally/look_queue.sql"))
                .bind(&step.members)
                .bind(from)
                .bind(to)
                .fetch_all(connection)
                .await?,
        )
    };
    let new = look(connection, front.queue_counted_to, to).await?;
    let tail = look(connection, to, after(now)).await?;
    sqlx::query(include_str!("../../sql/tally/add_queue.sql"))
        .bind(front.tally_id)
        .bind(to)
        .bind(new.iter().map(|row| row.0).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.1).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.2).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    let mut rows: Rows = sqlx::query_as(include_str!("../../sql/tally/queue.sql"))
        .bind(front.tally_id)
        .bind(&step.enabled)
        .fetch_all(connection)
        .await?;
    rows.extend(tail.into_iter().filter(|row| step.enabled.contains(&row.0)));
    Ok(rows)
}

/// The end of a look that includes `now`.
fn after(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::microseconds(1)
}

/// Counts the events of the step: reads what is new since the last look, keeps what has its last word, adds what has not.
/// The front moves.
pub async fn events(
    connection: &mut PgConnection,
    front: &mut Front,
    step: &Step,
    times: Times,
) -> Result<Counts> {
    let to = settled(connection, front.counted_to, times.horizon).await?;
    let asked = Look {
        step,
        front,
        horizon: times.horizon,
    };
    let behind = asked
        .look(connection, front.counted_to, to, Some(front.tally_id))
        .await?;
    let tail = asked.look(connection, to, after(times.now), None).await?;
    keep(connection, front, to, &behind).await?;
    front.counted_to = to;
    let mut counts = kept(connection, front, step).await?;
    let enabled: BTreeSet<i32> = step.enabled.iter().copied().collect();
    for group in behind.iter().filter(|g| !g.r#final).chain(&tail) {
        add(&mut counts, group, &enabled);
    }
    Ok(counts)
}

struct Look<'a> {
    step: &'a Step,
    front: &'a Front,
    horizon: DateTime<Utc>,
}

impl Look<'_> {
    async fn look(
        &self,
        connection: &mut PgConnection,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        open_of: Option<i64>,
    ) -> Result<Vec<Group>> {
        Ok(sqlx::query_as(include_str!("../../sql/tally/look.sql"))
            .bind(&self.step.members)
            .bind(from)
            .bind(to)
            .bind(open_of)
            .bind(self.horizon)
            .bind(self.step.since)
            .bind(self.front.block_ms)
            .bind(&self.step.enabled)
            .fetch_all(connection)
            .await?)
    }
}

/// Adds what has its last word to the tally, names what has not, and moves the front.
async fn keep(
    connection: &mut PgConnection,
    front: &Front,
    to: DateTime<Utc>,
    groups: &[Group],
) -> Result<()> {
    fn column<'g, V>(groups: &[&'g Group], pick: impl Fn(&'g Group) -> V) -> Vec<V> {
        groups.iter().map(|g| pick(g)).collect()
    }
    let of = |kind: fn(&Group) -> bool| -> Vec<&Group> {
        groups.iter().filter(|g| g.r#final && kind(g)).collect()
    };
    let arms = of(|g| g.kind == BY_WEBHOOK);
    if !arms.is_empty() {
        sqlx::query(include_str!("../../sql/tally/add_arms.sql"))
            .bind(front.tally_id)
            .bind(column(&arms, |g| g.webhook_id))
            .bind(column(&arms, |g| g.prefers.as_str()))
            .bind(column(&arms, |g| g.delivered))
            .bind(column(&arms, |g| g.dead))
            .bind(column(&arms, |g| g.taken_over))
            .bind(column(&arms, |g| g.two_route))
            .bind(column(&arms, |g| g.ripe))
            .execute(&mut *connection)
            .await?;
        let failures = of(|g| g.failed_in.is_some());
        sqlx::query(include_str!("../../sql/tally/add_failures.sql"))
            .bind(front.tally_id)
            .bind(column(&failures, |g| g.webhook_id))
            .bind(column(&failures, |g| g.failed_in))
            .bind(column(&failures, |g| g.prefers.as_str()))
            .bind(column(&failures, |g| g.dead + g.taken_over))
            .execute(&mut *connection)
            .await?;
        let blocks = of(|g| g.kind == BY_BLOCK);
        sqlx::query(include_str!("../../sql/tally/add_blocks.sql"))
            .bind(front.tally_id)
            .bind(column(&blocks, |g| g.block))
            .bind(column(&blocks, |g| g.prefers.as_str()))
            .bind(column(&blocks, |g| g.judged))
            .bind(column(&blocks, |g| g.dead + g.taken_over))
            .execute(&mut *connection)
            .await?;
        let latencies = of(|g| g.bucket.is_some());
        sqlx::query(include_str!("../../sql/tally/add_latencies.sql"))
            .bind(front.tally_id)
            .bind(column(&latencies, |g| g.bucket))
            .bind(column(&latencies, |g| g.prefers.as_str()))
            .bind(column(&latencies, |g| g.delivered + g.taken_over))
            .execute(&mut *connection)
            .await?;
    }
    let open: Vec<&str> = groups
        .iter()
        .filter(|g| g.kind == BY_WEBHOOK)
        .filter_map(|g| g.open.as_deref())
        .flatten()
        .map(String::as_str)
        .collect();
    sqlx::query(include_str!("../../sql/tally/leave_open.sql"))
        .bind(front.tally_id)
        .bind(open)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("../../sql/tally/advance.sql"))
        .bind(front.tally_id)
        .bind(to)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the tally holds.
async fn kept(connection: &mut PgConnection, front: &Front, step: &Step) -> Result<Counts> {
    let mut counts = Counts {
        block_ms: front.block_ms,
        ..Counts::default()
    };
    type Arm = (i32, String, i64, i64, i64, i64, i64);
    let arms: Vec<Arm> = sqlx::query_as(include_str!("../../sql/tally/arms.sql"))
        .bind(front.tally_id)
        .bind(&step.enabled)
        .fetch_all(&mut *connection)
        .await?;
    for (webhook_id, prefers, delivered, dead, taken_over, two_route, ripe) in arms {
        let judged = delivered + dead + taken_over;
        counts.add(ArmCounts {
            webhook_id: Some(webhook_id),
            prefers,
            events: judged,
            judged,
            delivered,
            dead,
            taken_over,
            two_route,
            ripe,
            ..ArmCounts::default()
        });
    }
    let blocks: Vec<(i32, String, i64, i64)> =
        sqlx::query_as(include_str!("../../sql/tally/blocks.sql"))
            .bind(front.tally_id)
            .fetch_all(&mut *connection)
            .await?;
    for (block, prefers, judged, failed) in blocks {
        let arm = BlockArm {
            judged,
            failed,
            undelivered: 0,
        };
        counts.add_block(block, &prefers, arm);
    }
    let latencies: Vec<(i16, String, i64)> =
        sqlx::query_as(include_str!("../../sql/tally/latencies.sql"))
            .bind(front.tally_id)
            .fetch_all(connection)
            .await?;
    for (bucket, prefers, events) in latencies {
        counts
            .latency(&prefers)
            .delivered
            .add(bucket, events.unsigned_abs());
    }
    Ok(counts)
}

/// In which blocks of time these webhooks' events failed: what the tally holds joins what was not in it.
pub async fn failures(
    connection: &mut PgConnection,
    front: &Front,
    webhooks: &[i32],
    counts: &mut Counts,
) -> Result<()> {
    counts.failures.retain(|id, _| webhooks.contains(id));
    let rows: Vec<(i32, i32, String, i64)> =
        sqlx::query_as(include_str!("../../sql/tally/failures.sql"))
            .bind(front.tally_id)
            .bind(webhooks)
            .fetch_all(connection)
            .await?;
    for (webhook_id, block, prefers, failed) in rows {
        counts.add_failures(webhook_id, block, &prefers, failed);
    }
    Ok(())
}

/// Adds a group that is not in the tally.
fn add(counts: &mut Counts, group: &Group, enabled: &BTreeSet<i32>) {
    match (group.kind, group.webhook_id, group.block) {
        (BY_WEBHOOK, Some(id), _) => {
            if !enabled.contains(&id) {
                return;
            }
            if let Some(block) = group.failed_in {
                let failed = group.dead + group.taken_over;
                counts.add_failures(id, block, &group.prefers, failed);
            }
            counts.add(ArmCounts {
                webhook_id: Some(id),
                prefers: group.prefers.clone(),
                events: group.events,
                judged: group.judged,
                delivered: group.delivered,
                dead: group.dead,
                taken_over: group.taken_over,
                undelivered: group.undelivered,
                two_route: group.two_route,
                ripe: group.ripe,
                unpublished: group.unpublished,
                unseen: group.unseen,
                unfinished: group.unfinished,
                void: group.void,
                missing: group.missing,
                late_single: group.late_single,
            });
        }
        (BY_BLOCK, _, Some(block)) => {
            let arm = BlockArm {
                judged: group.judged,
                failed: group.dead + group.taken_over,
                undelivered: group.undelivered,
            };
            counts.add_block(block, &group.prefers, arm);
        }
        _ => {
            let latency = counts.latency(&group.prefers);
            latency.undelivered += group.undelivered.unsigned_abs();
            if let Some(bucket) = group.bucket {
                let ended = group.delivered + group.taken_over;
                latency.delivered.add(bucket, ended.unsigned_abs());
            }
        }
    }
}
