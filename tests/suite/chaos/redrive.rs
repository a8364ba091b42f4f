//! Ways out of mode `nats` under load: the NATS worker is dead, or the stream has lost what it held.

use std::time::Duration;

use sqlx::Connection;
use tokio::time::Instant;

use super::{DURABLE, Run, stage::Stage};
use crate::{support::Shape, support::plane::STREAM};

/// Longer than any test.
const FOR_GOOD: Duration = Duration::from_secs(3600);

/// Takes everything to mode `nats`, under load.
async fn in_nats(shape: Shape, seed: u64) -> Run {
    let mut run = Run::start(shape, seed, 3000, &[DURABLE]).await;
    let end = Instant::now() + Duration::from_secs(60);
    // both at 0, 10, 50 and 100 %, nats
    for _ in 0..5 {
        run.operator.forward(false, end).await;
        run.pass(100).await;
    }
    run
}

async fn kill_nats_workers(run: &mut Run, down: Duration) {
    let end = Instant::now() + Duration::from_secs(60);
    while run.endpoint.held() < 20 {
        assert!(Instant::now() < end, "{}", run.stage.logs());
        run.pass(2).await;
    }
    assert!(run.stage.kill("nats-1", down) && run.stage.kill("nats-2", down));
}

async fn number(stage: &Stage, query: &'static str) -> i64 {
    let mut sql = stage.connect().await;
    let number = sqlx::query_scalar(query).fetch_one(&mut sql).await.unwrap();
    sql.close().await.unwrap();
    number
}

const REDRIVEN: &str =
    "SELECT count(*) FROM rule_webhook_events WHERE NOT two_route AND has_queue_row";
/// Claims without a result, and those that a queue worker has taken over already.
const HELD_BY_NATS: &str =
    "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed' AND path = 'nats')
    + (SELECT count(*) FROM wavegate.ambiguous_attempt WHERE path = 'nats')";
const NAMED: &str = "SELECT count(*) FROM wavegate.ambiguous_attempt WHERE path = 'nats'";
const BY_NATS_ALONE: &str = "SELECT count(*) FROM rule_webhook_events WHERE NOT has_queue_row AND state IN ('open', 'claimed', 'retrying')";

const AGAIN: &str = "SELECT count(*) FROM rule_webhook_events WHERE publish_count > 1";

#[allow(clippy::print_stderr)]
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn back_from_nats_with_its_workers_dead_loses_and_doubles_nothing() {
    for (shape, level) in [(Shape::A, "1"), (Shape::B, "2")] {
        let mut run = in_nats(shape, 31).await;
        run.pass(1000).await;
        kill_nats_workers(&mut run, FOR_GOOD).await;
        run.pass(1500).await;
        // Nobody claims for NATS any more: what stands claimed is what they held, that, and only that, may come twice.
        let held = number(&run.stage, HELD_BY_NATS).await;
        let stranded = number(&run.stage, BY_NATS_ALONE).await;
        let end = Instant::now() + Duration::from_secs(60);
        run.operator.back(&["--all", "--level", level], end).await;
        run.pass(1000).await;
        let redriven = number(&run.stage, REDRIVEN).await;
        assert!(
            stranded > 100 && redriven > stranded / 2,
            "{stranded} stranded, {redriven} re-driven"
        );
        // Nobody brings the NATS workers back: the queue alone delivers everything.
        let (account, _, stage) = run.finish().await;
        let named = number(&stage, NAMED).await;
        assert_eq!(named, held, "attempts without a result: {account}");
        assert_eq!(account.failed, 0, "{account}");
        eprintln!(
            "chaos: back from nats with its workers dead, level {level}, shape {shape:?}, {account}; {stranded} stranded, {redriven} re-driven"
        );
    }
}

#[allow(clippy::print_stderr)]
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_stream_purged_and_a_storage_deleted_under_load_lose_nothing() {
    for (shape, deleted) in [(Shape::B, false), (Shape::A, true)] {
        let mut run = in_nats(shape, 41).await;
        // Copies pile up unread, then vanish; and once more with the workers at it.
        kill_nats_workers(&mut run, Duration::from_millis(1000)).await;
        run.pass(800).await;
        for _ in 0..2 {
            if deleted {
                run.stage.kill_nats(Duration::from_millis(300));
                run.stage.nats.forget().unwrap();
            } else {
                purge(&run).await;
            }
            run.pass(1200).await;
        }
        let (account, _, stage) = run.finish().await;
        assert!(
            account.duplicates <= account.ambiguous && account.failed == 0,
            "{account}"
        );
        let again = number(&stage, AGAIN).await;
        assert!(again > 100, "{again} were published again");
        let how = if deleted { "storage deleted" } else { "purged" };
        eprintln!(
            "chaos: stream {how} twice in mode nats, shape {shape:?}, {account}; {again} published again"
        );
    }
}

async fn purge(run: &Run) {
    let client = async_nats::connect(run.stage.nats.url()).await.unwrap();
    let stream = async_nats::jetstream::new(client)
        .get_stream(STREAM)
        .await
        .unwrap();
    stream.purge().await.unwrap();
}
