//! Can this relay do its work? One that cannot leaves its partitions to one that can. Touches nothing.

use std::time::{Duration, Instant};

/// A trouble that passes sooner than this is nobody's business.
const PATIENCE: Duration = Duration::from_secs(3);
/// Who could not read or mark for so long tries it again after this.
const REST: Duration = Duration::from_secs(30);

/// What it does in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Reading,
    Marking,
}

/// What is known of NATS and PostgreSQL as this relay meets them.
#[derive(Debug)]
pub struct Able {
    /// There was a connection once.
    connected: bool,
    down_since: Option<Instant>,
    reading: Failing,
    marking: Failing,
}

#[derive(Debug, Default)]
struct Failing {
    since: Option<Instant>,
    rests_until: Option<Instant>,
    why: String,
}

impl Able {
    pub fn new(now: Instant) -> Able {
        Able {
            connected: false,
            down_since: Some(now),
            reading: Failing::default(),
            marking: Failing::default(),
        }
    }

    /// Is the connection to NATS up?
    pub fn connection(&mut self, up: bool, now: Instant) {
        if up {
            (self.connected, self.down_since) = (true, None);
        } else {
            self.down_since.get_or_insert(now);
        }
    }

    /// Work was done, or why it could not be.
    pub fn work(&mut self, work: Work, outcome: Result<(), String>, now: Instant) {
        let failing = match work {
            Work::Reading => &mut self.reading,
            Work::Marking => &mut self.marking,
        };
        match outcome {
            Ok(()) => *failing = Failing::default(),
            Err(why) => {
                failing.why = why;
                let since = *failing.since.get_or_insert(now);
                if now.saturating_duration_since(since) >= PATIENCE {
                    failing.rests_until = Some(now + REST);
                }
            }
        }
    }

    /// Why this relay cannot do its work; `None` while it can. One that was never connected has never been able.
    pub fn why_not(&self, now: Instant) -> Option<String> {
        let down = self.down_since.is_some_and(|since| {
            !self.connected || now.saturating_duration_since(since) >= PATIENCE
        });
        if down {
            return Some("not connected to NATS".to_string());
        }
        [
            (&self.reading, "reading the outbox"),
            (&self.marking, "marking what was published"),
        ]
        .into_iter()
        .find(|(failing, _)| failing.rests_until.is_some_and(|until| now < until))
        .map(|(failing, what)| format!("{what}: {}", failing.why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(begin: Instant, seconds: u64) -> Instant {
        begin + Duration::from_secs(seconds)
    }

    #[test]
    fn who_was_never_connected_is_not_able_and_a_short_break_is_forgiven() {
        let begin = Instant::now();
        let mut able = Able::new(begin);
        assert_eq!(
            able.why_not(begin).as_deref(),
            Some("not connected to NATS")
        );
        able.connection(true, begin);
        assert_eq!(able.why_not(begin), None);
        able.connection(false, after(begin, 10));
        able.connection(false, after(begin, 12));
        assert_eq!(able.why_not(after(begin, 12)), None);
        assert!(able.why_not(after(begin, 13)).is_some());
        able.connection(true, after(begin, 14));
        assert_eq!(able.why_not(after(begin, 14)), None);
    }

    #[test]
    fn who_cannot_work_for_a_while_rests_and_tries_again() {
        let begin = Instant::now();
        let mut able = Able::new(begin);
        able.connection(true, begin);
        let fail = |able: &mut Able, at| able.work(Work::Reading, Err("no right".into()), at);
        fail(&mut able, begin);
        fail(&mut able, after(begin, 2));
        assert_eq!(able.why_not(after(begin, 2)), None);
        fail(&mut able, after(begin, 4));
        assert_eq!(
            able.why_not(after(begin, 5)).as_deref(),
            Some("reading the outbox: no right")
        );
        assert_eq!(able.why_not(after(begin, 40)), None, "it tries again");
        fail(&mut able, after(begin, 40));
        assert!(
            able.why_not(after(begin, 40)).is_some(),
            "and is not patient twice"
        );
        able.work(Work::Marking, Ok(()), after(begin, 41));
        assert!(able.why_not(after(begin, 41)).is_some());
        able.work(Work::Reading, Ok(()), after(begin, 42));
        assert_eq!(able.why_not(after(begin, 42)), None);
    }
}
