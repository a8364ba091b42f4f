//! What the gates have counted in steps against one plain query over all rows, in random histories: late commits, clocks that jump, odd
//! times, deaths that are requeued, webhooks that leave and come, vacuum under a look.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::{
    gates::{self, BlockArm, Counts, Pace, closed::Closed},
    model::{GateLimits, Path},
    store::{Db, measure::ledger_of_both, tally::TallyStep},
};

use super::measure::{half, ledger};
use crate::support::{Schema, Shape, TestDb};

/// By webhook and arm, in the order of the query's columns.
type Arms = BTreeMap<(i32, String), Vec<i64>>;
/// By block and arm: judged, failed, undelivered. By bucket and arm: delivered.
type Blocks = BTreeMap<(i32, String), (i64, i64, i64)>;
type Latencies = BTreeMap<(i16, String), i64>;

/// The plain count. Which events died is the test's own memory, in a table of its own.
const ROWS: &str = "CREATE VIEW rows_of_step AS SELECT e.*, d.event_id IS NOT NULL AS died, coalesce(e.first_due_at, e.created_at) AS first_due,
        (SELECT now_ FROM look) AS at, (SELECT now_ - interval '2 min' FROM look) AS horizon, (SELECT now_ - interval '10 min' FROM look) AS lost_at
    FROM rule_webhook_events e LEFT JOIN deaths d USING (event_id)
    JOIN members m ON m.webhook_id = e.webhook_id AND e.seq >= m.from_seq AND m.enabled
    WHERE e.created_at >= (SELECT since FROM look)";
const JUDGED: &str =
    "created_at <= horizon AND (ended OR died OR attempt > 0 OR due_at <= horizon)";
const RIPE: &str = "two_route AND due_at <= horizon AND coalesce(void_reason, '') <> 'fenced'";

fn arms_sql() -> String {
    let missing = format!("{RIPE} AND (published_at IS NULL OR nats_seen_at IS NULL OR NOT ended)");
    let single = "NOT two_route AND NOT ended AND due_at <= horizon";
    let lost = "(void_reason IS NOT NULL OR state = 'stuck' OR due_at <= lost_at AND NOT EXISTS (
                     SELECT FROM wavegate.outage o WHERE o.webhook_id = rows_of_step.webhook_id AND o.until > lost_at))";
    let counts = [
        "true".to_string(),
        JUDGED.into(),
        format!("{JUDGED} AND state = 'delivered' AND NOT died AND path = prefers"),
        format!("{JUDGED} AND died"),
        format!("{JUDGED} AND state = 'delivered' AND NOT died AND path IS DISTINCT FROM prefers"),
        format!("{JUDGED} AND NOT ended AND NOT died"),
        "two_route".into(),
        RIPE.into(),
        missing.clone(),
        single.into(),
        format!("(({missing}) OR {single}) AND {lost}"),
        "created_at > at + interval '1 min'".into(),
        "payload_digest IS NOT NULL AND sent_digest IS NOT NULL".into(),
        "payload_digest <> sent_digest".into(),
    ];
    let columns: Vec<String> = counts
        .iter()
        .map(|count| format!("count(*) FILTER (WHERE {count})"))
        .collect();
    format!(
        "SELECT webhook_id, prefers, ARRAY[{}] FROM rows_of_step GROUP BY webhook_id, prefers",
        columns.join(", ")
    )
}

struct History {
    name: String,
    db: Db,
    sql: PgConnection,
    step: TallyStep,
    random: fastrand::Rng,
    number: i32,
    /// Transactions that have drawn numbers and are not over.
    late: Vec<PgConnection>,
    /// How many rows each kind of change has changed.
    changed: BTreeMap<&'static str, u64>,
    /// Which transaction closed blocks last; looks that found them closed already, and looks that closed them.
    closed_by: Option<String>,
    closed: [u32; 2],
    _test: TestDb,
}

const WEBHOOKS: [i32; 4] = [1, 2, 3, 4];

impl History {
    async fn new(seed: u64) -> History {
        let test = TestDb::new(Shape::A, Schema::Migrated).await;
        let mut sql = test.connect().await;
        sql.execute(AssertSqlSafe(format!(
            "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share)
                 SELECT 'w' || n, 'http://x', 'both', true, 50 FROM generate_series(1, 4) n;
             CREATE TABLE look (now_ timestamptz, since timestamptz); INSERT INTO look VALUES (now(), now());
             CREATE TABLE deaths (event_id text PRIMARY KEY);
             CREATE TABLE members (webhook_id integer PRIMARY KEY, from_seq bigint, enabled boolean);
             {ROWS};
             ALTER DATABASE {} SET track_activities = off",
            test.name
        )))
        .await
        .unwrap();
        History {
            name: String::new(),
            db: test.db().await,
            step: TallyStep {
                migration_id: 0,
                wave: "w".into(),
                since: Utc::now(),
                block_ms: 60_000,
                members: WEBHOOKS.to_vec(),
                enabled: WEBHOOKS.to_vec(),
            },
            sql,
            random: fastrand::Rng::with_seed(seed),
            number: 0,
            late: Vec::new(),
            changed: BTreeMap::new(),
            closed_by: None,
            closed: [0, 0],
            _test: test,
        }
    }

    async fn run(&mut self, sql: &str) -> u64 {
        let sql = AssertSqlSafe(sql.to_string());
        self.sql.execute(sql).await.unwrap().rows_affected()
    }

    /// Something that must have had an effect at least once.
    async fn change(&mut self, what: &'static str, sql: &str) {
        *self.changed.entry(what).or_default() += self.run(sql).await;
    }

    /// A new step, of a migration of its own, with no event yet.
    async fn begin(&mut self) {
        for late in self.late.drain(..) {
            late.close().await.unwrap();
        }
        self.run("DELETE FROM rule_webhook_events; DELETE FROM deaths; DELETE FROM members; UPDATE look SET since = clock_timestamp() - interval '3 h';
                  INSERT INTO members SELECT n, 0, true FROM generate_series(1, 4) n")
            .await;
        let (migration, since): (i32, DateTime<Utc>) = sqlx::query_as(
            "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('m' || clock_timestamp(), '', '')
             RETURNING migration_id, (SELECT since FROM look)",
        )
        .fetch_one(&mut self.sql)
        .await
        .unwrap();
        (self.step.migration_id, self.step.since) = (migration, since);
        // Blocks of a second are closed within minutes, those of a minute not within the step.
        self.step.block_ms = [1_000, 60_000][self.random.usize(0..2)];
        self.run(&format!(
            "INSERT INTO wavegate.baseline SELECT {migration}, n, s, 50, n FROM generate_series(1, 3) n, unnest('{{success,failed}}'::text[]) s"
        ))
        .await;
        self.step.members = WEBHOOKS.to_vec();
        self.step.enabled = WEBHOOKS.to_vec();
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.random.usize(0..of.len())]
    }

    /// Some events, alike; their clock may be anywhere.
    fn events(&mut self) -> String {
        let count = self.random.i32(1..8);
        let first = self.number;
        self.number += count;
        let minutes = self.pick(&["0", "1", "3", "12", "100", "179", "200", "-5", "0.01"]);
        let state = self.pick(&[
            "delivered",
            "delivered",
            "delivered",
            "open",
            "retrying",
            "claimed",
            "stuck",
        ]);
        let prefers = self.pick(&["nats", "queue"]);
        let path = self.pick(&["nats", "queue"]);
        let due = self.pick(&["t", "t", "t", "t + interval '20 min'", "'infinity'"]);
        let first_due = self.pick(&["NULL", "NULL", "t + interval '1 min'", "'infinity'"]);
        let delivered = self.pick(&[
            "t + n % 7 * interval '40 ms'",
            "t - interval '1 min'",
            "NULL",
            "'infinity'",
            "'-infinity'",
        ]);
        let created = self.pick(&["t", "t", "t", "t", "t", "t", "'infinity'", "'-infinity'"]);
        let published = self.pick(&["t", "t", "NULL"]);
        let seen = self.pick(&["t", "t", "NULL"]);
        let void = self.pick(&["NULL", "NULL", "NULL", "NULL", "'too large'", "'fenced'"]);
        let two_route = self.pick(&["true", "true", "false"]);
        let webhook = self.random.i32(1..5);
        format!(
            "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at,
                 first_due_at, state, path, attempt, delivered_at, published_at, nats_seen_at, void_reason, publish_count,
                 payload_digest, sent_digest)
             SELECT 'e' || n, {webhook}, 1, n, {two_route}, {two_route}, '{prefers}', {created}, {due}, ({first_due})::timestamptz, '{state}', '{path}', n % 2,
                 CASE WHEN '{state}' = 'delivered' THEN ({delivered})::timestamptz END, ({published})::timestamptz, ({seen})::timestamptz, {void}, 1,
                 CASE WHEN n % 5 > 0 THEN sha256('x') END, CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN sha256('y') ELSE sha256('x') END
             FROM generate_series({first} + 1, {first} + {count}) n,
                  LATERAL (SELECT clock_timestamp() - {minutes} * interval '1 min' AS t) x"
        )
    }

    async fn happen(&mut self) {
        let half = format!("call_id % 2 = {}", self.random.i32(0..2));
        match self.random.i32(0..21) {
            0..=3 => {
                let events = self.events();
                self.run(&events).await;
            }
            4 => {
                let mut late = self._test.connect().await;
                late.execute("BEGIN").await.unwrap();
                let events = AssertSqlSafe(self.events());
                late.execute(events).await.unwrap();
                self.late.push(late);
            }
            5 | 6 => {
                if !self.late.is_empty() {
                    let mut late = self.late.swap_remove(self.random.usize(0..self.late.len()));
                    let end = self.pick(&["COMMIT", "COMMIT", "ROLLBACK"]);
                    late.execute(end).await.unwrap();
                    late.close().await.unwrap();
                }
            }
            7 => {
                let ends = format!(
                    "UPDATE rule_webhook_events SET state = 'delivered', delivered_at = clock_timestamp(), path = 'queue'
                     WHERE state IN ('open', 'retrying', 'claimed') AND {half}"
                );
                self.change("delivered", &ends).await;
            }
            8 | 16 | 18 | 19 => {
                let die = format!(
                    "WITH dying AS (UPDATE rule_webhook_events SET state = 'dead', attempt = 4 WHERE state IN ('open', 'retrying') AND {half} RETURNING event_id)
                     INSERT INTO deaths SELECT event_id FROM dying ON CONFLICT DO NOTHING"
                );
                self.change("died", &die).await;
            }
            9 | 15 => {
                let requeue = format!(
                    "UPDATE rule_webhook_events SET state = 'retrying', attempt = 0, due_at = clock_timestamp() WHERE state = 'dead' AND discarded_at IS NULL AND {half}"
                );
                self.change("requeued", &requeue).await;
            }
            10 => {
                let seen = format!(
                    "UPDATE rule_webhook_events SET published_at = coalesce(published_at, now()), nats_seen_at = now() WHERE {half} AND void_reason IS NULL"
                );
                self.change("seen", &seen).await;
            }
            11 => {
                let id = self.random.i32(1..5);
                self.run(&format!(
                    "UPDATE members SET enabled = NOT enabled WHERE webhook_id = {id}"
                ))
                .await;
                match self.step.enabled.iter().position(|known| *known == id) {
                    Some(at) => drop(self.step.enabled.remove(at)),
                    None if self.step.members.contains(&id) => self.step.enabled.push(id),
                    None => {}
                }
            }
            12 => self.leave_and_come().await,
            13 => {
                let discard = format!(
                    "UPDATE rule_webhook_events SET discarded_at = now() WHERE state = 'dead' AND {half}"
                );
                self.change("given up", &discard).await;
            }
            14 => {
                let (id, minutes) = (self.random.i32(1..5), self.random.i32(-2..20));
                let until = format!("clock_timestamp() - {minutes} * interval '1 min'");
                self.run(&format!(
                    "INSERT INTO wavegate.circuit_closed VALUES ({id}, {until}) ON CONFLICT (webhook_id) DO UPDATE SET closed_at = {until}"
                ))
                .await;
            }
            17 | 20 => {
                // Counted as dead, requeued, sent with other bytes, and dead once more.
                let again = "payload_digest = sent_digest AND event_id IN (SELECT event_id FROM wavegate.tally_dead)";
                self.run(&format!("UPDATE rule_webhook_events SET state = 'retrying' WHERE state = 'dead' AND {again}")).await;
                let altered = format!(
                    "UPDATE rule_webhook_events SET state = 'dead', sent_digest = sha256('z') WHERE state = 'retrying' AND {again}"
                );
                self.change("altered", &altered).await;
            }
            _ => drop(self.run("VACUUM (ANALYZE) rule_webhook_events").await),
        }
    }

    /// Did the look find blocks closed, or close them?
    async fn note_closed(&mut self) {
        let by: Option<String> = sqlx::query_scalar(
            "SELECT c.xmin::text FROM wavegate.tally_closed c JOIN wavegate.tally t USING (tally_id) WHERE t.migration_id = $1",
        )
        .bind(self.step.migration_id)
        .fetch_optional(&mut self.sql)
        .await
        .unwrap();
        if by.is_some() {
            self.closed[usize::from(by != self.closed_by)] += 1;
        }
        self.closed_by = by;
    }

    /// A webhook is taken back alone, somebody looks, and it comes again: what was counted of it is forgotten.
    async fn leave_and_come(&mut self) {
        let id = self.random.i32(1..5);
        let (members, enabled) = (self.step.members.clone(), self.step.enabled.clone());
        self.step.members.retain(|known| *known != id);
        self.step.enabled.retain(|known| *known != id);
        self.run(&format!(
            "UPDATE members SET from_seq = 9000000000000 WHERE webhook_id = {id}"
        ))
        .await;
        self.agrees().await;
        self.run(&format!(
            "UPDATE members SET from_seq = (SELECT t.counted_seq FROM wavegate.tally t WHERE t.migration_id = {}) WHERE webhook_id = {id}",
            self.step.migration_id
        ))
        .await;
        (self.step.members, self.step.enabled) = (members, enabled);
    }

    async fn agrees(&mut self) {
        let now: DateTime<Utc> =
            sqlx::query_scalar("UPDATE look SET now_ = clock_timestamp() RETURNING now_")
                .fetch_one(&mut self.sql)
                .await
                .unwrap();
        let limits = GateLimits::default();
        let alone = self.random.bool();
        let counts = match alone {
            true => ledger(&self.db, &self.step, now, &limits).await,
            false => ledger_of_both(&self.db, &self.step, now, &limits).await,
        }
        .unwrap();
        let arms: Vec<(i32, String, Vec<i64>)> = sqlx::query_as(AssertSqlSafe(arms_sql()))
            .fetch_all(&mut self.sql)
            .await
            .unwrap();
        let plain: Arms = arms
            .into_iter()
            .map(|(id, arm, counts)| ((id, arm), counts))
            .collect();
        assert_eq!(told(&counts), plain, "{}", self.name);
        let blocks = format!(
            "SELECT webhook_id, least(floor(extract(epoch FROM created_at - (SELECT since FROM look)) * 1000 / {}), 2147483647)::integer, prefers,
                    count(*), count(*) FILTER (WHERE died OR state = 'delivered' AND path IS DISTINCT FROM prefers),
                    count(*) FILTER (WHERE NOT died AND NOT ended)
             FROM rows_of_step WHERE {JUDGED} AND isfinite(created_at) GROUP BY 1, 2, 3",
            self.step.block_ms
        );
        let blocks: Vec<(i32, i32, Path, i64, i64, i64)> = sqlx::query_as(AssertSqlSafe(blocks))
            .fetch_all(&mut self.sql)
            .await
            .unwrap();
        let mut plain = Counts {
            closed: Closed::default(),
            of_webhooks: BTreeMap::new(),
            blocks: BTreeMap::new(),
            ..counts.clone()
        };
        for (id, block, arm, judged, failed, undelivered) in blocks {
            let more = BlockArm {
                judged,
                failed,
                undelivered,
            };
            plain.add_block(id, block, arm, more);
        }
        assert_eq!(by_block(&counts), by_block(&plain), "{}", self.name);
        assert_eq!(said(&counts, alone), said(&plain, alone), "{}", self.name);
        self.note_closed().await;
        let latencies = format!(
            "SELECT least(ceil(ln(greatest(extract(epoch FROM delivered_at - first_due) * 1000, 1)::float8) / ln(2::float8) * 16), 479)::smallint, prefers,
                    count(*)
             FROM rows_of_step WHERE {JUDGED} AND state = 'delivered' AND NOT died AND isfinite(delivered_at) AND isfinite(first_due) GROUP BY 1, 2"
        );
        let latencies: Vec<(i16, String, i64)> = sqlx::query_as(AssertSqlSafe(latencies))
            .fetch_all(&mut self.sql)
            .await
            .unwrap();
        let plain: Latencies = latencies
            .into_iter()
            .map(|(n, arm, count)| ((n, arm), count))
            .collect();
        assert_eq!(by_bucket(&counts), plain, "{}", self.name);
    }
}

/// What the gate says that goes by blocks: everything that it shows.
fn said(counts: &Counts, alone: bool) -> String {
    let limits = GateLimits::default();
    let said = match alone {
        true => {
            let counts = counts.of_nats_alone();
            gates::baseline::verdict(&counts, 1, Pace::default(), &limits)
        }
        false => gates::success::verdict(counts, &half(), &limits),
    };
    serde_json::to_string(&said).unwrap()
}

fn told(counts: &Counts) -> Arms {
    let arm = |arm: &wavegate::gates::ArmCounts| {
        let key = (arm.webhook_id.unwrap(), arm.prefers.as_str().to_string());
        let counts = vec![
            arm.events,
            arm.judged,
            arm.delivered,
            arm.dead,
            arm.taken_over,
            arm.undelivered,
            arm.two_route,
            arm.ripe,
            arm.missing,
            arm.late_single,
            arm.lost,
            arm.ahead,
            arm.compared,
            arm.altered,
        ];
        (key, counts)
    };
    counts
        .arms
        .iter()
        .map(arm)
        .filter(|(_, counts)| counts[0] > 0)
        .collect()
}

fn by_block(counts: &Counts) -> Blocks {
    let mut blocks = Blocks::new();
    for (number, block) in &counts.blocks {
        for (arm, name) in [(block.nats, "nats"), (block.queue, "queue")] {
            if arm.judged > 0 {
                blocks.insert(
                    (*number, name.into()),
                    (arm.judged, arm.failed, arm.undelivered),
                );
            }
        }
    }
    blocks
}

fn by_bucket(counts: &Counts) -> Latencies {
    let mut latencies = Latencies::new();
    for (latency, name) in [
        (&counts.nats_latency, "nats"),
        (&counts.queue_latency, "queue"),
    ] {
        for (bucket, events) in latency.delivered.cells() {
            latencies.insert((bucket, name.into()), events.cast_signed());
        }
    }
    latencies
}

/// `WAVEGATE_HISTORIES` asks for more; docs/gates.md tells of a thousand.
#[tokio::test]
async fn what_is_counted_in_steps_is_what_one_plain_query_counts() {
    let histories = std::env::var("WAVEGATE_HISTORIES").map_or(8, |n| n.parse().unwrap());
    let seed = std::env::var("WAVEGATE_SEED").map_or(20_261_127, |n| n.parse().unwrap());
    let mut history = History::new(seed).await;
    for number in 0..histories {
        history.name = format!("history {number} of seed {seed}");
        history.begin().await;
        for _ in 0..12 {
            for _ in 0..history.random.i32(2..7) {
                history.happen().await;
            }
            history.agrees().await;
        }
    }
    for what in [
        "delivered",
        "died",
        "requeued",
        "seen",
        "given up",
        "altered",
    ] {
        assert!(history.changed[what] > 0, "nothing was {what}");
    }
    let [found, made] = history.closed;
    assert!(found > 0 && made > 0, "closed: found {found}, made {made}");
}
