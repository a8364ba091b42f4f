//! Endpoints that are to be left alone. The claims read the circuits; what was claimed before a circuit opened, and waits here for
//! its call, is given back uncalled.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// By webhook; both paths of a worker share them.
#[derive(Debug, Default)]
pub struct OpenCircuits(Mutex<HashMap<i32, Rest>>);

#[derive(Debug)]
struct Rest {
    noted: Instant,
    until: Instant,
}

impl OpenCircuits {
    fn locked(&self) -> MutexGuard<'_, HashMap<i32, Rest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing that is claimed by now is called any more, and nothing at all for so long.
    pub fn note(&self, webhook_id: i32, pause: Duration) {
        let noted = Instant::now();
        let until = noted + pause;
        let mut rests = self.locked();
        let rest = rests.entry(webhook_id).or_insert(Rest { noted, until });
        rest.noted = noted;
        rest.until = rest.until.max(until);
    }

    /// May an event be called now that was claimed then? A claim that is younger than the note was made in knowledge of the circuit.
    pub fn allow(&self, webhook_id: i32, claimed: Instant) -> bool {
        self.locked()
            .get(&webhook_id)
            .is_none_or(|rest| claimed > rest.noted && Instant::now() >= rest.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_claimed_before_is_given_back_and_what_comes_later_is_called() {
        let rests = OpenCircuits::default();
        let before = Instant::now();
        assert!(rests.allow(1, before));
        rests.note(1, Duration::ZERO);
        assert!(!rests.allow(1, before) && rests.allow(2, before));
        assert!(rests.allow(1, Instant::now() + Duration::from_millis(1)));
        rests.note(1, Duration::from_secs(60));
        rests.note(1, Duration::ZERO);
        assert!(!rests.allow(1, Instant::now() + Duration::from_millis(1)));
    }
}
