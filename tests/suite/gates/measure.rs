//! What the gates measure, on synthetic rows: the numbers, who is blamed, and how often each table is read.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Executor, PgConnection};
use wavegate::{
    error::Result,
    gates::{self, ArmCounts, Pace, Verdict, success::Trial},
    model::{GateLimits, WaveStep},
    store::{Db, measure, state, tally::TallyStep},
};

use crate::support::{Schema, Shape, TestDb};

/// Webhooks 1 and 2, both hybrid.
pub async fn webhooks(c: &mut PgConnection, shape: Shape) {
    let url = match shape {
        Shape::A => "url",
        Shape::B => "webhook_url",
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) \
         SELECT 'w' || n, 'http://x', 'both', true, 50 FROM generate_series(1, 2) n"
    );
    c.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
}

fn now() -> DateTime<Utc> {
    // Whole seconds: PostgreSQL keeps no nanoseconds.
    DateTime::from_timestamp(Utc::now().timestamp() - 60, 0).unwrap()
}

/// A step that began two hours ago, of a migration that is there.
async fn step(c: &mut PgConnection, now: DateTime<Utc>) -> TallyStep {
    let migration_id = sqlx::query_scalar(
        "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('m', '', '') \
         ON CONFLICT (name) DO UPDATE SET plan = '' RETURNING migration_id",
    )
    .fetch_one(c)
    .await
    .unwrap();
    TallyStep {
        migration_id,
        wave: "w".to_string(),
        since: now - TimeDelta::hours(2),
        block_ms: 60_000,
        members: vec![1, 2],
        enabled: vec![1, 2],
    }
}

/// One ledger row; `columns` overrides the defaults of a delivered event of an hour ago.
async fn event(c: &mut PgConnection, now: DateTime<Utc>, id: &str, sets: &str) {
    sqlx::query(
        "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, \
         state, path, attempt, delivered_at, published_at, nats_seen_at, publish_count) \
         VALUES ($1, 1, 1, nextval('rule_webhook_events_seq_seq'), true, true, 'nats', $2, $2, 'delivered', 'nats', 1, $3, $2, $2, 1)",
    )
    .bind(id)
    .bind(now - TimeDelta::hours(1))
    .bind(now - TimeDelta::hours(1) + TimeDelta::milliseconds(100))
    .execute(&mut *c)
    .await
    .unwrap();
    if !sets.is_empty() {
        let update = format!(
            "UPDATE rule_webhook_events SET {} WHERE event_id = '{id}'",
            sets.replace("NOW", &format!("'{}'::timestamptz", now.to_rfc3339()))
        );
        c.execute(sqlx::AssertSqlSafe(update)).await.unwrap();
    }
}

/// Half of the events by each path, first attempt.
pub fn half() -> Trial {
    Trial {
        share: 0.5,
        attempt: 1,
        pace: Pace::default(),
    }
}

/// What a look counts of the ledger.
pub async fn ledger(
    db: &Db,
    step: &TallyStep,
    now: DateTime<Utc>,
    limits: &GateLimits,
) -> Result<gates::Counts> {
    measure::ledger(db, step, now, limits).await
}

async fn measured(sets: &[&str]) -> (TestDb, Db, gates::Counts, DateTime<Utc>) {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    webhooks(&mut c, Shape::A).await;
    let now = now();
    for (index, sets) in sets.iter().enumerate() {
        event(&mut c, now, &format!("e{index}"), sets).await;
    }
    let db = test.db().await;
    let step = step(&mut c, now).await;
    let mut counts = ledger(&db, &step, now, &GateLimits::default())
        .await
        .unwrap();
    counts.lately = measure::lately(&db, &step, now).await.unwrap();
    (test, db, counts, now)
}

#[tokio::test]
async fn nothing_measured_is_nothing_passed() {
    let (_test, db, counts, now) = measured(&[]).await;
    assert_eq!(counts.events(), 0);
    let queue = measure::queue(&db, &[1, 2], now).await.unwrap();
    let limits = GateLimits::default();
    for result in [
        gates::parity::verdict(&counts),
        gates::parity::single(&counts),
        gates::success::verdict(&counts, &half(), &limits),
        gates::baseline::verdict(&counts, 1, Pace::default(), &limits),
        gates::latency::verdict(&counts, 1, Pace::default(), &limits),
        gates::errors::verdict(&counts, &limits),
        gates::hybrid::routed(&counts, &queue),
    ] {
        assert_eq!(result.verdict, Verdict::Inconclusive, "{result:?}");
    }
}

#[tokio::test]
async fn an_event_belongs_to_the_arm_that_it_preferred() {
    let (_test, _db, counts, _) = measured(&[
        "",
        "path = 'queue'",
        "state = 'dead', delivered_at = NULL, error = 'HTTP 500'",
        "prefers = 'queue', path = 'queue', webhook_id = 2",
        "prefers = 'queue', path = 'nats', delivered_at = NOW",
    ])
    .await;
    let nats = &counts.nats_arm;
    assert_eq!(
        (
            nats.events,
            nats.judged,
            nats.delivered,
            nats.failed(),
            nats.dead,
            nats.taken_over
        ),
        (3, 3, 1, 2, 1, 1)
    );
    let queue = &counts.queue_arm;
    assert_eq!((queue.judged, queue.failed(), queue.taken_over), (2, 1, 1));
    // A takeover's delay is the silent arm's latency; the dead one has none.
    let slowest = |latency: &gates::Latency| latency.delivered.quantile(1.0).unwrap();
    assert!(slowest(&counts.queue_latency) > 3_000_000.0);
    assert!((100.0..105.0).contains(&slowest(&counts.nats_latency)));
    assert_eq!(counts.nats_latency.delivered.count(), 2);
    let arms: Vec<(Option<i32>, &str, i64)> = counts
        .arms
        .iter()
        .map(|a: &ArmCounts| (a.webhook_id, a.prefers.as_str(), a.events))
        .collect();
    assert_eq!(
        arms,
        [
            (Some(1), "queue", 1),
            (Some(1), "nats", 3),
            (Some(2), "queue", 1)
        ]
    );
}

#[tokio::test]
async fn young_late_and_scheduled_events_have_grace() {
    let (_test, _db, counts, _) = measured(&[
        // Younger than the horizon: neither judged nor missed, whatever its state.
        "created_at = NOW - interval '1 min', due_at = NOW - interval '1 min', state = 'open', published_at = NULL, nats_seen_at = NULL, attempt = 0",
        // Scheduled for tomorrow.
        "due_at = NOW + interval '1 day', state = 'open', published_at = NULL, nats_seen_at = NULL, attempt = 0",
        // A retry that waits its turn: in grace for parity, under way for success.
        "due_at = NOW + interval '1 min', state = 'retrying', delivered_at = NULL",
        // From before the step, and born while this look goes on.
        "created_at = NOW - interval '3 h', state = 'open', published_at = NULL",
        "created_at = NOW + interval '1 s', due_at = NOW - interval '1 h', state = 'open', published_at = NULL",
    ])
    .await;
    let nats = &counts.nats_arm;
    assert_eq!((nats.events, nats.judged, nats.undelivered), (4, 1, 1));
    assert_eq!((nats.ripe, nats.missing, nats.ahead), (1, 1, 0));
    // Due an hour ago: lost, whenever it was born.
    assert_eq!(gates::parity::verdict(&counts).verdict, Verdict::Fail);
}

#[tokio::test]
async fn what_is_late_is_not_missing_yet() {
    let open = "state = 'open', delivered_at = NULL";
    let (_test, _db, counts, _) = measured(&[
        "",
        &format!("{open}, due_at = NOW - interval '3 min'"),
        &format!("{open}, due_at = NOW - interval '9 min'"),
    ])
    .await;
    let result = gates::parity::verdict(&counts);
    assert_eq!(result.verdict, Verdict::Inconclusive, "{result:?}");
    assert!(
        result.reason.contains("2 of 3") && result.reason.contains("the oldest for 9 min: e2"),
        "{result:?}"
    );
    // Ten minutes, five horizons: then it is lost. So is at once what nobody can deliver any more.
    for lost in [
        "due_at = NOW - interval '11 min', state = 'open'",
        "due_at = NOW - interval '3 min', state = 'stuck'",
    ] {
        let (_test, _db, counts, _) =
            measured(&["", &format!("delivered_at = NULL, {lost}")]).await;
        let result = gates::parity::verdict(&counts);
        assert_eq!(result.verdict, Verdict::Fail, "{result:?}");
    }
}

/// An endpoint that is away for longer than events may take: they wait for it, and nobody has lost them.
#[tokio::test]
async fn what_waits_for_an_endpoint_is_late_and_not_lost() {
    let waits = "due_at = NOW - interval '30 min', state = 'open', delivered_at = NULL";
    let (test, db, counts, now) = measured(&["", waits]).await;
    let lost = |counts: &gates::Counts| gates::parity::verdict(counts).verdict;
    assert_eq!(lost(&counts), Verdict::Fail);
    let mut c = test.connect().await;
    let step = step(&mut c, now).await;
    for (circuit, wanted) in [
        (
            "INSERT INTO wavegate.circuit (webhook_id, failures, open_until) SELECT DISTINCT webhook_id, 9, $1 + interval '1 min' FROM rule_webhook_events",
            Verdict::Inconclusive,
        ),
        (
            "WITH closed AS (DELETE FROM wavegate.circuit RETURNING webhook_id)
             INSERT INTO wavegate.circuit_closed SELECT webhook_id, $1 - interval '9 min' FROM closed",
            Verdict::Inconclusive,
        ),
        (
            "UPDATE wavegate.circuit_closed SET closed_at = $1 - interval '11 min'",
            Verdict::Fail,
        ),
    ] {
        sqlx::query(circuit).bind(now).execute(&mut c).await.unwrap();
        let counts = ledger(&db, &step, now, &GateLimits::default()).await.unwrap();
        assert_eq!(lost(&counts), wanted, "{circuit}");
    }
}

/// A clock that was set back: what is dated ahead is neither accounted for nor lost.
#[tokio::test]
async fn nothing_passes_while_events_are_dated_ahead() {
    let ahead = "created_at = NOW + interval '5 min', due_at = NOW + interval '5 min'";
    let (_test, _db, counts, _) = measured(&["", ahead, ahead]).await;
    let result = gates::parity::verdict(&counts);
    assert_eq!(result.verdict, Verdict::Inconclusive, "{result:?}");
    assert!(
        result.reason.contains("2 events are dated later than now"),
        "{result:?}"
    );
}

#[tokio::test]
async fn what_is_sent_is_what_was_born() {
    let same = "payload_digest = sha256('x'), sent_digest = sha256('x')";
    let (_test, _db, counts, _) = measured(&[""]).await;
    assert_eq!(
        gates::same_bytes::verdict(&counts).verdict,
        Verdict::Inconclusive
    );
    let (_test, _db, counts, _) = measured(&[same, same, "payload_digest = sha256('x')"]).await;
    let result = gates::same_bytes::verdict(&counts);
    assert_eq!(result.verdict, Verdict::Pass, "{result:?}");
    assert!(result.reason.contains("all 2 events"), "{result:?}");
    let other = "payload_digest = sha256('x'), sent_digest = sha256('y'), state = 'open'";
    let (_test, _db, counts, _) = measured(&[same, other]).await;
    let result = gates::same_bytes::verdict(&counts);
    assert_eq!(result.verdict, Verdict::Fail, "{result:?}");
    assert!(
        result.reason.contains("1 of 2") && result.reason.contains("e1"),
        "{result:?}"
    );
}

/// An event that was scheduled for later waits for nobody until it is due.
#[tokio::test]
async fn latency_begins_when_the_event_is_first_due() {
    let due = "first_due_at = NOW - interval '30 min', due_at = NOW - interval '30 min'";
    let (_test, _db, counts, _) = measured(&[
        &format!("{due}, delivered_at = NOW - interval '30 min' + interval '200 ms'"),
        // Without a time there is no latency, and not one of 0 ms.
        "delivered_at = NULL",
        "delivered_at = 'infinity'",
    ])
    .await;
    let latency = &counts.nats_latency.delivered;
    assert_eq!(latency.count(), 1);
    assert!((200.0..209.0).contains(&latency.quantile(1.0).unwrap()));
}

#[tokio::test]
async fn parity_names_what_it_misses() {
    let (_test, _db, counts, _) = measured(&[
        "",
        "published_at = NULL, nats_seen_at = NULL, publish_count = 0",
        "nats_seen_at = NULL",
        "state = 'open', delivered_at = NULL",
        "published_at = NULL, nats_seen_at = NULL, void_reason = 'payload of 2 MB'",
    ])
    .await;
    let nats = &counts.nats_arm;
    assert_eq!(
        (
            nats.ripe,
            nats.missing,
            nats.unpublished,
            nats.unseen,
            nats.unfinished,
            nats.void
        ),
        (5, 4, 1, 1, 1, 1)
    );
    let missing: Vec<(&str, &str)> = counts
        .missing
        .iter()
        .map(|m| (m.event_id.as_str(), m.what.as_str()))
        .collect();
    assert_eq!(
        missing,
        [
            ("e1", "unpublished"),
            ("e2", "unseen"),
            ("e3", "undelivered"),
            ("e4", "void")
        ]
    );
    let result = gates::parity::verdict(&counts);
    assert_eq!(result.verdict, Verdict::Fail);
    assert!(
        result.reason.contains("4 of 5") && result.reason.contains("e1, e2, e3"),
        "{result:?}"
    );
    assert_eq!(serde_json::json!(result.inputs)["ids"][3]["event_id"], "e4");
}

#[tokio::test]
async fn events_of_the_nats_route_alone_must_end_too() {
    let single = "two_route = false, has_queue_row = false";
    let lost = "two_route = false, has_queue_row = false, state = 'open', delivered_at = NULL";
    let (_test, _db, counts, _) = measured(&[single, lost]).await;
    let result = gates::parity::single(&counts);
    assert_eq!(result.verdict, Verdict::Fail);
    assert!(
        result.reason.contains("1 of 2") && result.reason.contains("e1"),
        "{result:?}"
    );
    assert_eq!(
        gates::parity::verdict(&counts).verdict,
        Verdict::Inconclusive
    );
}

#[tokio::test]
async fn failures_of_the_last_minutes_are_counted_with_the_newest_message() {
    let recent = "created_at = NOW - interval '2 min'";
    let (_test, _db, counts, _) = measured(&[
        &format!("{recent}, attempt = 4, error = 'HTTP 500'"),
        &format!("{recent}, attempt = 1, path = 'queue'"),
        "created_at = NOW - interval '1 min', attempt = 2, state = 'retrying', error = 'HTTP 503'",
        "attempt = 9, error = 'old news'",
    ])
    .await;
    let nats = &counts.lately.nats;
    assert_eq!((nats.events, nats.failures), (3, 3 + 1 + 2));
    assert_eq!(nats.error().unwrap(), "HTTP 503");
    assert!((counts.lately.minutes - 5.0).abs() < 0.01);
}

#[tokio::test]
async fn the_queue_is_counted_on_both_shapes() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        webhooks(&mut c, shape).await;
        let now = now();
        let rows = [
            "1, 'pending', 'e1', NOW - interval '1 min', NULL, NOW - interval '1 h', NULL, NULL, NULL",
            "1, 'pending', 'e2', NOW + interval '1 min', NULL, NOW - interval '1 h', NULL, NULL, NULL",
            "1, 'retrying', 'e3', NOW, NOW - interval '5 min', NOW - interval '1 h', NULL, NULL, NULL",
            "1, 'processing', 'e4', NOW, NULL, NOW - interval '1 h', NOW - interval '2 h', NULL, NULL",
            "1, 'processing', 'e5', NOW, NULL, NOW - interval '1 h', NOW, 'w', NOW + interval '1 min'",
            "1, 'success', NULL, NOW, NULL, NOW - interval '1 h', NOW, NULL, NULL",
            "1, 'success', 'e6', NOW, NULL, NOW - interval '1 h', NOW, 'w', NULL",
            // Old rows count only while they wait.
            "2, 'pending', NULL, NOW - interval '9 d', NULL, NOW - interval '9 d', NULL, NULL, NULL",
            "2, 'success', NULL, NOW - interval '9 d', NULL, NOW - interval '9 d', NULL, NULL, NULL",
        ];
        for row in rows {
            let insert = format!(
                "INSERT INTO wavegate.queue (webhook_id, status, event_id, scheduled_at, next_retry_at, created_at, started_at, claimed_by, lease_until, payload) \
                 VALUES ({}, '{{}}')",
                row.replace("NOW", &format!("'{}'::timestamptz", now.to_rfc3339()))
            );
            c.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
        }
        c.execute("UPDATE wavegate.queue SET completed_at = started_at WHERE status = 'success'")
            .await
            .unwrap();
        let step = step(&mut c, now).await;
        let db = test.db().await;
        let unrouted = measure::unrouted(&db, &step).await.unwrap();
        let rows = measure::queue(&db, &step.enabled, now).await.unwrap();
        let rows = measure::with_unrouted(rows, &unrouted);
        let first = &rows[0];
        assert_eq!(
            (
                first.unrouted,
                first.pending,
                first.retrying,
                first.processing
            ),
            (1, 2, 1, 2),
            "{shape:?}"
        );
        assert_eq!((first.due, first.orphaned, first.foreign_done), (2, 1, 1));
        assert_eq!(first.waiting(), 5);
        let age = (now - first.oldest_due.unwrap()).num_seconds();
        assert_eq!(age, 300);
        let second = &rows[1];
        assert_eq!((second.unrouted, second.pending, second.due), (0, 1, 1));
    }
}

/// Whoever writes past the functions writes the time as well: it is the number that tells.
#[tokio::test]
async fn rows_past_the_functions_are_known_by_their_number() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        webhooks(&mut c, shape).await;
        let step = step(&mut c, now()).await;
        let written = "INSERT INTO wavegate.queue (webhook_id, status, payload, scheduled_at, created_at)
                       SELECT 1, 'pending', '{}', now(), t FROM (VALUES (now()), (now() - interval '5 h'), (NULL), ('infinity')) AS v (t)";
        c.execute(written).await.unwrap();
        sqlx::query("INSERT INTO wavegate.wave (migration_id, position, name) VALUES ($1, 1, 'w')")
            .bind(step.migration_id)
            .execute(&mut c)
            .await
            .unwrap();
        let db = test.db().await;
        let mut session = db.pool().acquire().await.unwrap();
        state::enter(
            &mut session,
            step.migration_id,
            "w",
            WaveStep::Hybrid(10),
            10,
            1,
            false,
        )
        .await
        .unwrap();
        let since = sqlx::query_scalar("SELECT entered_at FROM wavegate.wave")
            .fetch_one(&mut c)
            .await
            .unwrap();
        let step = TallyStep { since, ..step };
        assert_eq!(measure::unrouted(&db, &step).await.unwrap(), []);
        c.execute(written).await.unwrap();
        assert_eq!(
            measure::unrouted(&db, &step).await.unwrap(),
            [(1, 4)],
            "{shape:?}"
        );
    }
}
