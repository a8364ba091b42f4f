//! What needs a look is said, with its age and its command, by `status`, `gate`, preflight and the relay's metrics alike; what is well is not.

use serde_json::Value;

use crate::{
    support::Shape,
    support::exposition::get,
    support::plane::{Plane, STREAM},
};

/// Causes and texts as `status` tells them.
async fn looks(plane: &Plane) -> Vec<(String, String)> {
    let said = plane.command(&["status", "-o", "json"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let json: Value = serde_json::from_str(&said.out).unwrap();
    let looks = json["data"]["attention"].as_array().unwrap().clone();
    let text = |look: &Value, name: &str| look[name].as_str().unwrap_or_default().to_string();
    looks
        .iter()
        .map(|look| {
            assert!(
                look["since"].is_null() == look["age_ms"].is_null(),
                "{look}"
            );
            (text(look, "cause"), text(look, "text"))
        })
        .collect()
}

async fn until_told(plane: &Plane, cause: &str) -> String {
    for _ in 0..120 {
        let found = looks(plane).await;
        if let Some((_, text)) = found.iter().find(|(one, _)| one == cause) {
            return text.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!(
        "{cause} is not told: {:?}\n{}",
        looks(plane).await,
        plane.log_text()
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_everywhere_and_what_is_well_is_not() {
    let mut plane = Plane::new(Shape::A).await;
    let good = plane.webhook("ok", "both", 50).await;
    let address = format!("127.0.0.1:{}", wavegate::lab::servers::free_port().unwrap());
    let relay = plane.start(&["relay", "--listen", &address]).await;
    let _worker = plane.worker("both").await;
    plane.emit(good, 5).await;
    plane.until_delivered(30).await;
    assert_eq!(looks(&plane).await, [], "all is well");
    let said = plane.command(&["status"]).await;
    assert!(said.out.contains("Nothing needs a look."), "{said:?}");

    // An endpoint that fails: its events die, and its circuit opens.
    let bad = plane.webhook("fail", "nats", 0).await;
    plane.receiver.answers("fail", 500, None);
    plane
        .run(&format!("UPDATE rule_webhooks SET webhook_name = 'broken', max_retries = 0 WHERE webhook_id = {bad}"))
        .await;
    plane.emit(bad, 12).await;
    let text = until_told(&plane, "dead").await;
    assert!(text.contains("of broken"), "{text}");
    let text = until_told(&plane, "circuit_open").await;
    assert!(text.contains("of broken"), "{text}");

    plane
        .run(&format!(
            "INSERT INTO rule_nats_fences (webhook_id) VALUES ({good})"
        ))
        .await;

    // The same in `/metrics`, of the one relay.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    loop {
        let metrics = get(&address, "/metrics").body;
        let told = |line: &str| metrics.lines().any(|one| one == line);
        if told("wavegate_trouble_events{cause=\"circuit_open\"} 1")
            && told("wavegate_trouble_events{cause=\"fenced\"} 1")
            && told("wavegate_workers_alive{path=\"nats\"} 1")
            && !told("wavegate_trouble_events{cause=\"dead\"} 0")
        {
            break;
        }
        assert!(std::time::Instant::now() < end, "{metrics}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }

    // In preflight and at the gates.
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.yaml");
    let name: String =
        sqlx::query_scalar("SELECT webhook_name FROM rule_webhooks WHERE webhook_id = $1")
            .bind(good)
            .fetch_one(&mut plane.sql)
            .await
            .unwrap();
    let text = format!(
        "version: 1\nname: attention\nnats: {{ stream: {STREAM}, subject: \"webhooks.{{id}}\" }}\nwaves: [{{ name: pilot, webhooks: [{name}] }}]\n"
    );
    std::fs::write(&plan, text).unwrap();
    let plan = plan.to_str().unwrap();
    let said = plane.command(&["preflight", plan, "-o", "json"]).await;
    assert!(said.out.contains("circuit of broken is open"), "{said:?}");
    let said = plane.command(&["gate", plan]).await;
    assert!(said.out.contains("circuit of broken is open"), "{said:?}");

    // A relay that is killed says nothing any more; a new one takes its place, and nobody need look.
    relay.kill();
    let text = until_told(&plane, "silent_relay").await;
    assert!(text.contains("without a goodbye"), "{text}");
    let _next = plane.relay().await;
    let told = looks(&plane).await;
    assert!(
        !told.iter().any(|(cause, _)| cause == "silent_relay"),
        "{told:?}"
    );
}
