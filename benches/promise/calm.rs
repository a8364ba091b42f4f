//! P15 and P16: healthy traffic alone, beside a relay that cannot reach NATS, and while relays and workers are restarted.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use wavegate::lab::processes::{Process, Surroundings};

use crate::{
    Plan,
    common::show,
    line,
    scene::Scene,
    servers,
    traffic::{Book, Traffic},
};

/// What is to be told of an ordinary stretch of traffic.
struct Calm {
    events: usize,
    lost: usize,
    doubled: usize,
    latest: Duration,
    /// How many were later than half of a second.
    late: usize,
}

/// Waits until all of it has come, a minute at most.
async fn reckon(scene: &Scene, book: &Book) -> Calm {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let mut came: HashMap<&str, (Instant, usize)> = HashMap::new();
        let arrivals = scene.endpoint.arrivals();
        for arrival in &arrivals {
            came.entry(&arrival.id).or_insert((arrival.at, 0)).1 += 1;
        }
        let mut calm = Calm {
            events: book.len(),
            lost: 0,
            doubled: 0,
            latest: Duration::ZERO,
            late: 0,
        };
        for (id, committed) in book {
            let Some((at, times)) = came.get(id.as_str()) else {
                calm.lost += 1;
                continue;
            };
            let late = at.saturating_duration_since(*committed);
            calm.doubled += times - 1;
            calm.latest = calm.latest.max(late);
            calm.late += usize::from(late > Duration::from_millis(500));
        }
        if calm.lost == 0 || Instant::now() > end {
            return calm;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn report(part: &str, what: &str, calm: &Calm, bound: u64) {
    show::note(&format!(
        "{part}: {what}: {} events, {} later than 500 ms",
        calm.events, calm.late
    ));
    line(
        part,
        &format!("{what}: events too often"),
        calm.doubled as f64,
        "0",
        calm.doubled == 0,
    );
    line(
        part,
        &format!("{what}: events that never came"),
        calm.lost as f64,
        "0",
        calm.lost == 0,
    );
    let found = calm.latest.as_secs_f64();
    let met = calm.latest <= Duration::from_secs(bound);
    line(
        part,
        &format!("{what}: latest event, s"),
        found,
        &format!("<= {bound}"),
        met,
    );
}

pub async fn beside_a_deaf_relay(plan: Plan) {
    for (what, deaf_first) in [
        ("a deaf relay comes", false),
        ("a deaf relay was there", true),
    ] {
        let (scene, _servers) = servers::ordinary().await;
        let _worker = scene.start("worker", &["worker"]).await;
        let mut relays = Vec::new();
        if deaf_first {
            relays.push(deaf(&scene));
            tokio::time::sleep(Duration::from_secs(8)).await;
        }
        relays.push(scene.start("relay", &["relay"]).await);
        let traffic = Traffic::start(
            &scene.ground.surroundings.database_url,
            &scene.healthy,
            60.0,
        )
        .await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        if !deaf_first {
            relays.push(deaf(&scene));
        }
        tokio::time::sleep(Duration::from_secs_f64(plan.seconds.min(45.0))).await;
        let book = traffic.stop().await;
        report("deaf", what, &reckon(&scene, &book).await, 5);
    }
}

/// A relay that nobody answers; it need not get ready.
fn deaf(scene: &Scene) -> Process {
    let surroundings = Surroundings {
        nats_url: "nats://127.0.0.1:2".to_string(),
        ..scene.ground.surroundings.clone()
    };
    Process::start(&surroundings, &scene.ground.logs, "deaf", &["relay"], None).unwrap()
}

/// Two of each; every few seconds one gets SIGTERM, and another takes its place once it has ended.
pub async fn rolling_restarts(plan: Plan) {
    let (scene, _servers) = servers::ordinary().await;
    let roles: [&[&str]; 4] = [&["relay"], &["worker"], &["relay"], &["worker"]];
    let mut running = Vec::new();
    for (number, role) in roles.iter().enumerate() {
        running.push(scene.start(&format!("{}-{number}", role[0]), role).await);
    }
    let server = scene.bus().await.client().server_info().version.clone();
    let traffic = Traffic::start(
        &scene.ground.surroundings.database_url,
        &scene.healthy,
        100.0,
    )
    .await;
    let end = Instant::now() + Duration::from_secs_f64(plan.minutes * 60.0);
    let (mut restarts, mut slowest) = (0, Duration::ZERO);
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_secs(4)).await;
        let at = restarts % roles.len();
        let name = format!("{}-{}", roles[at][0], restarts + roles.len());
        let old = std::mem::replace(&mut running[at], scene.start(&name, roles[at]).await);
        let begin = Instant::now();
        old.ask_to_stop();
        if let Err(error) = old.ended(Duration::from_secs(35)).await {
            show::note(&format!("restarts: {error}"));
        }
        slowest = slowest.max(begin.elapsed());
        restarts += 1;
    }
    let book = traffic.stop().await;
    let calm = reckon(&scene, &book).await;
    let what = format!(
        "nats-server {server}, {restarts} restarts in {} min",
        plan.minutes
    );
    report("restarts", &what, &calm, 1);
    line(
        "restarts",
        &format!("{what}: slowest stop, s"),
        slowest.as_secs_f64(),
        "<= 2",
        slowest <= Duration::from_secs(2),
    );
}
