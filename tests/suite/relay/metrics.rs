//! `--listen`: what relay and workers tell over HTTP, against the ledger and against servers that are away or hang.

use std::time::{Duration, Instant};

use crate::{
    support::Shape,
    support::exposition::{Scrape, get, scrape},
    support::plane::{Plane, Process},
};

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// The address that the process told in its log.
pub fn address(process: &Process) -> String {
    let log = process.log_text();
    let at = log.find("address=").unwrap_or_else(|| panic!("{log}"));
    let rest = &log[at + "address=".len()..];
    rest.split_whitespace().next().unwrap().to_string()
}

async fn worker(plane: &Plane, path: &str) -> (Process, String) {
    let process = plane
        .start(
            &[
                &["worker", "--path", path, "--circuit-after", "0"][..],
                &LISTEN,
            ]
            .concat(),
        )
        .await;
    let address = address(&process);
    (process, address)
}

/// Asks `/ready` until it gives this status, and returns its text.
async fn until_ready(address: &str, status: u16, part: &str) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = get(address, "/ready");
        if answer.status == status && answer.body.contains(part) {
            return answer.body;
        }
        assert!(
            Instant::now() < end,
            "wanted {status} {part}, found {} {}",
            answer.status,
            answer.body
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_worker_counts_what_the_ledger_knows() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let webhooks = [
            plane.webhook("ok", "nats", 0).await,
            plane.webhook("ok", "both", 0).await,
            plane.webhook("fail-1", "both", 100).await,
            plane.webhook("fail", "nats", 0).await,
            plane.webhook("ok", "queue", 0).await,
        ];
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET max_retries = 1 WHERE webhook_id = {}",
                webhooks[3]
            ))
            .await;
        let _relay = plane.relay().await;
        let (_worker, at) = worker(&plane, "both").await;
        until_ready(&at, 200, "ok").await;
        let before = scrape(&at);
        for webhook in webhooks {
            plane.emit(webhook, 10).await;
        }
        let undone = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'dead'))
                           + (SELECT count(*) FROM wavegate.queue WHERE status NOT IN ('success', 'failed'))";
        plane.until(60, undone, 0).await;
        plane.until_acknowledged(60).await;
        // Written first, counted right after.
        let end = Instant::now() + Duration::from_secs(60);
        while scrape(&at).value("wavegate_in_flight", &[("path", "nats")]) > 0.0 {
            assert!(Instant::now() < end);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let after = scrape(&at);
        before.assert_followed_by(&after);

        for path in ["queue", "nats"] {
            let of = [("path", path)];
            let attempts = |outcome| {
                after.value(
                    "wavegate_attempts_total",
                    &[("path", path), ("outcome", outcome)],
                )
            };
            let plain = if path == "queue" { 10 } else { 0 };
            let count = |filter: &str| {
                format!(
                    "SELECT count(*) FROM rule_webhook_events WHERE path = '{path}' AND {filter}"
                )
            };
            let delivered = plane.number(&count("state = 'delivered'")).await + plain;
            assert_eq!(attempts("delivered"), delivered as f64, "{path}");
            let dead = plane.number(&count("state = 'dead'")).await;
            assert_eq!(attempts("dead"), dead as f64, "{path}");
            assert_eq!(attempts("lost"), 0.0);
            assert_eq!(
                after.value("wavegate_delivery_latency_seconds_count", &of),
                delivered as f64
            );
            let all = attempts("delivered") + attempts("dead") + attempts("retrying");
            assert_eq!(after.value("wavegate_claims_total", &of), all);
            assert_eq!(
                after.value("wavegate_attempt_duration_seconds_count", &of),
                all
            );
            assert_eq!(after.value("wavegate_ambiguous_total", &of), 0.0);
        }
        // Latencies are the ledger's own, to the microsecond.
        let sum: f64 = sqlx::query_scalar(
            "SELECT (SELECT sum(extract(epoch FROM delivered_at - created_at)) FROM rule_webhook_events)::float8
                  + (SELECT sum(extract(epoch FROM completed_at - created_at)) FROM wavegate.queue WHERE NOT coalesce(two_route, false) AND status = 'success')::float8",
        )
        .fetch_one(&mut plane.sql)
        .await
        .unwrap();
        let told: f64 = ["queue", "nats"]
            .map(|path| after.value("wavegate_delivery_latency_seconds_sum", &[("path", path)]))
            .iter()
            .sum();
        assert!((sum - told).abs() < 0.001, "{sum} {told}");
        let attempts = plane
            .number("SELECT sum(attempt)::bigint FROM rule_webhook_events")
            .await
            + 10;
        let told: f64 = ["queue", "nats"]
            .map(|path| after.value("wavegate_claims_total", &[("path", path)]))
            .iter()
            .sum();
        assert_eq!(told, attempts as f64);
        let received = after.value("wavegate_messages_received_total", &[]);
        assert_eq!(
            after.value("wavegate_messages_acked_total", &[]),
            received,
            "all acknowledged"
        );
        assert!(received >= 40.0, "{received}");
        assert_eq!(after.value("wavegate_nats_connected", &[]), 1.0);
        assert_eq!(
            after.value(
                "wavegate_build_info",
                &[("version", env!("CARGO_PKG_VERSION"))]
            ),
            1.0
        );
        let memory = after.value("process_resident_memory_bytes", &[]);
        assert!((1e6..1e9).contains(&memory), "{memory}");
    }
}

#[tokio::test]
async fn takeovers_and_ambiguities_are_counted() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-3000", "both", 0).await;
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 4000")
        .await;
    let _relay = plane.relay().await;
    let doomed = plane
        .start(&["worker", "--path", "queue", "--lease-slack", "3"])
        .await;
    plane.emit(webhook, 7).await;
    let claimed = "SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed'";
    plane.until(20, claimed, 7).await;
    doomed.kill();
    // With a share the NATS path may take what the queue path leaves; these prefer the queue.
    plane
        .run("UPDATE rule_webhooks SET nats_share = 100, nats_takeover_after_ms = 0")
        .await;
    let (_heir, at) = worker(&plane, "nats").await;
    plane.until_delivered(90).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let told = scrape(&at);
    let nats = [("path", "nats")];
    assert_eq!(told.value("wavegate_ambiguous_total", &nats), 7.0);
    assert_eq!(told.value("wavegate_takeovers_total", &nats), 7.0);
}

#[tokio::test]
async fn ready_follows_the_servers_and_health_does_not() {
    let mut plane = Plane::new(Shape::A).await;
    let (process, at) = worker(&plane, "both").await;
    until_ready(&at, 200, "ok").await;

    // A database that hangs: heartbeats wait for ever, answers do not.
    plane.run("BEGIN").await;
    plane
        .run("LOCK TABLE wavegate.worker IN ACCESS EXCLUSIVE MODE")
        .await;
    let why = until_ready(&at, 503, "PostgreSQL").await;
    assert_eq!(why.lines().count(), 1, "{why}");
    for path in ["/health", "/ready", "/metrics"] {
        let answer = get(&at, path);
        assert!(
            answer.took < Duration::from_secs(3),
            "{path}: {:?}",
            answer.took
        );
        assert_eq!(answer.status == 503, path == "/ready", "{path}");
    }
    plane.run("ROLLBACK").await;
    until_ready(&at, 200, "ok").await;

    plane.nats.kill();
    until_ready(&at, 503, "NATS").await;
    assert_eq!(get(&at, "/health").status, 200);
    assert_eq!(scrape(&at).value("wavegate_nats_connected", &[]), 0.0);
    plane.nats.resume().unwrap();
    until_ready(&at, 200, "ok").await;
    assert_eq!(get(&at, "/nothing").status, 404);

    // On its way out it says so.
    let webhook = plane.webhook("slow-2000", "queue", 0).await;
    plane.emit(webhook, 1).await;
    let taken = "SELECT count(*) FROM wavegate.queue WHERE status = 'processing'";
    plane.until(20, taken, 1).await;
    let stopping = tokio::spawn(process.stop());
    until_ready(&at, 503, "stopping").await;
    assert!(stopping.await.unwrap());
}

#[tokio::test]
async fn a_relay_counts_what_the_ledger_knows_and_is_ready_while_it_can_publish() {
    let mut plane = Plane::new(Shape::A).await;
    let single = plane.webhook("ok", "nats", 0).await;
    let hybrid = plane.webhook("ok", "both", 100).await;
    let relay = plane
        .start(&[&["relay", "--republish-after", "1"][..], &LISTEN].concat())
        .await;
    let at = address(&relay);
    until_ready(&at, 200, "ok").await;
    let before = scrape(&at);
    plane.emit(single, 20).await;
    plane.emit(hybrid, 15).await;
    plane
        .run(&format!(
            "SELECT rule_webhook_call_unified({single}, jsonb_build_object('x', repeat('x', 1200000)))"
        ))
        .await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL";
    plane.until(60, published, 35).await;
    let void = "SELECT count(*) FROM rule_webhook_events WHERE void_reason IS NOT NULL";
    plane.until(60, void, 1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = scrape(&at);
    before.assert_followed_by(&after);
    let outcome =
        |told: &Scrape, name| told.value("wavegate_publishes_total", &[("outcome", name)]);
    assert_eq!(outcome(&after, "published"), 35.0);
    assert_eq!(outcome(&after, "refused"), 1.0);
    assert_eq!(outcome(&after, "failed"), 0.0);
    assert_eq!(after.value("wavegate_publish_ack_seconds_count", &[]), 35.0);
    assert_eq!(after.value("wavegate_partitions_held", &[]), 8.0);
    assert_eq!(after.value("wavegate_publishes_in_flight", &[]), 0.0);
    assert_eq!(after.value("wavegate_relay_lag_seconds", &[]), 0.0);

    // What vanishes from the stream is published again, and counted as that.
    let bus = plane.bus().await;
    let stream = bus
        .jetstream()
        .get_stream(crate::support::plane::STREAM)
        .await
        .unwrap();
    stream.purge().await.unwrap();
    let again =
        "SELECT (count(*) >= 20)::int::bigint FROM rule_webhook_events WHERE publish_count > 1";
    plane.until(60, again, 1).await;
    let end = Instant::now() + Duration::from_secs(60);
    while scrape(&at).value("wavegate_republished_total", &[]) < 20.0 {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    // Away from NATS it is not ready, the lag grows, and callers notice nothing.
    plane.nats.kill();
    until_ready(&at, 503, "not connected to NATS").await;
    plane.emit(single, 30).await;
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let told = scrape(&at);
        assert_eq!(told.value("wavegate_nats_connected", &[]), 0.0);
        if told.value("wavegate_unpublished_events", &[]) >= 30.0
            && told.value("wavegate_relay_lag_seconds", &[]) > 1.0
            && outcome(&told, "failed") > 0.0
        {
            break;
        }
        assert!(Instant::now() < end, "{told:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(get(&at, "/health").status, 200);
    plane.nats.resume().unwrap();
    until_ready(&at, 200, "ok").await;
    plane.until(60, published, 65).await;

    // A second one takes its share.
    let second = plane.start(&[&["relay"][..], &LISTEN].concat()).await;
    let other = address(&second);
    let end = Instant::now() + Duration::from_secs(60);
    let held = |at: &str| scrape(at).value("wavegate_partitions_held", &[]);
    while (held(&at), held(&other)) != (4.0, 4.0) {
        assert!(Instant::now() < end, "{} {}", held(&at), held(&other));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until_ready(&other, 200, "ok").await;
}

#[tokio::test]
async fn a_port_in_use_is_told_at_once() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["worker", "relay"] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .arg(command)
            .args(["--listen", &address])
            .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert!(
            text.contains(&format!("cannot listen at {address}")),
            "{text}"
        );
        assert!(
            text.contains("in use") && text.contains("--listen"),
            "{text}"
        );
    }
}
