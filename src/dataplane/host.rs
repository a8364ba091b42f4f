//! Endpoints' hosts: how many calls run against each at once, and which hold so many events that no more are claimed for them.
//! One slow host leaves the rest of a worker to the others.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All hosts that a worker has called; both paths share them.
#[derive(Debug)]
pub struct Hosts {
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
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    held: AtomicUsize,
}

/// An event that is held for a host, until dropped.
#[derive(Debug)]
pub struct Guest(Option<Arc<Host>>);

impl Hosts {
    pub fn new(calls: usize, held: usize) -> Hosts {
        Hosts {
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
        let hosts = Hosts::new(1, 2);
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
        assert!(Hosts::new(0, 0).enter(1, "x").place().await.is_none());
    }
}
