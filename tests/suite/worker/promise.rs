//! What one event's lock, refusal or poison does to the others: nothing. And what is held asks again before it is called.

use std::time::{Duration, Instant};

use crate::{support::Shape, support::plane::Plane};

const UNDONE: &str = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'stuck'))
                           + (SELECT count(*) FROM wavegate.queue q WHERE q.status <> 'success' AND NOT EXISTS (SELECT FROM wavegate.stuck s WHERE s.call_id = q.call_id))";

/// Two slow calls whose rows an application locks until their leases are over, and healthy traffic beside them.
#[tokio::test]
async fn a_locked_row_delays_its_own_event_alone() {
    let mut plane = Plane::new(Shape::A).await;
    let slow = [
        plane.webhook("slow-1000", "queue", 0).await,
        plane.webhook("slow-1000", "both", 100).await,
    ];
    let healthy = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "both", 50).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 1500")
        .await;
    let relay = plane.relay().await;
    let options = ["worker", "--path", "both", "--lease-slack", "3"];
    let workers = [plane.start(&options).await, plane.start(&options).await];
    let mut ids = Vec::new();
    for webhook in slow {
        ids.extend(plane.emit(webhook, 2).await);
    }
    let claimed = format!(
        "SELECT count(*) FROM wavegate.queue WHERE status = 'processing' AND webhook_id IN ({}, {})",
        slow[0], slow[1]
    );
    plane.until(30, &claimed, 4).await;
    let mut application = plane.db.connect().await;
    for sql in [
        "BEGIN",
        "SELECT FROM wavegate.queue WHERE status = 'processing' FOR UPDATE",
    ] {
        sqlx::query(sql).execute(&mut application).await.unwrap();
    }
    let locked_at = Instant::now();
    while locked_at.elapsed() < Duration::from_secs(8) {
        for webhook in healthy {
            ids.extend(plane.emit(webhook, 2).await);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let healthy_left = format!(
        "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered' AND webhook_id > {0})
              + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success' AND webhook_id > {0})",
        slow[1]
    );
    // While the lock stands.
    plane.until(30, &healthy_left, 0).await;
    sqlx::query("COMMIT")
        .execute(&mut application)
        .await
        .unwrap();
    plane.until(30, UNDONE, 0).await;
    plane.assert_once(&ids);
    let named = "SELECT count(*) FROM wavegate.ambiguous_attempt";
    assert_eq!(plane.number(named).await, 0);
    for worker in workers {
        assert!(worker.stop().await);
    }
    assert!(relay.stop().await);
}

/// Somebody has locked far more events than a worker has places, before their messages are there: they keep no place from others.
#[tokio::test]
async fn locked_events_keep_no_place_from_others() {
    let mut plane = Plane::new(Shape::A).await;
    let locked = plane.webhook("ok", "nats", 0).await;
    assert_eq!(locked, 1, "its rows are what is locked below");
    let healthy = plane.webhook("ok", "nats", 0).await;
    let relay = plane.start(&["relay"]).await;
    let mut ids = plane.emit(locked, 600).await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL";
    plane.until(30, published, 0).await;
    let mut application = plane.db.connect().await;
    for sql in [
        "BEGIN",
        "SELECT FROM rule_webhook_events WHERE webhook_id = 1 FOR UPDATE",
    ] {
        sqlx::query(sql).execute(&mut application).await.unwrap();
    }
    ids.extend(plane.emit(healthy, 10).await);
    let worker = plane
        .start(&["worker", "--path", "nats", "--concurrency", "4"])
        .await;
    let started = Instant::now();
    let left = format!(
        "SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered' AND webhook_id = {healthy}"
    );
    plane.until(30, &left, 0).await;
    // Each in its place until it is given up would be some eighteen seconds.
    let took = started.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    sqlx::query("COMMIT")
        .execute(&mut application)
        .await
        .unwrap();
    plane.until(60, UNDONE, 0).await;
    plane.assert_once(&ids);
    assert!(worker.stop().await && relay.stop().await);
}

/// A trigger of the application's refuses the results of one webhook, and one answer is what the database cannot hold.
#[tokio::test]
async fn a_refused_result_is_set_aside_by_name_and_holds_nobody_up() {
    let mut plane = Plane::new(Shape::A).await;
    let bad = plane.webhook("ok", "queue", 0).await;
    let also_bad = plane.webhook("ok", "both", 100).await;
    let healthy = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    plane
        .run("CREATE FUNCTION no_success() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not on my watch: ☃'; END $$")
        .await;
    plane
        .run(&format!(
            "CREATE TRIGGER no_success BEFORE UPDATE ON rule_webhook_calls FOR EACH ROW
             WHEN (NEW.status = 'success' AND NEW.webhook_id IN ({bad}, {also_bad})) EXECUTE FUNCTION no_success()"
        ))
        .await;
    let relay = plane.relay().await;
    let worker = plane
        .start(&["worker", "--path", "both", "--lease-slack", "3"])
        .await;
    let mut ids = plane.emit(bad, 2).await;
    ids.extend(plane.emit(also_bad, 2).await);
    for _ in 0..20 {
        for webhook in healthy {
            ids.extend(plane.emit(webhook, 3).await);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    plane.until(60, UNDONE, 0).await;
    let named = "SELECT count(*) FROM wavegate.stuck WHERE what = 'record' AND delivered AND http_status = 200 AND reason LIKE '%not on my watch%'";
    plane.until(60, named, 4).await;
    // The lease is long over, and nobody sends them again.
    tokio::time::sleep(Duration::from_secs(4)).await;
    plane.assert_once(&ids);
    let shown = plane
        .command(&["dead", "list", "--all", "-o", "json"])
        .await;
    assert!(shown.out.contains("not on my watch"), "{}", shown.out);
    let status = plane.command(&["status"]).await;
    assert!(status.out.contains("are set aside"), "{}", status.out);
    let audit = plane.command(&["audit", "--all", "-o", "json"]).await;
    assert!(
        audit.code == 0 && audit.out.contains("\"stuck\":4"),
        "{}",
        audit.out
    );
    // A person mends the trigger and decides.
    plane
        .run("DROP TRIGGER no_success ON rule_webhook_calls")
        .await;
    let bad = bad.to_string();
    let discard = ["dead", "discard", "--webhook", &bad, "--confirm", &bad];
    assert_eq!(plane.command(&discard).await.code, 0);
    let requeue = ["dead", "requeue", "--all", "--yes"];
    assert_eq!(plane.command(&requeue).await.code, 0);
    let left = format!("SELECT (SELECT count(*) FROM wavegate.stuck) + (SELECT count(*) FROM wavegate.held)
                             + (SELECT count(*) FROM wavegate.queue WHERE webhook_id = {bad})
                             + (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered')");
    plane.until(30, &left, 0).await;
    let stopped = Instant::now();
    assert!(worker.stop().await && relay.stop().await);
    assert!(stopped.elapsed() < Duration::from_secs(20));
}

/// One payload cannot be made into text: it is named, and the others of its batch are delivered.
#[tokio::test]
async fn a_payload_that_cannot_be_read_is_set_aside_by_name() {
    let mut plane = Plane::new(Shape::B).await;
    let poisoned = plane.webhook("ok", "queue", 0).await;
    let healthy = plane.webhook("ok", "queue", 0).await;
    let mut ids = plane.emit(healthy, 5).await;
    plane
        .run(&format!(
            "SELECT rule_webhook_enqueue({poisoned}, (SELECT jsonb_agg(1e131000::numeric) FROM generate_series(1, 9000)))"
        ))
        .await;
    ids.extend(plane.emit(poisoned, 3).await);
    ids.extend(plane.emit(healthy, 5).await);
    let worker = plane.start(&["worker", "--path", "queue"]).await;
    let healthy = format!(
        "SELECT count(*) FROM wavegate.queue WHERE status <> 'success' AND webhook_id = {healthy}"
    );
    plane.until(5, &healthy, 0).await;
    plane.until(90, UNDONE, 0).await;
    let named = "SELECT count(*) FROM wavegate.stuck WHERE what = 'read' AND NOT delivered";
    plane.until(90, named, 1).await;
    plane.assert_once(&ids);
    assert!(worker.stop().await);
}

/// What waits for a slow endpoint is not called any more once its webhook is fenced, and is free for the queue at once.
#[tokio::test]
async fn what_is_held_asks_again_before_its_call() {
    for change in ["fence", "off"] {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("slow-2000", "nats", 0).await;
        let relay = plane.relay().await;
        let worker = plane
            .start(&["worker", "--path", "nats", "--concurrency", "2"])
            .await;
        let ids = plane.emit(webhook, 8).await;
        let claimed = "SELECT least(count(*), 4) FROM rule_webhook_events WHERE state = 'claimed'";
        plane.until(30, claimed, 4).await;
        plane
            .run(match change {
                "fence" => "INSERT INTO rule_nats_fences (webhook_id) SELECT webhook_id FROM rule_webhooks WHERE publish_mode = 'nats'",
                _ => "UPDATE rule_webhooks SET enabled = false",
            })
            .await;
        // Calls under way end; nothing else is claimed.
        let under_way = "SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed'";
        plane.until(30, under_way, 0).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let delivered = "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'";
        let delivered = plane.number(delivered).await;
        assert!(delivered <= 4, "{change}: {delivered} of 8 were called");
        let spent = "SELECT count(*) FROM rule_webhook_events WHERE state = 'open' AND attempt = 0";
        if change == "off" {
            assert_eq!(plane.number(spent).await, 8 - delivered, "{change}");
            plane.run("UPDATE rule_webhooks SET enabled = true").await;
            plane.until(60, UNDONE, 0).await;
            plane.assert_once(&ids);
        }
        assert!(worker.stop().await && relay.stop().await);
    }
}

/// A message with another body under a real id: PostgreSQL's payload is sent.
#[tokio::test]
async fn the_bytes_are_those_that_the_event_was_born_with() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let event: String = {
        let mut sql = plane.db.connect().await;
        sqlx::query_scalar(
            "SELECT rule_webhook_publish_nats($1, '{\"real\": 1}', 'ord-1') ->> 'event_id'",
        )
        .bind(webhook)
        .fetch_one(&mut sql)
        .await
        .unwrap()
    };
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Wavegate-Event-Id", event.as_str());
    headers.insert("Wavegate-Webhook-Id", webhook.to_string().as_str());
    headers.insert("Wavegate-Publish-Count", "1");
    let client = plane.bus().await.client().clone();
    let subject = format!("webhooks.{webhook}");
    client
        .publish_with_headers(subject, headers, "{\"forged\": true}".into())
        .await
        .unwrap();
    client.flush().await.unwrap();
    let worker = plane.start(&["worker", "--path", "nats"]).await;
    plane.until(60, UNDONE, 0).await;
    let calls = plane.receiver.calls();
    let bodies: Vec<&str> = calls.iter().map(|call| call.body.as_str()).collect();
    assert_eq!(bodies, ["{\"real\": 1}"]);
    let kept = "SELECT count(*) FROM rule_webhook_events WHERE sent_digest = sha256('{\"real\": 1}'::bytea)";
    assert_eq!(plane.number(kept).await, 1);
    assert!(worker.stop().await);
}
