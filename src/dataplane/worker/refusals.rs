//! What PostgreSQL refuses to do with single events: tried again a few times, each time after a longer rest, then set aside.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::model::Backoff;

/// Tries before an event is set aside: some 15 s in all, so that what an application mends at once does no harm.
pub const TRIES: u32 = 6;
/// How long an event is left alone that was refused.
pub const REST: Backoff = Backoff::new(500, 8000);
/// Nothing was heard of it for so long: its next refusal is a first one.
const FORGOTTEN: Duration = Duration::from_secs(120);

/// By call; both paths of a worker have their own.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<i64, Refusal>>);

#[derive(Debug)]
struct Refusal {
    tries: u32,
    again_at: Instant,
}

impl Refusals {
    fn locked(&self) -> MutexGuard<'_, HashMap<i64, Refusal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refused once more. Is that one time too many?
    pub fn note(&self, call_id: i64) -> bool {
        self.tries(call_id) >= TRIES
    }

    /// Refused once more: how many times by now?
    pub fn tries(&self, call_id: i64) -> u32 {
        let now = Instant::now();
        let mut all = self.locked();
        all.retain(|_, refusal| now < refusal.again_at + FORGOTTEN);
        let refusal = all.entry(call_id).or_insert(Refusal {
            tries: 0,
            again_at: now,
        });
        refusal.tries += 1;
        refusal.again_at = now + REST.after(refusal.tries);
        refusal.tries
    }

    pub fn forget(&self, call_id: i64) {
        self.locked().remove(&call_id);
    }

    /// Calls that rest now; empty as a rule.
    pub fn resting(&self) -> Vec<i64> {
        let now = Instant::now();
        let all = self.locked();
        let resting = all.iter().filter(|(_, refusal)| now < refusal.again_at);
        resting.map(|(call, _)| *call).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_few_tries_it_is_one_too_many() {
        let refusals = Refusals::default();
        let noted: Vec<bool> = (0..TRIES).map(|_| refusals.note(7)).collect();
        assert!(noted[TRIES as usize - 1] && !noted[TRIES as usize - 2]);
        assert_eq!(refusals.resting(), [7]);
        refusals.forget(7);
        assert!(refusals.resting().is_empty() && !refusals.note(7));
    }

    #[test]
    fn all_tries_take_some_15_s() {
        let total: Duration = (1..TRIES).map(|tries| REST.after(tries)).sum();
        assert_eq!(total, Duration::from_millis(15_500));
    }
}
