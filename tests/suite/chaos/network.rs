//! The network between worker and endpoint fails in every way, over all modes and both paths, workers being killed meanwhile.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{
    DURABLE, SEED,
    account::settle,
    callers::{BOOK, Callers},
    faulty::{Call, Fault, Faulty},
    number,
    stage::Stage,
};
use crate::support::Shape;

/// Events a second: each takes more than one call.
const RATE: f64 = 150.0;

#[derive(sqlx::FromRow)]
struct Recorded {
    key: String,
    /// When the success was recorded.
    at: DateTime<Utc>,
    attempts: i32,
    /// Attempts without a result.
    ambiguous: i64,
    /// Attempts with one more call, after a kept connection was closed.
    resent: i64,
}

const RECORDED: &str = "SELECT b.key, coalesce(e.delivered_at, q.completed_at) AS at, coalesce(e.attempt, q.retry_count + 1) AS attempts,
       (SELECT count(*) FROM wavegate.ambiguous_attempt a WHERE a.call_id = b.call_id AND NOT a.resent) AS ambiguous,
       (SELECT count(*) FROM wavegate.ambiguous_attempt a WHERE a.call_id = b.call_id AND a.resent) AS resent
    FROM book b
    LEFT JOIN rule_webhook_events e ON e.call_id = b.call_id
    LEFT JOIN wavegate.queue q ON q.call_id = b.call_id";

/// One webhook for each mode and share; the deadline is long enough for a machine that is busy.
async fn webhooks(stage: &Stage, shape: Shape, url: &str) -> Vec<i32> {
    let column = match shape {
        Shape::A => "url",
        Shape::B => "webhook_url",
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {column}, publish_mode, nats_enabled, nats_share, nats_takeover_after_ms,
                                    timeout_ms, retry_delay_ms, retry_backoff_multiplier, max_retries)
         SELECT mode || ' ' || share, $1, mode, mode <> 'queue', share, 2000, 4000, 100, 1.5, 10
         FROM (VALUES ('queue', 0), ('both', 0), ('both', 50), ('both', 100), ('nats', 0)) m (mode, share) RETURNING webhook_id"
    );
    let mut sql = stage.connect().await;
    sqlx::query(BOOK).execute(&mut sql).await.unwrap();
    sqlx::query_scalar(sqlx::AssertSqlSafe(insert))
        .bind(url)
        .fetch_all(&mut sql)
        .await
        .unwrap()
}

/// Returns the number of worker kills.
async fn fail_for(
    stage: &mut Stage,
    faulty: &mut Faulty,
    seconds: u64,
    kills: bool,
    rng: &mut fastrand::Rng,
) -> usize {
    let end = std::time::Instant::now() + Duration::from_secs(seconds);
    let mut killed = 0;
    while std::time::Instant::now() < end {
        stage.restart_due();
        tokio::time::sleep(Duration::from_millis(rng.u64(300..900))).await;
        if rng.bool() {
            faulty.refuse(rng.u64(50..400)).await;
        } else if kills {
            let name = ["queue-1", "queue-2", "nats-1", "nats-2"][rng.usize(..4)];
            killed += usize::from(stage.kill(name, Duration::from_millis(rng.u64(50..800))));
        }
    }
    stage.all_up();
    killed
}

/// An event whose success was recorded is never sent again; one that was told of a success is sent again only where the
/// worker died with that answer.
fn judge(recorded: &[Recorded], calls: &HashMap<String, Vec<Call>>, kills: bool) {
    for event in recorded {
        let came = &calls[&event.key];
        let told = came.iter().filter(|call| call.told).count();
        let what = format!("{} came as {came:?}, recorded {}", event.key, event.at);
        assert!(told >= 1, "delivered, says the ledger: {what}");
        let again = i64::try_from(told).unwrap() - 1;
        assert!(
            again <= event.ambiguous,
            "sent again after a success: {what}"
        );
        assert!(
            // An attempt without a result may have had its second call, too.
            came.len()
                <= usize::try_from(i64::from(event.attempts) + event.resent + event.ambiguous)
                    .unwrap(),
            "calls without an attempt: {what}"
        );
        if event.ambiguous == 0 {
            assert!(
                came.iter().all(|call| call.at <= event.at),
                "sent after its success was recorded: {what}"
            );
            assert!(came.last().unwrap().told, "{what}");
        }
        assert!(kills || event.ambiguous == 0, "nobody died: {what}");
    }
}

#[allow(clippy::print_stderr)]
async fn bad_network(shape: Shape, seed: u64, seconds: u64, kills: bool) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut stage = Stage::new(shape, &[DURABLE]).await;
    let mut faulty = Faulty::start(seed).await;
    let ids = webhooks(&stage, shape, &faulty.url).await;
    stage.enter_all();
    let callers = Callers::start(&stage.url, &ids, RATE, seed);
    let killed = fail_for(&mut stage, &mut faulty, seconds, kills, &mut rng).await;
    let (heard, took) = callers.stop().await;
    if kills {
        // What a dead worker had pulled and not claimed would come again after the ack wait, two minutes; the queue is faster.
        let said = stage.run(&["rollback", "--all", "--to", "queue", "--yes"]);
        assert_eq!(said.0, 0, "{}", said.1);
    }
    let arrivals = || {
        let calls = faulty.calls().into_iter();
        calls
            .map(|(key, calls)| (key, calls.into_iter().map(|call| call.id).collect()))
            .collect()
    };
    let account = settle(&mut stage, &arrivals, &heard, true, took).await;
    let mut sql = stage.connect().await;
    let recorded: Vec<Recorded> = sqlx::query_as(RECORDED).fetch_all(&mut sql).await.unwrap();
    let calls = faulty.calls();
    judge(&recorded, &calls, kills);
    let mut faults: BTreeMap<Fault, usize> = BTreeMap::new();
    for call in calls.values().flatten() {
        *faults.entry(call.fault).or_default() += 1;
    }
    assert!(faults.len() >= 8, "{faults:?}");
    eprintln!(
        "chaos: bad network, seed {seed}, shape {shape:?}, {account}; {killed} workers killed; calls {faults:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_bad_network_loses_nothing_and_no_success_is_sent_again() {
    let seed = number("WAVEGATE_CHAOS_SEED", SEED);
    bad_network(Shape::A, seed, 8, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_bad_network_and_workers_killed_lose_nothing() {
    let seed = number("WAVEGATE_CHAOS_SEED", SEED);
    bad_network(Shape::B, seed, 8, true).await;
}
