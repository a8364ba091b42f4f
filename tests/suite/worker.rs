//! Both paths end to end, with real processes on real servers.

use crate::{plane::Plane, support::Shape};

#[tokio::test]
async fn each_path_delivers_its_events_once() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let plain = plane.webhook("ok", "queue", 0).await;
        let split = plane.webhook("ok", "both", 50).await;
        let single = plane.webhook("ok", "nats", 0).await;
        let relay = plane.relay().await;
        let queue = plane.worker("queue").await;
        let nats = plane.worker("nats").await;
        let mut ids = plane.emit(plain, 20).await;
        ids.extend(plane.emit(split, 60).await);
        ids.extend(plane.emit(single, 40).await);
        plane.until_delivered(20).await;
        plane
            .until(
                10,
                "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'",
                0,
            )
            .await;
        plane.assert_once(&ids);
        // The arm that was preferred delivered, and the split is none of zero and all.
        let strayed = "SELECT count(*) FROM rule_webhook_events WHERE path <> prefers";
        assert_eq!(plane.number(strayed).await, 0);
        let by_nats = plane
            .number("SELECT count(*) FROM rule_webhook_events WHERE two_route AND path = 'nats'")
            .await;
        assert!((10..=50).contains(&by_nats), "{by_nats}");
        // Nothing is left over, everything was seen and logged.
        plane
            .until(10, "SELECT count(*) FROM rule_nats_outbox", 0)
            .await;
        plane
            .until(
                10,
                "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NULL OR published_at IS NULL OR stream_seq IS NULL",
                0,
            )
            .await;
        plane
            .until(10, "SELECT count(*) FROM rule_nats_publish_history WHERE success AND message_id IS NOT NULL", 100)
            .await;
        let row = "SELECT count(*) FROM wavegate.queue WHERE response_status = 200 AND response_body = 'thanksfor it'
                   AND completed_at >= started_at AND execution_time_ms > 0 AND claimed_by IS NOT NULL";
        assert_eq!(plane.number(row).await, 80);
        for process in [relay, queue, nats] {
            assert!(process.stop().await);
        }
        let alive = "SELECT (SELECT count(*) FROM wavegate.worker WHERE stopped_at IS NULL) + (SELECT count(*) FROM wavegate.relay WHERE stopped_at IS NULL)";
        assert_eq!(plane.number(alive).await, 0);
        let counted = "SELECT sum(delivered)::bigint FROM wavegate.worker";
        assert_eq!(plane.number(counted).await, 120);
        let stats = "SELECT messages_acknowledged FROM rule_nats_consumer_stats WHERE NOT active AND messages_pending = 0";
        assert_eq!(plane.number(stats).await, 100);
        plane.close().await;
    }
}
