//! Re-drive: every undelivered event gets its queue row, and that is asserted. A part of each rollback, and a command of its own.

use std::{collections::BTreeMap, ops::AddAssign, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep};

use super::survey::{self, Scope};
use crate::engine::work::Work;
use crate::{
    error::{Error, Result},
    model::{
        Confirmed, Entry, Progress, PublishMode, Routing, counted,
        journal::{self as told, Nothing},
    },
    store::{
        Db, clock, fence, flip,
        heartbeat::{self, WorkerBeat},
        journal::Line,
        redrive,
        scope::{self, Undelivered},
        state, sweep,
    },
};

/// What was moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redriven {
    /// Queue rows whose due time was pulled forward.
    pub pulled: i64,
    /// Queue rows freed from a claim whose worker died.
    pub released: i64,
    /// Events that got a queue row.
    pub enqueued: i64,
}

impl AddAssign for Redriven {
    fn add_assign(&mut self, more: Redriven) {
        self.pulled += more.pulled;
        self.released += more.released;
        self.enqueued += more.enqueued;
    }
}

/// What a re-drive would touch, for the operator to see first.
#[derive(Debug, Clone)]
pub struct Survey {
    pub scope: Scope,
    /// By id.
    pub webhooks: Vec<Routing>,
    pub fenced: Vec<i32>,
    /// Left alone, with the reason.
    pub skipped: Vec<(Routing, &'static str)>,
    pub undelivered: BTreeMap<i32, Undelivered>,
    pub workers: Vec<WorkerBeat>,
    /// When a foreign queue worker last delivered something of the scope.
    pub foreign_worker: Option<DateTime<Utc>>,
    began: DateTime<Utc>,
}

impl Survey {
    pub fn ids(&self) -> Vec<i32> {
        self.webhooks.iter().map(|row| row.webhook_id).collect()
    }

    /// Is anybody there who would deliver from the queue?
    pub fn queue_worker_alive(&self) -> bool {
        survey::queue_worker_alive(&self.workers, self.foreign_worker)
    }
}

const STILL_NATS: &str =
    "in nats and not fenced: its next events would have no queue row again; roll it back instead";
const SHARED: &str =
    "somebody else's queue worker runs, and NATS has a share of it: fence it first, by a rollback";

/// Reads what a re-drive of this scope would touch. An event that gets a queue row is the queue's to deliver, and NATS's only by
/// share and claim. So a webhook that still makes events for NATS alone is left out unless it is fenced, and one that NATS may
/// take part in beside a queue worker that makes no claims.
pub async fn survey(db: &Db, scope: Scope) -> Result<Survey> {
    let migration = state::load(db).await?;
    let ids = survey::resolve(db, &scope, migration.as_ref()).await?;
    let rows = flip::read(db, &ids).await?;
    let fenced = fence::standing(db, &ids).await?;
    let foreign_worker = scope::foreign_worker(db, &ids).await?;
    let began = clock::now(db).await?;
    if survey::independent(db, migration.as_ref(), began).await? {
        return Err(Error::refused(
            "delivery is `independent`: nobody knows which events of the stream the foreign NATS workers have sent already, and the queue would send those again",
        )
        .hint("`wavegate rollback` changes the mode; the foreign workers finish what NATS has")
        .hint("`wavegate drain --path nats` tells when they have"));
    }
    let mut webhooks = Vec::new();
    let mut skipped = Vec::new();
    for row in rows {
        let reason = match (row.columns.publish_mode, row.columns.nats_share) {
            _ if fenced.contains(&row.webhook_id) => None,
            (PublishMode::Nats, _) => Some(STILL_NATS),
            (PublishMode::Both, 1..) if foreign_worker.is_some() => Some(SHARED),
            _ => None,
        };
        match reason {
            Some(reason) => skipped.push((row, reason)),
            None => webhooks.push(row),
        }
    }
    let ids: Vec<i32> = webhooks.iter().map(|row| row.webhook_id).collect();
    Ok(Survey {
        undelivered: scope::undelivered(db, &ids).await?,
        workers: heartbeat::workers(db, began - TimeDelta::seconds(30)).await?,
        scope,
        webhooks,
        fenced,
        skipped,
        foreign_worker,
        began,
    })
}

/// Re-drives until no undelivered event that was there when this began lacks a queue row, seen twice.
pub async fn carry_out(
    work: &Work<'_>,
    survey: &Survey,
    timeout: Duration,
    confirmed: Confirmed,
) -> Result<Redriven> {
    let ids = survey.ids();
    let scope = survey.scope.to_string();
    let wave = match &survey.scope {
        Scope::Wave(wave) => Some(wave.as_str()),
        _ => None,
    };
    let migration = state::load(work.db).await?;
    let line = |entry| Line {
        migration_id: migration.as_ref().map(|m| m.id),
        wave,
        webhook_id: match (&survey.scope, ids.as_slice()) {
            (Scope::Webhook(_), [id]) => Some(*id),
            _ => None,
        },
        ..Line::new(entry)
    };
    let intent = Entry::RedriveIntent {
        before: Nothing {},
        after: told::Redrive {
            scope: scope.clone(),
            ids: ids.clone(),
            consent: confirmed.consent(),
        },
    };
    work.note(&line(intent)).await?;
    let made_until = Some(survey.began);
    let redriven = until_accounted(work, &ids, made_until, timeout).await?;
    let done = Entry::RedriveDone {
        before: Nothing {},
        after: told::Redriven {
            scope: scope.clone(),
            enqueued: redriven.enqueued,
            pulled: redriven.pulled,
            released: redriven.released,
        },
    };
    work.note(&line(done)).await?;
    Ok(redriven)
}

/// Tells of many, once a second: `12,000 events got a queue row`.
fn now_and_then<'a>(
    work: &'a Work<'_>,
    noun: &'a str,
    what: &'a str,
) -> impl FnMut(i64) + Send + 'a {
    let mut last = Instant::now();
    move |total| {
        if last.elapsed() >= Duration::from_secs(1) {
            last = Instant::now();
            let on = format!("{} {what} so far", counted(total, noun));
            work.tell(Progress::Waiting { on });
        }
    }
}

/// One pass over the scope.
pub(super) async fn once(work: &Work<'_>, ids: &[i32]) -> Result<Redriven> {
    // Rows that somebody deleted are made again too, with or without a relay to sweep.
    sweep::foreign_results(work.db).await?;
    let mut connection = work.db.pool().acquire().await?;
    let mut told = now_and_then(work, "queue row", "pulled forward");
    let pulled = redrive::pull_forward(&mut connection, Some(ids), &mut told).await?;
    (work.checkpoint)("redrive.pulled")?;
    let released = redrive::release(&mut connection, Some(ids)).await?;
    (work.checkpoint)("redrive.released")?;
    let mut told = now_and_then(work, "event", "got a queue row");
    let enqueued = redrive::enqueue_undelivered(&mut connection, Some(ids), &mut told).await?;
    (work.checkpoint)("redrive.enqueued")?;
    Ok(Redriven {
        pulled,
        released,
        enqueued,
    })
}

/// Until no undelivered event of the scope lacks a queue row, seen twice. What a NATS worker held when the fence came is
/// delivered by it, or free when its lease is over.
pub(super) async fn until_accounted(
    work: &Work<'_>,
    ids: &[i32],
    made_until: Option<DateTime<Utc>>,
    timeout: Duration,
) -> Result<Redriven> {
    let end = Instant::now() + timeout;
    let mut all = Redriven::default();
    let mut clean = 0;
    while clean < 2 {
        all += once(work, ids).await?;
        let mut connection = work.db.pool().acquire().await?;
        let left = redrive::unaccounted(&mut connection, Some(ids), made_until).await?;
        drop(connection);
        clean = if left == 0 { clean + 1 } else { 0 };
        if left == 0 {
            continue;
        }
        if Instant::now() > end {
            return Err(Error::not_yet(format!(
                "{left} undelivered events have no queue row yet: NATS workers hold them, or somebody holds their rows"
            ))
            .hint("run the same command again; while a fence stands, the relay's sweeper goes on by itself"));
        }
        work.tell(Progress::Waiting {
            on: format!(
                "{} that a NATS worker may still hold",
                counted(left, "event")
            ),
        });
        sleep(Duration::from_millis(200)).await;
    }
    (work.checkpoint)("redrive.asserted")?;
    Ok(all)
}
