//! How the loops of this process fare, written by them as they turn and read by `/health` and `/ready` without waiting.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The longest that a loop may take for one turn: all places busy with the slowest calls.
const SLOWEST_TURN: Duration = Duration::from_secs(120);
/// A database that has not answered for so long is away. Heartbeats are written every second.
const SLOWEST_ANSWER: Duration = Duration::from_secs(6);

/// One loop: a path of a worker, or a relay.
#[derive(Debug)]
pub struct Pulse {
    what: &'static str,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    turned: Instant,
    /// When the database last took a heartbeat.
    answered: Option<Instant>,
    /// Why it did not take the newest one.
    unanswered: Option<String>,
    /// Why the loop cannot work.
    trouble: Option<String>,
}

impl Pulse {
    pub fn new(what: &'static str) -> Pulse {
        Pulse {
            what,
            state: Mutex::new(State {
                turned: Instant::now(),
                answered: None,
                unanswered: None,
                trouble: None,
            }),
        }
    }

    /// The loop turned, whether or not there was work.
    pub fn turned(&self) {
        self.change(|state| state.turned = Instant::now());
    }

    /// The loop turned and got what it needs.
    pub fn works(&self) {
        self.change(|state| {
            state.turned = Instant::now();
            state.trouble = None;
        });
    }

    /// The loop turned and cannot work.
    pub fn fails(&self, why: &str) {
        self.change(|state| {
            state.turned = Instant::now();
            state.trouble = Some(one_line(why));
        });
    }

    /// A heartbeat was written, or was not.
    pub fn beat(&self, outcome: &crate::error::Result<()>) {
        self.change(|state| match outcome {
            Ok(()) => {
                state.answered = Some(Instant::now());
                state.unanswered = None;
            }
            Err(error) => state.unanswered = Some(one_line(&error.to_string())),
        });
    }

    /// Does the loop turn? In one line why not.
    pub fn alive(&self, now: Instant) -> Result<(), String> {
        self.read(|state| {
            let since = now.saturating_duration_since(state.turned);
            if since > SLOWEST_TURN {
                return Err(format!("{}: stuck for {} s", self.what, since.as_secs()));
            }
            Ok(())
        })
    }

    /// Can the loop work? In one line why not.
    pub fn ready(&self, now: Instant) -> Result<(), String> {
        self.alive(now)?;
        self.read(|state| {
            if let Some(why) = &state.unanswered {
                return Err(format!("{}: PostgreSQL: {why}", self.what));
            }
            let Some(answered) = state.answered else {
                return Err(format!("{}: PostgreSQL has not answered yet", self.what));
            };
            let since = now.saturating_duration_since(answered);
            if since > SLOWEST_ANSWER {
                let seconds = since.as_secs();
                return Err(format!(
                    "{}: PostgreSQL has not answered for {seconds} s",
                    self.what
                ));
            }
            match &state.trouble {
                Some(why) => Err(format!("{}: {why}", self.what)),
                None => Ok(()),
            }
        })
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn ready_is_who_turns_and_hears_the_database() {
        let pulse = Pulse::new("queue");
        let now = Instant::now();
        assert_eq!(
            pulse.ready(now).unwrap_err(),
            "queue: PostgreSQL has not answered yet"
        );
        pulse.beat(&Ok(()));
        assert_eq!(pulse.ready(now), Ok(()));
        pulse.fails("cannot claim: no\nmore");
        assert_eq!(pulse.ready(now).unwrap_err(), "queue: cannot claim: no");
        assert_eq!(pulse.alive(now), Ok(()));
        pulse.works();
        pulse.beat(&Err(Error::failed("connection refused")));
        assert_eq!(
            pulse.ready(now).unwrap_err(),
            "queue: PostgreSQL: connection refused"
        );
        pulse.beat(&Ok(()));
        let later = Instant::now() + Duration::from_secs(7);
        assert_eq!(
            pulse.ready(later).unwrap_err(),
            "queue: PostgreSQL has not answered for 7 s"
        );
        assert_eq!(pulse.alive(later), Ok(()));
        let much_later = Instant::now() + Duration::from_secs(125);
        assert_eq!(
            pulse.alive(much_later).unwrap_err(),
            "queue: stuck for 125 s"
        );
    }
}
