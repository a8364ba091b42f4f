//! A receiver of webhooks in the test's own process: remembers what came, answers as the path says.
#![allow(dead_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::stream;
use sha2::{Digest, Sha256};

/// One call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub method: Method,
    pub id: String,
    pub headers: HeaderMap,
    pub body: String,
    pub answered: StatusCode,
    /// When it began and when it was answered.
    pub came: Instant,
    pub left: Instant,
    /// The connection that it came over.
    pub peer: SocketAddr,
}

#[derive(Default)]
struct Memory {
    calls: Vec<Call>,
    per_id: BTreeMap<String, usize>,
    /// What paths answer instead of 200, and what they ask for by `Retry-After`.
    answers: BTreeMap<String, (StatusCode, Option<String>)>,
    /// Paths that answer 500 to one of so many ids.
    some: BTreeMap<String, u32>,
    running: usize,
    most: usize,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    memory: Arc<Mutex<Memory>>,
}

impl Receiver {
    /// Paths: `/ok`, `/fail` (500 for ever), `/fail-N` (500 for the first N attempts of each id), `/slow-MS`; `/endless` and
    /// `/drip` (a body without end, fast and slow), `/heads` (a head without measure), `/moved`. All others answer 200, or
    /// what `answers` said.
    pub async fn start() -> Receiver {
        Receiver::start_at("127.0.0.1:0").await
    }

    /// At an address of the test's choice.
    pub async fn start_at(address: &str) -> Receiver {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let app = Router::new()
            .route("/{behaviour}", any(take))
            .with_state(memory.clone());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { url, memory }
    }

    /// From now on this path answers so.
    pub fn answers(&self, path: &str, status: u16, retry_after: Option<&str>) {
        let answer = (
            StatusCode::from_u16(status).unwrap(),
            retry_after.map(str::to_string),
        );
        let mut memory = self.memory.lock().unwrap();
        memory.answers.insert(path.to_string(), answer);
        memory.some.remove(path);
    }

    /// From now on this path answers 500 to one of so many ids, at each attempt.
    pub fn fails_some(&self, path: &str, one_of: u32) {
        let mut memory = self.memory.lock().unwrap();
        memory.some.insert(path.to_string(), one_of);
    }

    /// Calls of this path, so far.
    pub fn count(&self, path: &str) -> usize {
        let memory = self.memory.lock().unwrap();
        memory.calls.iter().filter(|call| call.path == path).count()
    }

    /// The most calls that ran at once.
    pub fn most_at_once(&self) -> usize {
        self.memory.lock().unwrap().most
    }

    pub fn connections(&self) -> usize {
        let memory = self.memory.lock().unwrap();
        let peers: BTreeSet<SocketAddr> = memory.calls.iter().map(|call| call.peer).collect();
        peers.len()
    }

    pub fn calls(&self) -> Vec<Call> {
        self.memory.lock().unwrap().calls.clone()
    }

    /// Successful calls for each webhook-id.
    pub fn successes(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.memory.lock().unwrap().calls.iter() {
            if call.answered.is_success() {
                *counts.entry(call.id.clone()).or_default() += 1;
            }
        }
        counts
    }
}

async fn take(
    State(memory): State<Arc<Mutex<Memory>>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(behaviour): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let came = Instant::now();
    let id = headers
        .get("webhook-id")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_string();
    let (attempt, told) = {
        let mut memory = memory.lock().unwrap();
        memory.running += 1;
        memory.most = memory.most.max(memory.running);
        let unlucky = |one_of: &u32| u32::from(Sha256::digest(&id)[0]) % one_of == 0;
        let told = match memory.some.get(&behaviour).is_some_and(unlucky) {
            true => Some((StatusCode::INTERNAL_SERVER_ERROR, None)),
            false => memory.answers.get(&behaviour).cloned(),
        };
        let count = memory.per_id.entry(id.clone()).or_default();
        *count += 1;
        (*count, told)
    };
    let number = |prefix: &str| {
        behaviour
            .strip_prefix(prefix)
            .and_then(|n| n.parse::<u64>().ok())
    };
    if let Some(ms) = number("slow-") {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let fails = behaviour == "fail" || number("fail-").is_some_and(|n| attempt as u64 <= n);
    let (answered, retry_after) = match told {
        Some(told) => told,
        None if fails => (StatusCode::INTERNAL_SERVER_ERROR, None),
        None if behaviour == "moved" => (StatusCode::TEMPORARY_REDIRECT, None),
        None => (StatusCode::OK, None),
    };
    let mut response = (answered, content(&behaviour)).into_response();
    let mut header = |name: &'static str, value: &str| {
        let value = HeaderValue::from_str(value).unwrap();
        response.headers_mut().append(name, value);
    };
    if let Some(seconds) = retry_after {
        header("retry-after", &seconds);
    }
    match behaviour.as_str() {
        "moved" => header(LOCATION.as_str(), "/ok"),
        "heads" => (0..60).for_each(|_| header("x-long", &"h".repeat(16 * 1024))),
        _ => {}
    }
    let mut memory = memory.lock().unwrap();
    memory.running -= 1;
    memory.calls.push(Call {
        path: behaviour,
        method,
        id,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        answered,
        came,
        left: Instant::now(),
        peer,
    });
    response
}

fn content(behaviour: &str) -> Body {
    let chunks = |size: usize, every: Duration| {
        Body::from_stream(stream::unfold((), move |()| async move {
            tokio::time::sleep(every).await;
            Some((Ok::<_, std::io::Error>("x".repeat(size)), ()))
        }))
    };
    match behaviour {
        "endless" => chunks(64 * 1024, Duration::ZERO),
        "drip" => chunks(1, Duration::from_millis(50)),
        _ => "thanks\0for it".into(),
    }
}
