//! Who calls: HTTP clients, the addresses that they may reach, the connections that they keep, and what slows them down.
//! Knows nothing of claims and paths.

mod descriptors;
mod guard;
mod kept;
mod pauses;
mod resolver;
mod setup;
mod trace;
mod trouble;

pub use descriptors::raise_limit;
pub use guard::{Guard, Refused};
pub use setup::{CallOptions, roots};
pub use trace::Trace;
pub use trouble::{LocalTrouble, Reason, causes, ours, routed};

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use prometheus_client::metrics::counter::Counter;
use reqwest::{Client, Url};
use tokio::time::Instant;

use self::{
    kept::{Kept, Lane},
    pauses::Pauses,
};
use crate::error::Result;

/// Idle connections are given up at most so often, and trouble of one kind is told.
const SELDOM: Duration = Duration::from_secs(1);
const TOLD: Duration = Duration::from_secs(10);

/// What is counted beside attempts, for both paths together.
#[derive(Debug, Clone)]
pub struct CallCounts {
    /// In the order of `Reason::ALL`.
    pub local_trouble: [Counter; Reason::ALL.len()],
    /// Calls made again because a kept connection was closed.
    pub retried: Counter,
}

/// All that calls share.
#[derive(Debug)]
pub struct Caller {
    options: CallOptions,
    guard: Arc<Guard>,
    clients: Mutex<Clients>,
    kept: Arc<Kept>,
    pauses: Pauses,
    counts: CallCounts,
    told: Mutex<[Option<Instant>; Reason::ALL.len()]>,
    /// How much the database's clock is ahead of ours, in milliseconds.
    ahead_ms: AtomicI64,
}

#[derive(Debug)]
struct Clients {
    keeping: Client,
    /// Takes the place of `keeping` when idle connections are given up: a new one reads files, for which there is no descriptor then.
    spare: Option<Client>,
    /// Keeps nothing.
    fresh: Client,
    given_up: Option<Instant>,
}

/// What a call goes over.
pub struct Line {
    pub client: Client,
    /// The connection may be kept.
    lane: Option<Lane>,
}

impl Caller {
    pub fn new(options: CallOptions, descriptors: u64, counts: CallCounts) -> Result<Caller> {
        let guard = Arc::new(options.guard.clone());
        let clients = Clients {
            keeping: setup::client(&options, &guard, true)?,
            spare: Some(setup::client(&options, &guard, true)?),
            fresh: setup::client(&options, &guard, false)?,
            given_up: None,
        };
        Ok(Caller {
            options,
            guard,
            clients: Mutex::new(clients),
            kept: Arc::new(Kept::new(descriptors::kept(descriptors))),
            pauses: Pauses::default(),
            counts,
            told: Mutex::default(),
            ahead_ms: AtomicI64::new(0),
        })
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn pauses(&self) -> &Pauses {
        &self.pauses
    }

    /// May this URL be called, as far as it names an address?
    pub fn check(&self, url: &Url) -> Result<(), Refused> {
        literal(url).map_or(Ok(()), |address| self.guard.check(address))
    }

    /// What a call to this host goes over.
    pub fn line(&self, host: &str) -> Line {
        let lane = self.kept.enter(host);
        let clients = self.clients();
        let client = match lane {
            Some(_) => clients.keeping.clone(),
            None => clients.fresh.clone(),
        };
        Line { client, lane }
    }

    /// A call goes over a new connection because the kept one was closed.
    pub fn again(&self) -> Client {
        self.counts.retried.inc();
        self.clients().fresh.clone()
    }

    /// A call was not made: counts it, tells it now and then, slows down, and frees what it can.
    pub fn hindered(
        self: &Arc<Self>,
        webhook: i32,
        host: &str,
        trouble: &LocalTrouble,
        began: Instant,
    ) {
        let at = trouble.reason as usize;
        self.counts.local_trouble[at].inc();
        self.pauses.note(webhook, host, trouble.reason, began);
        if trouble.reason == Reason::Descriptors {
            self.give_up_idle();
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told[at].is_none_or(|at| at.elapsed() >= TOLD) {
            told[at] = Some(Instant::now());
            let so_far = self.counts.local_trouble[at].get();
            tracing::warn!(
                reason = trouble.reason.as_str(), webhook, error = %trouble, so_far,
                "not called, for trouble of this worker's own; no attempt is spent, it is tried again"
            );
        }
    }

    /// Closes what is kept and not in use.
    fn give_up_idle(self: &Arc<Self>) {
        let mut clients = self.clients();
        if clients.given_up.is_some_and(|at| at.elapsed() < SELDOM) {
            return;
        }
        let Some(spare) = clients.spare.take() else {
            return;
        };
        clients.given_up = Some(Instant::now());
        clients.keeping = spare;
        self.kept.give_up();
        drop(clients);
        let caller = self.clone();
        tokio::task::spawn_blocking(move || {
            for _ in 0..60 {
                std::thread::sleep(SELDOM);
                if let Ok(client) = setup::client(&caller.options, &caller.guard, true) {
                    caller.clients().spare = Some(client);
                    return;
                }
            }
        });
    }

    /// The time of the database: all workers sign by one clock.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.ahead_ms.load(Relaxed))
    }

    /// The database's time was `theirs` between these two moments of ours.
    pub fn compare_clocks(
        &self,
        before: DateTime<Utc>,
        theirs: DateTime<Utc>,
        after: DateTime<Utc>,
    ) {
        let ours = before + (after - before) / 2;
        let ahead = (theirs - ours).num_milliseconds();
        self.ahead_ms.store(ahead, Relaxed);
        if ahead.abs() > 30_000 {
            tracing::warn!(
                ahead_ms = ahead,
                "the database's clock is ahead of this machine's (behind, if negative) by more than 30 s: `webhook-timestamp` follows the \
                 database's; synchronise them (chrony, ntp)"
            );
        }
    }
}

impl Line {
    /// Where its host is, as far as that is known.
    pub fn addresses(&self, url: &Url, trace: &Trace) -> Vec<IpAddr> {
        if let Some(address) = literal(url) {
            return vec![address];
        }
        let addresses = trace.addresses();
        match &self.lane {
            Some(lane) if addresses.is_empty() => lane.addresses(),
            _ => addresses,
        }
    }

    /// Did the call go over a connection that was used before, or may it have?
    pub fn used_before(&self, trace: &Trace) -> bool {
        !trace.connected() || self.lane.as_ref().is_some_and(Lane::overtaken)
    }

    pub fn got_through(&self, trace: &Trace) {
        if let Some(lane) = &self.lane {
            lane.answered(&trace.addresses());
        }
    }
}

/// The address that a URL names instead of a host, as the URL standard reads it: octal, hexadecimal and short forms too.
pub fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Scheme, name and port: what connections are kept by.
pub fn host_of(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!(
        "{}://{}:{port}",
        url.scheme(),
        url.host_str().unwrap_or_default()
    )
}
