//! Both paths end to end, with real processes on real servers.

use crate::{
    support::Shape,
    support::plane::{Plane, Process},
};

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

#[tokio::test]
async fn in_shadow_nats_sees_everything_and_delivers_nothing() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 0).await;
    let _processes = (
        plane.relay().await,
        plane.worker("queue").await,
        plane.worker("nats").await,
    );
    let ids = plane.emit(webhook, 40).await;
    plane.until_delivered(20).await;
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE path = 'queue' AND nats_seen_at IS NOT NULL AND seen_count = 1",
            40,
        )
        .await;
    plane.assert_once(&ids);
    // Denied messages are acknowledged: nothing piles up.
    plane.until_acknowledged(10).await;
}

#[tokio::test]
async fn nats_takes_over_where_the_queue_path_is_silent() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 30).await;
    plane
        .run("UPDATE rule_webhooks SET nats_takeover_after_ms = 500")
        .await;
    let _processes = (plane.relay().await, plane.worker("nats").await);
    let ids = plane.emit(webhook, 30).await;
    plane.until_delivered(30).await;
    plane.assert_once(&ids);
    let taken =
        "SELECT count(*) FROM rule_webhook_events WHERE prefers = 'queue' AND path = 'nats'";
    assert!(plane.number(taken).await > 0);
    plane
        .until(
            5,
            "SELECT count(*) FROM wavegate.queue WHERE status = 'success'",
            30,
        )
        .await;
}

#[tokio::test]
async fn a_fence_stops_nats_and_the_queue_gets_the_events() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let single = plane.webhook("ok", "nats", 0).await;
        let hybrid = plane.webhook("ok", "both", 100).await;
        let free = plane.webhook("ok", "nats", 0).await;
        let _nats = plane.worker("nats").await;
        let mut ids = plane.emit(single, 10).await;
        ids.extend(plane.emit(hybrid, 10).await);
        plane
            .run("INSERT INTO rule_nats_fences (webhook_id) SELECT webhook_id FROM rule_webhooks ORDER BY webhook_id LIMIT 2")
            .await;
        let _relay = plane.relay().await;
        // The sweeper gives them queue rows, and makes those due that waited for NATS.
        plane
            .until(10, "SELECT count(*) FROM wavegate.queue WHERE status = 'pending' AND scheduled_at <= now()", 20)
            .await;
        // An event of another webhook goes through, so that the worker had its chance.
        ids.extend(plane.emit(free, 1).await);
        plane
            .until(
                10,
                "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'",
                1,
            )
            .await;
        assert_eq!(plane.receiver.calls().len(), 1);
        let _queue = plane.worker("queue").await;
        plane.until_delivered(20).await;
        let by_queue = "SELECT count(*) FROM rule_webhook_events WHERE path = 'queue'";
        assert_eq!(plane.number(by_queue).await, 20);
        plane.assert_once(&ids);
    }
}

#[tokio::test]
async fn failed_attempts_come_back_until_they_succeed_or_are_used_up() {
    for mode in ["queue", "both", "nats"] {
        let mut plane = Plane::new(Shape::A).await;
        let recovers = plane.webhook("fail-2", mode, 100).await;
        let hopeless = plane.webhook("fail", mode, 100).await;
        plane
            .run("UPDATE rule_webhooks SET max_retries = 1, nats_takeover_after_ms = 60000 WHERE url LIKE '%/fail'")
            .await;
        plane
            .run("UPDATE rule_webhooks SET nats_takeover_after_ms = 60000")
            .await;
        let _processes = (
            plane.relay().await,
            persistent(&plane, "queue").await,
            persistent(&plane, "nats").await,
        );
        let good = plane.emit(recovers, 5).await;
        let bad = plane.emit(hopeless, 5).await;
        let (ended, died) = if mode == "queue" {
            (
                "SELECT count(*) FROM wavegate.queue WHERE status = 'success' AND retry_count = 2",
                "SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND retry_count = 1 AND error_message = 'HTTP 500'",
            )
        } else {
            (
                "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered' AND attempt = 3",
                "SELECT count(*) FROM rule_webhook_events WHERE state = 'dead' AND attempt = 2 AND http_status = 500",
            )
        };
        plane.until(30, ended, 5).await;
        plane.until(30, died, 5).await;
        if mode == "both" {
            let rows = "SELECT count(*) FROM wavegate.queue q JOIN rule_webhook_events e USING (event_id)
                        WHERE q.status = CASE e.state WHEN 'delivered' THEN 'success' ELSE 'failed' END AND q.retry_count = e.attempt - 1 AND e.path = 'nats'";
            assert_eq!(plane.number(rows).await, 10);
        }
        plane.assert_once(&good);
        let calls = plane.receiver.calls();
        for id in &bad {
            let count = calls.iter().filter(|call| &call.id == id).count();
            assert_eq!((mode, count), (mode, 2));
        }
        // A dead event keeps its payload; a delivered one does not.
        if mode != "queue" {
            plane
                .until(5, "SELECT count(*) FROM rule_nats_outbox", 5)
                .await;
        }
    }
}

/// A worker that never leaves an endpoint alone.
async fn persistent(plane: &Plane, path: &str) -> Process {
    plane
        .start(&["worker", "--path", path, "--circuit-after", "0"])
        .await
}

#[tokio::test]
async fn a_call_carries_the_webhooks_own_headers_and_those_of_standard_webhooks() {
    let mut plane = Plane::new(Shape::B).await;
    let post = plane.webhook("ok", "nats", 0).await;
    let get = plane.webhook("ok", "queue", 0).await;
    plane
        .run("UPDATE rule_webhooks SET headers = '{\"X-Team\": \"risk\", \"X-Number\": 7, \"bad header\": \"x\"}'")
        .await;
    plane
        .run("UPDATE rule_webhooks SET http_method = 'GET' WHERE publish_mode = 'queue'")
        .await;
    plane
        .run("INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value)
              SELECT webhook_id, 'signing_secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' FROM rule_webhooks WHERE publish_mode = 'nats'")
        .await;
    let _processes = (plane.relay().await, plane.worker("both").await);
    // An id that a caller made up may hold what no header can.
    plane
        .run(&format!(
            "SELECT rule_webhook_publish_nats({post}, '{{\"a\": 1}}', 'order 42: 5 % größer')"
        ))
        .await;
    plane.emit(get, 1).await;
    plane
        .until(
            15,
            "SELECT count(*) FROM wavegate.queue WHERE status = 'success'",
            1,
        )
        .await;
    plane.until_delivered(15).await;
    let calls = plane.receiver.calls();
    let call = calls.iter().find(|c| c.method == "POST").unwrap();
    let header = |name: &str| {
        call.headers
            .get(name)
            .map(|v| v.to_str().unwrap().to_string())
    };
    assert_eq!(
        call.id,
        format!("{post}:order%2042:%205%20%25%20gr%C3%B6%C3%9Fer")
    );
    assert_eq!(header("x-team").as_deref(), Some("risk"));
    assert_eq!(header("x-number").as_deref(), Some("7"));
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(call.body, "{\"a\": 1}");
    let stamp = header("webhook-timestamp").unwrap();
    let signed = format!("{}.{stamp}.{}", call.id, call.body);
    assert_eq!(header("webhook-signature").unwrap(), signature(&signed));
    let call = calls.iter().find(|c| c.method == "GET").unwrap();
    assert_eq!(call.body, "");
    assert!(!call.headers.contains_key("webhook-signature"));
}

pub fn signature(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use hmac::{Hmac, KeyInit, Mac};
    let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn copies_and_strange_messages_do_no_harm() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-50", "nats", 0).await;
    let ids = plane.emit(webhook, 20).await;
    let bus = plane.bus().await;
    let (publisher, mut answers) = wavegate::bus::pipeline(&bus, "WEBHOOKS").await.unwrap();
    let mut send = async |event: &str, copy: i32, webhook: i32| {
        let label = wavegate::bus::Label {
            event_id: event.into(),
            webhook_id: webhook,
            copy,
            envelope: false,
        };
        let sent = publisher.send(
            copy.unsigned_abs().into(),
            "webhooks.1",
            &label,
            "{}".into(),
        );
        sent.await.unwrap();
        let (token, outcome) = answers.next().await;
        assert!(token == u64::from(copy.unsigned_abs()) && outcome.is_ok());
    };
    let _relay = plane.relay().await;
    for id in &ids {
        send(id, 7, webhook).await;
        // Another webhook's id on the message: not this event.
        send(id, 8, webhook + 1).await;
    }
    send("nobody", 1, webhook).await;
    bus.client()
        .publish("webhooks.other", "hello".into())
        .await
        .unwrap();
    bus.client().flush().await.unwrap();
    let _workers = (plane.worker("nats").await, plane.worker("nats").await);
    plane.until_delivered(20).await;
    plane.until_acknowledged(10).await;
    plane.assert_once(&ids);
    // Nothing was taken out of the stream.
    let live = wavegate::bus::live_stream(&bus, "WEBHOOKS")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.messages, live.last_seq);
    // As where two databases share a stream: told once by each worker, with what to do.
    let log = plane.log_text();
    let told = log
        .matches("events that this database does not have")
        .count();
    assert!((1..=2).contains(&told), "{log}");
}

#[tokio::test]
async fn a_disabled_webhook_is_parked_and_delivered_when_enabled() {
    let mut plane = Plane::new(Shape::A).await;
    let single = plane.webhook("ok", "nats", 0).await;
    let plain = plane.webhook("ok", "queue", 0).await;
    let ids = [plane.emit(single, 5).await, plane.emit(plain, 5).await].concat();
    plane.run("UPDATE rule_webhooks SET enabled = false").await;
    let _processes = (plane.relay().await, plane.worker("both").await);
    plane
        .until(
            15,
            "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NOT NULL",
            5,
        )
        .await;
    plane.until_acknowledged(10).await;
    assert_eq!(plane.receiver.calls().len(), 0);
    plane.run("UPDATE rule_webhooks SET enabled = true").await;
    plane.until_delivered(20).await;
    plane
        .until(
            10,
            "SELECT count(*) FROM wavegate.queue WHERE status = 'success'",
            5,
        )
        .await;
    plane.assert_once(&ids);
}
