//! What the gates have counted since a step began, kept in the database: a look reads what is new, and what had no last word.
//!
//! Exact, although rows come late and clocks jump: the front is a number of an event below which nobody is under way. Whatever is below
//! it is counted once it can change no more, and named in `tally_open` until then; whatever is above it is read at each look. A dead one
//! is counted, and named in `tally_dead`: it may be requeued.

mod closed;
mod course;
mod group;
mod look;
mod named;
mod numbers;
mod spans;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub use self::course::before;
use self::{
    closed::{Ground, Kept},
    course::Courses,
    group::{By, Group},
    look::Look,
    named::Named,
    spans::Spans,
};
use crate::{
    error::Result,
    gates::{ArmCounts, BlockArm, Calls, Counts},
    model::Path,
    store::{Db, Shape},
};

/// One step of one wave, and whose events count.
#[derive(Debug, Clone)]
pub struct TallyStep {
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
    /// What was due before this and has no end is lost.
    pub lost: DateTime<Utc>,
}

/// How far a step is counted. Held by one look at a time, until its transaction ends.
#[derive(Debug, sqlx::FromRow)]
pub struct Front {
    pub tally_id: i64,
    block_ms: i64,
    /// The first event that is not counted. 0: none is.
    pub counted_seq: i64,
    /// What the front becomes once no transaction older than `next_xid` runs.
    next_seq: i64,
    next_xid: i64,
}

/// Takes hold of the step's tally, made where there is none.
pub async fn front(connection: &mut PgConnection, step: &TallyStep) -> Result<Front> {
    Ok(sqlx::query_as(include_str!("../../../sql/tally/front.sql"))
        .bind(step.migration_id)
        .bind(&step.wave)
        .bind(step.since)
        .bind(step.block_ms)
        .fetch_one(connection)
        .await?)
}

/// The next event, and a transaction that is newer than all that can have drawn a smaller number.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Born {
    next_seq: i64,
    next_xid: i64,
}

/// To be asked before a look takes a session: it wants a transaction of its own.
pub async fn born(db: &Db) -> Result<Born> {
    Ok(sqlx::query_as(include_str!("../../../sql/tally/born.sql"))
        .fetch_one(db.pool())
        .await?)
}

/// A caller's transaction is short: a first look waits a moment for those that run, and need not read all of it once more.
const MOMENT: Duration = Duration::from_millis(10);
const MOMENTS: u32 = 3;

impl Front {
    /// The events below this number are visible, or never will be, and older than the horizon. No clock has a say in the former: who
    /// draws a number has a transaction of its own by then, and has ended once no older one runs. To be asked before a look.
    async fn settled(
        &mut self,
        connection: &mut PgConnection,
        step: &TallyStep,
        times: Times,
        born: Born,
    ) -> Result<i64> {
        let mut to = self.counted_seq;
        for moment in 0..MOMENTS {
            if moment > 0 {
                tokio::time::sleep(MOMENT).await;
            }
            if self.ripe(connection).await? {
                to = to.max(self.next_seq);
            }
            // In a restored database transactions have smaller numbers than were waited for.
            let restored = born.next_xid < self.next_xid;
            if restored || self.next_seq <= to && self.next_seq < born.next_seq {
                (self.next_seq, self.next_xid) = (born.next_seq, born.next_xid);
                if self.ripe(connection).await? {
                    to = to.max(self.next_seq);
                }
            }
            if to > self.counted_seq || self.next_seq <= self.counted_seq {
                break;
            }
        }
        let young: Option<i64> =
            sqlx::query_scalar(include_str!("../../../sql/tally/first_young.sql"))
                .bind(&step.members)
                .bind(self.counted_seq)
                .bind(times.horizon)
                .bind(times.now)
                .fetch_one(connection)
                .await?;
        Ok(young.unwrap_or(to).min(to))
    }

    async fn advance(&mut self, connection: &mut PgConnection, to: i64) -> Result<()> {
        self.counted_seq = to;
        sqlx::query(include_str!("../../../sql/tally/advance.sql"))
            .bind(self.tally_id)
            .bind(to)
            .bind(self.next_seq)
            .bind(self.next_xid)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Has everybody ended who can have drawn a number below `next_seq`?
    async fn ripe(&self, connection: &mut PgConnection) -> Result<bool> {
        let oldest: i64 = sqlx::query_scalar(include_str!("../../../sql/tally/oldest.sql"))
            .fetch_one(connection)
            .await?;
        Ok(oldest >= self.next_xid)
    }
}

/// Counts the events of the step: reads what is new since the last look, keeps what has its last word, adds what has not.
/// The front moves. `before`: what the queue did before this step, where NATS alone is judged.
pub async fn events(
    connection: &mut PgConnection,
    shape: &Shape,
    front: &mut Front,
    step: &TallyStep,
    times: Times,
    born: Born,
    before: Option<&BTreeMap<i32, Calls>>,
) -> Result<Counts> {
    if front.counted_seq == 0 {
        sqlx::query(include_str!("../../../sql/tally/forget.sql"))
            .bind(front.tally_id)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(include_str!("../../../sql/tally/strays.sql"))
        .bind(front.tally_id)
        .bind(&step.members)
        .execute(&mut *connection)
        .await?;
    let to = front.settled(connection, step, times, born).await?;
    let away = sqlx::query_scalar(include_str!("../../../sql/tally/outages.sql"))
        .bind(times.lost)
        .fetch_one(&mut *connection)
        .await?;
    let asked = Look {
        shape,
        step,
        front,
        to,
        times,
        away,
    };
    let mut named = Named::load(connection, front.tally_id).await?;
    let mut groups = asked.named(connection, &named.open).await?;
    groups.extend(asked.born(connection).await?);
    let enabled: BTreeSet<i32> = step.enabled.iter().copied().collect();
    let mut otherwise = Arms::new();
    named
        .requeued
        .retain(|dead| enabled.contains(&dead.webhook_id));
    for dead in &named.requeued {
        join(&mut otherwise, &dead.taken_back());
    }
    for group in asked.named(connection, &named.ids_requeued()).await? {
        if let By::Block { .. } = group.by {
            join(&mut otherwise, &group.counts);
        }
    }
    let open = groups.iter().filter(|group| !group.is_final());
    let open: Vec<&Group> = open
        .filter(|group| enabled.contains(&group.webhook_id))
        .collect();
    let ground = Ground {
        enabled: &enabled,
        open: &open,
        before,
    };
    let age = times.horizon - step.since;
    let border = closed::border(
        age.num_milliseconds() / front.block_ms,
        open.iter().copied(),
    );
    let late = groups.iter().filter(|group| group.is_final());
    let late = late.filter_map(Group::block).min().unwrap_or(i32::MAX);
    let holds = |kept: &Kept| kept.border >= border && kept.border <= late && kept.holds(&ground);
    let kept = Kept::load(connection, front.tally_id).await?;
    let (stale, kept) = (kept.is_some(), kept.filter(holds));
    let from = kept.as_ref().map_or(0, |kept| kept.border);
    let mut courses = Courses::load(connection, front.tally_id).await?;
    let mut spans = Spans::load(connection, front.tally_id, from).await?;
    count(connection, front, &groups, &mut courses, &mut spans).await?;
    named.keep(connection, front.tally_id, &groups).await?;
    front.advance(connection, to).await?;
    let mut counts = Counts {
        block_ms: front.block_ms,
        ..Counts::default()
    };
    let holds = kept.is_some();
    if let Some(kept) = kept {
        kept.add_to(connection, front.tally_id, &mut counts).await?;
    }
    courses.add_to(&mut counts, &enabled);
    spans.add_to(&mut counts, &enabled);
    let mut arms = self::kept(connection, front, step).await?;
    otherwise.values().for_each(|arm| join(&mut arms, arm));
    for group in &open {
        add(&mut counts, &mut arms, group);
    }
    if !holds && (stale || border > 0) {
        closed::close(connection, front.tally_id, border, &ground, &mut counts).await?;
    }
    for arm in arms.into_values() {
        counts.add(arm);
    }
    Ok(counts)
}

/// Arms by webhook and path.
type Arms = BTreeMap<(i32, Path), ArmCounts>;

/// Adds what has its last word to the tally.
async fn count(
    connection: &mut PgConnection,
    front: &Front,
    groups: &[Group],
    courses: &mut Courses,
    spans: &mut Spans,
) -> Result<()> {
    fn column<V>(arms: &Arms, pick: impl Fn(&ArmCounts) -> V) -> Vec<V> {
        arms.values().map(pick).collect()
    }
    let mut arms = Arms::new();
    for group in groups.iter().filter(|group| group.is_final()) {
        courses.add(group);
        spans.add(group);
        if let By::Block { .. } = group.by {
            join(&mut arms, &group.counts);
        }
    }
    if !arms.is_empty() {
        sqlx::query(include_str!("../../../sql/tally/add_arms.sql"))
            .bind(front.tally_id)
            .bind(column(&arms, |n| n.webhook_id))
            .bind(column(&arms, |n| n.prefers.as_str()))
            .bind(column(&arms, |n| n.delivered))
            .bind(column(&arms, |n| n.dead))
            .bind(column(&arms, |n| n.taken_over))
            .bind(column(&arms, |n| n.two_route))
            .bind(column(&arms, |n| n.ripe))
            .bind(column(&arms, |n| n.compared))
            .bind(column(&arms, |n| n.altered))
            .execute(&mut *connection)
            .await?;
        courses.keep(connection, front.tally_id).await?;
        spans.keep(connection, front.tally_id).await?;
    }
    Ok(())
}

fn join(arms: &mut Arms, more: &ArmCounts) {
    arms.entry((more.webhook_id.unwrap_or_default(), more.prefers))
        .and_modify(|arm| arm.add(more))
        .or_insert_with(|| more.clone());
}

/// What the tally holds of each arm.
async fn kept(connection: &mut PgConnection, front: &Front, step: &TallyStep) -> Result<Arms> {
    type Row = (i32, Path, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../../sql/tally/arms.sql"))
        .bind(front.tally_id)
        .bind(&step.enabled)
        .fetch_all(connection)
        .await?;
    let arm = |row: Row| {
        let (webhook_id, prefers, delivered, dead, taken_over, two_route, ripe, compared, altered) =
            row;
        let judged = delivered + dead + taken_over;
        let arm = ArmCounts {
            webhook_id: Some(webhook_id),
            prefers,
            events: judged,
            judged,
            delivered,
            dead,
            taken_over,
            two_route,
            ripe,
            compared,
            altered,
            ..ArmCounts::default()
        };
        ((webhook_id, prefers), arm)
    };
    Ok(rows.into_iter().map(arm).collect())
}

/// Adds a group that is not in the tally.
fn add(counts: &mut Counts, arms: &mut Arms, group: &Group) {
    let arm = &group.counts;
    match &group.by {
        By::Block { block, .. } => {
            join(arms, arm);
            // What is closed has it already.
            let Some(block) = block.filter(|block| *block >= counts.closed.border) else {
                return;
            };
            let more = BlockArm {
                judged: arm.judged,
                failed: arm.failed(),
                undelivered: arm.undelivered,
            };
            counts.add_block(group.webhook_id, block, arm.prefers, more);
        }
        By::Bucket(bucket) => {
            let latency = counts.latency(arm.prefers);
            latency.undelivered += arm.undelivered.unsigned_abs();
            if let Some(bucket) = bucket {
                latency
                    .delivered
                    .add(*bucket, arm.ended_well().unsigned_abs());
            }
        }
    }
}
