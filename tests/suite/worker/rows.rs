//! Rows that others left, rows that are not due yet, rows of a webhook that is switched off meanwhile.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::{support::Shape, support::plane::Plane};

#[tokio::test]
async fn left_rows_come_back_scheduled_ones_wait_and_disabled_webhooks_rest() {
    let mut plane = Plane::new(Shape::A).await;
    let left = [
        plane.webhook("left", "queue", 0).await,
        plane.webhook("left", "both", 0).await,
    ];
    let mut ids = Vec::new();
    for webhook in left {
        ids.extend(plane.emit(webhook, 3).await);
    }
    // Another worker marked them and died; one it has only begun.
    plane
        .run("UPDATE rule_webhook_calls SET status = 'processing', started_at = now() - interval '1 minute'")
        .await;
    let begun = ids.pop().unwrap();
    plane
        .run(&format!(
            "UPDATE rule_webhook_calls SET started_at = now() + interval '1 hour' WHERE event_id = '{begun}'"
        ))
        .await;
    let _relay = plane.relay().await;
    let _worker = plane
        .start(&["worker", "--path", "both", "--reap-after", "5s"])
        .await;
    // Switched off while everything runs, before they are due.
    plane.run("BEGIN").await;
    for mode in ["queue", "both", "nats"] {
        for behaviour in ["later", "resting"] {
            let webhook = plane.webhook(behaviour, mode, 100).await;
            plane
                .run(&format!(
                    "SELECT rule_webhook_enqueue({webhook}, '{{}}', 'a rule', now() + interval '2 s')"
                ))
                .await;
        }
    }
    let due: DateTime<Utc> = sqlx::query_scalar("SELECT max(due) - interval '1 s' FROM (SELECT max(due_at) AS due FROM rule_webhook_events UNION SELECT max(scheduled_at) FROM rule_webhook_calls WHERE two_route IS NOT TRUE) d")
        .fetch_one(&mut plane.sql)
        .await
        .unwrap();
    plane
        .run("UPDATE rule_webhooks SET enabled = false WHERE url LIKE '%/resting'")
        .await;
    plane.run("COMMIT").await;
    let done = |path: &str| {
        format!(
            "SELECT (SELECT count(*) FROM rule_webhook_events e JOIN rule_webhooks w USING (webhook_id) WHERE w.url LIKE '%/{path}' AND e.state = 'delivered')
                  + (SELECT count(*) FROM wavegate.queue q JOIN rule_webhooks w USING (webhook_id) WHERE w.url LIKE '%/{path}' AND q.status = 'success' AND q.two_route IS NOT TRUE)"
        )
    };
    plane.until(60, &done("left"), 5).await;
    plane.until(60, &done("later"), 3).await;
    let calls = plane.receiver.calls();
    for call in calls.iter().filter(|call| call.path == "later") {
        let came: DateTime<Utc> = (SystemTime::now() - call.came.elapsed()).into();
        assert!(came >= due, "{came} {due}");
    }
    assert_eq!(plane.receiver.count("resting"), 0);
    // The attempt that nobody has a result of is named, and counted.
    let named = "SELECT count(*) FROM wavegate.ambiguous_attempt WHERE path = 'queue' AND worker_id IS NULL AND attempt = 1";
    assert_eq!(plane.number(named).await, 5);
    let counted = "SELECT count(*) FROM wavegate.queue q JOIN rule_webhooks w USING (webhook_id) WHERE w.url LIKE '%/left' AND q.status = 'success' AND q.retry_count = 1";
    assert_eq!(plane.number(counted).await, 5);
    let untouched = format!(
        "SELECT count(*) FROM rule_webhook_calls WHERE event_id = '{begun}' AND status = 'processing' AND retry_count = 0"
    );
    assert_eq!(plane.number(&untouched).await, 1);

    plane.run("UPDATE rule_webhooks SET enabled = true").await;
    plane.until(60, &done("resting"), 3).await;
    assert_eq!(plane.receiver.count("resting"), 3);
    assert_eq!(plane.receiver.count("later"), 3);
    assert_eq!(plane.receiver.count("left"), 5);
}
