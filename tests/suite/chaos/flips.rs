//! Takes the webhooks through all modes and back, again and again, as an operator would who repeats what was interrupted.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep};
use wavegate::{engine::barrier::Patience, plan::Plan, store::Db};

use super::stage::command;
use crate::support::bench::{Ask, apply_on, next};

pub const PLAN: &str = "\
version: 1
name: chaos
nats: { stream: WEBHOOKS, subject: \"webhooks.{id}\" }
defaults: { soak: 10s, watch: 10s, shares: [0, 10, 50, 100], takeover_after: 2s }
waves:
  - { name: all, match: { rest: true } }
";
const WAVE: &str = "all";

/// What a journey must have seen.
const EVERYWHERE: [&str; 7] = [
    "both 0 %",
    "both 10 %",
    "both 50 %",
    "both 100 %",
    "nats",
    "both again",
    "queue again",
];

/// How long one step may take, repetitions included.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Clone)]
pub struct Operator {
    pub url: String,
    pub nats: String,
    pub db: Db,
    plan: Arc<Plan>,
    /// How often each state was reached.
    reached: Arc<Mutex<BTreeMap<String, usize>>>,
}

/// What the database says of a wave.
#[derive(sqlx::FromRow)]
struct Standing {
    step: String,
    share: i16,
    mode: String,
}

impl Operator {
    pub fn new(url: &str, nats: &str, db: Db) -> Operator {
        Operator {
            url: url.to_string(),
            nats: nats.to_string(),
            db,
            plan: Arc::new(Plan::parse(PLAN).unwrap()),
            reached: Arc::default(),
        }
    }

    /// `nats 3, queue 2`, and so on.
    pub fn journey(&self) -> String {
        let reached = self.reached.lock().unwrap();
        let parts: Vec<String> = reached.iter().map(|(k, n)| format!("{k} {n}")).collect();
        parts.join(", ")
    }

    /// Was the wave in every mode, and back again?
    pub fn been_everywhere(&self) -> bool {
        let reached = self.reached.lock().unwrap();
        EVERYWHERE.iter().all(|state| reached.contains_key(*state))
    }

    /// Takes one step after the other until asked to stop.
    pub async fn travel(self, mut rng: fastrand::Rng, stop: Arc<AtomicBool>) {
        while !stop.load(SeqCst) {
            self.step(&mut rng).await;
            sleep(Duration::from_millis(rng.u64(200..1200))).await;
        }
    }

    async fn step(&self, rng: &mut fastrand::Rng) {
        let end = Instant::now() + PATIENCE;
        let standing = self.standing(end).await;
        // Straight through everything first.
        let luck = if self.been_everywhere() {
            rng.u32(..4)
        } else {
            1
        };
        let reached = match (standing.step.as_str(), standing.mode.as_str()) {
            ("nats", _) if luck == 0 => {
                self.back(&["--wave", WAVE, "--level", "2"], end).await;
                "queue again, from nats".to_string()
            }
            ("nats", _) => {
                self.back(&["--wave", WAVE, "--level", "1"], end).await;
                "both again".to_string()
            }
            ("rolled_back", "both") if luck > 0 => {
                self.back(&["--wave", WAVE, "--to", "queue"], end).await;
                "queue again".to_string()
            }
            ("hybrid", _) if luck == 0 && standing.share > 0 => {
                // One webhook alone; it comes along again when the wave is resumed.
                self.back(&["--webhook", "w_2", "--to", "queue"], end).await;
                self.forward(false, end).await;
                "one webhook back".to_string()
            }
            (step, _) => {
                self.forward(step == "rolled_back", end).await;
                let now = self.standing(end).await;
                match now.step.as_str() {
                    "hybrid" => format!("both {} %", now.share),
                    other => other.to_string(),
                }
            }
        };
        *self.reached.lock().unwrap().entry(reached).or_default() += 1;
    }

    /// `apply` of the next step, repeated until it went through.
    pub async fn forward(&self, resume: bool, end: Instant) {
        let mut tried = false;
        loop {
            let ask = Ask {
                resume,
                ..next(WAVE)
            };
            let patience = Patience {
                timeout: Duration::from_secs(20),
                ignore: Vec::new(),
            };
            match apply_on(&self.db, &self.plan, ask, &patience).await {
                Ok(_) => return,
                // The session was killed after the last commit and before its answer: there was a flip, and it is over.
                Err(error) if tried && error.to_string() == "not a flip" => return,
                // A flip that was interrupted and finished since: nothing is left to resume.
                Err(_) if resume && self.standing(end).await.step != "rolled_back" => return,
                Err(error) => assert!(Instant::now() < end, "apply: {error} {:?}", error.hints()),
            }
            tried = true;
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The real `rollback`, repeated until it says that it is done. It asks no NATS.
    pub async fn back(&self, arguments: &[&str], end: Instant) {
        let arguments = [&["rollback"], arguments, &["--yes"]].concat();
        loop {
            let mut command =
                tokio::process::Command::from(command(&self.url, &self.nats, &arguments));
            let output = command.output().await.unwrap();
            if output.status.success() {
                return;
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(Instant::now() < end, "{arguments:?}: {said}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn standing(&self, end: Instant) -> Standing {
        loop {
            match self.read().await {
                Ok(standing) => return standing,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn read(&self) -> sqlx::Result<Standing> {
        let mut connection = PgConnection::connect(&self.url).await?;
        sqlx::query_as(
            "SELECT coalesce((SELECT step FROM wavegate.wave), 'pending') AS step,
                    coalesce((SELECT share FROM wavegate.wave), 0::smallint) AS share,
                    (SELECT min(publish_mode) FROM rule_webhooks) AS mode",
        )
        .fetch_one(&mut connection)
        .await
    }
}
