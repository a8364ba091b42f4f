//! P12: what is held and not yet called is asked again at the call: after a rollback, or a switch-off, nothing more starts.

use std::time::{Duration, Instant};

use crate::{
    common::show, endpoint::Answer, entry::Mode, line, plant::webhook, scene::Scene, servers,
};

const SLOW: Duration = Duration::from_secs(10);
const HELD: i32 = 250;
/// From when on nothing may start, and for how long is looked.
const BOUND: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_secs(45);

pub async fn prove() {
    rollback().await;
    switch_off(Mode::Nats).await;
    switch_off(Mode::Queue).await;
}

/// A webhook with an endpoint of ten seconds, and its events on their way.
async fn busy(scene: &mut Scene, mode: Mode) -> i32 {
    scene.endpoint.answers("/slow", Answer::Slow(SLOW));
    let url = scene.endpoint.url("127.0.0.1", "/slow");
    let names = scene.ground.names;
    let id = webhook(&mut scene.sql, names, "slow", &url, mode, false).await;
    sqlx::query("UPDATE rule_webhooks SET timeout_ms = 30000 WHERE webhook_id = $1")
        .bind(id)
        .execute(&mut scene.sql)
        .await
        .unwrap();
    sqlx::query("SELECT count(rule_webhook_call_unified($1, '{}')) FROM generate_series(1, $2)")
        .bind(id)
        .bind(HELD)
        .execute(&mut scene.sql)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    id
}

async fn rollback() {
    let (mut scene, _servers) = servers::stage("", 0).await;
    let relay = scene.start("relay", &["relay"]).await;
    // The queue would deliver behind the fence: only NATS' own calls are to be seen.
    let _worker = scene.start("worker", &["worker", "--path", "nats"]).await;
    busy(&mut scene, Mode::Nats).await;
    let said = scene
        .command(&["rollback", "--webhook", "slow", "--yes"])
        .await;
    let age: Option<f64> = sqlx::query_scalar(
        "SELECT extract(epoch FROM clock_timestamp() - max(set_at))::float8 FROM rule_nats_fences",
    )
    .fetch_one(&mut scene.sql)
    .await
    .unwrap();
    let Some(age) = age else {
        show::note(&format!(
            "switch: rollback: {} {}",
            said.stdout, said.stderr
        ));
        return line("switch", "rollback: fences", 0.0, "1", false);
    };
    let fenced = Instant::now() - Duration::from_secs_f64(age);
    tokio::time::sleep(LOOK).await;
    report(&scene, "rollback of nats", fenced);
    drop(relay);
}

async fn switch_off(mode: Mode) {
    let (mut scene, _servers) = servers::stage("", 0).await;
    let _relay = scene.start("relay", &["relay"]).await;
    let _worker = scene.start("worker", &["worker"]).await;
    let id = busy(&mut scene, mode).await;
    let url = scene.endpoint.url("127.0.0.1", "/new");
    sqlx::query("UPDATE rule_webhooks SET enabled = false, url = $2 WHERE webhook_id = $1")
        .bind(id)
        .bind(url)
        .execute(&mut scene.sql)
        .await
        .unwrap();
    let off = Instant::now();
    tokio::time::sleep(LOOK).await;
    report(&scene, &format!("switch-off in {mode:?}"), off);
}

fn report(scene: &Scene, what: &str, since: Instant) {
    let arrivals = scene.endpoint.arrivals();
    let before = arrivals.iter().filter(|a| a.at <= since).count();
    let after: Vec<Duration> = arrivals
        .iter()
        .map(|a| a.at.saturating_duration_since(since))
        .filter(|late| *late > BOUND)
        .collect();
    let last = after.iter().max().copied().unwrap_or_default();
    show::note(&format!(
        "switch: {what}: {before} calls before it; the last one {:.1} s after it",
        last.as_secs_f64()
    ));
    line(
        "switch",
        &format!("{what}: calls that start later than 1 s"),
        after.len() as f64,
        "0",
        after.is_empty(),
    );
}
