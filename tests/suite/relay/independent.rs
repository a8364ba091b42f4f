//! Delivery by foreign NATS workers: the engine's example worker delivers what wavegate publishes, unchanged.

use std::{collections::BTreeMap, time::Duration};

use async_nats::jetstream::consumer::{AckPolicy, pull};
use serde_json::json;

use crate::{
    relay::example_worker::{DURABLE, ExampleWorker},
    support::Shape,
    support::plane::{Plane, Process, STREAM},
    worker::both_paths::signature,
};

const INDEPENDENT: [&str; 7] = [
    "relay",
    "--delivery",
    "independent",
    "--consumer",
    DURABLE,
    "--republish-after",
    "1",
];

async fn relay(plane: &Plane) -> Process {
    plane.start(&INDEPENDENT).await
}

async fn stream(plane: &Plane) -> async_nats::jetstream::stream::Stream {
    let client = async_nats::connect(plane.nats.url()).await.unwrap();
    async_nats::jetstream::new(client)
        .get_stream(STREAM)
        .await
        .unwrap()
}

/// The durable as an operator of the example worker has it: what a dead worker held comes again soon.
async fn durable(plane: &Plane, max_deliver: i64) {
    let config = pull::Config {
        durable_name: Some(DURABLE.to_string()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(2),
        max_deliver,
        ..pull::Config::default()
    };
    stream(plane).await.create_consumer(config).await.unwrap();
}

/// Successful calls of each of these events.
fn counts(plane: &Plane, ids: &[String]) -> BTreeMap<usize, usize> {
    let successes = plane.receiver.successes();
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts
            .entry(successes.get(id).copied().unwrap_or(0))
            .or_default() += 1;
    }
    counts
}

fn all(count: usize, events: &[String]) -> BTreeMap<usize, usize> {
    BTreeMap::from([(count, events.len())])
}

const BY_THEM: &str = "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered' AND path = 'nats' AND claimed_by = 'webhook-worker-1' AND delivered_at IS NOT NULL";

#[tokio::test]
async fn the_example_worker_delivers_from_queue_to_both_to_nats_and_back() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let webhook = plane.webhook("ok", "queue", 0).await;
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET headers = '{{\"X-Token\": \"t\"}}' WHERE webhook_id = {webhook}"
            ))
            .await;
        durable(&plane, -1).await;
        let relay_process = relay(&plane).await;
        let queue = plane.worker("queue").await;
        let theirs = ExampleWorker::start(&plane).await;

        let queued = plane.emit(webhook, 20).await;
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true WHERE webhook_id = {webhook}"
            ))
            .await;
        let hybrid = plane.emit(webhook, 60).await;
        plane.until_delivered(60).await;
        plane
            .until(
                60,
                "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NULL",
                0,
            )
            .await;
        // By design: the queue and the foreign worker know nothing of each other. The receiver can tell by webhook-id.
        assert_eq!(counts(&plane, &hybrid), all(2, &hybrid));
        let by_queue = "SELECT count(*) FROM rule_webhook_events WHERE path = 'queue'";
        assert_eq!(plane.number(by_queue).await, 60);

        plane
            .run(&format!(
                "UPDATE rule_webhooks SET publish_mode = 'nats' WHERE webhook_id = {webhook}"
            ))
            .await;
        let single = plane.emit(webhook, 150).await;
        plane.until_delivered(60).await;
        plane.until(10, BY_THEM, 150).await;
        assert_eq!(counts(&plane, &single), all(1, &single));
        assert_eq!(counts(&plane, &queued), all(1, &queued));
        let bodies = plane.receiver.calls();
        let one = bodies.iter().find(|call| call.id == single[7]).unwrap();
        assert_eq!(one.body, json!({ "n": 7 }).to_string());
        assert_eq!(one.headers["x-token"], "t");
        // Its counters stand where the guides look.
        let said = "SELECT messages_acknowledged FROM rule_nats_consumer_stats WHERE consumer_name = 'webhook-worker-1'";
        assert_eq!(plane.number(said).await, 200);
        plane
            .until(10, "SELECT count(*) FROM rule_nats_outbox", 0)
            .await;
        assert_eq!(theirs.broken.load(std::sync::atomic::Ordering::Relaxed), 0);
        assert!(relay_process.stop().await && queue.stop().await);
        theirs.kill().await;
        plane.close().await;
    }
}

#[tokio::test]
async fn nothing_is_lost_when_relay_and_example_worker_are_killed() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-5", "nats", 0).await;
    durable(&plane, -1).await;
    let mut relay_process = relay(&plane).await;
    let mut theirs = ExampleWorker::start(&plane).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.extend(plane.emit(webhook, 40).await);
        relay_process.kill();
        ids.extend(plane.emit(webhook, 20).await);
        relay_process = relay(&plane).await;
        theirs.kill().await;
        ids.extend(plane.emit(webhook, 20).await);
        theirs = ExampleWorker::start(&plane).await;
    }
    plane.until_delivered(120).await;
    let counts = counts(&plane, &ids);
    let doubled: usize = counts.iter().filter(|(n, _)| **n > 1).map(|(_, c)| c).sum();
    assert!(!counts.contains_key(&0), "{counts:?}");
    // One message at a time: a kill can double one event at most.
    assert!(doubled <= 5, "{counts:?}");
    assert_eq!(
        plane.number(BY_THEM).await,
        i64::try_from(ids.len()).unwrap()
    );
}

#[tokio::test]
async fn what_leaves_the_stream_unacknowledged_is_published_again_and_nothing_else() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let relay_process = relay(&plane).await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL AND stream_seq IS NOT NULL";
    let again = "SELECT count(*) FROM rule_webhook_events WHERE publish_count > 1";

    // Without any durable nothing counts as delivered, and nothing is published twice for that.
    let mut ids = plane.emit(webhook, 20).await;
    plane.until(30, published, 20).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(
        (plane.number(BY_THEM).await, plane.number(again).await),
        (0, 0)
    );
    assert!(
        relay_process
            .log_text()
            .contains("no consumer webhook-worker-1")
    );

    // A purge moves the durable's floor beyond what nobody has acknowledged.
    durable(&plane, -1).await;
    stream(&plane).await.purge().await.unwrap();
    plane.until(60, again, 20).await;
    assert_eq!(plane.number(BY_THEM).await, 0);

    // So does the deletion of single messages; those before and after them were acknowledged.
    ids.extend(plane.emit(webhook, 10).await);
    plane.until(30, published, 30).await;
    let gone: Vec<i64> = sqlx::query_scalar(
        "SELECT stream_seq FROM rule_webhook_events WHERE publish_count = 1 ORDER BY seq OFFSET 3 LIMIT 4",
    )
    .fetch_all(&mut plane.sql)
    .await
    .unwrap();
    for seq in gone {
        let stream = stream(&plane).await;
        stream.delete_message(seq.cast_unsigned()).await.unwrap();
    }
    let theirs = ExampleWorker::start(&plane).await;
    plane.until_delivered(60).await;
    assert_eq!(plane.number(again).await, 24);
    assert_eq!(counts(&plane, &ids), all(1, &ids));

    // A stream that is made anew counts from one again: old sequences say nothing in it.
    theirs.kill().await;
    ids.extend(plane.emit(webhook, 15).await);
    plane.until(30, published, 45).await;
    let client = async_nats::connect(plane.nats.url()).await.unwrap();
    async_nats::jetstream::new(client)
        .delete_stream(STREAM)
        .await
        .unwrap();
    plane.ensure().await;
    durable(&plane, -1).await;
    let _theirs = ExampleWorker::start(&plane).await;
    let early = plane.emit(webhook, 60).await;
    plane.until_delivered(60).await;
    assert_eq!(counts(&plane, &ids), all(1, &ids));
    // What went into it before the relay knew it for another one may have come twice, never less than once.
    let counts = counts(&plane, &early);
    assert!(counts.keys().all(|n| [1, 2].contains(n)), "{counts:?}");
}

#[tokio::test]
async fn a_durable_that_gives_up_is_not_believed() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("fail", "nats", 0).await;
    durable(&plane, 2).await;
    let relay_process = relay(&plane).await;
    let theirs = ExampleWorker::start(&plane).await;
    plane.emit(webhook, 3).await;
    let calls = async |n: usize| {
        for _ in 0..600 {
            if plane.receiver.calls().len() >= n {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} calls", plane.receiver.calls().len());
    };
    calls(6).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let text = relay_process.log_text();
    assert!(text.contains("max_deliver = 2"), "{text}");
    let open = "SELECT count(*) FROM rule_webhook_events WHERE state = 'open'";
    assert_eq!(plane.number(open).await, 3);
    theirs.kill().await;
}

#[tokio::test]
async fn what_is_not_due_and_what_is_disabled_is_not_published_yet() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let other = plane.webhook("ok", "nats", 0).await;
    durable(&plane, -1).await;
    let _relay = relay(&plane).await;
    let _theirs = ExampleWorker::start(&plane).await;
    let parked = plane.emit(other, 2).await;
    plane.until_delivered(60).await;
    assert_eq!(counts(&plane, &parked), all(1, &parked));
    let mut tx = plane.db.connect().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "BEGIN; SELECT rule_webhook_call_unified({other}, '{{}}');
         UPDATE rule_webhooks SET enabled = false WHERE webhook_id = {other}; COMMIT"
    )))
    .execute(&mut tx)
    .await
    .unwrap();
    plane
        .run(&format!(
            "SELECT rule_webhook_enqueue({webhook}, '{{}}', NULL, now() + interval '6 s')"
        ))
        .await;
    let ids = plane.emit(webhook, 5).await;
    plane.until(30, BY_THEM, 7).await;
    assert_eq!(counts(&plane, &ids), all(1, &ids));
    let early = "SELECT count(*) FROM rule_webhook_events WHERE published_at < due_at";
    assert_eq!(plane.number(early).await, 0);
    plane.until(60, BY_THEM, 8).await;
    assert_eq!(plane.number(early).await, 0);
    assert_eq!(plane.receiver.calls().len(), 8);
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET enabled = true WHERE webhook_id = {other}"
        ))
        .await;
    plane.until_delivered(60).await;
    assert_eq!(plane.receiver.calls().len(), 9);
}

#[tokio::test]
async fn an_envelope_changes_nothing_for_our_own_workers() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    plane
        .run("INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value)
              SELECT webhook_id, 'signing_secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' FROM rule_webhooks")
        .await;
    let _crew = (
        plane.start(&["relay", "--envelope"]).await,
        plane.worker("nats").await,
    );
    let odd = r#"{"b": 1.10, "a": "\u00fc \"q\"", "n": 12345678901234567890123, "webhook_url": "http://elsewhere/", "data": [ 1 ]}"#
        .to_string();
    plane
        .run(&format!(
            "SELECT rule_webhook_call_unified({webhook}, '{odd}')"
        ))
        .await;
    let payload: String = sqlx::query_scalar("SELECT $1::jsonb::text")
        .bind(&odd)
        .fetch_one(&mut plane.sql)
        .await
        .unwrap();
    plane.until_delivered(60).await;
    let calls = plane.receiver.calls();
    assert_eq!((calls.len(), &calls[0].body), (1, &payload));
    let header = |name: &str| calls[0].headers[name].to_str().unwrap().to_string();
    let signed = format!("{}.{}.{payload}", calls[0].id, header("webhook-timestamp"));
    assert_eq!(header("webhook-signature"), signature(&signed));
    // The message is the envelope, and holds no secret.
    let message = stream(&plane).await.get_raw_message(1).await.unwrap();
    let text = String::from_utf8(message.payload.to_vec()).unwrap();
    assert!(
        text.contains("\"webhook_url\":") && text.contains(&payload),
        "{text}"
    );
    assert!(
        !text.contains("whsec") && !text.contains("signature"),
        "{text}"
    );
    plane
        .until(10, "SELECT count(*) FROM rule_nats_publish_history", 1)
        .await;
    let logged: String = sqlx::query_scalar("SELECT payload::text FROM rule_nats_publish_history")
        .fetch_one(&mut plane.sql)
        .await
        .unwrap();
    assert_eq!(logged, payload);
}

async fn pin(plane: &mut Plane, delivery: &str) {
    let plan = format!(
        "version: 1\nname: {delivery}\ndelivery: {delivery}\nwaves:\n  - {{ name: all, match: {{ rest: true }} }}\n"
    );
    sqlx::query("INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ($1, $2, 'x')")
        .bind(delivery)
        .bind(plan)
        .execute(&mut plane.sql)
        .await
        .unwrap();
}

#[tokio::test]
async fn options_that_contradict_the_plan_are_refused_and_a_rollback_only_drains() {
    let mut plane = Plane::new(Shape::B).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    pin(&mut plane, "ledger").await;
    let said = plane.command(&INDEPENDENT).await;
    assert_eq!(said.code, 5, "{}", said.err);
    plane.run("DELETE FROM wavegate.migration").await;
    pin(&mut plane, "independent").await;
    let said = plane.command(&["relay"]).await;
    assert!(
        said.code == 5 && said.err.contains("--delivery independent"),
        "{said:?}"
    );
    let said = plane.command(&["worker"]).await;
    assert!(
        said.code == 5 && said.err.contains("send everything twice"),
        "{said:?}"
    );
    let said = plane.command(&["relay", "--delivery", "independent"]).await;
    assert!(
        said.code == 2 && said.err.contains("webhook-worker-1"),
        "{said:?}"
    );

    let said = plane
        .command(&["stream", "ensure", "--consumer", DURABLE, "--yes"])
        .await;
    assert_eq!(said.code, 0, "{}", said.err);
    let relay_process = relay(&plane).await;
    let mut ids = plane.emit(webhook, 30).await;
    plane
        .until(
            30,
            "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL",
            30,
        )
        .await;
    let said = plane.command(&["redrive", "--all", "--yes"]).await;
    assert!(
        said.code == 5 && said.err.contains("independent"),
        "{said:?}"
    );
    let said = plane
        .command(&["rollback", "--all", "--to", "queue", "--yes"])
        .await;
    assert!(
        said.code == 0 && said.err.contains("nothing is fenced or re-driven"),
        "{said:?}"
    );
    assert!(said.out.contains("30 events to finish"), "{}", said.out);
    let stays = "SELECT (SELECT count(*) FROM rule_nats_fences) + (SELECT count(*) FROM rule_webhook_queue)";
    assert_eq!(plane.number(stays).await, 0);
    // Even a fence that somebody sets by hand moves nothing that the foreign workers may have sent.
    plane
        .run(&format!(
            "INSERT INTO rule_nats_fences (webhook_id) VALUES ({webhook})"
        ))
        .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM rule_webhook_queue")
            .await,
        0
    );
    let _crew = (
        plane.worker("queue").await,
        ExampleWorker::start(&plane).await,
    );
    let queued = plane.emit(webhook, 10).await;
    plane.until_delivered(60).await;
    plane
        .until(
            60,
            "SELECT count(*) FROM rule_webhook_queue WHERE status <> 'success'",
            0,
        )
        .await;
    assert_eq!(plane.number(BY_THEM).await, 30);
    ids.extend(queued);
    plane.assert_once(&ids);
    let said = plane.command(&["drain", "--all", "--path", "nats"]).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    drop(relay_process);
}

#[tokio::test]
async fn a_plan_with_foreign_workers_goes_through_its_gates() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "queue", 0).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.yaml");
    let plan = "version: 1\nname: foreign\ndelivery: independent\n\
        defaults: { soak: 1s, watch: 1s, gates: { parity: { horizon: 1s }, workers: { nats: 1, queue: 1 } } }\n\
        waves:\n  - { name: all, match: { rest: true } }\n";
    std::fs::write(&path, plan).unwrap();
    let path = path.to_str().unwrap();
    let apply = ["apply", path, "--yes"];
    let queue = plane.worker("queue").await;
    // A relay for our own workers is none for this plan.
    let wrong = plane.relay().await;
    let said = plane.command(&apply).await;
    assert!(said.code == 3 || said.code == 4, "{said:?}");
    assert!(said.err.contains("POSTed twice"), "{}", said.err);
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.migration")
            .await,
        0
    );
    assert!(wrong.stop().await);
    let said = plane
        .command(&["stream", "ensure", "--consumer", DURABLE, "--yes"])
        .await;
    assert_eq!(said.code, 0, "{}", said.err);
    let _relay = relay(&plane).await;
    let theirs = ExampleWorker::start(&plane).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let said = plane
        .command(&["preflight", path, "--i-have-a-backup"])
        .await;
    assert!(
        said.out.contains("made the round trip"),
        "{}\n{}",
        said.out,
        said.err
    );
    let said = plane.command(&apply).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    let hybrid = plane.emit(webhook, 20).await;
    plane.until_delivered(60).await;
    // The relay learns of their acknowledgements later than our queue worker ends; parity would call that missing.
    plane
        .until(
            30,
            &format!("SELECT count(*) FROM rule_webhook_events WHERE webhook_id = {webhook} AND nats_seen_at IS NULL"),
            0,
        )
        .await;
    let forward = ["apply", path, "--confirm", "all"];
    let mut last = plane.command(&forward).await;
    for _ in 0..30 {
        if last.code == 0 {
            break;
        }
        assert_eq!(last.code, 4, "{}\n{}", last.out, last.err);
        tokio::time::sleep(Duration::from_secs(1)).await;
        last = plane.command(&forward).await;
    }
    assert_eq!(last.code, 0, "{}\n{}", last.out, last.err);
    let mode = "SELECT count(*) FROM rule_webhooks WHERE publish_mode = 'nats' AND nats_share = 0";
    assert_eq!(plane.number(mode).await, 1);
    let single = plane.emit(webhook, 20).await;
    plane.until_delivered(60).await;
    assert_eq!(counts(&plane, &hybrid), all(2, &hybrid));
    assert_eq!(counts(&plane, &single), all(1, &single));
    assert!(queue.stop().await);
    theirs.kill().await;
}
