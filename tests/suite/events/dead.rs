//! `wavegate dead`: list, inspect, requeue, discard, beside live workers, other people, and kill -9.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{
    events::audit::{emit, webhook},
    support::plane::Plane,
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb},
};

fn dead(test: &TestDb, args: &[&str]) -> Said {
    let mut command = wavegate(["dead"]);
    run(command.args(args).env("DATABASE_URL", &test.url))
}

/// The data of the last line of JSON, of a command that went well; one that did nothing ends with 5.
fn json(test: &TestDb, args: &[&str]) -> Value {
    let said = dead(test, &[args, &["-o", "json"]].concat());
    let line = said.out.lines().last().unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    let data = line["data"].clone();
    let nothing = line["kind"] == "dead_done" && data["events"] == 0 && data["calls"] == 0;
    assert_eq!(said.code, if nothing { 5 } else { 0 }, "{said:?}");
    data
}

/// All is accounted for; the places by their names.
fn audit(test: &TestDb) -> Value {
    let said = run(wavegate(["audit", "-o", "json"]).env("DATABASE_URL", &test.url));
    assert_eq!(said.code, 0, "{said:?}");
    serde_json::from_str::<Value>(&said.out).unwrap()["data"].clone()
}

async fn number(c: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_string()))
        .fetch_one(c)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// An event of each mode that died of HTTP 500 after four attempts, by hand; their webhooks.
async fn died(c: &mut PgConnection, shape: Shape) -> ([i32; 3], [String; 3]) {
    let mut hooks = [0; 3];
    let mut ids = [const { String::new() }; 3];
    for (n, mode) in ["queue", "both", "nats"].into_iter().enumerate() {
        hooks[n] = webhook(c, shape, mode).await;
        ids[n] = emit(c, hooks[n]).await;
    }
    c.execute("SET wavegate.actor = 'wavegate'").await.unwrap();
    c.execute(
        "UPDATE rule_webhook_events SET state = 'dead', attempt = 4, http_status = 500, error = 'HTTP 500', claimed_by = 'w',
                published_at = now(), publish_count = 1;
         UPDATE wavegate.queue SET status = 'failed', retry_count = 3, response_status = 500, error_message = 'HTTP 500',
                completed_at = now(), claimed_by = 'w'",
    )
    .await
    .unwrap();
    c.execute("RESET wavegate.actor").await.unwrap();
    (hooks, ids)
}

#[tokio::test]
async fn what_died_is_requeued_and_delivered_once() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let mut ids = Vec::new();
        for (mode, share) in [("queue", 0), ("both", 100), ("both", 0), ("nats", 0)] {
            let hook = plane.webhook("fail-1", mode, share).await;
            plane
                .run("UPDATE rule_webhooks SET max_retries = 0, nats_takeover_after_ms = 1000")
                .await;
            ids.extend(plane.emit(hook, 5).await);
        }
        let (_relay, _worker) = (plane.relay().await, plane.worker("both").await);
        let all_dead = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead')
                             + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND two_route IS NULL)";
        plane.until(60, all_dead, 20).await;
        assert_eq!(audit(&plane.db)["dead"], 20);
        let list = json(&plane.db, &["list"]);
        assert_eq!((&list["dead"], &list["able"]), (&20.into(), &20.into()));
        assert_eq!(list["groups"].as_array().unwrap().len(), 4);
        let said = dead(&plane.db, &["requeue", "--all"]);
        assert_eq!(said.code, 6, "nobody to ask: {said:?}");
        let done = json(&plane.db, &["requeue", "--all", "--yes"]);
        assert_eq!(
            (&done["events"], &done["calls"], &done["left"]),
            (&15.into(), &5.into(), &0.into())
        );
        let open = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered')
                         + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
        plane.until(60, open, 0).await;
        plane.assert_once(&ids);
        // One attempt each, and one more.
        assert_eq!(plane.receiver.calls().len(), 40);
        assert_eq!(audit(&plane.db)["delivered"], 20);
        let lines = plane
            .number("SELECT sum((after ->> 'events')::int + (after ->> 'calls')::int) FROM wavegate.journal WHERE step = 'dead.requeue'")
            .await;
        assert_eq!(lines, 20);
        assert_eq!(dead(&plane.db, &["requeue", "--all", "--yes"]).code, 5);
    }
}

#[tokio::test]
async fn discarded_events_are_over_and_accounted_for() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let (hooks, ids) = died(&mut c, shape).await;
        let name = hooks[1].to_string();
        let said = dead(&test, &["discard", "--webhook", &name, "--yes"]);
        assert_eq!(said.code, 6, "a yes is not enough: {said:?}");
        assert!(said.err.contains(&format!("--confirm {name}")), "{said:?}");
        assert_eq!(
            dead(&test, &["discard", "--all", "--confirm", "everything"]).code,
            6
        );
        let plan = dead(&test, &["discard", "--all", "--dry-run"]);
        assert_eq!(plan.code, 0, "{plan:?}");
        assert_eq!(audit(&test)["dead"], 3);
        json(&test, &["discard", "--webhook", &name, "--confirm", &name]);
        assert_eq!(
            (
                audit(&test)["dead"].clone(),
                audit(&test)["discarded"].clone()
            ),
            (2.into(), 1.into())
        );
        let done = json(&test, &["discard", "--all", "--confirm", "all"]);
        assert_eq!((&done["events"], &done["calls"]), (&1.into(), &1.into()));
        let left = audit(&test);
        assert_eq!(
            (&left["committed"], &left["discarded"]),
            (&3.into(), &3.into())
        );
        for nothing in [
            "SELECT count(*) FROM rule_nats_outbox",
            "SELECT count(*) FROM wavegate.queue",
            "SELECT count(*) FROM rule_webhook_events WHERE has_queue_row OR published_at IS NULL AND void_reason IS NULL",
        ] {
            assert_eq!(number(&mut c, nothing).await, 0, "{nothing}");
        }
        // Neither ours nor the engine's own retry brings back what has no payload.
        let calls: Vec<i64> = sqlx::query_scalar("SELECT call_id FROM rule_webhook_events")
            .fetch_all(&mut c)
            .await
            .unwrap();
        for call in calls {
            let retried =
                format!("SELECT coalesce(rule_webhook_retry({call}), false)::int::bigint");
            assert_eq!(number(&mut c, &retried).await, 0);
        }
        assert_eq!(
            dead(&test, &["requeue", "--event", &ids[0], "--yes"]).code,
            5
        );
        assert_eq!(
            number(
                &mut c,
                "SELECT count(*) FROM wavegate.journal WHERE step = 'dead.discard'"
            )
            .await,
            3
        );
        let seen = json(&test, &["inspect", &ids[0]]);
        assert_eq!(seen["event"]["ledger"]["error"], "HTTP 500");
        assert!(seen["event"]["ledger"]["discarded_at"].is_string());
    }
}

#[tokio::test]
async fn a_requeue_leaves_alone_what_is_not_its_to_move() {
    let shape = Shape::A;
    let test = TestDb::new(shape, Schema::Migrated).await;
    let mut c = test.connect().await;
    let (hooks, ids) = died(&mut c, shape).await;
    // Somebody else has brought this one back, and the relay has not seen it yet.
    sqlx::query("UPDATE rule_webhook_calls SET status = 'pending' WHERE event_id = $1")
        .bind(&ids[1])
        .execute(&mut c)
        .await
        .unwrap();
    // This one has no payload any more.
    sqlx::query("DELETE FROM rule_nats_outbox WHERE event_id = $1")
        .bind(&ids[2])
        .execute(&mut c)
        .await
        .unwrap();
    // And this one lost its webhook.
    let gone = webhook(&mut c, shape, "nats").await;
    let orphan = emit(&mut c, gone).await;
    c.execute("UPDATE rule_webhook_events SET state = 'dead' WHERE state = 'open'")
        .await
        .unwrap();
    sqlx::query("DELETE FROM rule_webhooks WHERE webhook_id = $1")
        .bind(gone)
        .execute(&mut c)
        .await
        .unwrap();
    let list = json(&test, &["list"]);
    assert_eq!((&list["dead"], &list["able"]), (&4.into(), &1.into()));
    let done = json(&test, &["requeue", "--all", "--yes"]);
    assert_eq!(
        (&done["events"], &done["calls"], &done["left"]),
        (&0.into(), &1.into(), &3.into())
    );
    let state = |id: &str| {
        format!(
            "SELECT count(*) FROM rule_webhook_events WHERE event_id = '{id}' AND state = 'dead'"
        )
    };
    for id in [&ids[1], &ids[2], &orphan] {
        assert_eq!(number(&mut c, &state(id)).await, 1);
    }
    // A session of somebody's holds the row of the next: it is neither waited for nor overrun.
    c.execute("DELETE FROM wavegate.foreign_results; UPDATE wavegate.queue SET status = 'failed'")
        .await
        .unwrap();
    c.execute("DELETE FROM wavegate.foreign_results")
        .await
        .unwrap();
    let mut other = test.connect().await;
    other
        .execute("BEGIN; UPDATE rule_webhook_calls SET status = 'pending' WHERE two_route")
        .await
        .unwrap();
    let began = Instant::now();
    let done = json(
        &test,
        &["requeue", "--webhook", &hooks[1].to_string(), "--yes"],
    );
    assert_eq!((&done["events"], &done["left"]), (&0.into(), &1.into()));
    let done = json(
        &test,
        &["discard", "--event", &ids[1], "--confirm", &ids[1]],
    );
    assert_eq!((&done["events"], &done["left"]), (&0.into(), &1.into()));
    assert!(began.elapsed() < Duration::from_secs(30));
    other.execute("ROLLBACK").await.unwrap();
    let done = json(&test, &["requeue", "--event", &ids[1], "--yes"]);
    assert_eq!((&done["events"], &done["left"]), (&1.into(), &0.into()));
}

/// NATS had it alone, and its webhook went back to the queue meanwhile; a disabled webhook's waits.
#[tokio::test]
async fn a_requeued_event_has_a_way_to_its_endpoint() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let (hooks, ids) = died(&mut c, shape).await;
        c.execute(AssertSqlSafe(format!(
            "UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false WHERE webhook_id = {};
             UPDATE rule_webhooks SET enabled = false WHERE webhook_id = {};
             INSERT INTO rule_nats_fences (webhook_id) VALUES ({})",
            hooks[2], hooks[1], hooks[2]
        )))
        .await
        .unwrap();
        // Not the fence alone: the mode decides as well.
        c.execute("DELETE FROM rule_nats_fences").await.unwrap();
        json(&test, &["requeue", "--all", "--yes"]);
        let sql = "SELECT count(*) FROM wavegate.queue WHERE status = 'retrying' AND next_retry_at <= now() AND claimed_by IS NULL
                   AND completed_at IS NULL AND event_id = $1";
        for id in &ids {
            let rows: i64 = sqlx::query_scalar(sql)
                .bind(id)
                .fetch_one(&mut c)
                .await
                .unwrap();
            assert_eq!(rows, 1, "{shape:?} {id}");
        }
        let ledger = "SELECT count(*) FROM rule_webhook_events WHERE state = 'retrying' AND has_queue_row AND due_at <= now() AND attempt = 4";
        assert_eq!(number(&mut c, ledger).await, 2);
        let places = audit(&test);
        assert_eq!(
            (&places["queue"], &places["parked"]),
            (&2.into(), &1.into())
        );
    }
}

/// The same of one that was set aside.
#[tokio::test]
async fn a_stuck_event_has_a_way_to_its_endpoint() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let hook = webhook(&mut c, Shape::A, "nats").await;
    let id = emit(&mut c, hook).await;
    c.execute(AssertSqlSafe(format!(
        "UPDATE rule_webhook_events SET state = 'stuck', published_at = now(), publish_count = 1;
         INSERT INTO wavegate.stuck (call_id, event_id, webhook_id, what, reason)
             SELECT call_id, event_id, webhook_id, 'claim', 'by hand' FROM rule_webhook_events;
         UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false WHERE webhook_id = {hook}"
    )))
    .await
    .unwrap();
    json(&test, &["requeue", "--event", &id, "--yes"]);
    let waiting = "SELECT count(*) FROM wavegate.queue q JOIN rule_webhook_events e USING (event_id)
                   WHERE e.state = 'retrying' AND e.has_queue_row AND q.status IN ('pending', 'retrying')";
    assert_eq!(number(&mut c, waiting).await, 1);
}

#[tokio::test]
async fn a_requeue_killed_again_and_again_ends_the_same() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let both = webhook(&mut c, Shape::A, "both").await;
    let queue = webhook(&mut c, Shape::A, "queue").await;
    for hook in [both, queue] {
        sqlx::query("SELECT rule_webhook_call_unified($1, '{}') FROM generate_series(1, 6000)")
            .bind(hook)
            .execute(&mut c)
            .await
            .unwrap();
    }
    c.execute("SET wavegate.actor = 'wavegate'").await.unwrap();
    c.execute(
        "UPDATE rule_webhook_events SET state = 'dead', attempt = 4;
         UPDATE wavegate.queue SET status = 'failed', retry_count = 3",
    )
    .await
    .unwrap();
    let left = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead')
                     + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND two_route IS NULL)";
    let broken = "SELECT count(*) FROM rule_webhook_events e JOIN wavegate.queue q USING (event_id)
                  WHERE (e.state = 'retrying') <> (q.status = 'retrying')";
    let journalled =
        "SELECT coalesce(sum((after ->> 'events')::int + (after ->> 'calls')::int), 0)::bigint
                      FROM wavegate.journal WHERE step = 'dead.requeue'";
    let mut killed = 0;
    let mut told = String::new();
    while number(&mut c, left).await > 0 {
        let mut child = wavegate(["dead", "requeue", "--all", "--yes"])
            .env("DATABASE_URL", &test.url)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Killed once it has done something that was not done before; the fifth may finish.
        let before = number(&mut c, left).await;
        while killed < 4 && number(&mut c, left).await == before {
            assert!(child.try_wait().unwrap().is_none());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        if killed < 4 {
            child.kill().unwrap();
            killed += 1;
        }
        told = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        assert_eq!(number(&mut c, broken).await, 0);
    }
    // Of many it is said how far it is, and how far it came.
    assert!(told.contains(" events in batches of 500"), "{told}");
    assert!(told.contains(" events looked at"), "{told}");
    assert!(killed >= 2, "{killed}");
    assert_eq!(number(&mut c, journalled).await, 12_000);
    assert_eq!(audit(&test)["queue"], 12_000);
}

#[tokio::test]
async fn an_event_is_inspected_without_its_secrets() {
    let test = TestDb::new(Shape::B, Schema::Migrated).await;
    let mut c = test.connect().await;
    let (hooks, ids) = died(&mut c, Shape::B).await;
    c.execute(AssertSqlSafe(format!(
        "UPDATE rule_webhooks SET headers = '{{\"Authorization\": \"Bearer s3cret\"}}';
         INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value) SELECT webhook_id, 'signing_secret', 's3cret' FROM rule_webhooks;
         UPDATE rule_nats_outbox SET payload = '{{\"card\": \"4711\"}}', headers = '{{\"x\": \"s3cret\"}}';
         UPDATE wavegate.queue SET payload = '{{\"card\": \"4711\"}}', response_body = 's3cret', response_headers = '{{\"x\": \"s3cret\"}}';
         INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
         SELECT event_id, call_id, webhook_id, 2, 'nats', 'nats-worker-7' FROM rule_webhook_events WHERE webhook_id = {}",
        hooks[1]
    )))
    .await
    .unwrap();
    for id in &ids {
        for output in ["table", "json"] {
            let said = dead(&test, &["inspect", id, "-o", output]);
            assert_eq!(said.code, 0, "{said:?}");
            assert!(
                !said.out.contains("s3cret") && !said.out.contains("4711"),
                "{said:?}"
            );
            assert!(said.out.contains("HTTP 500"), "{said:?}");
        }
        let said = dead(&test, &["inspect", id, "--payload"]);
        assert!(said.out.contains("{\"card\": \"4711\"}"), "{said:?}");
    }
    assert!(
        dead(&test, &["inspect", &ids[1]])
            .out
            .contains("nats-worker-7")
    );
    // By call id, as the engine's own functions name it.
    let call = number(&mut c, "SELECT min(call_id)::bigint FROM wavegate.queue").await;
    for id in [call.to_string(), format!("call-{call}")] {
        assert_eq!(json(&test, &["inspect", &id])["event"]["event_id"], ids[0]);
    }
    assert_eq!(dead(&test, &["inspect", "nobody"]).code, 2);
    let said = dead(&test, &["list", "--events"]);
    assert!(ids.iter().all(|id| said.out.contains(id)), "{said:?}");
}
