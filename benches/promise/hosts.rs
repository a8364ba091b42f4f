//! P13: more hosts than a worker may have descriptors: what is of its own making kills no event.

use std::time::{Duration, Instant};

use crate::{endpoint::Answer, line, servers};

const HOSTS: i32 = 1500;
const DESCRIPTORS: u32 = 512;
const PATIENCE: Duration = Duration::from_secs(180);

pub async fn prove() {
    let (mut scene, _servers) = servers::stage("", 0).await;
    scene
        .endpoint
        .answers("/host", Answer::Slow(Duration::from_millis(300)));
    let url = scene.endpoint.url("127.2.HOST", "/host");
    sqlx::query(
        "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, max_retries, retry_delay_ms)
         SELECT 'host ' || n, replace($1, 'HOST', n / 250 || '.' || n % 250 + 1), CASE n % 2 WHEN 0 THEN 'queue' ELSE 'nats' END,
                n % 2 = 1, 2, 100 FROM generate_series(1, $2) n",
    )
    .bind(&url)
    .bind(HOSTS)
    .execute(&mut scene.sql)
    .await
    .unwrap();
    let _relay = scene.start("relay", &["relay"]).await;
    let worker = ["worker", "--concurrency", "600"];
    let _worker = scene
        .start_limited("worker", &worker, Some(DESCRIPTORS))
        .await;
    sqlx::query("SELECT count(rule_webhook_call_unified(webhook_id, '{}')) FROM rule_webhooks")
        .execute(&mut scene.sql)
        .await
        .unwrap();
    let begin = Instant::now();
    let (mut delivered, mut dead) = (0, 0);
    while delivered + dead < i64::from(HOSTS) && begin.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(500)).await;
        (delivered, dead) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status = 'success'),
                    (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead') + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed')",
        )
        .fetch_one(&mut scene.sql)
        .await
        .unwrap();
    }
    let what = format!("{HOSTS} hosts, {DESCRIPTORS} descriptors");
    line(
        "hosts",
        &format!("{what}: delivered"),
        delivered as f64,
        "1500",
        delivered == i64::from(HOSTS),
    );
    line(
        "hosts",
        &format!("{what}: dead"),
        dead as f64,
        "0",
        dead == 0,
    );
    line(
        "hosts",
        &format!("{what}: calls"),
        scene.endpoint.arrivals().len() as f64,
        "1500",
        scene.endpoint.arrivals().len() == 1500,
    );
}
