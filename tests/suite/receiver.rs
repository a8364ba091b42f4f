//! A receiver of webhooks in the test's own process: remembers what came, answers as the path says.
#![allow(dead_code)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    routing::any,
};

/// One call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub method: Method,
    pub id: String,
    pub headers: HeaderMap,
    pub body: String,
    pub answered: StatusCode,
}

#[derive(Default)]
struct Memory {
    calls: Vec<Call>,
    per_id: BTreeMap<String, usize>,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    memory: Arc<Mutex<Memory>>,
}

impl Receiver {
    /// Paths: `/ok`, `/fail` (500 for ever), `/fail-N` (500 for the first N attempts of each id), `/slow-MS`.
    pub async fn start() -> Receiver {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let app = Router::new()
            .route("/{behaviour}", any(take))
            .with_state(memory.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { url, memory }
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
    Path(behaviour): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    let id = headers
        .get("webhook-id")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_string();
    let attempt = {
        let mut memory = memory.lock().unwrap();
        let count = memory.per_id.entry(id.clone()).or_default();
        *count += 1;
        *count
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
    let answered = if fails {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::OK
    };
    memory.lock().unwrap().calls.push(Call {
        path: behaviour,
        method,
        id,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        answered,
    });
    (answered, "thanks\0for it".into())
}
