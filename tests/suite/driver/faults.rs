//! One fault in each step of a migration that `run` carries: it must lead to what the plan asks for, and to nothing else.
//! `scripts/drive faults` plays all of them and prints the table that docs/run.md has; otherwise one is played.
#![allow(clippy::print_stderr)]

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, stream};
use tokio::time::Instant;

use crate::support::{
    Schema, Shape, TestDb,
    plane::{Plane, Process, STREAM},
    receiver::Receiver,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// What goes by NATS fails, of every third event for good.
    Worse,
    /// The same of one of the wave's two webhooks, and of all its events.
    Broken,
    /// The endpoint answers nobody.
    Endpoint,
    Relay,
    Workers,
    /// The stream takes nothing more.
    Full,
    /// PostgreSQL dies and comes back.
    Restart,
    /// A gate of the plan's own fails.
    Own,
    /// Somebody puts one webhook back into the queue by hand.
    Drift,
}

use Fault::*;

/// What the plan asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    /// The guard takes the wave back, by one of these gates.
    GoBack(&'static [&'static str]),
    /// No step while it lasts, nothing is taken back, and all goes on once it is over.
    Wait,
    /// It goes on as if nothing were.
    GoOn,
}

impl Fault {
    fn told(self) -> &'static str {
        match self {
            Worse => "every third event fails by NATS",
            Broken => "one webhook of the wave fails by NATS",
            Endpoint => "the endpoint fails for both paths",
            Relay => "the relay dies",
            Workers => "the NATS workers die",
            Full => "the stream is full",
            Restart => "PostgreSQL dies and restarts",
            Own => "a gate of the plan's own fails",
            Drift => "a webhook is put into the queue by hand",
        }
    }

    fn must(self, step: &str) -> Must {
        match self {
            // Once NATS alone calls, nothing tells a broken path from an endpoint that is away: its circuit opens.
            Broken if step == STEPS[2] || step == STEPS[3] => Must::Wait,
            Worse => Must::GoBack(&["success", "baseline"]),
            Broken => Must::GoBack(&["broken", "success", "baseline"]),
            Relay | Workers => Must::GoBack(&["workers"]),
            Full => Must::GoBack(&["backlog", "broken", "success"]),
            Own => Must::GoBack(&["complaints"]),
            Endpoint | Drift => Must::Wait,
            Restart => Must::GoOn,
        }
    }

    /// A path that often fails is not to be taken for an endpoint that is away.
    fn circuit_after(self) -> &'static str {
        match self {
            Worse => "30",
            _ => "10",
        }
    }

    /// What `status` says of it meanwhile.
    fn shown(self) -> &'static str {
        match self {
            Drift => "by hand",
            _ => "circuit",
        }
    }

    /// So long it lasts where nobody is to go back for it.
    fn lasts(self) -> Duration {
        match self {
            Restart => Duration::ZERO,
            _ => Duration::from_secs(8),
        }
    }
}

/// The steps of a wave, as `wavegate status` names them.
const STEPS: [&str; 4] = ["both 0 %", "both 50 %", "both 100 %", "nats"];

fn reached(step: &str) -> String {
    let step = match step {
        "nats" => "step = 'nats'".to_string(),
        both => {
            let share: i16 = both.split(' ').nth(1).unwrap().parse().unwrap();
            format!("step = 'hybrid' AND share = {share}")
        }
    };
    format!("SELECT count(*) FROM wavegate.wave WHERE name = 'struck' AND {step}")
}

const PLAN: &str = "version: 1
name: faults
nats: { stream: WEBHOOKS, subject: \"webhooks.{id}\" }
auto_rollback: { on: [success, broken, baseline, workers, backlog, complaints], after: 2, every: 1s, level: 2 }
defaults:
  soak: 4s
  watch: 4s
  shares: [0, 50, 100]
  takeover_after: 5s
  gates:
    parity: { horizon: 2s, lost_after: 5m }
    success: { margin: 10%, min_events: 20, block: 200ms }
    baseline: { margin: 10% }
    latency: { ratio: 0.01, quantile: p50 }
    errors: { max_per_minute: 60000 }
    workers: { nats: 1, queue: 1, silent_after: 3s }
    backlog: { queue: 100000, stream: 100000, lag: 4s }
    sql: [{ name: complaints, query: \"SELECT webhook_id FROM rule_webhooks WHERE description = 'complaints'\" }]
waves:
";

fn worker(path: &str, fault: Fault) -> [&str; 5] {
    [
        "worker",
        "--path",
        path,
        "--circuit-after",
        fault.circuit_after(),
    ]
}

/// The migration, its endpoint, and what may be broken.
struct Stage {
    fault: Fault,
    plane: Plane,
    /// By way of it NATS workers call: an endpoint of its own for what is to fail there.
    by_nats: Receiver,
    relay: Option<Process>,
    nats_worker: Option<Process>,
    queue_worker: Option<Process>,
    run: Option<Process>,
    webhooks: BTreeMap<&'static str, i32>,
    ids: Vec<String>,
    path: String,
    _dir: tempfile::TempDir,
}

impl Stage {
    async fn new(fault: Fault) -> Stage {
        let db = match fault {
            Restart => {
                TestDb::alone(Shape::A, Schema::Migrated, &["synchronous_commit = on"]).await
            }
            _ => TestDb::new(Shape::A, Schema::Migrated).await,
        };
        let mut plane = Plane::on(db, Shape::A).await;
        plane.roles = true;
        let mut webhooks = BTreeMap::new();
        for name in ["one", "two", "other"] {
            webhooks.insert(name, plane.webhook(name, "queue", 0).await);
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.yaml");
        let waves = format!(
            "  - {{ name: struck, match: {{ ids: [{}, {}] }}, unattended: true }}\n  - {{ name: other, match: {{ ids: [{}] }}, unattended: true }}\n",
            webhooks["one"], webhooks["two"], webhooks["other"]
        );
        std::fs::write(&path, format!("{PLAN}{waves}")).unwrap();
        let mut stage = Stage {
            fault,
            by_nats: Receiver::start().await,
            relay: Some(plane.relay().await),
            nats_worker: None,
            queue_worker: Some(plane.start(&worker("queue", fault)).await),
            run: None,
            plane,
            webhooks,
            ids: Vec::new(),
            path: path.display().to_string(),
            _dir: dir,
        };
        stage.begin_nats_worker().await;
        stage.begin_run().await;
        stage
    }

    async fn begin_nats_worker(&mut self) {
        let way = [("http_proxy", self.by_nats.url.as_str())];
        let mut worker = worker("nats", self.fault).to_vec();
        worker.push("--env-proxy");
        self.nats_worker = Some(self.plane.start_with(&worker, &way).await);
    }

    async fn begin_run(&mut self) {
        self.run = Some(self.plane.start(&["run", &self.path, "--yes"]).await);
    }

    /// Calls every webhook until `sql` counts something, for so long at most.
    async fn traffic_until(&mut self, seconds: u64, sql: &str) -> bool {
        let end = Instant::now() + Duration::from_secs(seconds);
        while self.plane.number(sql).await == 0 {
            if Instant::now() > end {
                return false;
            }
            for webhook in self.webhooks.clone().into_values() {
                self.ids.extend(self.plane.emit(webhook, 2).await);
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        true
    }

    async fn traffic_for(&mut self, time: Duration) {
        self.traffic_until(time.as_secs(), "SELECT 0::bigint").await;
    }

    async fn limit_stream(&self, full: bool) {
        let bus = self.plane.bus().await;
        let mut stream = bus.jetstream().get_stream(STREAM).await.unwrap();
        let info = stream.info().await.unwrap();
        let mut config = info.config.clone();
        config.max_messages = match full {
            true => info.state.messages.max(1).cast_signed(),
            false => 1_000_000,
        };
        bus.jetstream().update_stream(&config).await.unwrap();
    }

    async fn strike(&mut self, fault: Fault) {
        match fault {
            Worse => {
                for path in ["one", "two"] {
                    self.by_nats.fails_some(path, 3);
                }
            }
            Broken => self.by_nats.answers("two", 500, None),
            Endpoint => self.answer(503),
            Relay => self.relay.take().unwrap().kill(),
            Workers => self.nats_worker.take().unwrap().kill(),
            Full => self.limit_stream(true).await,
            Restart => {
                // A database that was made from a template since the last checkpoint has sequences that a crash would set back.
                self.plane.run("CHECKPOINT").await;
                self.plane.db.restart();
                self.plane.sql = self.plane.db.connect().await;
            }
            Own => self.complain(true).await,
            Drift => {
                let two = self.webhooks["two"];
                let by_hand = format!(
                    "UPDATE rule_webhooks SET publish_mode = 'queue' WHERE webhook_id = {two}"
                );
                assert_eq!(self.plane.run(&by_hand).await, 1);
            }
        }
    }

    async fn complain(&mut self, loud: bool) {
        let said = if loud { "'complaints'" } else { "NULL" };
        let two = self.webhooks["two"];
        let sql = format!("UPDATE rule_webhooks SET description = {said} WHERE webhook_id = {two}");
        assert_eq!(self.plane.run(&sql).await, 1);
    }

    fn answer(&self, status: u16) {
        for endpoint in [&self.plane.receiver, &self.by_nats] {
            for path in ["one", "two"] {
                endpoint.answers(path, status, None);
            }
        }
    }

    async fn heal(&mut self, fault: Fault, mode: &str) {
        match fault {
            Worse | Broken | Endpoint => self.answer(200),
            Relay => self.relay = Some(self.plane.relay().await),
            Workers => self.begin_nats_worker().await,
            Full => self.limit_stream(false).await,
            Restart => {}
            Own => self.complain(false).await,
            Drift => {
                let two = self.webhooks["two"];
                let back = format!(
                    "UPDATE rule_webhooks SET publish_mode = '{mode}' WHERE webhook_id = {two}"
                );
                assert_eq!(self.plane.run(&back).await, 1);
            }
        }
    }

    fn log(&self) -> String {
        self.plane.log_text()
    }
}

const FIRED: &str = "SELECT count(*) FROM wavegate.journal WHERE step = 'guard.fired'";
const ENDED: &str = "SELECT (count(*) = 2)::int::bigint FROM wavegate.wave WHERE step = 'finished'";
const STANDING: &str = "SELECT sum(CASE step WHEN 'nats' THEN 200 ELSE share END)::bigint FROM wavegate.wave WHERE name = 'struck'";

/// What came of it, in words of the table, and how many events came, each once.
async fn play(fault: Fault, step: &str) -> (String, usize) {
    let about = format!("{fault:?} in {step}");
    let must = fault.must(step);
    let mut stage = Stage::new(fault).await;
    assert!(
        stage.traffic_until(240, &reached(step)).await,
        "{about}: never there\n{}",
        stage.log()
    );
    let before = stage.plane.number(STANDING).await;
    let begun = Instant::now();
    stage.strike(fault).await;
    let told = match must {
        Must::GoBack(gates) => {
            assert!(
                stage.traffic_until(120, FIRED).await,
                "{about}: nobody acted\n{}",
                stage.log()
            );
            let after = begun.elapsed().as_secs();
            let back =
                "SELECT count(*) FROM wavegate.wave WHERE name = 'struck' AND step = 'rolled_back'";
            assert!(
                stage.traffic_until(60, back).await,
                "{about}: not back\n{}",
                stage.log()
            );
            // The other wave begins once this one is in NATS: what strikes both paths of all waves takes it back, too; else it goes on.
            let begun = step == STEPS[3];
            let (fired, other) = match (begun, fault) {
                (false, _) => (1..=1, "pending"),
                (true, Relay | Workers | Full | Own) => (1..=2, "rolled_back"),
                (true, _) => (1..=1, "finished"),
            };
            if other == "finished" {
                let over =
                    "SELECT count(*) FROM wavegate.wave WHERE name = 'other' AND step = 'finished'";
                assert!(
                    stage.traffic_until(240, over).await,
                    "{about}: the other stands\n{}",
                    stage.log()
                );
            }
            assert_eq!(
                stage.run.take().unwrap().wait().await,
                Some(7),
                "{about}\n{}",
                stage.log()
            );
            let why: String = sqlx::query_scalar(
                "SELECT array_to_string(ARRAY(SELECT jsonb_array_elements_text(after -> 'gates')), ', ')
                 FROM wavegate.journal WHERE step = 'guard.fired' AND wave = 'struck'",
            )
            .fetch_one(&mut stage.plane.sql)
            .await
            .unwrap();
            assert!(
                gates.iter().any(|gate| why.contains(gate)),
                "{about}: {why}"
            );
            let times = stage.plane.number(FIRED).await;
            assert!(fired.contains(&times), "{about}: {times} times");
            let others = format!(
                "SELECT count(*) FROM wavegate.wave WHERE name = 'other' AND step IN ('{other}', 'pending')"
            );
            assert_eq!(
                stage.plane.number(&others).await,
                1,
                "{about}: not {other}\n{}",
                stage.log()
            );
            let moved =
                "SELECT count(*) FROM wavegate.webhooks w JOIN wavegate.member m USING (webhook_id)
                         WHERE m.position = 1 AND w.publish_mode <> 'queue'";
            assert_eq!(stage.plane.number(moved).await, 0, "{about}");
            stage.heal(fault, "queue").await;
            format!(" back by {why}, {after} s")
        }
        Must::Wait | Must::GoOn => {
            stage.traffic_for(fault.lasts()).await;
            if must == Must::Wait {
                assert_eq!(
                    stage.plane.number(STANDING).await,
                    before,
                    "{about}: it went on\n{}",
                    stage.log()
                );
                let said = stage.plane.command(&["status"]).await;
                assert!(said.out.contains(fault.shown()), "{about}: {}", said.out);
            }
            let mode = if before == 200 { "nats" } else { "both" };
            stage.heal(fault, mode).await;
            assert!(
                stage.traffic_until(300, ENDED).await,
                "{about}: never finished\n{}",
                stage.log()
            );
            assert_eq!(
                stage.run.take().unwrap().wait().await,
                Some(0),
                "{about}\n{}",
                stage.log()
            );
            assert_eq!(
                stage.plane.number(FIRED).await,
                0,
                "{about}\n{}",
                stage.log()
            );
            let done = "SELECT count(*) FROM wavegate.journal WHERE step = 'flip.done'";
            assert_eq!(stage.plane.number(done).await, 8, "{about}");
            match must {
                Must::Wait => " no step".to_string(),
                _ => " goes on".to_string(),
            }
        }
    };
    // What ran out of attempts meanwhile is the operator's to try again.
    let live = "SELECT count(*) FROM rule_webhook_events WHERE NOT ended";
    stage.plane.until(90, live, 0).await;
    let dead = stage
        .plane
        .number("SELECT count(*) FROM rule_webhook_events WHERE dead")
        .await;
    if dead > 0 {
        let said = stage
            .plane
            .command(&["dead", "requeue", "--all", "--yes"])
            .await;
        assert_eq!(said.code, 0, "{about}: {}", said.err);
    }
    stage.plane.until_all_delivered(60).await;
    let mut came = stage.plane.receiver.successes();
    for (id, times) in stage.by_nats.successes() {
        *came.entry(id).or_default() += times;
    }
    for id in &stage.ids {
        assert_eq!(came.get(id), Some(&1), "{about}: {id}\n{}", stage.log());
    }
    assert_eq!(came.len(), stage.ids.len(), "{about}");
    drop((stage.relay, stage.nats_worker, stage.queue_worker));
    stage.plane.close().await;
    (told, stage.ids.len())
}

/// In every step where it can be told, as a row of the table.
async fn each_step(fault: Fault) {
    let (mut row, mut events) = (format!("faults: | {} |", fault.told()), 0);
    for step in STEPS {
        // At share 0 NATS is preferred by no event.
        let unseen = matches!(fault, Worse | Broken) && step == STEPS[0];
        if !unseen {
            let (came, each_once) = play(fault, step).await;
            row.push_str(&came);
            events += each_once;
        }
        row.push_str(" |");
    }
    eprintln!("{row} {events} |");
}

#[tokio::test]
async fn a_fault_leads_to_what_the_plan_asks_for() {
    if std::env::var("WAVEGATE_DRIVE").is_ok_and(|ways| ways == "all") {
        let faults = [
            Worse, Broken, Endpoint, Relay, Workers, Full, Restart, Own, Drift,
        ];
        let played = stream::iter(faults).map(each_step);
        played.buffer_unordered(2).collect::<()>().await;
    } else {
        play(Broken, STEPS[1]).await;
    }
}
