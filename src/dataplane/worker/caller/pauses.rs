//! Local trouble slows down those whom it concerns: one host, one webhook, or the whole process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::trouble::{Reason, TroubleScope};
use crate::model::Backoff;

/// Whoever mends the machine does not want to wait.
const OF_HOST: Backoff = Backoff::new(100, 2000);
/// A secret is mended by hand.
const OF_WEBHOOK: Backoff = Backoff::new(100, 5000);

/// Both paths of a worker share them.
#[derive(Debug, Default)]
pub struct Pauses(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    process: Option<Pause>,
    hosts: HashMap<String, Pause>,
    webhooks: HashMap<i32, Pause>,
    /// The host of each webhook, as of its last call.
    host_of: HashMap<i32, String>,
}

#[derive(Debug, Clone, Copy)]
struct Pause {
    failures: u32,
    noted: Instant,
    until: Instant,
}

impl Pause {
    /// The next pause after a call that began then: calls that failed side by side lengthen it once.
    fn next(last: Option<&Pause>, began: Instant, backoff: Backoff) -> Pause {
        let noted = Instant::now();
        let failures = match last {
            Some(last) if noted > last.until + 2 * backoff.cap => 1,
            Some(last) if began > last.noted => last.failures.saturating_add(1),
            Some(last) => return *last,
            None => 1,
        };
        Pause {
            failures,
            noted,
            until: noted + backoff.after(failures),
        }
    }

    fn lasts(&self) -> bool {
        Instant::now() < self.until
    }
}

impl Pauses {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call of this webhook begins.
    pub fn begin(&self, webhook: i32, host: &str) {
        let mut state = self.state();
        if state.host_of.get(&webhook).is_none_or(|last| last != host) {
            state.host_of.insert(webhook, host.to_string());
        }
    }

    /// A call that began then was not made for this reason.
    pub fn note(&self, webhook: i32, host: &str, reason: Reason, began: Instant) {
        let state = &mut *self.state();
        match reason.scope() {
            TroubleScope::Process => {
                state.process = Some(Pause::next(state.process.as_ref(), began, OF_HOST));
            }
            TroubleScope::Host => {
                let next = Pause::next(state.hosts.get(host), began, OF_HOST);
                state.hosts.insert(host.to_string(), next);
            }
            TroubleScope::Webhook => {
                let next = Pause::next(state.webhooks.get(&webhook), began, OF_WEBHOOK);
                state.webhooks.insert(webhook, next);
            }
        }
    }

    /// A call was made; `connected`: over a connection of its own.
    pub fn got_through(&self, webhook: i32, host: &str, connected: bool) {
        let mut state = self.state();
        state.webhooks.remove(&webhook);
        state.hosts.remove(host);
        if connected {
            state.process = None;
        }
    }

    /// How long is nothing called at all?
    pub fn of_process(&self) -> Option<Duration> {
        let state = self.state();
        let pause = state.process.filter(Pause::lasts)?;
        Some(pause.until.saturating_duration_since(Instant::now()))
    }

    /// How long is this webhook not called?
    pub fn of(&self, webhook: i32) -> Option<Duration> {
        let state = self.state();
        let host = state.host_of.get(&webhook);
        let pauses = [
            state.process.as_ref(),
            host.and_then(|host| state.hosts.get(host)),
            state.webhooks.get(&webhook),
        ];
        let until = pauses
            .into_iter()
            .flatten()
            .map(|pause| pause.until)
            .max()?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Webhooks that pause for their host's or their own sake.
    pub fn webhooks(&self) -> Vec<i32> {
        let state = self.state();
        let own = state.webhooks.iter().filter(|(_, pause)| pause.lasts());
        let mut webhooks: Vec<i32> = own.map(|(webhook, _)| *webhook).collect();
        if state.hosts.values().any(Pause::lasts) {
            let paused = |host: &String| state.hosts.get(host).is_some_and(Pause::lasts);
            let of_hosts = state.host_of.iter().filter(|(_, host)| paused(host));
            webhooks.extend(of_hosts.map(|(webhook, _)| *webhook));
        }
        webhooks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_pauses_alone_and_longer_each_time() {
        let pauses = Pauses::default();
        for (webhook, host) in [(1, "a"), (2, "a"), (3, "b")] {
            pauses.begin(webhook, host);
        }
        let began = Instant::now();
        for _ in 0..20 {
            pauses.note(1, "a", Reason::Resolver, began);
        }
        assert_eq!((pauses.of(2), pauses.of(3)), (Some(OF_HOST.after(1)), None));
        let mut webhooks = pauses.webhooks();
        webhooks.sort_unstable();
        assert_eq!(webhooks, [1, 2]);
        for _ in 0..9 {
            tokio::time::advance(OF_HOST.cap).await;
            assert!(pauses.webhooks().is_empty() && pauses.of(1).is_none());
            pauses.note(2, "a", Reason::Resolver, Instant::now());
        }
        assert_eq!(
            (pauses.of(1), pauses.of_process()),
            (Some(OF_HOST.cap), None)
        );
        pauses.got_through(1, "a", true);
        assert!(pauses.webhooks().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn the_process_and_a_webhook() {
        let pauses = Pauses::default();
        pauses.begin(1, "a");
        pauses.begin(2, "a");
        pauses.note(1, "a", Reason::Secret, Instant::now());
        assert_eq!((pauses.of(1), pauses.of(2)), (Some(OF_HOST.after(1)), None));
        pauses.note(1, "a", Reason::Descriptors, Instant::now());
        assert!(pauses.of(2).is_some() && pauses.of_process().is_some());
        pauses.got_through(2, "a", false);
        assert!(pauses.of_process().is_some());
        pauses.got_through(2, "a", true);
        assert!(pauses.of_process().is_none() && pauses.of(1).is_some());
    }
}
