//! The reckoning: every event of the callers' book is accounted for, nothing else was delivered, and what came twice is
//! an attempt that has a name.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use super::{callers::Heard, stage::Stage};

/// Webhook ids by the caller's key: one for each arrival.
pub type Arrivals = HashMap<String, Vec<String>>;

/// What was found. Everything that must not be has been asserted by then.
#[derive(Debug, Default)]
pub struct Account {
    pub events: usize,
    /// For how long the callers called.
    pub took: Duration,
    /// Arrivals of an event after its first.
    pub duplicates: usize,
    /// Attempts that nobody knows the end of.
    pub ambiguous: usize,
    /// Attempts that failed and were recorded so.
    pub failed: i64,
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.took.as_secs_f64();
        write!(
            f,
            "{} events in {seconds:.0} s ({:.0}/s), duplicates {}, ambiguous {}, failed attempts {}, nowhere 0",
            self.events,
            self.events as f64 / seconds,
            self.duplicates,
            self.ambiguous,
            self.failed,
        )
    }
}

/// How long everything may take to be delivered, once all is up: longer than the consumer's ack wait.
const PATIENCE: Duration = Duration::from_secs(180);

/// One event of the book, as the database knows it.
#[derive(Debug, sqlx::FromRow)]
struct Entry {
    key: String,
    event_id: Option<String>,
    delivered: bool,
    /// Attempts that failed and were recorded as failed.
    failed: i64,
    /// Attempts that may have reached the endpoint without a result, or once more than their result tells.
    ambiguous: i64,
}

const UNDELIVERED: &str = "SELECT count(*) FROM book b
    WHERE NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.call_id = b.call_id AND e.state = 'delivered')
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = b.call_id AND q.status = 'success')";
const OPEN_ROWS: &str =
    "SELECT count(*) FROM wavegate.queue WHERE status NOT IN ('success', 'failed')";
const STRANGERS: &str = "SELECT (SELECT count(*) FROM (SELECT call_id FROM rule_webhook_events UNION SELECT call_id FROM wavegate.queue) x
                                 WHERE NOT EXISTS (SELECT FROM book b WHERE b.call_id = x.call_id))";
/// Ids that a caller was not told are looked up once.
const COMPLETE: &str = "UPDATE book b
    SET call_id = coalesce(b.call_id, (SELECT e.call_id FROM rule_webhook_events e WHERE e.event_id = b.event_id),
                           (SELECT q.call_id FROM wavegate.queue q WHERE q.event_id = b.event_id)),
        event_id = coalesce(b.event_id, (SELECT e.event_id FROM rule_webhook_events e WHERE e.call_id = b.call_id),
                            (SELECT q.event_id FROM wavegate.queue q WHERE q.call_id = b.call_id))";
const ENTRIES: &str = "SELECT b.key, b.event_id,
       e.state = 'delivered' OR e.state IS NULL AND q.status = 'success' AS delivered,
       coalesce(e.attempt - 1, q.retry_count, 0) - a.without_result AS failed,
       -- An attempt without a result may have had a second call, on a new connection.
       a.rows + a.without_result AS ambiguous
    FROM book b
    LEFT JOIN rule_webhook_events e ON e.call_id = b.call_id
    LEFT JOIN wavegate.queue q ON q.call_id = b.call_id
    CROSS JOIN LATERAL (SELECT count(*) AS rows, count(*) FILTER (WHERE NOT t.resent) AS without_result FROM wavegate.ambiguous_attempt t WHERE t.call_id = b.call_id) a";

/// Waits until everything is delivered, with all processes up, and reckons. `durable`: a confirmed commit is kept.
pub async fn settle(
    stage: &mut Stage,
    arrivals: &dyn Fn() -> Arrivals,
    heard: &Heard,
    durable: bool,
    took: Duration,
) -> Account {
    let mut sql = stage.reconnect().await;
    sqlx::query(COMPLETE).execute(&mut sql).await.unwrap();
    sqlx::query("ALTER TABLE book ADD UNIQUE (call_id)")
        .execute(&mut sql)
        .await
        .unwrap();
    sqlx::query("ANALYZE").execute(&mut sql).await.unwrap();
    let end = Instant::now() + PATIENCE;
    for (what, query) in [
        ("undelivered events", UNDELIVERED),
        ("open queue rows", OPEN_ROWS),
    ] {
        loop {
            stage.restart_due();
            let left = number(&mut sql, query).await;
            if left == 0 {
                break;
            }
            if Instant::now() >= end {
                panic!(
                    "{left} {what}\n{}\n{}",
                    examples(&mut sql).await,
                    stage.logs()
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let entries: Vec<Entry> = sqlx::query_as(ENTRIES).fetch_all(&mut sql).await.unwrap();
    let account = Account {
        took,
        ..reckon(&entries, &arrivals(), heard, durable, stage)
    };
    let strangers = number(&mut sql, STRANGERS).await;
    assert_eq!(strangers, 0, "events that no caller knows");
    let audit = audit(stage).unwrap();
    assert_eq!(audit["committed"], account.events, "{audit}");
    assert_eq!(audit["delivered"], account.events, "{audit}");
    assert_eq!(audit["nowhere"], 0, "{audit}");
    account
}

/// What the real `audit` says; an error where PostgreSQL does not answer.
pub fn audit(stage: &Stage) -> Result<serde_json::Value, String> {
    let output = stage
        .command(&["--output", "json", "audit", "--all"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => {
            let json: serde_json::Value = serde_json::from_str(&said).unwrap();
            Ok(json["data"].clone())
        }
        Some(1) => Err(error.into_owned()),
        code => panic!("audit ended with {code:?}\n{said}\n{error}"),
    }
}

fn reckon(
    entries: &[Entry],
    arrivals: &Arrivals,
    heard: &Heard,
    durable: bool,
    stage: &Stage,
) -> Account {
    let mut account = Account {
        events: entries.len(),
        ..Account::default()
    };
    let known: HashMap<&str, &Entry> = entries.iter().map(|e| (e.key.as_str(), e)).collect();
    for entry in entries {
        assert!(entry.delivered, "not delivered: {entry:?}");
        let came = arrivals
            .get(&entry.key)
            .map(Vec::as_slice)
            .unwrap_or_default();
        assert!(
            !came.is_empty(),
            "recorded as delivered and never seen: {entry:?}"
        );
        for id in came {
            assert_eq!(
                Some(id),
                entry.event_id.as_ref(),
                "one event, two ids: {entry:?}"
            );
        }
        let again = i64::try_from(came.len()).unwrap() - 1;
        assert!(
            again <= entry.ambiguous + entry.failed,
            "came {} times, and nobody knows why: {entry:?}\n{}",
            came.len(),
            stage.logs()
        );
        account.duplicates += came.len() - 1;
        account.ambiguous += usize::try_from(entry.ambiguous).unwrap();
        account.failed += entry.failed;
    }
    for key in arrivals.keys() {
        assert!(
            !heard.rolled_back.contains(key),
            "{key} was rolled back, and came"
        );
        assert!(
            known.contains_key(key.as_str()),
            "{key} was never committed, and came"
        );
    }
    if durable {
        for key in &heard.committed {
            assert!(
                known.contains_key(key.as_str()),
                "{key} was committed, and is gone"
            );
        }
    }
    account
}

async fn number(sql: &mut PgConnection, query: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_string()))
        .fetch_one(sql)
        .await
        .unwrap()
}

/// Some events that are not closed, for failures.
async fn examples(sql: &mut PgConnection) -> String {
    let rows: Vec<String> = sqlx::query_scalar(
        "(SELECT 'ledger ' || to_jsonb(e)::text FROM rule_webhook_events e WHERE state <> 'delivered' ORDER BY seq LIMIT 5)
         UNION ALL
         (SELECT 'queue ' || to_jsonb(q)::text || ' ' || coalesce((SELECT to_jsonb(e)::text FROM rule_webhook_events e WHERE e.call_id = q.call_id), '')
          FROM wavegate.queue q WHERE status NOT IN ('success', 'failed') ORDER BY call_id LIMIT 5)
         UNION ALL (SELECT 'webhook ' || to_jsonb(w)::text FROM wavegate.webhooks w LIMIT 1)
         UNION ALL (SELECT 'now ' || now())",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    rows.join("\n")
}
