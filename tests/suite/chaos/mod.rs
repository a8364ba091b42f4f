//! Traffic through all modes while everything is killed: nothing is lost, and what comes twice has a name.
//!
//! WAVEGATE_CHAOS_SEED and WAVEGATE_CHAOS_KILLS choose another run; `scripts/chaos` makes the long one.

mod account;
mod callers;
mod endpoint;
mod faulty;
mod flips;
mod mischief;
mod network;
mod redrive;
mod stage;
mod victims;

use std::{
    sync::{Arc, atomic::AtomicBool, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use account::{Account, settle};
use callers::{Callers, Heard};
use endpoint::Endpoint;
use flips::Operator;
use mischief::Mischief;
use sqlx::Connection;
use stage::Stage;
use victims::{IN_FLIGHT, Killer};

use crate::support::Shape;

const SEED: u64 = 6;
const KILLS: u64 = 12;
/// Events a second.
const RATE: f64 = 330.0;
const HOLD: Duration = Duration::from_millis(110);
/// A caller's commit is on disk before it is confirmed: what a run may lose is not a matter of luck.
const DURABLE: &str = "synchronous_commit = on";

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Six webhooks, all in mode queue.
async fn webhooks(stage: &Stage, shape: Shape, endpoint: &Endpoint, timeout_ms: i32) -> Vec<i32> {
    let column = match shape {
        Shape::A => "url",
        Shape::B => "webhook_url",
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {column}, timeout_ms, retry_delay_ms, max_retries)
         SELECT 'w_' || n, $1, $2, 100, 10 FROM generate_series(1, 6) n RETURNING webhook_id"
    );
    let mut sql = stage.connect().await;
    let ids = sqlx::query_scalar(sqlx::AssertSqlSafe(insert))
        .bind(&endpoint.url)
        .bind(timeout_ms)
        .fetch_all(&mut sql)
        .await
        .unwrap();
    sqlx::query(callers::BOOK).execute(&mut sql).await.unwrap();
    sql.close().await.unwrap();
    ids
}

/// Servers, processes, callers and endpoint of one test, at work.
struct Run {
    stage: Stage,
    endpoint: Endpoint,
    callers: Callers,
    operator: Operator,
    durable: bool,
}

impl Run {
    async fn start(shape: Shape, seed: u64, timeout_ms: i32, settings: &[&str]) -> Run {
        let mut stage = Stage::new(shape, settings).await;
        let endpoint = Endpoint::start(HOLD).await;
        let ids = webhooks(&stage, shape, &endpoint, timeout_ms).await;
        stage.enter_all();
        Run {
            callers: Callers::start(&stage.url, &ids, RATE, seed),
            operator: Operator::new(&stage.url, &stage.nats.url(), stage.db().await),
            stage,
            endpoint,
            durable: settings.contains(&DURABLE),
        }
    }

    /// Goes on for so long.
    async fn pass(&mut self, ms: u64) {
        let end = Instant::now() + Duration::from_millis(ms);
        while Instant::now() < end {
            self.stage.restart_due();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The callers stop, everything is delivered, and is reckoned.
    async fn finish(mut self) -> (Account, Heard, Stage) {
        let (heard, took) = self.callers.stop().await;
        let endpoint = self.endpoint;
        let account = settle(
            &mut self.stage,
            &|| endpoint.arrivals(),
            &heard,
            self.durable,
            took,
        )
        .await;
        (account, heard, self.stage)
    }
}

/// One run: callers, flips, kills; then everything is up, back in the queue, and reckoned.
/// Its last line is for people, and for `docs/faults.md`.
#[allow(clippy::print_stderr)]
async fn all_modes(shape: Shape, seed: u64, kills: usize, settings: &[&str]) -> Account {
    let mut rng = fastrand::Rng::with_seed(seed);
    let timeout_ms = if kills == 0 { 20_000 } else { 3000 };
    let mut run = Run::start(shape, seed, timeout_ms, settings).await;
    let operator = run.operator.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let (traveller, its_rng, its_stop) = (operator.clone(), rng.fork(), stop.clone());
    let here = tokio::runtime::Handle::current();
    let travel = move || here.block_on(traveller.travel(its_rng, its_stop));
    let journey = tokio::task::spawn_blocking(travel);
    let mut killer = Killer::default();
    let mut mischief = Mischief::default();
    let end = Instant::now() + Duration::from_secs(120 + 5 * kills as u64);
    while killer.count() < kills || !operator.been_everywhere() {
        assert!(!journey.is_finished(), "{:?}", journey.await);
        assert!(Instant::now() < end, "only {}", operator.journey());
        if killer.count() < kills {
            killer.strike(&mut run.stage, &run.endpoint, &mut rng).await;
            if rng.bool() {
                mischief.strike(&run.stage, shape, &mut rng).await;
            }
            // At any moment every event is somewhere; while PostgreSQL is down nobody can say.
            if killer.count().is_multiple_of(4)
                && let Ok(audit) = account::audit(&run.stage)
            {
                assert_eq!(audit["nowhere"], 0, "{audit}");
            }
        } else {
            run.pass(20).await;
        }
    }
    mischief.end().await;
    run.stage.all_up();
    stop.store(true, SeqCst);
    while !journey.is_finished() {
        run.pass(20).await;
    }
    journey.await.unwrap();
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    operator.back(&["--all", "--to", "queue"], patience).await;
    let (account, heard, stage) = run.finish().await;
    let least = killer.in_flight.iter().min().copied();
    eprintln!(
        "chaos: seed {seed}, shape {shape:?}{}, {account}; {} kills {:?}, beside them {:?}, least in flight at a kill {}; \
         {} rolled back, {} with unknown outcome, slowest call {} ms, {} processes ended by themselves; reached: {}",
        if settings.contains(&DURABLE) {
            ""
        } else {
            ", asynchronous commits"
        },
        killer.count(),
        killer.kills,
        mischief.done,
        least.map_or("-".to_string(), |n| n.to_string()),
        heard.rolled_back.len(),
        heard.unknown,
        heard.slowest.as_millis(),
        stage.gave_up(),
        operator.journey(),
    );
    assert!(least.is_none_or(|n| n >= IN_FLIGHT));
    account
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nothing_is_lost_while_everything_is_killed() {
    let seed = number("WAVEGATE_CHAOS_SEED", SEED);
    let kills = usize::try_from(number("WAVEGATE_CHAOS_KILLS", KILLS)).unwrap();
    // What PostgreSQL forgets of asynchronous commits, it forgets of events and claims alike.
    let settings: &[&str] = if seed % 4 == 3 { &[] } else { &[DURABLE] };
    let shape = if seed.is_multiple_of(2) {
        Shape::A
    } else {
        Shape::B
    };
    all_modes(shape, seed, kills, settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_kills_nothing_comes_twice() {
    let account = all_modes(Shape::A, SEED, 0, &[DURABLE]).await;
    assert_eq!(
        (account.duplicates, account.ambiguous, account.failed),
        (0, 0, 0)
    );
}
