//! The publisher in SQL: every route in one statement, in the caller's transaction.

use sqlx::{Executor, Row};

use crate::support::{Schema, Shape, TestDb};

#[tokio::test]
async fn a_hybrid_event_gets_both_routes_with_one_id() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let mut c = db.connect().await;
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        let insert = format!(
            "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) VALUES ('x', 'http://x', 'both', true, 100)"
        );
        c.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
        let row = sqlx::query("SELECT rule_webhook_call_unified(1, '{\"a\": 1}') ->> 'event_id'")
            .fetch_one(&mut c)
            .await
            .unwrap();
        let event_id: String = row.get(0);
        let row = sqlx::query(
            "SELECT q.event_id = e.event_id AND o.event_id = e.event_id, q.scheduled_at > now() + interval '29 s', e.prefers, e.state \
             FROM rule_webhook_events e JOIN wavegate.queue q USING (call_id) JOIN rule_nats_outbox o ON o.event_id = e.event_id \
             WHERE e.event_id = $1",
        )
        .bind(&event_id)
        .fetch_one(&mut c)
        .await
        .unwrap();
        assert!(row.get::<bool, _>(0) && row.get::<bool, _>(1));
        assert_eq!(
            (
                row.get::<String, _>(2).as_str(),
                row.get::<String, _>(3).as_str()
            ),
            ("nats", "open")
        );
    }
}
