//! How many connections are kept for later: bounded over all hosts together. The client's own pool bounds them by host alone.
//!
//! A host keeps as many as it had calls at once. Where that would be more than there is room for, a call goes over a connection
//! that is closed after it.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::time::Instant;

/// A connection that nobody used for so long is closed.
pub const IDLE: Duration = Duration::from_secs(30);
/// The pool looks only as often as that, so it may take twice as long.
const GONE: Duration = Duration::from_secs(61);

#[derive(Debug)]
pub struct Kept {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Kept at most.
    room: usize,
    taken: usize,
    hosts: HashMap<String, Host>,
    /// Counts how often all were given up.
    generation: u64,
    swept: Instant,
}

#[derive(Debug)]
struct Host {
    running: usize,
    /// The most calls at once, since `turned` and in the time before.
    peak: usize,
    earlier: usize,
    turned: Instant,
    used: Instant,
    /// Calls that ended with an answer: each may have left its connection to another.
    answered: u64,
    addresses: Vec<IpAddr>,
}

impl Host {
    fn cost(&self) -> usize {
        self.peak.max(self.earlier)
    }
}

/// A call over a connection that may be kept, until dropped.
#[derive(Debug)]
pub struct Lane {
    kept: Arc<Kept>,
    host: String,
    generation: u64,
    /// What `answered` was when this call began; and has this one an answer?
    before: u64,
    answered: AtomicBool,
}

impl Kept {
    pub fn new(room: usize) -> Kept {
        Kept {
            state: Mutex::new(State {
                room,
                taken: 0,
                hosts: HashMap::new(),
                generation: 0,
                swept: Instant::now(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call to this host begins; `None`: its connection is not to be kept.
    pub fn enter(self: &Arc<Self>, host: &str) -> Option<Lane> {
        let mut state = self.state();
        let now = Instant::now();
        if state.taken >= state.room && now.duration_since(state.swept) >= Duration::from_secs(1) {
            state.sweep(now);
        }
        let (room, taken) = (state.room, state.taken);
        let (before, after, answered) = match state.hosts.get_mut(host) {
            Some(known) => {
                let before = known.cost();
                if now.duration_since(known.turned) >= GONE {
                    known.earlier = known.peak;
                    known.peak = known.running;
                    known.turned = now;
                }
                if known.running + 1 > known.cost() && taken >= room {
                    return None;
                }
                known.running += 1;
                known.peak = known.peak.max(known.running);
                (before, known.cost(), known.answered)
            }
            None if taken >= room => return None,
            None => {
                let new = Host {
                    running: 1,
                    peak: 1,
                    earlier: 0,
                    turned: now,
                    used: now,
                    answered: 0,
                    addresses: Vec::new(),
                };
                state.hosts.insert(host.to_string(), new);
                (0, 1, 0)
            }
        };
        state.taken = state.taken + after - before;
        Some(Lane {
            kept: self.clone(),
            host: host.to_string(),
            generation: state.generation,
            before: answered,
            answered: AtomicBool::new(false),
        })
    }

    /// All that was kept is closed, and from now on there is room for half as many: something else wants the descriptors.
    pub fn give_up(&self) {
        let mut state = self.state();
        state.hosts.clear();
        state.taken = 0;
        state.generation += 1;
        state.room = (state.room / 2).max(8);
    }
}

impl State {
    /// Forgets hosts whose connections are closed by now.
    fn sweep(&mut self, now: Instant) {
        self.swept = now;
        self.hosts
            .retain(|_, host| host.running > 0 || now.duration_since(host.used) < GONE);
        self.taken = self.hosts.values().map(Host::cost).sum();
    }
}

impl Lane {
    /// Has another call to this host ended with an answer meanwhile? Then this one may have gone over its connection, though it made one too.
    pub fn overtaken(&self) -> bool {
        let state = self.kept.state();
        let host = state.hosts.get(&self.host);
        host.is_none_or(|host| host.answered != self.before)
    }

    /// The call has its answer. `addresses`: where a new connection went.
    pub fn answered(&self, addresses: &[IpAddr]) {
        self.answered.store(true, Relaxed);
        if addresses.is_empty() {
            return;
        }
        let mut state = self.kept.state();
        if let Some(host) = state.hosts.get_mut(&self.host) {
            host.addresses = addresses.to_vec();
        }
    }

    pub fn addresses(&self) -> Vec<IpAddr> {
        let state = self.kept.state();
        let host = state.hosts.get(&self.host);
        host.map(|host| host.addresses.clone()).unwrap_or_default()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut state = self.kept.state();
        if state.generation == self.generation
            && let Some(host) = state.hosts.get_mut(&self.host)
        {
            host.running = host.running.saturating_sub(1);
            host.used = Instant::now();
            host.answered += u64::from(self.answered.load(Relaxed));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_more_are_kept_than_there_is_room_for() {
        let kept = Arc::new(Kept::new(3));
        let two = (kept.enter("a").unwrap(), kept.enter("a").unwrap());
        // A call without an answer leaves no connection.
        assert!(!two.1.overtaken());
        two.0.answered(&[]);
        drop(two.0);
        assert!(two.1.overtaken());
        drop(two.1);
        // It has two, and may use them both again.
        let one = kept.enter("b").unwrap();
        assert!(kept.enter("c").is_none() && kept.enter("b").is_none());
        let two = (kept.enter("a").unwrap(), kept.enter("a").unwrap());
        assert!(kept.enter("a").is_none());
        drop((one, two));
        // They are closed after a while, and leave their room to others.
        tokio::time::advance(GONE).await;
        let three: Vec<Option<Lane>> = ["c", "d", "e", "f"].map(|h| kept.enter(h)).into();
        assert_eq!(three.iter().flatten().count(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_peak_is_forgotten() {
        let kept = Arc::new(Kept::new(4));
        drop([(); 4].map(|()| kept.enter("a").unwrap()));
        for _ in 0..4 {
            assert!(kept.enter("b").is_none());
            tokio::time::advance(GONE / 2).await;
            drop(kept.enter("a").unwrap());
        }
        tokio::time::advance(GONE / 2).await;
        drop(kept.enter("a").unwrap());
        assert!(kept.enter("b").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn given_up_is_given_up() {
        let kept = Arc::new(Kept::new(64));
        let old = kept.enter("a").unwrap();
        kept.give_up();
        let new = kept.enter("a").unwrap();
        drop(old);
        assert_eq!(kept.state().hosts["a"].running, 1);
        assert_eq!(kept.state().room, 32);
        drop(new);
    }
}
