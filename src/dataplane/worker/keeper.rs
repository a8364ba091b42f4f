//! Claims whose result waits to be written: they stay ours however long that takes. Their rows may be locked, so that a table of our
//! own says it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::PgConnection;
use tokio::time::{Instant, sleep};

use crate::dataplane::counters::Counters;
use crate::store::{
    Db,
    delivery::{Mine, hold, let_hold_go},
};

/// How much longer a claim lives with each renewal.
const LONGER: Duration = Duration::from_secs(60);
/// Between two looks, at most.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Keeper(Mutex<HashMap<i64, Kept>>);

#[derive(Debug)]
struct Kept {
    mine: Mine,
    /// By our clock, and a moment before it ends by the database's.
    ends: Instant,
    /// The table says it.
    noted: bool,
}

impl Keeper {
    fn locked(&self) -> MutexGuard<'_, HashMap<i64, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This claim, which ends then, is kept until `done`.
    pub fn keep(&self, mine: Mine, ends: Instant) {
        let noted = false;
        let kept = Kept { mine, ends, noted };
        self.locked().insert(kept.mine.call_id, kept);
    }

    /// These results are written, or somebody else's. Returns those that the table still holds.
    fn forget(&self, calls: &[i64]) -> Vec<i64> {
        let mut kept = self.locked();
        let gone = calls.iter().filter_map(|call| kept.remove(call));
        gone.filter(|kept| kept.noted)
            .map(|kept| kept.mine.call_id)
            .collect()
    }

    /// Calls whose results are here: nobody need claim them.
    pub fn calls(&self) -> Vec<i64> {
        self.locked().keys().copied().collect()
    }

    pub async fn done(&self, db: &Db, worker: &str, calls: &[i64]) {
        let noted = self.forget(calls);
        if !noted.is_empty()
            && let Err(error) = let_hold_go(db, worker, &noted).await
        {
            // Then it ends by itself.
            tracing::debug!(%error, "cannot let go of claims that are done");
        }
    }

    fn ending(&self, before: Instant) -> Vec<Mine> {
        let kept = self.locked();
        let ending = kept.values().filter(|kept| kept.ends <= before);
        ending.map(|kept| kept.mine.clone()).collect()
    }

    fn lives(&self, calls: &[i64], ends: Instant) {
        let mut all = self.locked();
        for call in calls {
            if let Some(kept) = all.get_mut(call) {
                (kept.ends, kept.noted) = (ends, true);
            }
        }
    }
}

/// Keeps for ever; `slack` is how much longer than a call a lease lasts.
pub async fn run(
    keeper: Arc<Keeper>,
    db: Db,
    worker: String,
    slack: Duration,
    counters: Arc<Counters>,
) {
    // A session of its own: what keeps the others busy must not cost a claim.
    let mut session: Option<PgConnection> = None;
    let longer_ms = i32::try_from(LONGER.as_millis()).unwrap_or(i32::MAX);
    loop {
        sleep(LOOK.min(slack / 8)).await;
        let now = Instant::now();
        let ending = keeper.ending(now + slack / 2);
        if ending.is_empty() {
            continue;
        }
        let held = async {
            let session = match &mut session {
                Some(session) => session,
                none => none.insert(db.pool().acquire().await?.detach()),
            };
            hold(session, &worker, &ending, longer_ms).await
        };
        match held.await {
            Ok(held) => keeper.lives(&held, now + LONGER),
            Err(error) => {
                session = None;
                tracing::warn!(%error, claims = ending.len(), "cannot hold claims whose results wait");
                counters.trouble(format!("cannot hold claims: {error}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mine(call_id: i64) -> Mine {
        Mine {
            call_id,
            event_id: None,
            attempt: 1,
        }
    }

    #[test]
    fn what_ends_soon_is_held_and_what_is_done_is_forgotten() {
        let keeper = Keeper::default();
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        keeper.keep(mine(1), at(5));
        keeper.keep(mine(2), at(20));
        assert_eq!(keeper.ending(at(10)), [mine(1)]);
        keeper.lives(&[1, 9], at(60));
        assert_eq!(keeper.ending(at(10)), []);
        assert_eq!(keeper.forget(&[1, 2]), [1], "only the first was noted");
        assert_eq!(keeper.ending(at(100)), []);
    }
}
