//! Healthy traffic: for each webhook a caller in a session of its own, at a steady rate, that keeps a book of its commits.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

/// When the caller knew of the commit, by event id.
pub type Book = HashMap<String, Instant>;

pub struct Traffic {
    stop: Arc<AtomicBool>,
    book: Arc<Mutex<Book>>,
    callers: JoinSet<()>,
}

const CALL: &str =
    "SELECT rule_webhook_call_unified($1, jsonb_build_object('n', $2::int)) ->> 'event_id'";

impl Traffic {
    /// `rate`: events a second, all webhooks together.
    pub async fn start(url: &str, webhooks: &[i32], rate: f64) -> Traffic {
        let mut traffic = Traffic {
            stop: Arc::default(),
            book: Arc::default(),
            callers: JoinSet::new(),
        };
        let pace = Duration::from_secs_f64(webhooks.len() as f64 / rate);
        for (number, webhook) in webhooks.iter().enumerate() {
            let caller = Caller {
                sql: PgConnection::connect(url).await.unwrap(),
                url: url.to_string(),
                webhook: *webhook,
                stop: traffic.stop.clone(),
                book: traffic.book.clone(),
            };
            let first = pace.mul_f64(number as f64 / webhooks.len() as f64);
            traffic.callers.spawn(caller.run(first, pace));
        }
        traffic
    }

    /// Stops every caller; what they committed.
    pub async fn stop(mut self) -> Book {
        self.stop.store(true, Relaxed);
        while let Some(ended) = self.callers.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.book.lock().unwrap())
    }
}

struct Caller {
    sql: PgConnection,
    url: String,
    webhook: i32,
    stop: Arc<AtomicBool>,
    book: Arc<Mutex<Book>>,
}

impl Caller {
    /// Who was held up does not catch up: a lock must not become a burst.
    async fn run(mut self, first: Duration, pace: Duration) {
        tokio::time::sleep(first).await;
        let mut beat = tokio::time::interval(pace);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut n = 0;
        while !self.stop.load(Relaxed) {
            beat.tick().await;
            n += 1;
            let called: sqlx::Result<String> = sqlx::query_scalar(CALL)
                .bind(self.webhook)
                .bind(n)
                .fetch_one(&mut self.sql)
                .await;
            match called {
                Ok(id) => {
                    self.book.lock().unwrap().insert(id, Instant::now());
                }
                // Cancelled by a time-out or a serialization failure: there was no event, and an application calls again.
                Err(sqlx::Error::Database(error))
                    if matches!(
                        error.code().as_deref(),
                        Some("57014" | "40001" | "40P01" | "55P03")
                    ) => {}
                Err(error) => panic!("webhook {}: {error} at {}", self.webhook, self.url),
            }
        }
    }
}
