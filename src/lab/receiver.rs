//! The endpoints of all webhooks of the lab: one HTTP server that answers as each webhook's behaviour says, and remembers every call.
//!
//! The way of the NATS workers to the endpoints leads through this server as their HTTP proxy: that is how it can tell the two
//! paths apart, and break one of them.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode},
};
use sha2::{Digest, Sha256};

use super::webhooks::{Behaviour, LabWebhook};
use crate::error::{Context, Result};

/// One call as the endpoint saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Number of the webhook in the lab's set.
    pub number: u16,
    /// Since the start of the receiver.
    pub at: Duration,
    /// `None` while unanswered, and for ever where the caller went away first.
    pub status: Option<u16>,
    pub through_nats: bool,
}

/// Every call by its event id, in order of arrival.
pub type Record = HashMap<String, Vec<Hit>>;

#[derive(Debug)]
struct Inside {
    seed: u64,
    start: Instant,
    behaviour: HashMap<u16, Behaviour>,
    record: Mutex<Record>,
    /// Webhooks that the NATS path cannot reach.
    cut_off: Mutex<HashSet<u16>>,
    nameless: AtomicU64,
}

/// A running receiver; dropped, it stops.
#[derive(Debug)]
pub struct Receiver {
    inside: Arc<Inside>,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    /// Listens on a port of the loopback address; 0 takes a free one.
    pub async fn start(seed: u64, set: &[LabWebhook], port: u16) -> Result<Receiver> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .context(format!("the receiver cannot listen on port {port}"))?;
        let address = listener.local_addr().context("no address")?;
        let inside = Arc::new(Inside {
            seed,
            start: Instant::now(),
            behaviour: set.iter().map(|w| (w.number, w.behaviour)).collect(),
            record: Mutex::default(),
            cut_off: Mutex::default(),
            nameless: AtomicU64::new(0),
        });
        let router = Router::new()
            .route("/hook/{number}", axum::routing::any(answer))
            .with_state(inside.clone());
        let task = tokio::spawn(async move {
            // It only ends when its task is aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Receiver {
            inside,
            address,
            task,
        })
    }

    /// For example `http://localhost:8080`. By name, so that a proxy for names is no proxy for other endpoints at 127.0.0.1.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// For example `127.0.0.1:8080`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on every call of these webhooks that comes by the NATS path is answered 503; those of all others no longer.
    pub fn cut_off(&self, numbers: HashSet<u16>) {
        *self.inside.cut_off() = numbers;
    }

    /// What arrived so far.
    pub fn record(&self) -> Record {
        self.inside.lock().clone()
    }

    /// Calls without a `webhook-id` header: nobody could tell them apart.
    pub fn nameless(&self) -> u64 {
        self.inside.nameless.load(Ordering::Relaxed)
    }

    /// Calls that arrived by the NATS path, and in all.
    pub fn paths(&self) -> (usize, usize) {
        let record = self.inside.lock();
        let all = record.values().flatten();
        let nats = all.clone().filter(|hit| hit.through_nats).count();
        (nats, all.count())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Inside {
    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an arrival; returns which hit of its event it is.
    fn arrive(&self, id: &str, number: u16, through_nats: bool) -> usize {
        let mut record = self.lock();
        let hits = record.entry(id.to_string()).or_default();
        hits.push(Hit {
            number,
            at: self.start.elapsed(),
            status: None,
            through_nats,
        });
        hits.len() - 1
    }

    fn answered(&self, id: &str, hit: usize, status: StatusCode) {
        if let Some(hit) = self.lock().get_mut(id).and_then(|hits| hits.get_mut(hit)) {
            hit.status = Some(status.as_u16());
        }
    }

    fn cut_off(&self) -> std::sync::MutexGuard<'_, HashSet<u16>> {
        self.cut_off.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(
        &self,
        number: u16,
        behaviour: Behaviour,
        id: &str,
        hit: usize,
        through_nats: bool,
    ) -> StatusCode {
        if through_nats && self.cut_off().contains(&number) {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        match behaviour {
            Behaviour::Flaky { percent, .. } if hit == 0 && draw(self.seed, id) < percent => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::OK,
        }
    }
}

/// 0..99, the same for the same seed and event id.
fn draw(seed: u64, id: &str) -> u8 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(id);
    hash.finalize()[0] % 100
}

async fn answer(
    State(inside): State<Arc<Inside>>,
    Path(number): Path<u16>,
    headers: HeaderMap,
    request: Request,
) -> StatusCode {
    // A proxy is asked with the whole URL, an endpoint with the path alone.
    let through_nats = request.uri().authority().is_some();
    let Some(behaviour) = inside.behaviour.get(&number).copied() else {
        return StatusCode::NOT_FOUND;
    };
    let Some(id) = headers.get("webhook-id").and_then(|v| v.to_str().ok()) else {
        inside.nameless.fetch_add(1, Ordering::Relaxed);
        return StatusCode::BAD_REQUEST;
    };
    let hit = inside.arrive(id, number, through_nats);
    let status = inside.verdict(number, behaviour, id, hit, through_nats);
    tokio::time::sleep(Duration::from_millis(behaviour.delay_ms())).await;
    inside.answered(id, hit, status);
    status
}
