//! An imitation of the engine's example worker: a pull durable that exists already, one message at a time, the envelope,
//! POST, acknowledgement, and its counters every hundred messages. It knows nothing of the ledger.
#![allow(dead_code)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::{Connection, PgConnection};

use crate::support::plane::{Plane, STREAM};

#[derive(Deserialize)]
struct Message {
    webhook_url: String,
    data: Value,
    headers: Map<String, Value>,
}

pub const DURABLE: &str = "webhook-worker-1";

pub struct ExampleWorker {
    task: tokio::task::JoinHandle<()>,
    pub delivered: Arc<AtomicU64>,
    /// Messages that were no envelope.
    pub broken: Arc<AtomicU64>,
}

impl ExampleWorker {
    pub async fn start(plane: &Plane) -> ExampleWorker {
        let client = async_nats::connect(plane.nats.url()).await.unwrap();
        let jetstream = async_nats::jetstream::new(client);
        let consumer: async_nats::jetstream::consumer::PullConsumer = jetstream
            .get_consumer_from_stream(DURABLE, STREAM)
            .await
            .expect("the durable exists");
        let sql = plane.db.connect().await;
        let (delivered, broken) = <(Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        let counters = (delivered.clone(), broken.clone());
        ExampleWorker {
            task: tokio::spawn(work(consumer, sql, counters)),
            delivered,
            broken,
        }
    }

    /// Gone in the middle of whatever it does, as by kill -9: nothing is finished, nothing acknowledged.
    pub async fn kill(mut self) -> u64 {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.delivered.load(Relaxed)
    }
}

impl Drop for ExampleWorker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn work(
    consumer: async_nats::jetstream::consumer::PullConsumer,
    mut sql: PgConnection,
    (delivered, broken): (Arc<AtomicU64>, Arc<AtomicU64>),
) {
    // Somebody else may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let mut took = Duration::ZERO;
    loop {
        let fetch = consumer
            .fetch()
            .max_messages(1)
            .expires(Duration::from_secs(1));
        let Ok(mut batch) = fetch.messages().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        while let Some(Ok(message)) = batch.next().await {
            let begin = Instant::now();
            let Ok(read) = serde_json::from_slice::<Message>(&message.payload) else {
                broken.fetch_add(1, Relaxed);
                message.ack().await.unwrap();
                continue;
            };
            let mut request = http.post(&read.webhook_url).json(&read.data);
            for (name, value) in &read.headers {
                request = request.header(name, value.as_str().unwrap());
            }
            let answer = request.send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                message.double_ack().await.unwrap();
            } else {
                let nak = async_nats::jetstream::AckKind::Nak(Some(Duration::from_millis(100)));
                message.ack_with(nak).await.unwrap();
                continue;
            }
            took += begin.elapsed();
            let count = delivered.fetch_add(1, Relaxed) + 1;
            if count.is_multiple_of(100) {
                let count = i64::try_from(count).unwrap();
                let said: bool = sqlx::query_scalar(
                    "SELECT rule_nats_consumer_update_stats($1, $2, $3, $3, 0, $4::float8::numeric)",
                )
                .bind(STREAM)
                .bind(DURABLE)
                .bind(count)
                .bind(took.as_secs_f64() * 1000.0 / count as f64)
                .fetch_one(&mut sql)
                .await
                .unwrap();
                assert!(said);
            }
        }
        if sql.ping().await.is_err() {
            return;
        }
    }
}
