//! The reckoning: every event of the callers' book is accounted for, nothing else was delivered, and what came twice is
//! an attempt that has a name.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use super::{callers::Heard, endpoint::Endpoint, stage::Stage};

/// What was found. Everything that must not be has been asserted by then.
#[derive(Debug)]
pub struct Account {
    pub events: usize,
    pub duplicates: usize,
    pub ambiguous: usize,
    pub failed: i64,
    pub nowhere: i64,
}

/// One event of the book, as the database knows it.
#[derive(Debug, sqlx::FromRow)]
struct Entry {
    key: String,
    event_id: Option<String>,
    delivered: bool,
    /// Attempts that failed and were recorded as failed.
    failed: i64,
    /// Attempts that may have reached the endpoint, whose worker is not heard of any more.
    ambiguous: i64,
}

const UNDELIVERED: &str = "SELECT count(*) FROM book b
    WHERE NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.call_id = b.call_id AND e.state = 'delivered')
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = b.call_id AND q.status = 'success')";
const OPEN_ROWS: &str =
    "SELECT count(*) FROM wavegate.queue WHERE status NOT IN ('success', 'failed')";
const NOWHERE: &str = "SELECT count(*) FROM book b
    WHERE NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.call_id = b.call_id)
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = b.call_id)";
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
       coalesce(e.attempt - 1, q.retry_count, 0) - a.rows AS failed,
       a.rows AS ambiguous
    FROM book b
    LEFT JOIN rule_webhook_events e ON e.call_id = b.call_id
    LEFT JOIN wavegate.queue q ON q.call_id = b.call_id
    CROSS JOIN LATERAL (SELECT count(*) AS rows FROM wavegate.ambiguous_attempt t WHERE t.call_id = b.call_id) a";

/// Waits until everything is delivered, with all processes up, and reckons. `durable`: a confirmed commit is kept.
pub async fn settle(
    stage: &mut Stage,
    endpoint: &Endpoint,
    heard: &Heard,
    durable: bool,
    seconds: u64,
) -> Account {
    let mut sql = stage.reconnect().await;
    sqlx::query(COMPLETE).execute(&mut sql).await.unwrap();
    sqlx::query("ALTER TABLE book ADD UNIQUE (call_id)")
        .execute(&mut sql)
        .await
        .unwrap();
    sqlx::query("ANALYZE").execute(&mut sql).await.unwrap();
    let end = Instant::now() + Duration::from_secs(seconds);
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
    let account = reckon(&entries, &endpoint.arrivals(), heard, durable, stage);
    assert_eq!(
        number(&mut sql, STRANGERS).await,
        0,
        "events that no caller knows"
    );
    let nowhere = number(&mut sql, NOWHERE).await;
    assert_eq!(nowhere, 0, "events that are nowhere");
    account
}

fn reckon(
    entries: &[Entry],
    arrivals: &HashMap<String, Vec<String>>,
    heard: &Heard,
    durable: bool,
    stage: &Stage,
) -> Account {
    let mut account = Account {
        events: entries.len(),
        duplicates: 0,
        ambiguous: 0,
        failed: 0,
        nowhere: 0,
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
