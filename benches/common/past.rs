//! A wave of 200 webhooks, a week into its step at share 50, with as many rows of past in queue, history and ledger as wanted:
//! as wavegate leaves them, made on the server.

use std::time::Duration;

use sqlx::{Executor, PgConnection};

use super::lab::{Lab, NATS_WORKER, QUEUE_WORKER, RELAY};
use wavegate::{lab::processes::Process, plan::Plan};

pub const WEBHOOKS: u64 = 200;

/// All gates that a plan can ask of this step. The horizon is short, so that what is new has its last word at once.
const PLAN: &str = "\
version: 1
name: bench
nats: { stream: WEBHOOKS, subject: \"webhooks.{id}\" }
defaults:
  soak: 24d
  shares: [0, 10, 50, 100]
  gates:
    parity: { horizon: 1s }
    success: { margin: 1%, min_events: 100, min_rate: 95% }
    latency: { ratio: 0.8, quantile: p95, max_p99: 10s }
    errors: { max_per_minute: 1000 }
    dead: { max: 1000000 }
    duplicates: { max: 1000000 }
    workers: { nats: 1, queue: 1, stable_for: 1s }
    backlog: { queue: 10000, stream: 1000, lag: 5s }
    sql: [{ name: disabled, query: \"SELECT FROM rule_webhooks WHERE NOT enabled\" }]
waves:
  - { name: all, match: { rest: true } }
";

/// What each event was, and what became of it: half a tenth of a per cent dead in each arm, some taken over, some at the second attempt.
/// Latencies are log-normal about 40 ms.
const EVENTS: &str = "\
SELECT e.*, e.at + e.took * 0.2 AS published_at, e.at + e.took * 0.4 AS seen_at, e.at + e.took AS ended_at,
       CASE WHEN e.chance < 5 THEN 'dead' ELSE 'delivered' END AS state,
       CASE WHEN (e.chance IN (5, 6)) = (e.prefers = 'nats') THEN 'queue' ELSE 'nats' END AS path,
       CASE WHEN e.chance < 5 THEN 4 WHEN e.chance < 30 THEN 2 ELSE 1 END AS attempt,
       x.response_headers, x.response_body, x.claimed_by, x.takeover
FROM (
    SELECT i.*, CASE WHEN wavegate.bucket(i.event_id) < 50 THEN 'nats' ELSE 'queue' END AS prefers,
           exp(3.7 + 0.7 * sqrt(-2 * ln(((i.hash >> 40 & 65535) + 1) / 65537.0::float8)) * cos(2 * pi() * (i.hash >> 24 & 65535) / 65536.0::float8))
               * interval '1 ms' AS took,
           (i.hash & 16777215) % 10000 AS chance
    FROM (
        SELECT n, at, (SELECT min(webhook_id) FROM rule_webhooks) + (n % WEBHOOKS)::integer AS webhook_id, hashint8extended(n, 7) AS hash,
               (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid::text AS event_id
        FROM (SELECT n, START::timestamptz + (n - FIRST_N) * STEP * interval '1 us' AS at FROM generate_series(FROM_N::bigint, TO_N) n) t
    ) i
) e, example x";

const LEDGER: &str = "\
INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, state, path, attempt,
    due_at, claimed_by, published_at, publish_count, stream_seq, nats_seen_at, seen_count, delivered_at, http_status, error)
SELECT event_id, webhook_id, 1, n, true, true, prefers, at, state, path, attempt, at, claimed_by, published_at, 1, n, seen_at, 1,
    CASE state WHEN 'delivered' THEN ended_at END, CASE state WHEN 'dead' THEN 503 ELSE 200 END, CASE state WHEN 'dead' THEN 'HTTP 503' END
FROM (EVENTS) e";

const QUEUE: &str = "\
INSERT INTO rule_webhook_calls (call_id, webhook_id, status, payload, scheduled_at, started_at, completed_at, retry_count, response_status,
    response_body, response_headers, error_message, execution_time_ms, created_at, event_id, two_route, claimed_by)
SELECT n, webhook_id, CASE state WHEN 'dead' THEN 'failed' ELSE 'success' END, PAYLOAD,
    CASE prefers WHEN 'nats' THEN at + takeover ELSE at END, seen_at, ended_at, attempt - 1, CASE state WHEN 'dead' THEN 503 ELSE 200 END,
    response_body, response_headers, CASE state WHEN 'dead' THEN 'HTTP 503' END, (extract(epoch FROM took) * 600)::numeric(12,3), at,
    event_id, true, claimed_by
FROM (EVENTS) e";

const HISTORY: &str = "\
INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, published_at, message_id, sequence_number, success, latency_ms,
    triggered_by, expires_at)
SELECT webhook_id, 'webhooks.' || webhook_id, PAYLOAD, published_at, event_id, n, true, 1.5, 'wavegate', published_at + interval '7 days'
FROM (EVENTS) e";

/// A small payload, about 100 bytes: what the barest pass reads too, and we do not.
const PAYLOAD: &str = "jsonb_build_object('n', n, 'type', 'order.placed', 'total', 129.95, 'customer', 'customer-' || n % 5000)";

/// One database with its wave; relay and workers run.
pub struct Past {
    pub rows: u64,
    pub database: String,
    next: u64,
    crew: Vec<Process>,
}

impl Past {
    /// Makes the database, and everything in it.
    pub async fn make(lab: &mut Lab, database: &str, rows: u64) -> Past {
        let mut past = Past {
            rows,
            database: database.to_string(),
            next: 1,
            crew: Vec::new(),
        };
        lab.add_database(database).await;
        past.begin(lab).await;
        past.crew(lab).await;
        past.example(lab).await;
        past.dismiss(lab).await;
        past.fill(lab).await;
        past.crew(lab).await;
        // As steady as the plan wants them.
        tokio::time::sleep(Duration::from_secs(2)).await;
        past
    }

    /// The migration as it stands after the flip to share 50, and what was frozen when it began.
    async fn begin(&self, lab: &mut Lab) {
        let plan = Plan::parse(PLAN).unwrap();
        std::fs::write(file(lab), PLAN).unwrap();
        let url = format!("{}/0", lab.receiver.url);
        lab.run(&format!(
            "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share, nats_subject)
             SELECT 'bench ' || n, '{url}', 'both', true, 50, 'webhooks.' || n FROM generate_series(1, {WEBHOOKS}) n"
        ))
        .await;
        lab.run(&format!(
            "INSERT INTO wavegate.migration (name, plan, plan_hash, started_at) VALUES ('{}', '', '{}', now() - interval '13 days')",
            plan.name(),
            plan.hash()
        ))
        .await;
        lab.run(
            "INSERT INTO wavegate.wave (migration_id, position, name, step, share, entered_at)
             VALUES (1, 1, 'all', 'hybrid', 50, now() - interval '6 days 12 hours')",
        )
        .await;
        lab.run(
            "INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found)
             SELECT 1, webhook_id, 1, webhook_name, '{}' FROM rule_webhooks",
        )
        .await;
        lab.run(
            "INSERT INTO wavegate.baseline (migration_id, webhook_id, status, bucket, calls)
             SELECT 1, webhook_id, 'success', bucket, 50 FROM rule_webhooks, generate_series(50, 120) bucket",
        )
        .await;
    }

    /// Starts relay and workers.
    async fn crew(&mut self, lab: &mut Lab) {
        for role in [RELAY, NATS_WORKER, QUEUE_WORKER] {
            self.crew.push(lab.launch(role).await);
        }
    }

    pub async fn dismiss(&mut self, lab: &Lab) {
        for process in self.crew.drain(..) {
            lab.stop(process).await;
        }
    }

    /// What workers write of an answer, taken from events that they delivered.
    async fn example(&self, lab: &mut Lab) {
        let webhooks: Vec<i32> =
            sqlx::query_scalar("SELECT webhook_id FROM rule_webhooks ORDER BY 1")
                .fetch_all(&mut lab.sql)
                .await
                .unwrap();
        lab.emit(&webhooks, 0, WEBHOOKS).await;
        lab.until_delivered().await;
        lab.until_published().await;
        lab.run(
            "CREATE TABLE example AS
             SELECT q.response_headers, q.response_body, q.claimed_by, w.nats_takeover_after_ms * interval '1 ms' AS takeover
             FROM rule_webhook_calls q JOIN rule_webhooks w USING (webhook_id) WHERE q.status = 'success' LIMIT 1",
        )
        .await;
        lab.clear().await;
    }

    /// The rows of past, evenly over the step. Secondary indexes are made after their rows: what comes out is the same.
    async fn fill(&mut self, lab: &mut Lab) {
        lab.run("ALTER SYSTEM SET max_wal_size = '4GB'").await;
        lab.run("SELECT pg_reload_conf()").await;
        let start = lab.text("SELECT entered_at::text FROM wavegate.wave").await;
        let step = lab
            .number(&format!(
                "SELECT (extract(epoch FROM now() - interval '1 minute' - entered_at) * 1000000 / {})::bigint FROM wavegate.wave",
                self.rows
            ))
            .await;
        let rows = self.rows;
        let times = Times {
            first: 1,
            start,
            step,
        };
        let mut sessions = [
            lab.session().await,
            lab.session().await,
            lab.session().await,
        ];
        let [ledger, queue, history] = &mut sessions;
        tokio::join!(
            load(ledger, "rule_webhook_events", LEDGER, rows, &times),
            load(queue, "rule_webhook_calls", QUEUE, rows, &times),
            load(history, "rule_nats_publish_history", HISTORY, rows, &times),
        );
        self.next = rows + 1;
        lab.run(&format!("SELECT setval(pg_get_serial_sequence('rule_webhook_calls', 'call_id'), {rows} + 1000000)"))
            .await;
        lab.run("ALTER SYSTEM RESET max_wal_size").await;
        lab.run("SELECT pg_reload_conf()").await;
        lab.settle().await;
    }

    /// As if ten minutes had passed: what was added before is not among what failed lately. At the rate of 10 million rows in six and a half
    /// days, 10,000 new ones are nine minutes of traffic.
    pub async fn pass_time(&self, lab: &mut Lab) {
        lab.run("SET session_replication_role = replica").await;
        lab.run(
            "UPDATE rule_webhook_events
             SET created_at = created_at - d, due_at = due_at - d, published_at = published_at - d, nats_seen_at = nats_seen_at - d,
                 delivered_at = delivered_at - d
             FROM (SELECT interval '10 minutes' AS d) AS t
             WHERE created_at > now() - interval '10 minutes'",
        )
        .await;
        lab.run("SET session_replication_role = origin").await;
        lab.run("VACUUM (INDEX_CLEANUP TRUE) rule_webhook_events")
            .await;
    }

    /// Events that were born and ended since the last look at the gates.
    pub async fn add(&mut self, lab: &mut Lab, rows: u64) {
        let start = lab
            .text("SELECT counted_to::text FROM wavegate.tally")
            .await;
        let step = lab
            .number(&format!(
                "SELECT (extract(epoch FROM clock_timestamp() - counted_to) * 1000000 / {rows})::bigint FROM wavegate.tally"
            ))
            .await;
        let times = Times {
            first: self.next,
            start,
            step,
        };
        lab.run("SET session_replication_role = replica").await;
        for insert in [LEDGER, QUEUE, HISTORY] {
            lab.run(&events(insert, self.next, self.next + rows - 1, &times))
                .await;
        }
        lab.run("SET session_replication_role = origin").await;
        self.next += rows;
    }
}

/// Where the plan lies.
pub fn file(lab: &Lab) -> std::path::PathBuf {
    lab.surroundings.dir.join("plan.yaml")
}

/// When event `first` was born, and how many microseconds lie between one event and the next.
struct Times {
    first: u64,
    start: String,
    step: i64,
}

/// The INSERT of the events `from` to `to`.
fn events(insert: &str, from: u64, to: u64, times: &Times) -> String {
    insert
        .replace("EVENTS", EVENTS)
        .replace("PAYLOAD", PAYLOAD)
        .replace("WEBHOOKS", &WEBHOOKS.to_string())
        .replace("FIRST_N", &times.first.to_string())
        .replace("FROM_N", &from.to_string())
        .replace("TO_N", &to.to_string())
        .replace("START", &format!("'{}'", times.start))
        .replace("STEP", &times.step.to_string())
}

/// Loads one table: without secondary indexes and triggers, which come back as they were.
async fn load(sql: &mut PgConnection, table: &str, insert: &str, rows: u64, times: &Times) {
    run(sql, "SET synchronous_commit = off").await;
    run(sql, "SET session_replication_role = replica").await;
    run(sql, "SET maintenance_work_mem = '256MB'").await;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
         WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
    )
    .bind(table)
    .fetch_all(&mut *sql)
    .await
    .unwrap();
    for (name, _) in &indexes {
        run(sql, &format!("DROP INDEX {name}")).await;
    }
    let mut from = 1;
    while from <= rows {
        let to = (from + 499_999).min(rows);
        run(sql, &events(insert, from, to, times)).await;
        from = to + 1;
    }
    for (_, definition) in &indexes {
        run(sql, definition).await;
    }
    run(sql, &format!("VACUUM ANALYZE {table}")).await;
}

async fn run(sql: &mut PgConnection, statement: &str) {
    sql.execute(sqlx::AssertSqlSafe(statement.to_string()))
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}
