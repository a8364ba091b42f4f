//! Callers: several sessions of an ordinary role that make calls in transactions of their own, at a fixed rate. Some
//! transactions are rolled back on purpose, so that a ghost would show. The same seed makes the same calls in the same order.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::json;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::task::JoinHandle;

use super::backdrop::Placed;
use crate::{
    error::{Context, Error, Result},
    model::Callers,
};

/// How much and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub seed: u64,
    pub sessions: usize,
    /// Calls a second, all sessions together.
    pub per_second: f64,
}

/// One transaction: calls of these webhooks (by place in the list), and whether it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Webhook and, for the unified function, `true`.
    pub calls: Vec<(usize, bool)>,
    pub roll_back: bool,
}

/// The endless, repeatable list of what one session does.
#[derive(Debug)]
pub struct Script {
    random: Rng,
    /// Sums of the weights, to draw by.
    ladder: Vec<u32>,
}

impl Script {
    pub fn new(seed: u64, session: usize, webhooks: &[Placed]) -> Script {
        let mut sum = 0;
        let ladder = webhooks
            .iter()
            .map(|placed| {
                sum += if placed.webhook.enabled {
                    placed.webhook.weight
                } else {
                    0
                };
                sum
            })
            .collect();
        Script {
            random: Rng::with_seed(seed ^ ((session as u64 + 1) << 32)),
            ladder,
        }
    }
}

impl Iterator for Script {
    type Item = Deal;

    fn next(&mut self) -> Option<Deal> {
        let sum = *self.ladder.last().filter(|sum| **sum > 0)?;
        let calls = (0..self.random.usize(1..=3))
            .map(|_| {
                let drawn = self.random.u32(0..sum);
                let place = self.ladder.partition_point(|step| *step <= drawn);
                (place, self.random.bool())
            })
            .collect();
        Some(Deal {
            calls,
            roll_back: self.random.u8(0..100) < 3,
        })
    }
}

#[derive(Debug, Default)]
struct Counts {
    committed: u64,
    rolled_back: HashSet<String>,
    rolled_back_calls: u64,
    failed: u64,
    first_error: Option<String>,
    transactions_ms: Vec<f32>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    /// The unified function is there: use it for half of the calls.
    unified: AtomicBool,
    counts: Mutex<Counts>,
}

impl Shared {
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Running callers; dropped, they stop at once.
#[derive(Debug)]
pub struct Traffic {
    shared: Arc<Shared>,
    sessions: Vec<JoinHandle<()>>,
    start: Instant,
}

impl Traffic {
    /// Starts the sessions, as role `lab_app`.
    pub async fn start(url: &str, webhooks: &[Placed], rate: Rate) -> Result<Traffic> {
        let options: PgConnectOptions = url
            .parse()
            .context("the lab's database URL cannot be read")?;
        let options = options.username("lab_app").application_name("lab caller");
        let shared = Arc::new(Shared::default());
        let mut sessions = Vec::new();
        let start = Instant::now();
        for session in 0..rate.sessions {
            let connection = PgConnection::connect_with(&options)
                .await
                .context("a caller of the lab cannot reach PostgreSQL")?;
            let caller = Caller {
                session,
                connection,
                options: options.clone(),
                script: Script::new(rate.seed, session, webhooks),
                webhooks: webhooks.iter().map(|placed| placed.webhook_id).collect(),
                // Two calls a transaction on average.
                pause: Duration::from_secs_f64(2.0 * rate.sessions as f64 / rate.per_second),
                shared: shared.clone(),
            };
            sessions.push(tokio::spawn(caller.run()));
        }
        Ok(Traffic {
            shared,
            sessions,
            start,
        })
    }

    /// Half of the calls go through `rule_webhook_call_unified` from now on.
    pub fn use_unified(&self) {
        self.shared.unified.store(true, Ordering::Relaxed);
    }

    pub fn committed(&self) -> u64 {
        self.shared.counts().committed
    }

    /// Lets every session finish its transaction; what the callers met, and the ids of events that were rolled back.
    pub async fn stop(mut self) -> Result<(Callers, HashSet<String>)> {
        self.shared.stop.store(true, Ordering::Relaxed);
        let sessions = self.sessions.len();
        for session in self.sessions.drain(..) {
            session
                .await
                .map_err(|_| Error::failed("a caller of the lab broke down"))?;
        }
        let elapsed = self.start.elapsed().as_secs_f64();
        let mut counts = std::mem::take(&mut *self.shared.counts());
        counts.transactions_ms.sort_by(f32::total_cmp);
        let last = counts.transactions_ms.len().saturating_sub(1);
        let at = |place: usize| {
            counts
                .transactions_ms
                .get(place)
                .copied()
                .map_or(0.0, f64::from)
        };
        Ok((
            Callers {
                sessions,
                committed: counts.committed,
                rolled_back: counts.rolled_back_calls,
                failed: counts.failed,
                first_error: counts.first_error.clone(),
                per_second: counts.committed as f64 / elapsed.max(0.001),
                p99_ms: at(last * 99 / 100),
                slowest_ms: at(last),
            },
            counts.rolled_back,
        ))
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        for session in &self.sessions {
            session.abort();
        }
    }
}

struct Caller {
    session: usize,
    connection: PgConnection,
    options: PgConnectOptions,
    script: Script,
    webhooks: Vec<i32>,
    pause: Duration,
    shared: Arc<Shared>,
}

impl Caller {
    async fn run(mut self) {
        let mut tick = tokio::time::interval(self.pause);
        // A late caller catches up: the rate is what was asked for.
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
        let mut number = 0_u64;
        while !self.shared.stop.load(Ordering::Relaxed) {
            tick.tick().await;
            let Some(deal) = self.script.next() else {
                return;
            };
            let start = Instant::now();
            let outcome = self.carry_out(&deal, number).await;
            number += 1;
            let took = start.elapsed().as_secs_f32() * 1000.0;
            let calls = deal.calls.len() as u64;
            let broken = {
                let mut counts = self.shared.counts();
                counts.transactions_ms.push(took);
                match outcome {
                    Ok(ids) if deal.roll_back => {
                        counts.rolled_back_calls += calls;
                        counts.rolled_back.extend(ids);
                        false
                    }
                    Ok(_) => {
                        counts.committed += calls;
                        false
                    }
                    Err(error) => {
                        counts.failed += 1;
                        counts.first_error.get_or_insert(error.to_string());
                        !matches!(error, sqlx::Error::Database(_))
                    }
                }
            };
            if broken && let Ok(fresh) = PgConnection::connect_with(&self.options).await {
                self.connection = fresh;
            }
        }
        let _ = self.connection.close().await;
    }

    /// One transaction; the ids of its events where the answer tells them.
    async fn carry_out(&mut self, deal: &Deal, number: u64) -> Result<Vec<String>, sqlx::Error> {
        let unified = self.shared.unified.load(Ordering::Relaxed);
        let mut ids = Vec::new();
        let mut transaction = self.connection.begin().await?;
        for (place, &(webhook, wants_unified)) in deal.calls.iter().enumerate() {
            let webhook_id = self.webhooks[webhook];
            let payload = json!({"session": self.session, "transaction": number, "call": place, "of": webhook_id});
            if unified && wants_unified {
                let id: Option<String> =
                    sqlx::query_scalar(include_str!("../../sql/lab/call_unified.sql"))
                        .bind(webhook_id)
                        .bind(payload)
                        .fetch_one(&mut *transaction)
                        .await?;
                ids.extend(id);
            } else {
                let id: i64 = sqlx::query_scalar(include_str!("../../sql/lab/call_enqueue.sql"))
                    .bind(webhook_id)
                    .bind(payload)
                    .fetch_one(&mut *transaction)
                    .await?;
                ids.push(format!("call-{id}"));
            }
        }
        if deal.roll_back {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        Ok(ids)
    }
}
