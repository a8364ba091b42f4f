//! Trouble of a worker's own is no attempt: descriptors that run out, a secret that signs nothing.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{
    relay::metrics::address,
    support::Shape,
    support::exposition::get,
    support::plane::{Plane, Process},
    support::receiver::Receiver,
    worker::both_paths::signature,
};

/// As many webhooks, each with a host of its own, and an event for each.
async fn many_hosts(plane: &mut Plane, receiver: &Receiver, mode: &str, path: &str, count: i32) {
    let port = receiver.url.rsplit_once(':').unwrap().1.to_string();
    plane
        .run(&format!(
            "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share, timeout_ms)
             SELECT 'h' || n, 'http://127.' || 1 + n / 65536 || '.' || n / 256 % 256 || '.' || n % 256 || ':{port}/{path}', '{mode}', true, 0, 30000
             FROM generate_series(1, {count}) n"
        ))
        .await;
    plane
        .run("SELECT rule_webhook_call_unified(webhook_id, '{\"n\": 1}') FROM rule_webhooks")
        .await;
}

async fn receiver() -> Receiver {
    // The receiver is this process: it wants a descriptor for each connection too.
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    Receiver::start_at("0.0.0.0:0").await
}

const DELIVERED: &str = "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'";
const SPENT: &str = "SELECT count(*) FROM rule_webhook_events WHERE attempt > 1 OR state = 'dead'";

fn counted(worker: &Process, series: &str) -> f64 {
    let page = get(&address(worker), "/metrics").body;
    let line = page.lines().find(|line| line.starts_with(series));
    let line = line.unwrap_or_else(|| panic!("no {series}: {page}"));
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn hosts_beyond_the_descriptors_are_all_called_and_none_fails() {
    let mut plane = Plane::new(Shape::A).await;
    let receiver = receiver().await;
    many_hosts(&mut plane, &receiver, "both", "ok", 1500).await;
    let worker = plane
        .start_limited(
            512,
            &["worker", "--path", "queue", "--listen", "127.0.0.1:0"],
        )
        .await;
    plane.until(60, DELIVERED, 1500).await;
    assert_eq!(plane.number(SPENT).await, 0);
    let successes = receiver.successes();
    assert!(successes.len() == 1500 && successes.values().all(|count| *count == 1));
    // A quarter of the descriptors for what is kept: none ran out.
    let ran_out = counted(
        &worker,
        "wavegate_worker_local_trouble_total{reason=\"descriptors\"}",
    );
    assert!(ran_out < 1.0, "{ran_out}");
    assert!(worker.stop().await);
}

#[tokio::test]
async fn calls_beyond_the_descriptors_take_turns_on_both_paths() {
    for (path, mode) in [("queue", "both"), ("nats", "nats")] {
        let mut plane = Plane::new(Shape::A).await;
        let receiver = receiver().await;
        let _relay = plane.relay().await;
        let arguments = ["worker", "--path", path, "--concurrency", "400"];
        let arguments = [&arguments[..], &["--listen", "127.0.0.1:0"]].concat();
        let worker = plane.start_limited(160, &arguments).await;
        many_hosts(&mut plane, &receiver, mode, "slow-100", 600).await;
        plane.until(60, DELIVERED, 600).await;
        assert_eq!(plane.number(SPENT).await, 0, "{path}");
        let successes = receiver.successes();
        assert!(successes.len() == 600 && successes.values().all(|count| *count == 1));
        let ran_out = counted(
            &worker,
            "wavegate_worker_local_trouble_total{reason=\"descriptors\"}",
        );
        assert!(ran_out >= 1.0, "{path}: nothing ran out");
        let log = worker.log_text();
        assert!(
            log.contains("not called, for trouble of this worker's own"),
            "{log}"
        );
        assert!(worker.stop().await);
    }
}

#[tokio::test]
async fn a_secret_that_signs_nothing_sends_nothing_until_it_is_mended() {
    for (path, mode) in [("queue", "both"), ("nats", "nats")] {
        let mut plane = Plane::new(Shape::A).await;
        let broken = plane.webhook("broken", mode, 0).await;
        let healthy = plane.webhook("healthy", mode, 0).await;
        plane
            .run(&format!(
                "INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value) VALUES ({broken}, 'signing_secret', 'whsec_tell-nobody***')"
            ))
            .await;
        plane.run("UPDATE rule_webhooks SET max_retries = 0").await;
        let _relay = plane.relay().await;
        let worker = plane
            .start(&["worker", "--path", path, "--listen", "127.0.0.1:0"])
            .await;
        plane.emit(broken, 5).await;
        plane.emit(healthy, 5).await;
        plane.until(20, DELIVERED, 5).await;
        let told = format!(
            "SELECT count(*) FROM wavegate.worker WHERE path = '{path}' AND last_error LIKE 'webhook {broken}: not called: the signing secret is not base64%'"
        );
        plane.until(20, &told, 1).await;
        let secret = "wavegate_worker_local_trouble_total{reason=\"secret\"}";
        assert!(counted(&worker, secret) >= 1.0);
        assert_eq!(plane.receiver.count("broken"), 0, "{path}");
        assert_eq!(plane.number(SPENT).await, 0);
        assert!(!worker.log_text().contains("tell-nobody"));
        plane
            .run("UPDATE rule_webhook_secrets SET secret_value = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'")
            .await;
        plane.until(30, DELIVERED, 10).await;
        for call in plane.receiver.calls() {
            if call.path == "broken" {
                let header = |name: &str| call.headers[name].to_str().unwrap();
                let signed = format!("{}.{}.{}", call.id, header("webhook-timestamp"), call.body);
                assert_eq!(header("webhook-signature"), signature(&signed));
            }
        }
        assert!(worker.stop().await);
    }
}
