//! Waves whose truth is known, side by side through the real data plane: PostgreSQL, nats-server, relay and workers, and the real
//! `wavegate gate` and `apply` that decide about them.
//!
//! The same seed makes the same events, the same arms and the same answers.

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

/// A call as the endpoint sees it.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub by_nats: bool,
    /// Which webhook of its wave.
    pub webhook: usize,
    /// When its event was made.
    pub tick: i32,
    /// Since traffic began.
    pub at: Duration,
}

/// How often such a call fails.
pub type Fails = Arc<dyn Fn(Call) -> f64 + Send + Sync>;

#[derive(Clone)]
pub struct Wave {
    pub name: String,
    pub seed: u32,
    pub webhooks: usize,
    pub share: i32,
    /// Events of each webhook in a tick.
    pub events: i32,
    /// From this tick on no event is NATS's any more.
    pub starved_from: Option<i32>,
    /// Limits that the plan gives to this wave alone.
    pub gates: &'static str,
    pub fails: Fails,
}

/// What holds for all waves.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub margin: f64,
    /// A tick is as long.
    pub block: Duration,
    /// Younger events are in grace.
    pub horizon: Duration,
    /// With 0 an event has one attempt.
    pub max_retries: i32,
    pub circuits: bool,
}

/// What became of a wave.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub promoted: bool,
    /// Each gate that has failed, with its reason when it first did.
    pub failed: BTreeMap<String, String>,
    /// Verdict and reason of each gate at the last look.
    pub last: BTreeMap<String, (String, String)>,
    /// Events until it was decided.
    pub events: i32,
}

impl Found {
    pub fn open(&self) -> bool {
        !self.promoted && self.failed.is_empty()
    }
}

pub struct Lab {
    pub plane: Plane,
    pub waves: Vec<Wave>,
    pub found: Vec<Found>,
    webhooks: Vec<Vec<i32>>,
    plan: String,
    size: Size,
    begin: Arc<std::sync::OnceLock<Instant>>,
    _dir: tempfile::TempDir,
    _processes: Vec<Process>,
}

impl Lab {
    /// Every wave at its share. The first enters by `apply`; the others are put beside it, since the order of a plan lets one wave in
    /// after the other.
    pub async fn start(waves: Vec<Wave>, size: Size) -> Lab {
        let mut plane = Plane::new(Shape::A).await;
        let begin = Arc::default();
        let port = endpoint(waves.clone(), Arc::clone(&begin)).await;
        let mut webhooks = Vec::new();
        for (number, wave) in waves.iter().enumerate() {
            let made: Vec<i32> = sqlx::query_scalar(
                "INSERT INTO rule_webhooks (webhook_name, url, max_retries)
                 SELECT $1 || '-' || n, $2 || '/' || n, $3 FROM generate_series(0, $4 - 1) AS n RETURNING webhook_id",
            )
            .bind(&wave.name)
            .bind(format!("http://localhost:{port}/{number}"))
            .bind(size.max_retries)
            .bind(wave.webhooks as i32)
            .fetch_all(&mut plane.sql)
            .await
            .unwrap();
            webhooks.push(made);
        }
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.yaml");
        std::fs::write(&plan, text(&waves, size)).unwrap();
        // The way of the NATS worker leads through the endpoint as a proxy: so it tells the paths apart.
        let proxy = format!("http://127.0.0.1:{port}");
        let circuits: &[&str] = match size.circuits {
            true => &[],
            false => &["--circuit-after", "0"],
        };
        let processes = vec![
            plane.relay().await,
            plane
                .start(&[&["worker", "--path", "queue"], circuits].concat())
                .await,
            plane
                .start_with(
                    &[&["worker", "--path", "nats", "--env-proxy"], circuits].concat(),
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
            begin,
            _dir: dir,
            _processes: processes,
        };
        lab.enter().await;
        lab
    }

    async fn enter(&mut self) {
        let made = self.plane.command(&["stream", "ensure", "--yes"]).await;
        assert_eq!(made.code, 0, "{}", made.err);
        let first = self.waves[0].name.clone();
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
                "UPDATE wavegate.wave w SET step = f.step, attempt = f.attempt, entered_at = clock_timestamp()
                 FROM wavegate.wave f WHERE f.position = (SELECT min(position) FROM wavegate.wave) AND w.migration_id = f.migration_id",
            )
            .await;
        self.plane
            .run(&format!(
                "UPDATE rule_webhooks w SET publish_mode = f.publish_mode, nats_enabled = f.nats_enabled,
                        nats_subject = 'webhooks.' || w.webhook_id, nats_config_id = f.nats_config_id, mode_epoch = f.mode_epoch,
                        nats_takeover_after_ms = f.nats_takeover_after_ms
                 FROM rule_webhooks f WHERE f.webhook_id = {0} AND w.webhook_id <> {0}",
                self.webhooks[0][0]
            ))
            .await;
        for (wave, webhooks) in self.waves.iter().zip(&self.webhooks) {
            for statement in [
                "UPDATE wavegate.wave SET share = $2 WHERE name = $1 AND $3::integer[] IS NOT NULL",
                "UPDATE rule_webhooks SET nats_share = $2 WHERE webhook_id = ANY ($3) AND $1 <> ''",
            ] {
                sqlx::query(statement)
                    .bind(&wave.name)
                    .bind(wave.share)
                    .bind(webhooks)
                    .execute(&mut self.plane.sql)
                    .await
                    .unwrap();
            }
        }
        // Nobody changed this by hand.
        self.plane
            .run(
                "UPDATE wavegate.member m
                 SET found = jsonb_build_object('publish_mode', w.publish_mode, 'nats_enabled', w.nats_enabled, 'nats_subject', w.nats_subject,
                     'nats_config_id', w.nats_config_id, 'nats_share', w.nats_share, 'nats_takeover_after_ms', w.nats_takeover_after_ms)
                 FROM wavegate.webhooks w WHERE w.webhook_id = m.webhook_id",
            )
            .await;
    }

    pub async fn apply(&self, wave: &str) -> Said {
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

    /// Ticks from `from`; where the machine is slower, longer. Decided waves get no more traffic.
    pub async fn play(&mut self, from: i32, count: i32) {
        self.begin.get_or_init(Instant::now);
        for tick in from..from + count {
            let until = tokio::time::Instant::now() + self.size.block;
            let (mut ids, mut keys, mut shares) = (Vec::new(), Vec::new(), Vec::new());
            for (n, wave) in self.waves.iter().enumerate() {
                if !self.found[n].open() {
                    continue;
                }
                self.found[n].events += wave.events * wave.webhooks as i32;
                let starved = wave.starved_from.is_some_and(|from| tick >= from);
                for webhook in &self.webhooks[n] {
                    for event in 0..wave.events {
                        ids.push(*webhook);
                        keys.push(format!("{}-{tick}-{event}", wave.seed));
                        shares.push(starved.then_some(wave.share));
                    }
                }
            }
            sqlx::query(
                "SELECT count(wavegate.publish(w.id, '{}', NULL, NULL, w.key, false))
                 FROM unnest($1::integer[], $2::text[], $3::integer[]) AS w (id, key, share)
                 WHERE w.share IS NULL OR wavegate.bucket(w.id || ':' || w.key) >= w.share",
            )
            .bind(ids)
            .bind(keys)
            .bind(shares)
            .execute(&mut self.plane.sql)
            .await
            .unwrap();
            tokio::time::sleep_until(until).await;
        }
    }

    /// Until every event has an end.
    pub async fn settle(&mut self) {
        self.plane
            .until(
                600,
                "SELECT count(*) FROM rule_webhook_events WHERE state NOT IN ('delivered', 'dead')",
                0,
            )
            .await;
    }

    /// What the gates of all waves say.
    pub async fn look(&mut self) {
        let said = self
            .plane
            .command(&["gate", &self.plan, "--output", "json"])
            .await;
        let json: Value = serde_json::from_str(said.out.lines().next().unwrap_or_default())
            .unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        for report in json["data"]["waves"].as_array().unwrap() {
            let name = report["wave"].as_str().unwrap();
            let n = self.waves.iter().position(|w| w.name == name).unwrap();
            let found = &mut self.found[n];
            for result in report["gates"].as_array().unwrap() {
                let text = |key: &str| result[key].as_str().unwrap().to_string();
                let (gate, verdict, reason) = (text("gate"), text("verdict"), text("reason"));
                if verdict == "fail" {
                    found
                        .failed
                        .entry(gate.clone())
                        .or_insert_with(|| reason.clone());
                }
                found.last.insert(gate, (verdict, reason));
            }
        }
    }

    /// Who passes is promoted, by `apply`, which asks its gates itself.
    pub async fn promote(&mut self) {
        for n in 0..self.waves.len() {
            let passes = self.found[n].last.values().all(|(said, _)| said == "pass");
            if passes && !self.found[n].promoted {
                self.found[n].promoted = self.apply(&self.waves[n].name).await.code == 0;
            }
        }
    }

    /// Share of the wave in the database.
    pub async fn share(&mut self, wave: &str) -> i64 {
        let sql = format!(
            "SELECT share::bigint FROM wavegate.wave WHERE name = '{wave}' AND step = 'hybrid'"
        );
        self.plane.number(&sql).await
    }
}

fn text(waves: &[Wave], size: Size) -> String {
    let mut text = format!(
        "version: 1\nname: verdicts\nnats: {{ stream: WEBHOOKS, subject: \"webhooks.{{id}}\" }}\n\
         defaults:\n  soak: 1s\n  watch: 1s\n  takeover_after: 30m\n  gates:\n    \
         parity: {{ horizon: {}s }}\n    success: {{ margin: {}%, min_events: 20, block: {}ms }}\n    \
         latency: {{ ratio: 0.01, quantile: p50 }}\n    errors: {{ max_per_minute: 100000 }}\n    \
         workers: {{ nats: 1, queue: 1, silent_after: 5m }}\n    backlog: {{ queue: 1000000, stream: 1000000, lag: 10m }}\nwaves:\n",
        size.horizon.as_secs(),
        size.margin * 100.0,
        size.block.as_millis()
    );
    for wave in waves {
        let members: Vec<String> = (0..wave.webhooks)
            .map(|n| format!("{}-{n}", wave.name))
            .collect();
        text += &format!(
            "  - {{ name: {}, webhooks: [{}], shares: [{}, 100]{} }}\n",
            wave.name,
            members.join(", "),
            wave.share,
            wave.gates
        );
    }
    text
}

struct Truth {
    waves: Vec<Wave>,
    begin: Arc<std::sync::OnceLock<Instant>>,
}

/// Answers each call as its wave says, by the path and the event's id alone, and by the time.
async fn endpoint(waves: Vec<Wave>, begin: Arc<std::sync::OnceLock<Instant>>) -> String {
    let truth = Arc::new(Truth { waves, begin });
    let app = Router::new().fallback(answer).with_state(truth);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    port.to_string()
}

async fn answer(
    State(truth): State<Arc<Truth>>,
    headers: HeaderMap,
    request: Request,
) -> StatusCode {
    let by_nats = request.uri().authority().is_some();
    let mut path = request.uri().path()[1..].split('/');
    let mut number = || path.next().unwrap().parse::<usize>().unwrap();
    let (wave, webhook) = (number(), number());
    // WEBHOOK:seed-tick-number
    let id = headers["webhook-id"].to_str().unwrap();
    let key = id.split(':').nth(1).unwrap();
    let call = Call {
        by_nats,
        webhook,
        tick: key.split('-').nth(1).unwrap().parse().unwrap(),
        at: truth.begin.get().map_or(Duration::ZERO, Instant::elapsed),
    };
    let hash = Sha256::digest(format!("{wave} {webhook} {by_nats} {key}"));
    let drawn = f64::from(u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
    match drawn < (truth.waves[wave].fails)(call) * f64::from(u32::MAX) {
        true => StatusCode::INTERNAL_SERVER_ERROR,
        false => StatusCode::OK,
    }
}
