//! `/health`, `/ready` and `/metrics` over HTTP. Answers from what the loops left behind: no server is asked, nothing is
//! waited for.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router, extract::State, http::StatusCode, http::header, response::IntoResponse, routing::get,
};
use tokio::net::TcpListener;

use super::{
    metrics::{CONTENT_TYPE, Metrics},
    pulse::Pulse,
    stop::Stop,
};
use crate::{
    bus::Bus,
    error::{Error, Result},
};

/// An address that is ours and not served yet.
pub struct Endpoint {
    listener: TcpListener,
}

/// What the answers are made of.
pub struct Watched {
    pub metrics: Metrics,
    pub pulses: Vec<Arc<Pulse>>,
    pub bus: Option<Bus>,
    pub stop: Stop,
}

impl Endpoint {
    /// Takes the address; a port in use is an error.
    pub async fn bind(address: SocketAddr) -> Result<Endpoint> {
        match TcpListener::bind(address).await {
            Ok(listener) => Ok(Endpoint { listener }),
            Err(cause) => Err(Error::failed(format!("cannot listen at {address}"))
                .because(cause)
                .hint("does another relay or worker listen there? Give each process of a machine its own --listen")),
        }
    }

    /// Answers until the process ends.
    pub fn serve(self, watched: Watched) {
        let app = Router::new()
            .route("/health", get(health))
            .route("/ready", get(ready))
            .route("/metrics", get(metrics))
            .with_state(Arc::new(watched));
        if let Ok(address) = self.listener.local_addr() {
            tracing::info!(%address, "answers /health, /ready and /metrics");
        }
        tokio::spawn(async move {
            if let Err(error) = axum::serve(self.listener, app).await {
                tracing::warn!(%error, "the answers on --listen ended");
            }
        });
    }
}

type Answer = (StatusCode, String);

async fn health(State(watched): State<Arc<Watched>>) -> Answer {
    let now = Instant::now();
    answer(watched.pulses.iter().try_for_each(|pulse| pulse.alive(now)))
}

async fn ready(State(watched): State<Arc<Watched>>) -> Answer {
    answer(watched.ready())
}

async fn metrics(State(watched): State<Arc<Watched>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, CONTENT_TYPE)],
        watched.metrics.text(),
    )
}

impl Watched {
    fn ready(&self) -> Result<(), String> {
        if self.stop.asked() {
            return Err("stopping".to_string());
        }
        let now = Instant::now();
        self.pulses.iter().try_for_each(|pulse| pulse.ready(now))?;
        match &self.bus {
            Some(bus) if !bus.is_up() => Err(bus.not_connected()),
            _ => Ok(()),
        }
    }
}

fn answer(outcome: Result<(), String>) -> Answer {
    match outcome {
        Ok(()) => (StatusCode::OK, "ok\n".to_string()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}
