//! What the gates have counted since a step began, kept in the database: a look reads what is new, and what had no last word.
//!
//! Exact, although rows come late: the front only moves up to the start of the oldest transaction that runs. Whatever is created
//! before that is committed and visible, or gone; it is counted once it can change no more, and named in `tally_open` until then.

mod group;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use self::group::{By, Group, Row};
use crate::{
    error::Result,
    gates::{ArmCounts, BlockArm, Counts},
    model::Path,
    store::Shape,
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

/// Takes hold of the step's tally, made where there is none.
pub async fn front(connection: &mut PgConnection, step: &Step) -> Result<Front> {
    Ok(sqlx::query_as(include_str!("../../../sql/tally/front.sql"))
        .bind(step.migration_id)
        .bind(&step.wave)
        .bind(step.since)
        .bind(step.block_ms)
        .fetch_one(connection)
        .await?)
}

/// The same for a look at events. Where webhooks were counted that do not belong to the step any more, since they were taken back alone,
/// it begins anew: blocks and latencies are not kept by webhook, and would go on blaming the rest.
pub async fn front_of_events(connection: &mut PgConnection, step: &Step) -> Result<Front> {
    let front = front(connection, step).await?;
    let strays: bool = sqlx::query_scalar(include_str!("../../../sql/tally/strays.sql"))
        .bind(front.tally_id)
        .bind(&step.members)
        .fetch_one(&mut *connection)
        .await?;
    if !strays {
        return Ok(front);
    }
    Ok(
        sqlx::query_as(include_str!("../../../sql/tally/forget.sql"))
            .bind(front.tally_id)
            .fetch_one(connection)
            .await?,
    )
}

/// Up to when everything that was created is visible or gone, as far as the caller's `most`. To be asked before a look takes its
/// snapshot: what ends in between is seen by it.
async fn settled(
    connection: &mut PgConnection,
    counted_to: DateTime<Utc>,
    most: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let settled: Option<DateTime<Utc>> =
        sqlx::query_scalar(include_str!("../../../sql/tally/settled.sql"))
            .fetch_one(connection)
            .await?;
    Ok(settled.unwrap_or(counted_to).min(most).max(counted_to))
}

/// Counts the queue rows of the step that came past the unified functions, by webhook.
pub async fn queue(
    connection: &mut PgConnection,
    front: &Front,
    step: &Step,
    now: DateTime<Utc>,
) -> Result<Vec<(i32, i64)>> {
    type Rows = Vec<(i32, i64)>;
    let to = settled(connection, front.queue_counted_to, now).await?;
    let look = async |connection: &mut PgConnection, from, to| -> Result<Rows> {
        Ok(
            sqlx::query_as(include_str!("../../../sql/tally/look_queue.sql"))
                .bind(&step.members)
                .bind(from)
                .bind(to)
                .fetch_all(connection)
                .await?,
        )
    };
    let new = look(connection, front.queue_counted_to, to).await?;
    let tail = look(connection, to, after(now)).await?;
    sqlx::query(include_str!("../../../sql/tally/add_queue.sql"))
        .bind(front.tally_id)
        .bind(to)
        .bind(new.iter().map(|row| row.0).collect::<Vec<_>>())
        .bind(new.iter().map(|row| row.1).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    let mut rows: Rows = sqlx::query_as(include_str!("../../../sql/tally/queue.sql"))
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
    shape: &Shape,
    front: &mut Front,
    step: &Step,
    times: Times,
) -> Result<Counts> {
    let from = front.counted_to;
    let to = settled(connection, from, times.horizon).await?;
    let asked = Look {
        shape,
        step,
        front,
        horizon: times.horizon,
    };
    let mut behind = asked.left_open(connection).await?;
    behind.extend(asked.born(connection, from, to).await?);
    let tail = asked.born(connection, to, after(times.now)).await?;
    keep(connection, front, to, &behind).await?;
    front.counted_to = to;
    let mut counts = kept(connection, front, step).await?;
    let enabled: BTreeSet<i32> = step.enabled.iter().copied().collect();
    for group in behind.iter().filter(|g| !g.is_final).chain(&tail) {
        add(&mut counts, group, &enabled);
    }
    Ok(counts)
}

struct Look<'a> {
    shape: &'a Shape,
    step: &'a Step,
    front: &'a Front,
    horizon: DateTime<Utc>,
}

/// Events of more time than this are read by several processes, each with pages of its own.
const MUCH: TimeDelta = TimeDelta::hours(1);
/// PostgreSQL gives a statement two processes beside its own, unless it is told otherwise.
const PARTS: i64 = 3;
const FIRST_PAGE: i64 = 0;
/// Behind the last page that a table can have.
const LAST_PAGE: i64 = 4_294_967_295;

impl Look<'_> {
    /// What an earlier look left open: it lies behind the front.
    async fn left_open(&self, connection: &mut PgConnection) -> Result<Vec<Group>> {
        let tally = Some(self.front.tally_id);
        let whole = [FIRST_PAGE, LAST_PAGE];
        self.look(
            connection,
            self.step.since,
            self.front.counted_to,
            tally,
            &whole,
        )
        .await
    }

    async fn born(
        &self,
        connection: &mut PgConnection,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Group>> {
        let pages: Option<i64> = match to - from > MUCH {
            true => {
                sqlx::query_scalar(AssertSqlSafe(
                    self.shape
                        .qualified(include_str!("../../../sql/tally/pages.sql")),
                ))
                .fetch_one(&mut *connection)
                .await?
            }
            false => None,
        };
        let mut bounds = vec![FIRST_PAGE];
        if let Some(pages) = pages {
            bounds.extend((1..PARTS).map(|part| pages * part / PARTS));
        }
        bounds.push(LAST_PAGE);
        self.look(connection, from, to, None, &bounds).await
    }

    /// `bounds`: between each and the next lie the pages of one process.
    async fn look(
        &self,
        connection: &mut PgConnection,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        open_of: Option<i64>,
        bounds: &[i64],
    ) -> Result<Vec<Group>> {
        let part = self
            .shape
            .qualified(include_str!("../../../sql/tally/look.sql"));
        let parts: Vec<String> = (9..9 + bounds.len() - 1)
            .map(|n| {
                part.replace("$10", &format!("${}", n + 1))
                    .replace("$9", &format!("${n}"))
            })
            .collect();
        let mut query = sqlx::query_as(AssertSqlSafe(parts.join("UNION ALL\n")))
            .bind(&self.step.members)
            .bind(from)
            .bind(to)
            .bind(self.horizon)
            .bind(self.step.since)
            .bind(self.front.block_ms)
            .bind(&self.step.enabled)
            .bind(open_of);
        for page in bounds {
            query = query.bind(format!("({page},0)"));
        }
        let rows: Vec<Row> = query.fetch_all(connection).await?;
        Ok(rows.into_iter().map(Group::of).collect())
    }
}

/// Adds what has its last word to the tally, names what has not, and moves the front.
async fn keep(
    connection: &mut PgConnection,
    front: &Front,
    to: DateTime<Utc>,
    groups: &[Group],
) -> Result<()> {
    fn column<K, V>(rows: &[(K, &ArmCounts)], pick: impl Fn(&(K, &ArmCounts)) -> V) -> Vec<V> {
        rows.iter().map(pick).collect()
    }
    let (mut arms, mut failures, mut blocks, mut latencies) = (vec![], vec![], vec![], vec![]);
    for Group { by, counts, .. } in groups.iter().filter(|group| group.is_final) {
        match by {
            By::Webhook { id, failed_in, .. } => {
                arms.push((*id, counts));
                failures.extend(failed_in.map(|block| ((*id, block), counts)));
            }
            By::Block(block) => blocks.push((*block, counts)),
            By::Bucket(bucket) => latencies.extend(bucket.map(|bucket| (bucket, counts))),
        }
    }
    if !arms.is_empty() {
        sqlx::query(include_str!("../../../sql/tally/add_arms.sql"))
            .bind(front.tally_id)
            .bind(column(&arms, |(id, _)| *id))
            .bind(column(&arms, |(_, n)| n.prefers.as_str()))
            .bind(column(&arms, |(_, n)| n.delivered))
            .bind(column(&arms, |(_, n)| n.dead))
            .bind(column(&arms, |(_, n)| n.taken_over))
            .bind(column(&arms, |(_, n)| n.two_route))
            .bind(column(&arms, |(_, n)| n.ripe))
            .execute(&mut *connection)
            .await?;
        sqlx::query(include_str!("../../../sql/tally/add_failures.sql"))
            .bind(front.tally_id)
            .bind(column(&failures, |((id, _), _)| *id))
            .bind(column(&failures, |((_, block), _)| *block))
            .bind(column(&failures, |(_, n)| n.prefers.as_str()))
            .bind(column(&failures, |(_, n)| n.failed()))
            .execute(&mut *connection)
            .await?;
        sqlx::query(include_str!("../../../sql/tally/add_blocks.sql"))
            .bind(front.tally_id)
            .bind(column(&blocks, |(block, _)| *block))
            .bind(column(&blocks, |(_, n)| n.prefers.as_str()))
            .bind(column(&blocks, |(_, n)| n.judged))
            .bind(column(&blocks, |(_, n)| n.failed()))
            .execute(&mut *connection)
            .await?;
        sqlx::query(include_str!("../../../sql/tally/add_latencies.sql"))
            .bind(front.tally_id)
            .bind(column(&latencies, |(bucket, _)| *bucket))
            .bind(column(&latencies, |(_, n)| n.prefers.as_str()))
            .bind(column(&latencies, |(_, n)| n.delivered + n.taken_over))
            .execute(&mut *connection)
            .await?;
    }
    let open: Vec<&str> = groups
        .iter()
        .filter_map(|group| match &group.by {
            By::Webhook { open, .. } => open.as_deref(),
            _ => None,
        })
        .collect();
    sqlx::query(include_str!("../../../sql/tally/leave_open.sql"))
        .bind(front.tally_id)
        .bind(open)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("../../../sql/tally/advance.sql"))
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
    type Arm = (i32, Path, i64, i64, i64, i64, i64);
    let arms: Vec<Arm> = sqlx::query_as(include_str!("../../../sql/tally/arms.sql"))
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
    let blocks: Vec<(i32, Path, i64, i64)> =
        sqlx::query_as(include_str!("../../../sql/tally/blocks.sql"))
            .bind(front.tally_id)
            .fetch_all(&mut *connection)
            .await?;
    for (block, prefers, judged, failed) in blocks {
        let arm = BlockArm {
            judged,
            failed,
            undelivered: 0,
        };
        counts.add_block(block, prefers, arm);
    }
    let latencies: Vec<(i16, Path, i64)> =
        sqlx::query_as(include_str!("../../../sql/tally/latencies.sql"))
            .bind(front.tally_id)
            .fetch_all(connection)
            .await?;
    for (bucket, prefers, events) in latencies {
        counts
            .latency(prefers)
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
    let rows: Vec<(i32, i32, Path, i64)> =
        sqlx::query_as(include_str!("../../../sql/tally/failures.sql"))
            .bind(front.tally_id)
            .bind(webhooks)
            .fetch_all(connection)
            .await?;
    for (webhook_id, block, prefers, failed) in rows {
        counts.add_failures(webhook_id, block, prefers, failed);
    }
    Ok(())
}

/// Adds a group that is not in the tally.
fn add(counts: &mut Counts, group: &Group, enabled: &BTreeSet<i32>) {
    let arm = &group.counts;
    match &group.by {
        By::Webhook { id, .. } if !enabled.contains(id) => {}
        By::Webhook { id, failed_in, .. } => {
            if let Some(block) = failed_in {
                counts.add_failures(*id, *block, arm.prefers, arm.failed());
            }
            counts.add(ArmCounts {
                webhook_id: Some(*id),
                ..arm.clone()
            });
        }
        By::Block(block) => {
            let more = BlockArm {
                judged: arm.judged,
                failed: arm.failed(),
                undelivered: arm.undelivered,
            };
            counts.add_block(*block, arm.prefers, more);
        }
        By::Bucket(bucket) => {
            let latency = counts.latency(arm.prefers);
            latency.undelivered += arm.undelivered.unsigned_abs();
            if let Some(bucket) = bucket {
                let ended = arm.delivered + arm.taken_over;
                latency.delivered.add(*bucket, ended.unsigned_abs());
            }
        }
    }
}
