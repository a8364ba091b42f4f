//! Endpoints' hosts: how many calls run against each at once, and how many events are held for it.
//! One slow host leaves the rest of a worker to the others.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

/// How long a full host is waited for: one that answers soon has room again.
const PATIENCE: Duration = Duration::from_millis(50);

/// All hosts that a worker has called; both paths share them.
#[derive(Debug)]
pub struct HostLimits {
    /// Calls at once to one host; 0: any number.
    calls: usize,
    /// Events held for one host.
    held: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    hosts: HashMap<String, Arc<Host>>,
    /// By webhook, as of its last event.
    webhooks: HashMap<i32, Arc<Host>>,
    /// Webhooks whose messages came while their host had no room, and at which of all such moments last.
    passed_over: BTreeMap<i32, u64>,
    moments: u64,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    held: AtomicUsize,
}

/// An event that is held for a host, until dropped.
#[derive(Debug)]
pub struct Guest(Option<Arc<Host>>);

impl HostLimits {
    pub fn new(calls: usize, held: usize) -> HostLimits {
        HostLimits {
            calls,
            held,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event for this URL is held from now on.
    pub fn enter(&self, webhook_id: i32, url: &str) -> Guest {
        if self.calls == 0 {
            return Guest(None);
        }
        let mut known = self.known();
        let host = known
            .hosts
            .entry(authority(url).to_ascii_lowercase())
            .or_insert_with(|| {
                Arc::new(Host {
                    places: Arc::new(Semaphore::new(self.calls)),
                    held: AtomicUsize::new(0),
                })
            })
            .clone();
        known.webhooks.insert(webhook_id, host.clone());
        host.held.fetch_add(1, Relaxed);
        Guest(Some(host))
    }

    /// How many messages may be pulled: as many as the fullest host has room for. None of it decides for the others for longer
    /// than a moment.
    pub async fn room(&self) -> usize {
        let end = Instant::now() + PATIENCE;
        loop {
            let room = self.held.saturating_sub(self.fullest());
            if self.calls == 0 || Instant::now() >= end {
                return usize::MAX;
            }
            if room >= self.held.div_ceil(4) {
                return room;
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many events the fullest host holds.
    fn fullest(&self) -> usize {
        let known = self.known();
        let held = known.hosts.values().map(|host| host.held.load(Relaxed));
        held.max().unwrap_or(0)
    }

    /// For which of these events, given by their webhooks, is there room?
    pub fn admit(&self, webhooks: impl Iterator<Item = i32>) -> Vec<bool> {
        let known = &mut *self.known();
        let mut taken: HashMap<(Option<*const Host>, i32), usize> = HashMap::new();
        webhooks
            .map(|webhook| {
                let host = known.webhooks.get(&webhook);
                let held = host.map_or(0, |host| host.held.load(Relaxed));
                // A webhook that was never called stands for its host.
                let key = match host {
                    Some(host) => (Some(Arc::as_ptr(host)), 0),
                    None => (None, webhook),
                };
                let taken = taken.entry(key).or_default();
                let room = self.calls == 0 || held + *taken < self.held;
                *taken += usize::from(room);
                room
            })
            .collect()
    }

    /// Are webhooks remembered whose events are to be taken from the ledger later?
    pub fn remembers(&self) -> bool {
        self.calls > 0
    }

    /// Messages of this webhook are noted in the ledger, and there was no room for their events. To be called once that is committed:
    /// whoever looks then finds them.
    pub fn pass_over(&self, webhook: i32) {
        let mut known = self.known();
        known.moments += 1;
        let moment = known.moments;
        known.passed_over.insert(webhook, moment);
    }

    /// Webhooks that were passed over, and when, and whose hosts have room now; and how much that is.
    pub fn passed_over(&self) -> (Vec<(i32, u64)>, usize) {
        let known = self.known();
        let mut rooms: HashMap<*const Host, usize> = HashMap::new();
        let mut webhooks = Vec::new();
        for (webhook, moment) in &known.passed_over {
            let Some(host) = known.webhooks.get(webhook) else {
                // Nothing of it was ever called: its host has all the room.
                rooms.insert(std::ptr::null(), self.held);
                webhooks.push((*webhook, *moment));
                continue;
            };
            let room = self.held.saturating_sub(host.held.load(Relaxed));
            if room >= self.held.div_ceil(4) {
                rooms.insert(Arc::as_ptr(host), room);
                webhooks.push((*webhook, *moment));
            }
        }
        (webhooks, rooms.values().sum())
    }

    /// Nothing of this webhook is left that was passed over until that moment.
    pub fn caught_up(&self, webhook: i32, moment: u64) {
        let mut known = self.known();
        if known.passed_over.get(&webhook) == Some(&moment) {
            known.passed_over.remove(&webhook);
        }
    }

    /// Webhooks whose host holds as many events as it may.
    pub fn full(&self) -> Vec<i32> {
        let known = self.known();
        let full = |host: &Arc<Host>| host.held.load(Relaxed) >= self.held;
        if !known.hosts.values().any(full) {
            return Vec::new();
        }
        let webhooks = known.webhooks.iter();
        webhooks
            .filter(|(_, host)| full(host))
            .map(|(webhook, _)| *webhook)
            .collect()
    }
}

impl Guest {
    /// Waits for a place at the host; `None` where any number may call.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let host = self.0.as_ref()?;
        host.places.clone().acquire_owned().await.ok()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(host) = &self.0 {
            host.held.fetch_sub(1, Relaxed);
        }
    }
}

/// Host and port, as written.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_stands_between_scheme_and_path() {
        for (url, host) in [
            ("http://a.example/x", "a.example"),
            ("https://u:p@a.example:8443?x=1", "a.example:8443"),
            ("http://[::1]:80/", "[::1]:80"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(authority(url), host);
        }
    }

    #[tokio::test]
    async fn a_full_host_is_told_and_its_places_are_few() {
        let hosts = HostLimits::new(1, 2);
        let first = hosts.enter(1, "http://SLOW/a");
        assert!(hosts.full().is_empty());
        let second = hosts.enter(2, "http://slow/b");
        let other = hosts.enter(3, "http://fast/");
        let mut full = hosts.full();
        full.sort_unstable();
        assert_eq!(full, [1, 2]);
        let place = first.place().await;
        assert!(place.is_some());
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), second.place());
        assert!(waiting.await.is_err());
        assert!(other.place().await.is_some());
        drop((place, first));
        assert!(hosts.full().is_empty());
        assert!(second.place().await.is_some());
        assert!(HostLimits::new(0, 0).enter(1, "x").place().await.is_none());
    }
}
