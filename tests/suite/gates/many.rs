//! A wave of a hundred thousand webhooks: a look comes to its end, says what is so of each, and names whom it is about.

use sqlx::Executor;
use wavegate::gates::Verdict;

use crate::{
    gates::evaluate::{World, both, gate, world},
    support::Shape,
};

const WEBHOOKS: i32 = 100_000;

/// Two delivered events of each arm of each webhook but the last two, within the last hour.
async fn crowded() -> World {
    let mut w = world(Shape::A).await;
    for sql in [
        format!(
            "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share, nats_subject, nats_config_id) \
             SELECT 'w' || n, 'http://x', 'both', true, 50, split_part(w.nats_subject, '.', 1) || '.' || n, 1 \
             FROM generate_series(3, {WEBHOOKS}) n, rule_webhooks w WHERE w.webhook_id = 1"
        ),
        format!(
            "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, \
             state, path, attempt, delivered_at, published_at, nats_seen_at, publish_count, payload_digest, sent_digest) \
             SELECT md5(n::text), n % {WEBHOOKS}, 1, nextval('rule_webhook_events_seq_seq'), true, true, arm, t, t, \
                    'delivered', arm, 1, t + interval '80 ms', t, t, 1, 'x', 'x' \
             FROM generate_series(1, 4 * {WEBHOOKS}) n, \
                  LATERAL (SELECT CASE WHEN n / {WEBHOOKS} % 2 = 0 THEN 'nats' ELSE 'queue' END AS arm, \
                                  now() - interval '5 min' - (n % 3000) * interval '1 s' AS t) t \
             WHERE n % {WEBHOOKS} BETWEEN 1 AND {WEBHOOKS} - 2"
        ),
        "ANALYZE".to_string(),
    ] {
        w.c.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    w
}

#[tokio::test]
async fn a_hundred_thousand_webhooks_are_looked_at() {
    let mut w = crowded().await;
    let migration = w.at("hybrid", 50).await;
    // One of them is broken on NATS alone.
    w.c.execute(
        "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, state, path, \
         attempt, delivered_at, published_at, nats_seen_at, publish_count, error, payload_digest, sent_digest, died_at) \
         SELECT 'b' || n, 99999, 1, nextval('rule_webhook_events_seq_seq'), true, true, arm, t, t, CASE arm WHEN 'nats' THEN 'dead' ELSE 'delivered' END, \
                arm, 1, CASE arm WHEN 'queue' THEN t END, t, t, 1, 'HTTP 500', 'x', 'x', CASE arm WHEN 'nats' THEN t END \
         FROM generate_series(1, 200) n, LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 'nats' ELSE 'queue' END AS arm, \
              now() - interval '5 min' - n * interval '1 s' AS t) t",
    )
    .await
    .unwrap();
    let report = w.evaluate(Some(&migration), both(100)).await;
    for result in &report.results {
        assert!(result.inputs.error().is_none(), "{result:?}");
    }
    let traffic = gate(&report, "traffic");
    assert_eq!(traffic.verdict, Verdict::Pass, "{traffic:?}");
    assert!(
        traffic
            .reason
            .contains("none yet of 1 of 100,000: w100000 (100000)"),
        "{traffic:?}"
    );
    for name in ["parity", "same_bytes", "split", "routed", "latency"] {
        assert_eq!(
            gate(&report, name).verdict,
            Verdict::Pass,
            "{:?}",
            gate(&report, name)
        );
    }
    let broken = gate(&report, "broken");
    assert_eq!(broken.verdict, Verdict::Fail, "{broken:?}");
    assert!(
        broken.reason.contains("webhook w99999 (99999)"),
        "{broken:?}"
    );
    assert!(broken.remedy.contains("--webhook id:99999"), "{broken:?}");
}
