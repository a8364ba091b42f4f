//! Do the gates say the truth about a path whose truth is known? Many waves of one webhook each run side by side through the real data
//! plane, each with an endpoint that fails as its scenario says, and the real `wavegate gate` and `apply` decide about them.
//!
//! The same seed makes the same events, the same arms and the same answers. WAVEGATE_VERDICTS_SEEDS=N plays N seeds of every scenario
//! with a margin of one point; `scripts/verdicts` does that, and shows the table.
#![allow(clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    support::Shape,
    support::plane::{Plane, Process},
    support::terminal::Said,
};

/// Events of a wave in each tick; at share 50 each arm gets half of them.
const EVENTS: i32 = 6;
const SHARE: i32 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scenario {
    /// NATS fails three margins more often than the queue.
    Worse,
    /// Both paths fail alike, now and then.
    Equal,
    /// From some tick on no event is NATS's any more.
    Starved,
    /// NATS loses everything for a few ticks.
    Burst,
    /// The endpoint fails most calls of both paths.
    Endpoint,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario::Worse,
    Scenario::Equal,
    Scenario::Starved,
    Scenario::Burst,
    Scenario::Endpoint,
];

/// How long and how finely it is played.
#[derive(Debug, Clone, Copy)]
struct Size {
    seeds: u32,
    margin: f64,
    block: Duration,
    /// Ticks between two looks.
    look: i32,
    /// Starvation and burst begin in this tick, long before an equal path could pass.
    early: i32,
    /// What is undecided then stays so.
    ticks: i32,
    /// Younger events are in grace.
    horizon: Duration,
}

const SHORT: Size = Size {
    seeds: 1,
    margin: 0.1,
    block: Duration::from_millis(50),
    look: 40,
    early: 15,
    ticks: 160,
    horizon: Duration::from_secs(1),
};
const LONG: Size = Size {
    seeds: 20,
    margin: 0.01,
    block: Duration::from_millis(100),
    look: 100,
    early: 150,
    ticks: 1500,
    horizon: Duration::from_secs(3),
};
/// So many ticks a burst lasts.
const BURST: i32 = 5;

#[derive(Debug, Clone, Copy)]
struct Wave {
    scenario: Scenario,
    seed: u32,
    size: Size,
}

impl Wave {
    fn name(self) -> String {
        format!("{:?}-{}", self.scenario, self.seed).to_lowercase()
    }

    /// How often a call fails that is made by NATS, or by the queue, for an event of this tick.
    fn fails(self, by_nats: bool, tick: i32) -> f64 {
        let few = self.size.margin / 4.0;
        match self.scenario {
            Scenario::Worse if by_nats => few + 3.0 * self.size.margin,
            Scenario::Burst if by_nats && (0..BURST).contains(&(tick - self.size.early)) => 1.0,
            Scenario::Endpoint => 0.6,
            _ => few,
        }
    }
}

/// Answers each call as its wave says. The way of the NATS worker leads through it as a proxy: so it tells the paths apart.
async fn endpoint(waves: Vec<Wave>) -> String {
    let app = Router::new().fallback(answer).with_state(Arc::new(waves));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    port.to_string()
}

async fn answer(
    State(waves): State<Arc<Vec<Wave>>>,
    headers: HeaderMap,
    request: Request,
) -> StatusCode {
    let by_nats = request.uri().authority().is_some();
    let number: usize = request.uri().path()[1..].parse().unwrap();
    // WEBHOOK:seed-tick-number
    let id = headers["webhook-id"].to_str().unwrap();
    let tick = id.split('-').nth(1).unwrap().parse().unwrap();
    let key = id.split(':').nth(1).unwrap();
    let wave = waves[number];
    let hash = Sha256::digest(format!("{number} {by_nats} {key}"));
    let drawn = f64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    if drawn < wave.fails(by_nats, tick) * f64::from(u32::MAX) {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::OK
    }
}

/// What became of a wave.
#[derive(Debug, Clone, Default)]
struct Found {
    promoted: bool,
    /// `success` has failed.
    failed: bool,
    /// Verdict and reason of `success` and of `errors` at the last look.
    success: (String, String),
    errors: (String, String),
    /// Events until it was decided.
    events: i32,
}

impl Found {
    fn open(&self) -> bool {
        !self.promoted && !self.failed
    }
}

struct Lab {
    plane: Plane,
    waves: Vec<Wave>,
    webhooks: Vec<i32>,
    found: Vec<Found>,
    plan: String,
    size: Size,
    _dir: tempfile::TempDir,
    _processes: Vec<Process>,
}

impl Lab {
    /// Every wave at share 50. The first enters by `apply`; the others are put beside it, since the order of a plan lets one wave in
    /// after the other.
    async fn start(size: Size) -> Lab {
        let waves: Vec<Wave> = (1..=size.seeds)
            .flat_map(|seed| {
                SCENARIOS.map(|scenario| Wave {
                    scenario,
                    seed,
                    size,
                })
            })
            .collect();
        let mut plane = Plane::new(Shape::A).await;
        let port = endpoint(waves.clone()).await;
        let mut webhooks = Vec::new();
        for (number, wave) in waves.iter().enumerate() {
            let id: i32 = sqlx::query_scalar(
                "INSERT INTO rule_webhooks (webhook_name, url, max_retries) VALUES ($1, $2, 0) RETURNING webhook_id",
            )
            .bind(wave.name())
            .bind(format!("http://localhost:{port}/{number}"))
            .fetch_one(&mut plane.sql)
            .await
            .unwrap();
            webhooks.push(id);
        }
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.yaml");
        std::fs::write(&plan, text(&waves, size)).unwrap();
        let proxy = format!("http://127.0.0.1:{port}");
        let never = ["--circuit-after", "0"];
        let processes = vec![
            plane.relay().await,
            plane
                .start(&[&["worker", "--path", "queue"], &never[..]].concat())
                .await,
            plane
                .start_with(
                    &[&["worker", "--path", "nats", "--env-proxy"], &never[..]].concat(),
                    &[("http_proxy", &proxy)],
                )
                .await,
        ];
        let mut lab = Lab {
            plane,
            found: vec![Found::default(); waves.len()],
            waves,
            webhooks,
            plan: plan.to_str().unwrap().to_string(),
            size,
            _dir: dir,
            _processes: processes,
        };
        lab.enter().await;
        lab
    }

    async fn enter(&mut self) {
        let made = self.plane.command(&["stream", "ensure", "--yes"]).await;
        assert_eq!(made.code, 0, "{}", made.err);
        let first = self.waves[0].name();
        // Heartbeats and lag are reported once a second or so.
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let entered = self.apply(&first).await;
            if entered.code == 0 {
                break;
            }
            assert!(Instant::now() < end, "{}{}", entered.out, entered.err);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.plane
            .run(
                "UPDATE wavegate.wave w SET step = f.step, share = f.share, attempt = f.attempt, entered_at = clock_timestamp()
                 FROM wavegate.wave f WHERE f.position = (SELECT min(position) FROM wavegate.wave) AND w.migration_id = f.migration_id",
            )
            .await;
        self.plane
            .run(&format!(
                "UPDATE rule_webhooks w SET publish_mode = f.publish_mode, nats_enabled = f.nats_enabled, nats_share = f.nats_share,
                        nats_subject = 'webhooks.' || w.webhook_id, nats_config_id = f.nats_config_id, mode_epoch = f.mode_epoch,
                        nats_takeover_after_ms = f.nats_takeover_after_ms
                 FROM rule_webhooks f WHERE f.webhook_id = {0} AND w.webhook_id <> {0}",
                self.webhooks[0]
            ))
            .await;
    }

    async fn apply(&self, wave: &str) -> Said {
        let arguments = [
            "apply",
            &self.plan,
            "--wave",
            wave,
            "--yes",
            "--confirm",
            wave,
        ];
        self.plane.command(&arguments).await
    }

    /// Ticks from `from`, a block long each; where the machine is slower, longer. Decided waves get no more traffic.
    async fn play(&mut self, from: i32, count: i32) {
        for tick in from..from + count {
            let until = tokio::time::Instant::now() + self.size.block;
            let (mut ids, mut keys, mut starved) = (Vec::new(), Vec::new(), Vec::new());
            for (n, wave) in self.waves.iter().enumerate() {
                if !self.found[n].open() {
                    continue;
                }
                self.found[n].events += EVENTS;
                for event in 0..EVENTS {
                    ids.push(self.webhooks[n]);
                    keys.push(format!("{}-{tick}-{event}", wave.seed));
                    starved.push(wave.scenario == Scenario::Starved && tick >= self.size.early);
                }
            }
            sqlx::query(
                "SELECT count(wavegate.publish(w.id, '{}', NULL, NULL, w.key, false))
                 FROM unnest($1::integer[], $2::text[], $3::boolean[]) AS w (id, key, starved)
                 WHERE NOT w.starved OR wavegate.bucket(w.id || ':' || w.key) >= $4",
            )
            .bind(ids)
            .bind(keys)
            .bind(starved)
            .bind(SHARE)
            .execute(&mut self.plane.sql)
            .await
            .unwrap();
            tokio::time::sleep_until(until).await;
        }
        self.plane
            .until(
                600,
                "SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'dead')",
                0,
            )
            .await;
    }

    /// What the gates of all waves say; who passes is promoted, by `apply`, which asks its gates itself.
    async fn look(&mut self) {
        let said = self
            .plane
            .command(&["gate", &self.plan, "--output", "json"])
            .await;
        let json: Value = serde_json::from_str(said.out.lines().next().unwrap_or_default())
            .unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        let reports: BTreeMap<String, Value> = json["data"]["waves"]
            .as_array()
            .unwrap_or_else(|| panic!("{}{}", said.out, said.err))
            .iter()
            .map(|report| (report["wave"].as_str().unwrap().to_string(), report.clone()))
            .collect();
        for n in 0..self.waves.len() {
            let name = self.waves[n].name();
            if self.found[n].promoted {
                continue;
            }
            let results = reports[&name]["gates"].as_array().unwrap();
            let gate = |gate: &str| {
                let result = results.iter().find(|r| r["gate"] == gate).unwrap();
                let text = |key: &str| result[key].as_str().unwrap().to_string();
                (text("verdict"), text("reason"))
            };
            self.found[n].success = gate("success");
            self.found[n].errors = gate("errors");
            self.found[n].failed |= self.found[n].success.0 == "fail";
            if results.iter().all(|result| result["verdict"] == "pass") {
                self.found[n].promoted = self.apply(&name).await.code == 0;
            }
        }
    }

    /// Share of the wave in the database.
    async fn share(&mut self, wave: &str) -> i64 {
        let sql = format!(
            "SELECT share::bigint FROM wavegate.wave WHERE name = '{wave}' AND step = 'hybrid'"
        );
        self.plane.number(&sql).await
    }
}

fn text(waves: &[Wave], size: Size) -> String {
    let mut text = format!(
        "version: 1\nname: verdicts\nnats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}\n\
         defaults:\n  soak: 1s\n  watch: 1s\n  shares: [{SHARE}, 100]\n  takeover_after: 30m\n  gates:\n    \
         parity: {{ horizon: {}s }}\n    success: {{ margin: {}%, min_events: 20, block: {}ms }}\n    \
         latency: {{ ratio: 0.01, quantile: p50 }}\n    errors: {{ max_per_minute: 100000 }}\n    \
         workers: {{ nats: 1, queue: 1, silent_after: 5m }}\n    backlog: {{ queue: 1000000, stream: 1000000, lag: 10m }}\nwaves:\n",
        size.horizon.as_secs(),
        size.margin * 100.0,
        size.block.as_millis()
    );
    for wave in waves {
        let more = match wave.scenario {
            Scenario::Endpoint => ", gates: { errors: { max_per_minute: 45 } }",
            _ => "",
        };
        text += &format!("  - {{ name: {0}, webhooks: [{0}]{more} }}\n", wave.name());
    }
    text
}

/// The scenarios with so many seeds; what was found, one line a scenario.
async fn scenarios(size: Size) {
    let mut lab = Lab::start(size).await;
    let begin = Instant::now();
    let mut tick = 0;
    let decides = |wave: &Wave| matches!(wave.scenario, Scenario::Worse | Scenario::Equal);
    while tick < size.ticks {
        lab.play(tick, size.look).await;
        tick += size.look;
        lab.look().await;
        let waiting = lab.waves.iter().zip(&lab.found);
        // What is held must stay so beyond the moment when an equal path passes.
        if waiting
            .filter(|(wave, _)| decides(wave))
            .all(|(_, found)| !found.open())
        {
            break;
        }
    }
    // Nothing is in grace any more: the last word, and a last attempt to go on.
    tokio::time::sleep(size.horizon).await;
    lab.look().await;
    let seconds = begin.elapsed().as_secs_f64();
    let events = lab
        .plane
        .number("SELECT count(*) FROM rule_webhook_events")
        .await;
    eprintln!(
        "verdicts: {} seeds, margin {} points, blocks of {} ms, {EVENTS} events a wave and tick, {tick} ticks at most; {events} events in \
         {seconds:.0} s, {:.0} a second",
        size.seeds,
        size.margin * 100.0,
        size.block.as_millis(),
        events as f64 / seconds
    );
    for n in 0..lab.waves.len() {
        let (wave, name) = (lab.waves[n], lab.waves[n].name());
        let found = lab.found[n].clone();
        if !found.promoted {
            let refused = lab.apply(&name).await;
            assert!(
                [3, 4].contains(&refused.code),
                "{name}: {}{}",
                refused.out,
                refused.err
            );
        }
        let wanted = if found.promoted {
            100
        } else {
            i64::from(SHARE)
        };
        assert_eq!(lab.share(&name).await, wanted, "{name}: {found:?}");
        let (verdict, reason) = &found.success;
        match wave.scenario {
            Scenario::Worse => assert!(found.failed && !found.promoted, "{name}: {found:?}"),
            Scenario::Equal => assert!(found.promoted, "{name}: {found:?}"),
            Scenario::Starved => {
                assert!(
                    !found.promoted && verdict == "inconclusive",
                    "{name}: {found:?}"
                );
                assert!(
                    reason.contains("blocks of time decide too"),
                    "{name}: {found:?}"
                );
            }
            Scenario::Burst => {
                assert!(
                    !found.promoted && verdict == "inconclusive",
                    "{name}: {found:?}"
                );
            }
            Scenario::Endpoint => {
                assert!(!found.promoted && !found.failed, "{name}: {found:?}");
                // Neither may blame the path; on a slow machine there are too few failures a minute to blame the endpoint.
                assert!(found.errors.0 != "fail", "{name}: {found:?}");
            }
        }
    }
    let rolled_back = "SELECT count(*) FROM wavegate.wave WHERE step <> 'hybrid'";
    assert_eq!(lab.plane.number(rolled_back).await, 0);
    for scenario in SCENARIOS {
        table_row(scenario, &lab);
    }
}

fn table_row(scenario: Scenario, lab: &Lab) {
    let found: Vec<&Found> = lab
        .waves
        .iter()
        .zip(&lab.found)
        .filter(|(wave, _)| wave.scenario == scenario)
        .map(|(_, found)| found)
        .collect();
    let count = |holds: fn(&Found) -> bool| found.iter().filter(|found| holds(found)).count();
    let mut events: Vec<i32> = found.iter().map(|found| found.events).collect();
    events.sort_unstable();
    let last = match scenario {
        Scenario::Endpoint => &found[0].errors.1,
        _ => &found[0].success.1,
    };
    eprintln!(
        "verdicts: | {scenario:?} | {} | {} | {} | {} | {} | {last} |",
        found.len(),
        count(|found| found.promoted),
        count(|found| found.failed),
        count(|found| found.open()),
        events[events.len() / 2],
    );
}

#[tokio::test]
async fn known_paths_get_the_verdicts_they_deserve() {
    match std::env::var("WAVEGATE_VERDICTS_SEEDS") {
        Err(_) => scenarios(SHORT).await,
        Ok(seeds) => {
            let seeds = seeds.parse().unwrap();
            scenarios(Size { seeds, ..LONG }).await;
        }
    }
}
