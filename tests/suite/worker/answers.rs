//! What endpoints answer: bounded in size and time, not followed, stored as the engine stores it.

use sqlx::Row;

use crate::{support::Shape, support::plane::Plane};

#[tokio::test]
async fn answers_without_measure_are_bounded_and_no_redirect_is_followed() {
    for path in ["queue", "nats"] {
        let mut plane = Plane::new(Shape::B).await;
        // Without end fast and slowly, a head without measure, elsewhere.
        for behaviour in ["endless", "drip", "heads", "moved"] {
            let webhook = plane.webhook(behaviour, "both", 0).await;
            // The body that comes slowly lasts until the deadline.
            let deadline = if behaviour == "drip" { 2000 } else { 15_000 };
            let share = if path == "nats" { 100 } else { 0 };
            plane
                .run(&format!(
                    "UPDATE rule_webhooks SET nats_share = {share}, nats_takeover_after_ms = 60000, timeout_ms = {deadline}, max_retries = 0 WHERE webhook_id = {webhook}"
                ))
                .await;
            plane.emit(webhook, 8).await;
        }
        let _relay = plane.relay().await;
        let _worker = plane
            .start(&["worker", "--path", path, "--circuit-after", "0"])
            .await;
        let open = "SELECT count(*) FROM wavegate.queue WHERE status NOT IN ('success', 'failed')";
        plane.until(60, open, 0).await;
        let rows = sqlx::query(
            "SELECT DISTINCT substring(w.webhook_url FROM '[a-z]+$') AS path, q.status, q.response_status, left(q.response_body, 3) AS body,
                    length(q.response_body) AS long, q.error_message AS error, q.response_headers ->> 'location' AS location
             FROM wavegate.queue q JOIN rule_webhooks w USING (webhook_id)
             JOIN rule_webhook_events e ON e.event_id = q.event_id AND e.http_status IS NOT DISTINCT FROM q.response_status AND e.error IS NOT DISTINCT FROM q.error_message",
        )
        .fetch_all(&mut plane.sql)
        .await
        .unwrap();
        let of = |wanted: &str| {
            let mut rows = rows
                .iter()
                .filter(|row| row.get::<String, _>("path") == wanted);
            rows.next().unwrap_or_else(|| panic!("{wanted}"))
        };
        let text = |row: &sqlx::postgres::PgRow, column| row.get::<Option<String>, _>(column);
        let status = |row: &sqlx::postgres::PgRow| {
            (
                row.get::<String, _>("status"),
                row.get::<Option<i32>, _>("response_status"),
            )
        };
        let endless = of("endless");
        assert_eq!(status(endless), ("success".into(), Some(200)));
        assert_eq!(endless.get::<i32, _>("long"), 4096);
        // It has answered, and only its body goes on: calling it again would double the event.
        let drip = of("drip");
        assert_eq!(status(drip), ("success".into(), Some(200)));
        assert_eq!(text(drip, "body").as_deref(), Some("xxx"));
        let heads = of("heads");
        assert_eq!(status(heads), ("failed".into(), None));
        assert!(text(heads, "error").is_some() && text(heads, "body").is_none());
        let moved = of("moved");
        assert_eq!(status(moved), ("failed".into(), Some(307)));
        assert_eq!(text(moved, "error").as_deref(), Some("HTTP 307"));
        assert_eq!(text(moved, "location").as_deref(), Some("/ok"));
        assert_eq!(plane.receiver.count("ok"), 0);
        assert_eq!(plane.receiver.calls().len(), 32);
        // Rows say what the engine's do: when, how long, and the call's own columns.
        let odd = "SELECT count(*) FROM wavegate.queue WHERE started_at IS NULL OR completed_at < started_at OR coalesce(execution_time_ms, 0) <= 0
                      OR next_retry_at IS NOT NULL OR retry_count <> 0 OR (status = 'success') <> (error_message IS NULL)";
        assert_eq!(plane.number(odd).await, 0);
        let fat = "SELECT count(*) FROM wavegate.worker WHERE rss_bytes > 128 * 1024 * 1024";
        assert_eq!(plane.number(fat).await, 0);
        plane.close().await;
    }
}
