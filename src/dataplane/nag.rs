//! The same trouble every second is told now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_secs(30);

/// One kind of trouble.
#[derive(Debug, Default)]
pub struct Nag(Mutex<Option<(String, Instant)>>);

impl Nag {
    /// Is this worth a line: another cause, or the same after a while?
    pub fn is_new(&self, why: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = told
            .as_ref()
            .is_some_and(|(before, at)| before == why && at.elapsed() < EVERY);
        if !known {
            *told = Some((why.to_string(), Instant::now()));
        }
        !known
    }

    /// It is over: the next trouble is new.
    pub fn over(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Warns of an outcome that failed, if that is worth a line.
    pub fn hear<V>(&self, outcome: &crate::error::Result<V>, what: &str) {
        match outcome {
            Ok(_) => self.over(),
            Err(error) if self.is_new(&error.to_string()) => tracing::warn!(%error, "{what}"),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once() {
        let nag = Nag::default();
        assert!(nag.is_new("refused"));
        assert!(!nag.is_new("refused"));
        assert!(nag.is_new("timed out"));
        nag.over();
        assert!(nag.is_new("timed out"));
    }
}
