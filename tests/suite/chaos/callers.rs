//! Applications that call webhooks at a steady rate, each in a session of its own, and keep a book of what they committed.
//!
//! The book is a table that is written in the caller's own transaction: whatever the caller heard of its commit, the
//! book says what became of it.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use sqlx::{Connection, Executor, PgConnection, postgres::PgConnectOptions};
use tokio::{task::JoinSet, time::Instant};

/// The callers' own table.
pub const BOOK: &str = "CREATE TABLE book (key text PRIMARY KEY, webhook_id integer NOT NULL, event_id text, call_id bigint)";
pub const NAME: &str = "caller";

const CALLERS: u64 = 12;

/// What the callers know.
#[derive(Default)]
pub struct Heard {
    /// Commits that PostgreSQL confirmed.
    pub committed: HashSet<String>,
    /// Transactions that were given up on purpose.
    pub rolled_back: HashSet<String>,
    /// Commits whose outcome was never heard of.
    pub unknown: usize,
    /// Longest that a call which PostgreSQL answered took.
    pub slowest: Duration,
}

pub struct Callers {
    stop: Arc<AtomicBool>,
    heard: Arc<Mutex<Heard>>,
    tasks: JoinSet<()>,
    began: Instant,
}

struct Caller {
    url: PgConnectOptions,
    number: u64,
    rng: fastrand::Rng,
    webhooks: Vec<i32>,
    heard: Arc<Mutex<Heard>>,
}

impl Callers {
    /// `rate`: committed events a second, all callers together.
    pub fn start(url: &str, webhooks: &[i32], rate: f64, seed: u64) -> Callers {
        let mut callers = Callers {
            stop: Arc::default(),
            heard: Arc::default(),
            tasks: JoinSet::new(),
            began: Instant::now(),
        };
        let options: PgConnectOptions = url.parse().unwrap();
        for number in 0..CALLERS {
            let caller = Caller {
                url: options.clone().application_name(NAME),
                number,
                rng: fastrand::Rng::with_seed(seed.wrapping_mul(1000) + number),
                webhooks: webhooks.to_vec(),
                heard: callers.heard.clone(),
            };
            let pace = Duration::from_secs_f64(CALLERS as f64 / rate);
            callers.tasks.spawn(caller.run(pace, callers.stop.clone()));
        }
        callers
    }

    /// Stops them all; what they heard, and for how long they called.
    pub async fn stop(mut self) -> (Heard, Duration) {
        let took = self.began.elapsed();
        self.stop.store(true, SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        (std::mem::take(&mut self.heard.lock().unwrap()), took)
    }
}

impl Caller {
    async fn run(mut self, pace: Duration, stop: Arc<AtomicBool>) {
        let mut connection: Option<PgConnection> = None;
        let mut next = Instant::now() + pace.mul_f64(self.rng.f64());
        let mut count = 0;
        while !stop.load(SeqCst) {
            // Behind the schedule it catches up: the rate is that of the whole run.
            tokio::time::sleep_until(next).await;
            let Some(session) = &mut connection else {
                match PgConnection::connect_with(&self.url).await {
                    Ok(session) => connection = Some(session),
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
                continue;
            };
            let (events, outcome) = self.call(session, &mut count).await;
            next += pace * events;
            if outcome.is_err() {
                connection = None;
            }
        }
    }

    /// One transaction of one of the kinds that applications use; how many events it meant to commit.
    async fn call(
        &mut self,
        session: &mut PgConnection,
        count: &mut u64,
    ) -> (u32, sqlx::Result<()>) {
        let mut key = || {
            *count += 1;
            format!("{}-{count}", self.number)
        };
        let begin = Instant::now();
        let (keys, kept, outcome) = match self.rng.u32(..20) {
            0..12 => {
                let keys = vec![key()];
                let outcome = self.one(session, UNIFIED, &keys[0]).await;
                (keys, true, outcome)
            }
            12..14 => {
                let keys = vec![key()];
                let outcome = self.one(session, ENQUEUE, &keys[0]).await;
                (keys, true, outcome)
            }
            14..16 => {
                let keys = vec![key()];
                let outcome = self.one(session, PUBLISH, &keys[0]).await;
                (keys, true, outcome)
            }
            16..18 => {
                let keys = vec![key(), key(), key()];
                let outcome = self.several(session, &keys, "COMMIT").await;
                (keys, true, outcome)
            }
            _ => {
                let keys = vec![key(), key()];
                let outcome = self.several(session, &keys, "ROLLBACK").await;
                (keys, false, outcome)
            }
        };
        let mut heard = self.heard.lock().unwrap();
        let events = u32::try_from(keys.len()).unwrap();
        if !kept {
            heard.rolled_back.extend(keys);
            return (0, outcome);
        }
        match &outcome {
            Ok(()) => {
                heard.committed.extend(keys);
                heard.slowest = heard.slowest.max(begin.elapsed());
                (events, outcome)
            }
            Err(sqlx::Error::Database(error)) if !gone(error.code().as_deref()) => {
                panic!("a call failed: {error}")
            }
            Err(_) => {
                heard.unknown += keys.len();
                (0, outcome)
            }
        }
    }

    async fn one(
        &mut self,
        session: &mut PgConnection,
        statement: &'static str,
        key: &str,
    ) -> sqlx::Result<()> {
        let webhook = self.rng.choice(&self.webhooks).copied();
        sqlx::query(statement)
            .bind(webhook)
            .bind(key)
            .execute(session)
            .await
            .map(|_| ())
    }

    async fn several(
        &mut self,
        session: &mut PgConnection,
        keys: &[String],
        end: &'static str,
    ) -> sqlx::Result<()> {
        session.execute("BEGIN").await?;
        for key in keys {
            self.one(session, UNIFIED, key).await?;
        }
        session.execute(end).await.map(|_| ())
    }
}

/// Errors by which PostgreSQL says that the session or the server is going away, or not there yet.
fn gone(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
}

const UNIFIED: &str = "INSERT INTO book (key, webhook_id, event_id)
    SELECT $2, $1, rule_webhook_call_unified($1, jsonb_build_object('key', $2::text)) ->> 'event_id'";
const ENQUEUE: &str = "INSERT INTO book (key, webhook_id, call_id)
    SELECT $2, $1, rule_webhook_enqueue($1, jsonb_build_object('key', $2::text), 'a rule')";
/// With an id of the caller's own.
const PUBLISH: &str = "INSERT INTO book (key, webhook_id, event_id)
    SELECT $2, $1, rule_webhook_publish_nats($1, jsonb_build_object('key', $2::text), 'own-' || $2) ->> 'event_id'";
