//! Counting goes on where the last look stopped, and comes to the same as counting everything anew: late, open and updated rows
//! included.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Connection, Executor, PgConnection, Row};
use wavegate::{
    gates::Counts,
    model::GateLimits,
    store::{Db, tally::TallyStep},
};

use crate::{
    gates::measure::{ledger, webhooks},
    support::{Schema, Shape, TestDb, open, program},
};

struct Bench {
    test: TestDb,
    db: Db,
    sql: PgConnection,
    step: TallyStep,
    number: i32,
    /// The time of the next look, minutes ago: looks and events follow one another, as they do in life.
    ago: i32,
}

impl Bench {
    async fn new() -> Bench {
        let test = TestDb::new(Shape::A, Schema::Migrated).await;
        let mut sql = test.connect().await;
        webhooks(&mut sql, Shape::A).await;
        let migration_id = sqlx::query_scalar(
            "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('m', '', '') RETURNING migration_id",
        )
        .fetch_one(&mut sql)
        .await
        .unwrap();
        let now: DateTime<Utc> = sqlx::query_scalar("SELECT now()")
            .fetch_one(&mut sql)
            .await
            .unwrap();
        let step = TallyStep {
            migration_id,
            wave: "w".to_string(),
            since: now - TimeDelta::hours(3),
            block_ms: 60_000,
            members: vec![1, 2],
            enabled: vec![1, 2],
        };
        Bench {
            db: test.db().await,
            test,
            sql,
            step,
            number: 0,
            ago: 60,
        }
    }

    /// Events of `minutes` before the next look, all in the same state.
    async fn events(&mut self, count: i32, minutes: i32, webhook: i32, prefers: &str, state: &str) {
        insert(
            &mut self.sql,
            self.number,
            count,
            minutes + self.ago,
            webhook,
            prefers,
            state,
        )
        .await;
        self.number += count;
    }

    async fn run(&mut self, sql: &str) {
        self.sql
            .execute(sqlx::AssertSqlSafe(sql.to_string()))
            .await
            .unwrap();
    }

    async fn look(&mut self) -> Counts {
        let now: DateTime<Utc> = sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(&mut self.sql)
            .await
            .unwrap();
        let now = now - TimeDelta::minutes(self.ago.into());
        ledger(&self.db, &self.step, now, &GateLimits::default())
            .await
            .unwrap()
    }

    /// The same, as if nobody had looked before.
    async fn anew(&mut self) -> Counts {
        let other: i32 = sqlx::query_scalar(
            "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('n' || clock_timestamp(), '', '') RETURNING migration_id",
        )
        .fetch_one(&mut self.sql)
        .await
        .unwrap();
        let mine = std::mem::replace(&mut self.step.migration_id, other);
        let counts = self.look().await;
        self.step.migration_id = mine;
        counts
    }

    async fn agrees(&mut self) -> Counts {
        let mut counts = self.look().await;
        let mut anew = self.anew().await;
        for counts in [&mut counts, &mut anew] {
            counts
                .arms
                .sort_by_key(|arm| (arm.webhook_id, arm.prefers.as_str()));
            // The two looks are not at the same moment.
            counts.missing.iter_mut().for_each(|event| event.late_s = 0);
        }
        assert_eq!(counts, anew);
        counts
    }

    /// How many events the last look left open, and how many lie above its front.
    /// The front waits for every transaction of the server, those of other tests too: it is looked again until it has `above`.
    async fn front(&mut self, above: i64) -> i64 {
        for _ in 0..1500 {
            let (open, found) = self.stands().await;
            if found == above {
                return open;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            self.look().await;
        }
        panic!(
            "the front does not move: {:?}, wanted {above}",
            self.stands().await
        );
    }

    async fn stands(&mut self) -> (i64, i64) {
        sqlx::query_as(
            "SELECT (SELECT count(*) FROM wavegate.tally_open o WHERE o.tally_id = t.tally_id), \
                    (SELECT count(*) FROM rule_webhook_events e WHERE e.seq >= t.counted_seq) \
             FROM wavegate.tally t WHERE migration_id = $1",
        )
        .bind(self.step.migration_id)
        .fetch_one(&mut self.sql)
        .await
        .unwrap()
    }
}

async fn insert(
    c: &mut PgConnection,
    first: i32,
    count: i32,
    minutes: i32,
    webhook: i32,
    prefers: &str,
    state: &str,
) {
    sqlx::query(
        "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, \
         state, path, attempt, delivered_at, published_at, nats_seen_at, publish_count) \
         SELECT 'e' || n, $4, 1, n, true, true, $5, t, t, $6, $5, 1, \
                CASE WHEN $6 = 'delivered' THEN t + n % 7 * interval '40 ms' END, t, t, 1 \
         FROM generate_series($1 + 1, $1 + $2) n, LATERAL (SELECT clock_timestamp() - $3 * interval '1 min' AS t) x",
    )
    .bind(first)
    .bind(count)
    .bind(minutes)
    .bind(webhook)
    .bind(prefers)
    .bind(state)
    .execute(c)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_second_look_counts_what_is_new_and_what_changed() {
    let mut bench = Bench::new().await;
    bench.events(40, 90, 1, "nats", "delivered").await;
    bench.events(30, 80, 2, "queue", "delivered").await;
    bench.events(3, 70, 1, "nats", "dead").await;
    bench.events(5, 60, 1, "nats", "open").await;
    bench
        .run("UPDATE rule_webhook_events SET event_id = '12:' || event_id WHERE state = 'open'")
        .await;
    let first = bench.agrees().await;
    assert_eq!(
        (
            first.nats_arm.judged,
            first.nats_arm.failed(),
            first.nats_arm.undelivered
        ),
        (48, 3, 5)
    );
    // The dead may be requeued: an index says which.
    assert_eq!(bench.front(0).await, 5);

    // Nothing new: the same again, and nothing twice.
    assert_eq!(bench.agrees().await.nats_arm, first.nats_arm);

    // Open ones end, each in its way; new ones come; the dead one that is requeued stays a failure.
    bench.run("UPDATE rule_webhook_events SET state = 'delivered', path = 'queue', delivered_at = now() WHERE event_id IN ('12:e74', '12:e75')").await;
    bench.run("UPDATE rule_webhook_events SET state = 'delivered', delivered_at = now() WHERE event_id = '12:e76'").await;
    bench
        .run("UPDATE rule_webhook_events SET state = 'dead' WHERE event_id = '12:e77'")
        .await;
    bench.ago = 30;
    bench.events(20, 15, 2, "nats", "delivered").await;
    bench.events(4, 0, 2, "nats", "open").await;
    let second = bench.agrees().await;
    let nats = &second.nats_arm;
    assert_eq!(
        (nats.judged, nats.taken_over, nats.dead, nats.undelivered),
        (68, 2, 4, 1)
    );
    assert_eq!(nats.events, 72);
    assert_eq!(bench.front(4).await, 1, "the front stands at the horizon");
    bench.run("UPDATE rule_webhook_events SET state = 'delivered', delivered_at = now() WHERE event_id = 'e71'").await;
    assert_eq!(bench.look().await.nats_arm.dead, 4, "a failure latches");
}

#[tokio::test]
async fn delivered_events_wait_for_their_message_to_be_seen() {
    let mut bench = Bench::new().await;
    bench.events(10, 50, 1, "nats", "delivered").await;
    bench
        .run("UPDATE rule_webhook_events SET nats_seen_at = NULL WHERE event_id IN ('e1', 'e2')")
        .await;
    let counts = bench.agrees().await;
    assert_eq!(
        (
            counts.nats_arm.delivered,
            counts.nats_arm.unseen,
            counts.nats_arm.missing
        ),
        (10, 2, 2)
    );
    assert_eq!(counts.missing.len(), 2);
    bench
        .run("UPDATE rule_webhook_events SET nats_seen_at = now()")
        .await;
    let counts = bench.agrees().await;
    assert_eq!(
        (counts.nats_arm.delivered, counts.nats_arm.missing),
        (10, 0)
    );
    assert!(counts.missing.is_empty());
}

#[tokio::test]
async fn the_front_waits_for_the_oldest_transaction() {
    let mut bench = Bench::new().await;
    bench.ago = 0;
    bench.events(10, 50, 1, "nats", "delivered").await;
    let limits = GateLimits {
        parity_horizon: std::time::Duration::ZERO,
        ..GateLimits::default()
    };
    let mut late = bench.test.connect().await;
    late.execute("BEGIN").await.unwrap();
    // Its event is born now, and becomes visible only after the look.
    insert(&mut late, 500, 1, 0, 2, "nats", "delivered").await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let look = async |bench: &mut Bench| {
        let now = sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(&mut bench.sql)
            .await
            .unwrap();
        ledger(&bench.db, &bench.step, now, &limits)
            .await
            .unwrap()
            .nats_arm
            .judged
    };
    assert_eq!(look(&mut bench).await, 10);
    // Events of others, younger than the hidden one, are counted without waiting.
    bench.events(4, 0, 1, "nats", "delivered").await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(look(&mut bench).await, 14);
    late.execute("COMMIT").await.unwrap();
    assert_eq!(look(&mut bench).await, 15, "counted although it came late");
    assert_eq!(look(&mut bench).await, 15, "and only once");
    late.close().await.unwrap();
}

/// In another cluster transactions are numbered anew: what was waited for would never come.
#[tokio::test]
async fn the_front_moves_on_in_a_restored_database() {
    let mut bench = Bench::new().await;
    bench.events(10, 50, 1, "nats", "delivered").await;
    bench.agrees().await;
    bench.front(0).await;
    bench.events(5, 40, 1, "nats", "delivered").await;
    bench
        .run("UPDATE wavegate.tally SET next_xid = next_xid + 4000000000, next_seq = next_seq + 5")
        .await;
    assert_eq!(bench.agrees().await.nats_arm.judged, 15);
    bench.front(0).await;
    assert_eq!(bench.agrees().await.nats_arm.judged, 15);
}

/// Dumped in the middle of a step, and restored into a cluster that is younger than the one it came from: what was counted stays counted,
/// and what comes is counted once.
#[tokio::test]
async fn the_counts_of_a_restored_database_go_on() {
    let mut bench = Bench::new().await;
    // Older by more transactions than a restore takes.
    for _ in 0..5_000 {
        bench
            .sql
            .execute("SELECT pg_current_xact_id()")
            .await
            .unwrap();
    }
    bench.events(10, 50, 1, "nats", "delivered").await;
    bench.events(4, 48, 1, "queue", "delivered").await;
    bench.events(3, 45, 2, "nats", "open").await;
    bench.agrees().await;
    bench.front(0).await;
    // Who is waited for will not end in the other cluster.
    let mut late = bench.test.connect().await;
    for statement in ["BEGIN", "SELECT pg_current_xact_id()"] {
        late.execute(statement).await.unwrap();
    }
    bench.events(2, 42, 1, "queue", "delivered").await;
    let before = bench.agrees().await;
    // Above the front, not counted yet.
    bench.events(5, 40, 2, "queue", "delivered").await;
    let younger = TestDb::alone(Shape::A, Schema::Engine, &[]).await;
    let mut admin = younger.connect().await;
    admin.execute("CREATE DATABASE restored").await.unwrap();
    let url = younger
        .url
        .replace(&format!("/{}", younger.name), "/restored");
    let dumped = program("pg_dump")
        .args(["--no-owner", "--no-privileges", "--dbname", &bench.test.url])
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{dumped:?}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dump.sql");
    std::fs::write(&file, dumped.stdout).unwrap();
    let restored = program("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(&file)
        .arg(&url)
        .output()
        .unwrap();
    assert!(restored.status.success(), "{restored:?}");
    let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    let (old, new): (i64, i64) = (
        sqlx::query_scalar(next)
            .fetch_one(&mut bench.sql)
            .await
            .unwrap(),
        sqlx::query_scalar(next)
            .fetch_one(&mut admin)
            .await
            .unwrap(),
    );
    assert!(new < old, "{new} is not younger than {old}");

    bench.db = open(&url).await;
    bench.sql = PgConnection::connect(&url).await.unwrap();
    let after = bench.agrees().await;
    assert_eq!(after.nats_arm.judged, before.nats_arm.judged);
    assert_eq!(after.queue_arm.judged, before.queue_arm.judged + 5);
    bench
        .run("UPDATE rule_webhook_events SET state = 'delivered', nats_seen_at = now(), delivered_at = now() WHERE state = 'open'")
        .await;
    bench.events(7, 20, 1, "nats", "delivered").await;
    let after = bench.agrees().await;
    assert_eq!(after.nats_arm.delivered, before.nats_arm.delivered + 3 + 7);
    bench.front(0).await;
    bench.agrees().await;
}

#[tokio::test]
async fn a_disabled_webhook_counts_in_no_gate_and_comes_back_whole() {
    let mut bench = Bench::new().await;
    bench.events(10, 50, 1, "nats", "delivered").await;
    bench.events(10, 50, 2, "nats", "delivered").await;
    bench.events(2, 40, 2, "nats", "open").await;
    bench.step.enabled = vec![1];
    let counts = bench.agrees().await;
    assert_eq!(
        (
            counts.nats_arm.judged,
            counts.nats_arm.undelivered,
            counts.nats_arm.missing
        ),
        (10, 0, 0)
    );
    bench.step.enabled = vec![1, 2];
    let counts = bench.agrees().await;
    assert_eq!(
        (counts.nats_arm.judged, counts.nats_arm.undelivered),
        (22, 2)
    );
}

/// Blocks of a second are closed within minutes. What comes late into one of them is counted there, beside what it had before.
#[tokio::test]
async fn what_ends_in_a_closed_block_opens_it_again() {
    let mut bench = Bench::new().await;
    bench.step.block_ms = 1_000;
    bench.ago = 10;
    bench.events(10, 90, 1, "nats", "delivered").await;
    bench.look().await;
    bench.front(0).await;
    let border = bench.look().await.closed.border;
    assert!(border > 3_600, "{border}");
    let at = "(SELECT min(created_at) FROM rule_webhook_events)";
    for webhook in [1, 2] {
        bench.events(5, 80, webhook, "nats", "delivered").await;
        bench
            .run(&format!("UPDATE rule_webhook_events SET created_at = {at}"))
            .await;
        let (counts, anew) = (bench.look().await, bench.anew().await);
        assert_eq!(counts.blocks, anew.blocks);
        assert_eq!(counts.nats_arm, anew.nats_arm);
    }
    bench.front(0).await;
    // Worked out of the spans once more, and again as it was.
    let whole = bench.look().await.blocks;
    bench.step.enabled = vec![1];
    assert_eq!(bench.look().await.blocks, bench.anew().await.blocks);
    bench.step.enabled = vec![1, 2];
    assert_eq!(bench.look().await.blocks, whole);
}

/// Random events in random order, with looks in between: every look agrees with one that counts everything anew.
#[tokio::test]
async fn looks_in_between_change_nothing() {
    let mut bench = Bench::new().await;
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..12 {
        bench.ago -= 4;
        for _ in 0..random.i32(1..6) {
            let state = ["delivered", "delivered", "dead", "open", "retrying"][random.usize(0..5)];
            let prefers = ["nats", "queue"][random.usize(0..2)];
            let minutes = random.i32(0..6);
            bench
                .events(random.i32(1..9), minutes, random.i32(1..3), prefers, state)
                .await;
        }
        let changes = [
            "UPDATE rule_webhook_events SET state = 'delivered', delivered_at = now(), path = 'queue' WHERE state = 'open' AND call_id % 3 = 0",
            "UPDATE rule_webhook_events SET state = 'dead', delivered_at = NULL WHERE state = 'retrying' AND call_id % 2 = 0",
            "UPDATE rule_webhook_events SET state = 'delivered', delivered_at = now() WHERE state = 'retrying' AND call_id % 5 = 0",
            "SELECT 1",
        ];
        bench.run(changes[random.usize(0..changes.len())]).await;
        bench.agrees().await;
    }
}

/// A first look is long. A query within it, and PostgreSQL would leave all of it to one process.
#[tokio::test]
async fn a_first_look_may_be_shared_by_several_processes() {
    let mut bench = Bench::new().await;
    bench.events(300, 30, 1, "nats", "delivered").await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/sql/tally/look.sql");
    let part = std::fs::read_to_string(file)
        .unwrap()
        .replace("{schema}", "public");
    bench
        .run("SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0")
        .await;
    bench
        .run(&format!(
            "PREPARE look (integer[], bigint, bigint, timestamptz, timestamptz, bigint, integer[], timestamptz, timestamptz, text[],
                           integer[], text, text)
             AS {part} UNION ALL {part}"
        ))
        .await;
    let plan: Vec<String> = sqlx::raw_sql(
        "EXPLAIN (COSTS OFF) EXECUTE look ('{1,2}', 0, 1000, now(), now(), 1000, '{1,2}', now(), now(), NULL, '{}', '(0,0)', '(9,0)')",
    )
    .fetch_all(&mut bench.sql)
    .await
    .unwrap()
    .iter()
    .map(|row| row.get(0))
    .collect();
    assert_eq!(plan[0], "Gather", "{}", plan.join("\n"));
}
