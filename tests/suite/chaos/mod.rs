//! Traffic through all modes while everything is killed: nothing is lost, and what comes twice has a name.
//!
//! WAVEGATE_CHAOS_SEED and WAVEGATE_CHAOS_KILLS choose another run; `scripts/chaos` makes the long one.

mod account;
mod callers;
mod endpoint;
mod flips;
mod stage;
mod victims;

use std::{
    sync::{Arc, atomic::AtomicBool, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use account::{Account, settle};
use callers::Callers;
use endpoint::Endpoint;
use flips::Operator;
use sqlx::Connection;
use stage::Stage;
use victims::{IN_FLIGHT, Killer};

use crate::support::Shape;

const SEED: u64 = 7;
const KILLS: usize = 12;
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

/// One run: callers, flips, kills; then everything is up, back in the queue, and reckoned.
#[allow(clippy::print_stderr)]
async fn run(shape: Shape, seed: u64, kills: usize, settings: &[&str]) -> Account {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::new(shape, settings).await;
    let endpoint = Endpoint::start(HOLD).await;
    let timeout_ms = if kills == 0 { 20_000 } else { 2000 };
    let ids = webhooks(&stage, shape, &endpoint, timeout_ms).await;
    stage.enter_all();
    let callers = Callers::start(&stage.url, &ids, RATE, seed);
    let operator = Operator::new(&stage.url, &stage.nats.url(), stage.db().await);
    let stop = Arc::new(AtomicBool::new(false));
    let journey = tokio::spawn(operator.clone().travel(rng.fork(), stop.clone()));
    let mut killer = Killer::default();
    let end = Instant::now() + Duration::from_secs(120 + 5 * kills as u64);
    while killer.count() < kills || !operator.been_everywhere() {
        assert!(!journey.is_finished(), "{:?}", journey.await);
        assert!(Instant::now() < end, "only {}", operator.journey());
        if killer.count() < kills {
            killer.strike(&mut stage, &endpoint, &mut rng).await;
        } else {
            stage.restart_due();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    stage.all_up();
    stop.store(true, SeqCst);
    while !journey.is_finished() {
        stage.restart_due();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    journey.await.unwrap();
    let (heard, took) = callers.stop().await;
    let patience = tokio::time::Instant::now() + Duration::from_secs(60);
    operator.back(&["--all", "--to", "queue"], patience).await;
    let durable = settings.contains(&DURABLE);
    let account = settle(&mut stage, &endpoint, &heard, durable, 150).await;
    let least = killer.in_flight.iter().min().copied();
    eprintln!(
        "chaos: seed {seed}, shape {shape:?}{}, {} events ({:.0}/s in {:.0} s; {} rolled back, {} with unknown outcome), {} kills {:?}, \
         least in flight at a kill {}, duplicates {}, ambiguous {}, failed attempts {}, nowhere {}; exits {}, slowest call {} ms; reached: {}",
        if durable {
            ""
        } else {
            ", asynchronous commits"
        },
        account.events,
        account.events as f64 / took.as_secs_f64(),
        took.as_secs_f64(),
        heard.rolled_back.len(),
        heard.unknown,
        killer.count(),
        killer.kills,
        least.map_or("-".to_string(), |n| n.to_string()),
        account.duplicates,
        account.ambiguous,
        account.failed,
        account.nowhere,
        stage.gave_up(),
        heard.slowest.as_millis(),
        operator.journey(),
    );
    assert!(least.is_none_or(|n| n >= IN_FLIGHT));
    account
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn nothing_is_lost_while_everything_is_killed() {
    let seed = number("WAVEGATE_CHAOS_SEED", SEED);
    let kills = usize::try_from(number("WAVEGATE_CHAOS_KILLS", KILLS as u64)).unwrap();
    let shape = if seed.is_multiple_of(2) {
        Shape::A
    } else {
        Shape::B
    };
    run(shape, seed, kills, &[DURABLE]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_kills_nothing_comes_twice() {
    let account = run(Shape::A, SEED, 0, &[DURABLE]).await;
    assert_eq!(
        (account.duplicates, account.ambiguous, account.failed),
        (0, 0, 0)
    );
}
