//! Drain: what is left of some webhooks on each path, and whether the workers of one path may go. Changes nothing.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::{Instant, sleep};

use super::survey::{self, Scope};
use crate::engine::work::Work;
use crate::{
    error::{Error, Result},
    model::{Drain, Path, Progress, PublishMode, Routing, counted},
    store::{
        Db, drain, flip,
        scope::{self, Undelivered},
        state, webhook,
    },
};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// What is left.
#[derive(Debug, Clone)]
pub struct Left {
    pub scope: Scope,
    pub path: Path,
    pub webhooks: Vec<Routing>,
    /// All of the queue together, with its orphans.
    pub queue: Drain,
    /// By webhook; those without anything are left out.
    pub in_queue: BTreeMap<i32, Drain>,
    pub in_nats: BTreeMap<i32, Undelivered>,
    /// Webhooks outside of the scope that need the workers of this path too.
    pub others: usize,
}

impl Left {
    /// All of NATS together.
    pub fn nats(&self) -> Undelivered {
        self.in_nats.values().copied().sum()
    }

    /// Why the workers of the path may not go yet; empty if they may.
    pub fn because(&self) -> Vec<String> {
        let mut reasons = self.modes();
        match self.path {
            Path::Queue if !self.queue.is_empty() => reasons.push(format!(
                "the queue holds {} ({} pending, {} processing, {} retrying; {} not due yet)",
                counted(self.queue.left(), "call"),
                self.queue.pending,
                self.queue.processing,
                self.queue.retrying,
                self.queue.future
            )),
            Path::Nats if self.nats().without_queue_row > 0 => reasons.push(format!(
                "{} only NATS has ({} in the hands of a worker)",
                counted(self.nats().without_queue_row, "undelivered event"),
                self.nats().held
            )),
            Path::Queue | Path::Nats => {}
        }
        let parked = self.webhooks.iter().filter(|row| {
            !row.enabled
                && match self.path {
                    Path::Queue => self.in_queue.contains_key(&row.webhook_id),
                    Path::Nats => self
                        .in_nats
                        .get(&row.webhook_id)
                        .is_some_and(|left| left.without_queue_row > 0),
                }
        });
        match parked.count() {
            0 => {}
            some => reasons.push(format!(
                "{} disabled: what is left of them waits until they are enabled",
                counted(some, "webhook")
            )),
        }
        reasons
    }

    /// What keeps making work for this path, so that waiting does not help.
    fn modes(&self) -> Vec<String> {
        let stays = |row: &&Routing| needs(self.path, row.columns.publish_mode);
        let names: Vec<&str> = self
            .webhooks
            .iter()
            .filter(stays)
            .map(|row| row.name.as_str())
            .collect();
        if names.is_empty() {
            return Vec::new();
        }
        let listed = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let more = match names.len() {
            0..=3 => String::new(),
            many => format!(" and {} more", many - 3),
        };
        vec![match self.path {
            Path::Queue => format!(
                "{} in mode queue or both, so new calls go to the queue: {listed}{more}",
                counted(names.len(), "webhook")
            ),
            Path::Nats => format!(
                "{} in mode nats, so new events go to NATS alone: {listed}{more}",
                counted(names.len(), "webhook")
            ),
        }]
    }

    /// Nothing of this scope needs the workers of the path.
    pub fn is_drained(&self) -> bool {
        self.because().is_empty()
    }
}

/// Do new events of this mode need the workers of the path? In `both` the queue delivers what NATS does not.
fn needs(path: Path, mode: PublishMode) -> bool {
    match path {
        Path::Queue => mode != PublishMode::Nats,
        Path::Nats => mode == PublishMode::Nats,
    }
}

/// One look. `All` is every webhook that there is, since the workers serve them all.
pub async fn look(db: &Db, scope: &Scope, path: Path) -> Result<Left> {
    let all = webhook::ids(db).await?;
    let migration = state::load(db).await?;
    let ids = match scope {
        Scope::All => all.clone(),
        Scope::Webhook(_) | Scope::Wave(_) => {
            survey::resolve(db, scope, migration.as_ref()).await?
        }
    };
    let rest: Vec<i32> = all.into_iter().filter(|id| !ids.contains(id)).collect();
    Ok(Left {
        webhooks: flip::read(db, &ids).await?,
        queue: drain::remaining(db, &ids).await?,
        in_queue: drain::by_webhook(db, &ids).await?,
        in_nats: scope::undelivered(db, &ids).await?,
        others: others(db, &rest, path).await?,
        scope: scope.clone(),
        path,
    })
}

async fn others(db: &Db, rest: &[i32], path: Path) -> Result<usize> {
    let queue = drain::by_webhook(db, rest).await?;
    let nats = scope::undelivered(db, rest).await?;
    let busy = |id: &i32| match path {
        Path::Queue => queue.contains_key(id),
        Path::Nats => nats.get(id).is_some_and(|left| left.without_queue_row > 0),
    };
    let rows = flip::read(db, rest).await?;
    Ok(rows
        .iter()
        .filter(|row| needs(path, row.columns.publish_mode) || busy(&row.webhook_id))
        .count())
}

/// Looks until the path is seen empty twice, or time is up; not at all longer where waiting cannot help.
pub async fn watch(work: &Work<'_>, scope: &Scope, path: Path, wait: Duration) -> Result<Left> {
    let look = async || {
        let left = look(work.db, scope, path).await?;
        if left.webhooks.is_empty() {
            return Err(Error::usage(format!("{scope} has no webhooks")));
        }
        let seen = Seen {
            empty: left.is_drained(),
            hopeless: !left.modes().is_empty(),
            on: left.because().join("; "),
        };
        Ok((left, seen))
    };
    twice(work, wait, look).await
}

/// Waits until the queue of these webhooks is seen empty twice, or time is up.
pub async fn wait_for_queue(work: &Work<'_>, webhooks: &[i32], wait: Duration) -> Result<Drain> {
    let look = async || {
        let now = drain::remaining(work.db, webhooks).await?;
        let seen = Seen {
            empty: now.is_empty(),
            hopeless: false,
            on: format!("the queue: {} calls left", now.left()),
        };
        Ok((now, seen))
    };
    twice(work, wait, look).await
}

struct Seen {
    empty: bool,
    /// Waiting does not help.
    hopeless: bool,
    on: String,
}

/// Empty only counts when seen twice: a row may be between two places.
async fn twice<T>(
    work: &Work<'_>,
    wait: Duration,
    mut look: impl AsyncFnMut() -> Result<(T, Seen)>,
) -> Result<T> {
    let end = Instant::now() + wait;
    let mut empty = 0;
    loop {
        let (found, seen) = look().await?;
        empty = if seen.empty { empty + 1 } else { 0 };
        if empty == 2 || empty == 0 && (seen.hopeless || Instant::now() >= end) {
            return Ok(found);
        }
        if empty == 0 {
            work.tell(Progress::Waiting { on: seen.on });
        }
        sleep(PAUSE).await;
    }
}
