//! `apply --to nats --move-waiting`: what waits in the queue follows its webhooks, each row whole and once.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use wavegate::{
    engine::{back::survey::Scope, barrier::Patience, forward::moving},
    error::{Error, Kind, Result},
    store::flip,
};

use crate::{
    support::Shape,
    support::bench::{Ask, Bench, PLAN, abort_at, bench, next},
    support::plane::Plane,
    support::terminal::{Said, run, wavegate},
};
use wavegate::model::Goal;

fn moving_on(wave: &str) -> Ask<'_> {
    Ask {
        move_waiting: true,
        ..next(wave)
    }
}

/// `first` at share 100, with rows of every kind in its queue.
async fn before_the_last_flip(shape: Shape) -> Bench {
    let mut b = bench(shape, 3).await;
    // Plain rows: fresh, of next week, failed twice, in somebody's hands, done, and one whose caller chose its id.
    b.run(
        "SELECT rule_webhook_enqueue(1, '{\"row\": \"due\"}', 'rule');
         SELECT rule_webhook_enqueue(1, '{\"row\": \"future\"}', NULL, now() + interval '7 days');
         SELECT wavegate.publish(1, '{\"row\": \"chosen\"}', NULL, NULL, 'mine', false);
         INSERT INTO wavegate.queue (webhook_id, status, payload, retry_count, next_retry_at, created_at)
         VALUES (1, 'retrying', '{\"row\": \"retrying\"}', 2, now() + interval '1 hour', '2026-01-02 03:04:05Z');
         INSERT INTO wavegate.queue (webhook_id, status, payload, started_at) VALUES (2, 'processing', '{\"row\": \"held\"}', now()), (2, 'success', '{\"row\": \"done\"}', now())",
    )
    .await;
    // Rows that came before the columns of 007 have no event id.
    b.run("UPDATE wavegate.queue SET event_id = NULL WHERE payload ->> 'row' = 'due'")
        .await;
    b.apply("first").await.unwrap();
    b.apply("first").await.unwrap();
    b.call_all().await;
    b.run("UPDATE rule_webhook_events SET void_reason = 'too large' WHERE webhook_id = 2")
        .await;
    b
}

const LEDGER: &str = "SELECT string_agg(concat_ws(' ', o.payload ->> 'row', e.state, e.attempt, e.has_queue_row, e.due_at > now() + interval '30 min',
            e.event_id = 'call-' || e.call_id, rule_webhook_call_status(e.call_id::int) ->> 'status'), ', ' ORDER BY e.call_id)
     FROM rule_webhook_events e JOIN rule_nats_outbox o USING (event_id)";

#[tokio::test]
async fn what_waits_goes_along_and_what_is_held_stays() {
    for shape in [Shape::A, Shape::B] {
        let mut b = before_the_last_flip(shape).await;
        let ids = "SELECT string_agg(call_id::text, ',' ORDER BY call_id) FROM wavegate.queue WHERE webhook_id < 3 AND status IN ('pending', 'retrying')";
        let waiting = b.text(ids).await;
        let outcome = b
            .apply_as(moving_on("first"), &Patience::default())
            .await
            .unwrap();
        assert_eq!(outcome.moved, Some(5));
        let drain = outcome.drain.unwrap();
        assert_eq!(
            (drain.processing, drain.pending),
            (1, 1),
            "held, and what NATS can never carry"
        );
        let moved = b
            .text("SELECT string_agg(call_id::text, ',' ORDER BY call_id) FROM rule_webhook_events")
            .await;
        assert_eq!(moved, waiting);
        assert_eq!(
            b.text(LEDGER).await,
            "due open 0 f f t pending, future open 0 f t f pending, chosen open 0 f f f pending, \
             retrying retrying 2 f t t retrying, open 0 f f f pending, open 0 t f f pending"
        );
        let kept = b.text("SELECT concat_ws(' ', e.created_at AT TIME ZONE 'UTC', o.subject, o.config_id) FROM rule_webhook_events e JOIN rule_nats_outbox o USING (event_id) WHERE o.payload ->> 'row' = 'retrying'").await;
        assert_eq!(kept, "2026-01-02 03:04:05 webhooks.1 1");
        let lines = b.text("SELECT string_agg(after::text, ',') FROM wavegate.journal WHERE step = 'move.batch' AND wave = 'first'").await;
        assert_eq!(lines, "{\"moved\": 5, \"two_route\": 1}");
        // Nothing more to move; and nothing while a fence stands.
        let mut ours = b.db.pool().acquire().await.unwrap();
        assert_eq!(
            flip::move_waiting(&mut ours, &[1, 2]).await.unwrap(),
            (0, 0)
        );
        // Taken back, everything is the queue's again, with its attempts, its due time and its name.
        b.rollback(Scope::Wave("first".to_string()), Goal::Queue)
            .await
            .unwrap();
        assert!(b.standing().await.ends_with("lacking 0"));
        assert_eq!(b.text(ids).await, waiting);
        assert_eq!(
            flip::move_waiting(&mut ours, &[1, 2]).await.unwrap(),
            (0, 0)
        );
        let again = b.text("SELECT concat_ws(' ', status, retry_count, next_retry_at > now() + interval '30 min', event_id = 'call-' || call_id) FROM wavegate.queue WHERE payload ->> 'row' = 'retrying'").await;
        assert_eq!(again, "retrying 2 t t");
    }
}

#[tokio::test]
async fn killed_between_any_two_statements_a_repeated_apply_moves_the_rest() {
    let mut wanted = before_the_last_flip(Shape::A).await;
    wanted
        .apply_as(moving_on("first"), &Patience::default())
        .await
        .unwrap();
    let wanted = wanted.text(LEDGER).await;
    let mut deaths = 0;
    // From the barrier on: what comes before is the flip's own and tested there.
    for n in 8.. {
        let mut b = before_the_last_flip(Shape::A).await;
        let abort = abort_at(n);
        let ask = Ask {
            checkpoint: &abort,
            ..moving_on("first")
        };
        let Err(error) = b.apply_as(ask, &Patience::default()).await else {
            break;
        };
        deaths += 1;
        // After the last line of the journal there is nothing left to do.
        if let Err(done) = b.apply_as(moving_on("first"), &Patience::default()).await {
            assert_eq!(done.kind(), Kind::NotYet, "{error}: {done}");
        }
        assert_eq!(b.text(LEDGER).await, wanted, "{error}");
    }
    assert!(deaths >= 4, "{deaths}");
}

/// Whoever writes the line of a batch into the journal, when there are as many already as `trap` says, waits for this lock.
const TRAP: &str = "CREATE TABLE trap (batches integer);
     CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
         IF (SELECT count(*) FROM wavegate.journal WHERE step = 'move.batch') = (SELECT batches FROM public.trap) THEN
             PERFORM pg_advisory_xact_lock(4242);
         END IF;
         RETURN NEW;
     END $$;
     CREATE TRIGGER trap BEFORE INSERT ON wavegate.journal FOR EACH ROW WHEN (NEW.step = 'move.batch') EXECUTE FUNCTION trap()";

fn binary(b: &Bench, args: &[&str]) -> Command {
    let mut command = wavegate(args);
    command
        .env("DATABASE_URL", &b.test.url)
        .env("NATS_URL", "nats://127.0.0.1:1");
    command
}

fn expect(b: &Bench, code: i32, args: &[&str]) -> Said {
    let said = run(&mut binary(b, args));
    assert_eq!(said.code, code, "{args:?}\n{}\n{}", said.out, said.err);
    said
}

/// The flip to nats is committed, its batches are not moved yet: then kill -9 of `apply` in the batch after so many.
async fn killed_after(b: &mut Bench, plan: &str, batches: i32) {
    let flipped = |step: &str| -> Result<()> {
        match step {
            "tx.commit" => Err(Error::failed("killed")),
            _ => Ok(()),
        }
    };
    let ask = Ask {
        checkpoint: &flipped,
        ..moving_on("first")
    };
    b.apply_as(ask, &Patience::default()).await.unwrap_err();
    b.run(&format!(
        "DELETE FROM trap; INSERT INTO trap VALUES ({batches}); SELECT pg_advisory_lock(4242)"
    ))
    .await;
    let mut apply = binary(b, &["apply", plan, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let caught = "SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND objid = 4242 AND NOT granted
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let end = Instant::now() + Duration::from_secs(60);
    while b.text(caught).await != "1" {
        assert!(Instant::now() < end && apply.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    b.run("DELETE FROM trap; SELECT pg_advisory_unlock(4242)")
        .await;
}

#[tokio::test]
async fn apply_killed_between_two_batches_goes_on_or_is_taken_back() {
    let mut b = before_the_last_flip(Shape::B).await;
    b.run("INSERT INTO wavegate.queue (webhook_id, status, payload) SELECT 1, 'pending', '{}' FROM generate_series(1, 1500)")
        .await;
    b.run(TRAP).await;
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.yaml");
    std::fs::write(&plan, PLAN).unwrap();
    let plan = plan.to_str().unwrap();
    let waiting = "SELECT string_agg(concat_ws(' ', call_id, status, retry_count, next_retry_at), ',' ORDER BY call_id)
                   FROM wavegate.queue WHERE webhook_id < 3 AND status IN ('pending', 'retrying')";
    let only_nats = "SELECT count(*)::text FROM rule_webhook_events WHERE NOT has_queue_row";
    let before = b.text(waiting).await;

    killed_after(&mut b, plan, 1).await;
    let back = ["rollback", "--wave", "first", "--to", "queue", "--yes"];
    expect(&b, 0, &back);
    let moved =
        "SELECT string_agg(after ->> 'moved', ' ') FROM wavegate.journal WHERE step = 'move.batch'";
    assert_eq!(
        b.text(moved).await,
        "1000",
        "the batch that was killed is whole in the queue"
    );
    assert_eq!(b.text(waiting).await, before);
    assert!(b.standing().await.ends_with("lacking 0"));

    // Forward again, killed in the first batch, and run once more: the rest follows.
    let resume = Ask {
        resume: true,
        ..next("first")
    };
    b.apply_as(resume, &Patience::default()).await.unwrap();
    b.apply("first").await.unwrap();
    killed_after(&mut b, plan, 1).await;
    assert_eq!(
        b.text(only_nats).await,
        "0",
        "nothing of the batch that was killed"
    );
    let said = expect(&b, 0, &["-o", "json", "apply", plan, "--yes"]);
    let last = said.out.lines().last().unwrap();
    let json: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(json["data"]["moved"], 1505, "{json}");
    assert_eq!(b.text(only_nats).await, "1505");
    expect(&b, 0, &["rollback", "--wave", "first", "--yes"]);
    assert_eq!(b.text(waiting).await, before);
    assert!(b.standing().await.ends_with("lacking 0"));
}

#[tokio::test]
async fn beside_a_foreign_queue_worker_nothing_is_moved() {
    let mut b = before_the_last_flip(Shape::A).await;
    moving::refuse_beside_foreign(&b.db, &[1]).await.unwrap();
    // One that works off what lies there for days is as alive as one that keeps up.
    b.run("UPDATE wavegate.queue SET status = 'success', created_at = now() - interval '3 days', completed_at = now()
           WHERE payload ->> 'row' = 'due'")
        .await;
    let error = moving::refuse_beside_foreign(&b.db, &[1])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    b.run("UPDATE wavegate.queue SET completed_at = now() - interval '61 minutes' WHERE payload ->> 'row' = 'due'")
        .await;
    moving::refuse_beside_foreign(&b.db, &[1]).await.unwrap();
}

#[tokio::test]
async fn beside_live_queue_workers_every_call_is_made_once() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-20", "queue", 0).await;
    plane.emit(webhook, 300).await;
    let queue = plane
        .start(&["worker", "--path", "queue", "--concurrency", "8"])
        .await;
    let relay = plane.relay().await;
    let nats = plane.worker("nats").await;
    plane
        .until(
            60,
            "SELECT (count(*) >= 20)::int::bigint FROM rule_webhook_calls WHERE status = 'success'",
            1,
        )
        .await;
    plane
        .run("UPDATE rule_webhooks SET publish_mode = 'nats', nats_enabled = true")
        .await;
    let db = crate::support::open(&plane.db.url).await;
    let mut ours = db.pool().acquire().await.unwrap();
    let mut moved = 0;
    loop {
        match flip::move_waiting(&mut ours, &[webhook]).await.unwrap() {
            (0, _) => break,
            (some, _) => moved += some,
        }
    }
    assert!(moved > 0);
    plane.until_delivered(60).await;
    let left = "SELECT count(*) FROM rule_webhook_calls WHERE status <> 'success'";
    plane.until(60, left, 0).await;
    let calls = plane.receiver.calls();
    let ids: BTreeSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!((calls.len(), ids.len()), (300, 300));
    let ledger = plane
        .number("SELECT count(*) FROM rule_webhook_events")
        .await;
    assert_eq!(ledger, moved);
    assert!(queue.stop().await && nats.stop().await && relay.stop().await);
}
