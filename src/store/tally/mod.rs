//! What the gates have counted since a step began, kept in the database: a look reads what is new, and what had no last word.
//!
//! Exact, although rows come late and clocks jump: the front is a number of an event below which nobody is under way. Whatever is below
//! it is counted once it can change no more, and named in `tally_open` until then; whatever is above it is read at each look.

mod closed;
mod course;
mod group;
mod numbers;
mod spans;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use self::{
    closed::{Ground, Kept},
    course::Courses,
    group::{By, Group, Row},
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
        times,
        away,
    };
    let mut behind = asked.left_open(connection).await?;
    behind.extend(asked.born(connection, front.counted_seq, to).await?);
    let tail = asked.born(connection, to, i64::MAX).await?;
    let enabled: BTreeSet<i32> = step.enabled.iter().copied().collect();
    let open = behind.iter().filter(|group| !group.is_final).chain(&tail);
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
    let late = behind.iter().filter(|group| group.is_final);
    let late = late.filter_map(Group::block).min().unwrap_or(i32::MAX);
    let holds = |kept: &Kept| kept.border >= border && kept.border <= late && kept.holds(&ground);
    let kept = Kept::load(connection, front.tally_id).await?;
    let (stale, kept) = (kept.is_some(), kept.filter(holds));
    let from = kept.as_ref().map_or(0, |kept| kept.border);
    let mut courses = Courses::load(connection, front.tally_id).await?;
    let mut spans = Spans::load(connection, front.tally_id, from).await?;
    keep(connection, front, to, &behind, &mut courses, &mut spans).await?;
    front.counted_seq = to;
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

/// A look lasts no longer; what is born meanwhile is not dated ahead.
const LOOK: TimeDelta = TimeDelta::minutes(1);

struct Look<'a> {
    shape: &'a Shape,
    step: &'a TallyStep,
    front: &'a Front,
    times: Times,
    /// Webhooks whose endpoints were away at any time since `times.lost`.
    away: Vec<i32>,
}

/// More events than this are read by several processes, each with pages of its own.
const MANY: i64 = 100_000;
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
        self.look(connection, (0, self.front.counted_seq), tally, &whole)
            .await
    }

    async fn born(&self, connection: &mut PgConnection, from: i64, to: i64) -> Result<Vec<Group>> {
        let known = to.min(self.front.next_seq);
        let pages: Option<i64> = match known - from > MANY {
            true => {
                let pages = include_str!("../../../sql/tally/pages.sql");
                sqlx::query_scalar(AssertSqlSafe(self.shape.qualified(pages)))
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
        self.look(connection, (from, to), None, &bounds).await
    }

    /// `bounds`: between each and the next lie the pages of one process.
    async fn look(
        &self,
        connection: &mut PgConnection,
        (from, to): (i64, i64),
        open_of: Option<i64>,
        bounds: &[i64],
    ) -> Result<Vec<Group>> {
        let part = self
            .shape
            .qualified(include_str!("../../../sql/tally/look.sql"));
        let parts: Vec<String> = (PAGES..PAGES + bounds.len() - 1)
            .map(|n| {
                part.replace(&format!("${}", PAGES + 1), &format!("${}", n + 1))
                    .replace(&format!("${PAGES}"), &format!("${n}"))
            })
            .collect();
        let mut query = sqlx::query_as::<_, Row>(AssertSqlSafe(parts.join("UNION ALL\n")))
            .bind(&self.step.members)
            .bind(from)
            .bind(to)
            .bind(self.times.horizon)
            .bind(self.step.since)
            .bind(self.front.block_ms)
            .bind(&self.step.enabled)
            .bind(self.times.now + LOOK)
            .bind(self.times.lost)
            .bind(open_of)
            .bind(&self.away);
        for page in bounds {
            query = query.bind(format!("({page},0)"));
        }
        let rows: Vec<Row> = query.fetch_all(connection).await?;
        Ok(rows.into_iter().map(Group::of).collect())
    }
}

/// The parameter of `look.sql` that names the first page of a part; the next one names the page behind its last.
const PAGES: usize = 12;

/// Adds what has its last word to the tally, names what has not, and moves the front.
async fn keep(
    connection: &mut PgConnection,
    front: &Front,
    to: i64,
    groups: &[Group],
    courses: &mut Courses,
    spans: &mut Spans,
) -> Result<()> {
    fn column<V>(arms: &Arms, pick: impl Fn(&ArmCounts) -> V) -> Vec<V> {
        arms.values().map(pick).collect()
    }
    let (mut arms, mut open) = (Arms::new(), Vec::new());
    for group in groups {
        if let By::Block {
            open: Some(event), ..
        } = &group.by
        {
            open.push(event.as_str());
        }
        if group.is_final {
            courses.add(group);
            spans.add(group);
            if let By::Block { .. } = group.by {
                join(&mut arms, group);
            }
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
    sqlx::query(include_str!("../../../sql/tally/leave_open.sql"))
        .bind(front.tally_id)
        .bind(open)
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("../../../sql/tally/advance.sql"))
        .bind(front.tally_id)
        .bind(to)
        .bind(front.next_seq)
        .bind(front.next_xid)
        .execute(connection)
        .await?;
    Ok(())
}

fn join(arms: &mut Arms, group: &Group) {
    arms.entry((group.webhook_id, group.counts.prefers))
        .and_modify(|arm| arm.add(&group.counts))
        .or_insert_with(|| group.counts.clone());
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
            join(arms, group);
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
