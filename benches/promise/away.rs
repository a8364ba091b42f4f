//! P13: the worker's way to its endpoints is gone for a minute. No event dies of it. Runs in a network of its own, which the script makes.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{Plan, line, servers, traffic::Traffic};

const ADDRESS: &str = "10.99.0.1";
/// A call that was under way when the network went costs an attempt and its pause.
const AFTER: Duration = Duration::from_secs(30);

pub async fn prove(plan: Plan) {
    assert!(
        Command::new("ip")
            .args(["link", "set", "lo", "up"])
            .status()
            .is_ok_and(|s| s.success()),
        "the part `away` needs `ip` and a network of its own: scripts/promise away"
    );
    network("add");
    let (mut scene, _servers) = servers::ordinary().await;
    sqlx::query("UPDATE rule_webhooks SET url = replace(url, '127.0.0.1', $1)")
        .bind(ADDRESS)
        .execute(&mut scene.sql)
        .await
        .unwrap();
    let _relay = scene.start("relay", &["relay"]).await;
    let _worker = scene.start("worker", &["worker"]).await;
    let url = &scene.ground.surroundings.database_url;
    let traffic = Traffic::start(url, &scene.healthy, 60.0).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = scene.endpoint.arrivals().len();
    network("del");
    tokio::time::sleep(Duration::from_secs_f64(plan.seconds)).await;
    let book = traffic.stop().await;
    network("add");
    let back = Instant::now();
    let mut left = book.len();
    while left > 0 && back.elapsed() < 4 * AFTER {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let arrivals = scene.endpoint.arrivals();
        left = book
            .keys()
            .filter(|id| !arrivals.iter().any(|arrival| arrival.id == **id))
            .count();
    }
    let settled = back.elapsed();
    let (dead, tried): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'dead') + (SELECT count(*) FROM wavegate.queue WHERE status = 'failed' AND event_id IS NULL),
                (SELECT count(*) FROM rule_webhook_events WHERE attempt > 2)",
    )
    .fetch_one(&mut scene.sql)
    .await
    .unwrap();
    let what = format!("no way to the endpoints for {} s", plan.seconds);
    line(
        "away",
        &format!("{what}: events before it"),
        before as f64,
        "> 0",
        before > 0,
    );
    line(
        "away",
        &format!("{what}: dead"),
        dead as f64,
        "0",
        dead == 0,
    );
    line(
        "away",
        &format!("{what}: events that never came"),
        left as f64,
        "0",
        left == 0,
    );
    line(
        "away",
        &format!("{what}: events with more than one attempt lost"),
        tried as f64,
        "0",
        tried == 0,
    );
    let found = settled.as_secs_f64();
    line(
        "away",
        &format!("{what}: all delivered after it, s"),
        found,
        &format!("<= {}", AFTER.as_secs()),
        settled <= AFTER,
    );
}

fn network(what: &str) {
    let address = format!("{ADDRESS}/32");
    let done = Command::new("ip")
        .args(["address", what, &address, "dev", "lo"])
        .status()
        .unwrap();
    assert!(done.success(), "ip address {what}");
}
