//! What `run` carries out, on a real database; its gates say what the test wants.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};
use wavegate::{
    engine::{
        Work,
        barrier::Patience,
        driver::{Driver, Host},
        forward::Judge,
        gatekeeper::Candidate,
        no_checkpoint,
    },
    error::{Error, Kind, Result},
    gates::{Report, Verdict, place},
    model::{
        Confirmed, Consent, Gate, Goal, Mode, WaveStep,
        driven::{Deed, Driven, DriverNews, WaitsFor, WaveWait},
    },
    plan::Plan,
    store::{
        approval::{self, ApprovedStep},
        driver, hold, journal,
        state::{self, Migration},
    },
};

use crate::support::{
    Shape,
    bench::{Bench, abort_at, actor, bench, quiet},
};

const PLAN: &str = "\
version: 1
name: bench
promote: together
nats: { stream: WEBHOOKS, subject: \"webhooks.{id}\" }
defaults: { soak: 10s, watch: 1s, shares: [0, 100], takeover_after: 5s }
auto_rollback: { on: [errors], after: 2, every: 1s, level: 1 }
waves:
  - { name: first, match: { names: [\"a_*\"] } }
  - { name: second, match: { names: [\"b_*\"] }, unattended: true }
";

/// Answers for the gate `errors` of each wave, and hears everything.
#[derive(Default)]
struct Script {
    failing: Mutex<BTreeMap<String, bool>>,
    /// The gate cannot tell.
    blind: Mutex<bool>,
    heard: Mutex<Vec<String>>,
}

impl Script {
    fn fails(&self, wave: &str, fails: bool) {
        self.failing.lock().unwrap().insert(wave.to_string(), fails);
    }
}

impl Judge for Script {
    async fn judge(
        &self,
        migration: Option<&Migration>,
        candidate: &Candidate<'_>,
    ) -> Result<Option<Report>> {
        let wave = &candidate.wave.name;
        let fails = self.failing.lock().unwrap().get(wave) == Some(&true);
        let differences = if fails {
            vec!["NATS fails".to_string()]
        } else {
            Vec::new()
        };
        let mut result = place::verdict(&Gate::Errors, &differences, "few", "repair it");
        if *self.blind.lock().unwrap() {
            result.verdict = Verdict::Inconclusive;
        }
        Ok(Some(Report {
            wave: wave.clone(),
            step: format!("{} -> {}", candidate.from, candidate.to),
            since: migration
                .and_then(|m| m.wave(wave))
                .and_then(|w| w.entered_at),
            at: chrono::Utc::now(),
            results: vec![result],
        }))
    }
}

impl Host for Script {
    fn hear(&self, told: &DriverNews<'_>) {
        self.heard.lock().unwrap().push(format!("{told:?}"));
    }
}

/// With a watch of that long.
async fn begin(watch: &str) -> Bench {
    let mut b = bench(Shape::A, 3).await;
    b.plan = Plan::parse(&PLAN.replace("watch: 1s", &format!("watch: {watch}"))).unwrap();
    b
}

async fn once_with(
    b: &Bench,
    script: &Script,
    checkpoint: wavegate::engine::Checkpoint<'_>,
) -> Result<Driven> {
    let actor = actor("wavegate run plan.yaml --once");
    let driver = Driver {
        work: Work {
            db: &b.db,
            actor: &actor,
            listener: &quiet,
            checkpoint,
        },
        plan: &b.plan,
        host: script,
        patience: Patience::default(),
    };
    driver.once().await
}

async fn once(b: &Bench, script: &Script) -> Driven {
    once_with(b, script, &no_checkpoint).await.unwrap()
}

fn done(outcome: &Driven) -> Vec<String> {
    let told = |deed: &Deed| format!("{:?} {} {}", deed.what, deed.wave, deed.to);
    outcome.deeds.iter().map(told).collect()
}

fn waits<'o>(outcome: &'o Driven, wave: &str) -> &'o WaveWait {
    outcome.waiting.iter().find(|one| one.wave == wave).unwrap()
}

async fn approve(b: &Bench, wave: &str, from: WaveStep, to: Option<Mode>) {
    let migration = state::load(&b.db).await.unwrap().unwrap();
    let step = ApprovedStep {
        migration_id: Some(migration.id),
        plan: b.plan.name(),
        hash: b.plan.hash(),
        wave,
        from,
        to,
        since: migration.wave(wave).unwrap().entered_at,
    };
    let line = approval::give(&step, Some("seen"), Confirmed::by(Consent::Flag));
    let mut connection = b.db.pool().acquire().await.unwrap();
    journal::append(&mut connection, &actor("wavegate approve"), &line)
        .await
        .unwrap();
}

async fn queue_worker(b: &mut Bench) {
    b.run("INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at) VALUES ('w', 'queue', 'here', 1, now(), now() + interval '1 h')")
        .await;
}

async fn journal_of(b: &mut Bench) -> Vec<String> {
    let lines = b
        .text("SELECT string_agg(step || coalesce(':' || wave, '') || coalesce(':' || webhook_id, ''), ' ' ORDER BY id) FROM wavegate.journal WHERE step NOT LIKE 'schema%'")
        .await;
    // What was begun and had changed nothing is begun again.
    let mut lines: Vec<String> = lines.split(' ').map(str::to_string).collect();
    lines.dedup();
    lines
}

#[tokio::test]
async fn a_migration_goes_by_its_plan_and_waits_for_exactly_one_word() {
    let mut b = begin("1s").await;
    let script = Script::default();
    let outcome = once(&b, &script).await;
    assert_eq!(
        done(&outcome),
        [
            "Stepped first both, NATS delivers 0 %",
            "Stepped first both, NATS delivers 100 %",
            "Stepped second both, NATS delivers 0 %",
            "Stepped second both, NATS delivers 100 %",
            "Stepped second nats",
        ]
    );
    let first = waits(&outcome, "first");
    assert_eq!(
        (first.on, first.command.as_deref()),
        (WaitsFor::Person, Some("wavegate approve --wave first"))
    );
    // The word for another step, or an earlier visit, is not this one.
    approve(&b, "first", WaveStep::Hybrid(0), Some(Mode::Nats)).await;
    approve(&b, "first", WaveStep::Hybrid(100), None).await;
    sleep(Duration::from_millis(1100)).await;
    assert_eq!(done(&once(&b, &script).await), ["Finished second finished"]);
    approve(&b, "first", WaveStep::Hybrid(100), Some(Mode::Nats)).await;
    let outcome = once(&b, &script).await;
    assert_eq!(done(&outcome), ["Stepped first nats"]);
    // Its watch is not over: no gate said so here, the step itself did.
    assert_eq!(waits(&outcome, "first").on, WaitsFor::Step);
    sleep(Duration::from_millis(1100)).await;
    let outcome = once(&b, &script).await;
    assert_eq!(
        (done(&outcome), outcome.finished),
        (vec!["Finished first finished".to_string()], true)
    );
    let consents = b
        .text("SELECT string_agg(wave || ' ' || (after -> 'to' ->> 'mode') || ' ' || (after ->> 'consent'), ', ' ORDER BY id) FROM wavegate.journal \
               WHERE step = 'flip.done' AND after -> 'to' ->> 'mode' = 'nats'")
        .await;
    assert_eq!(consents, "second nats policy, first nats approved");
}

#[tokio::test]
async fn the_guard_takes_its_own_wave_back_and_no_other() {
    let mut b = begin("1h").await;
    let script = Script::default();
    once(&b, &script).await;
    script.fails("first", true);
    let outcome = once(&b, &script).await;
    assert!(outcome.deeds.is_empty() && waits(&outcome, "first").on == WaitsFor::Failure);
    // Looked at again at once, it is the same failure.
    assert!(once(&b, &script).await.deeds.is_empty());
    sleep(Duration::from_millis(600)).await;
    // Nobody would deliver what it gives back: it says so, and fences nothing.
    let outcome = once(&b, &script).await;
    let first = waits(&outcome, "first");
    assert_eq!(first.on, WaitsFor::QueueWorker, "{first:?}");
    assert_eq!(
        first.command.as_deref(),
        Some("start one: `wavegate worker --path queue`")
    );
    assert!(b.standing().await.contains("fenced none"));
    queue_worker(&mut b).await;
    let outcome = once(&b, &script).await;
    assert_eq!(done(&outcome), ["TookBack first both 0 %"]);
    assert_eq!(waits(&outcome, "first").on, WaitsFor::Resume);
    let standing = b.standing().await;
    assert!(
        standing.contains("fenced 1,2,3")
            && standing.contains("first:rolled_back:0:1 second:nats:100:1"),
        "{standing}"
    );
    let why = b
        .text(
            "SELECT string_agg(after::text, ';') FROM wavegate.journal WHERE step = 'guard.fired'",
        )
        .await;
    assert_eq!(why, r#"{"goal": "both", "fails": 2, "gates": ["errors"]}"#);
    let consent = b
        .text("SELECT after ->> 'consent' FROM wavegate.journal WHERE step = 'rollback.intent'")
        .await;
    assert_eq!(consent, "policy");
    // It stays so, and a failure of one that is back is nobody's business.
    sleep(Duration::from_millis(600)).await;
    assert!(once(&b, &script).await.deeds.is_empty());
}

fn kinds(lines: &[String]) -> BTreeSet<&String> {
    lines.iter().collect()
}

/// From nothing to a wave in nats and one that the guard took back, killed on the way if so asked. Where it stands in the end, its journal,
/// and how often it was killed.
async fn a_way_there_and_back(kill: bool) -> (String, Vec<String>, usize) {
    let mut b = begin("1h").await;
    queue_worker(&mut b).await;
    let script = Script::default();
    let mut kills = 0;
    for fails in [false, true, true] {
        // `first` is at 100, `second` in nats; then `first` fails twice.
        script.fails("first", fails);
        if kill {
            kills += killed_everywhere(&mut b, &script).await;
        }
        once(&b, &script).await;
        sleep(Duration::from_millis(550)).await;
    }
    (b.standing().await, journal_of(&mut b).await, kills)
}

/// Looks until one comes to its end; each is killed after the first statement that the one before had not come to.
async fn killed_everywhere(b: &mut Bench, script: &Script) -> usize {
    let (mut kills, mut place) = (0, 0);
    let mut before = kinds(&journal_of(b).await).len();
    while let Err(error) = once_with(b, script, &abort_at(place)).await {
        assert!(error.to_string().starts_with("killed"), "{error}");
        kills += 1;
        assert!(kills < 200, "it comes no further: {}", b.standing().await);
        // A rollback begins anew each time: what it wrote again is no step on.
        let now = kinds(&journal_of(b).await).len();
        place = if now > before { 0 } else { place + 1 };
        before = now;
    }
    kills
}

/// Who looks is there, whatever the gates can tell; how long nobody was is said once.
#[tokio::test]
async fn who_looks_and_cannot_tell_guards_all_the_same() {
    let mut b = begin("1h").await;
    let script = Script::default();
    once(&b, &script).await;
    b.run("UPDATE wavegate.guard SET looked_at = looked_at - interval '1 min'")
        .await;
    *script.blind.lock().unwrap() = true;
    for told in [1, 1] {
        once(&b, &script).await;
        let heard = script.heard.lock().unwrap();
        let said = heard.iter().filter(|line| line.contains("nobody guarded"));
        assert_eq!(said.count(), told, "{heard:?}");
    }
}

/// A server that goes away behind a step takes nobody's notice of it along.
#[tokio::test]
async fn what_was_done_is_told_although_the_look_failed() {
    let dir = tempfile::tempdir().unwrap();
    let (program, told) = (dir.path().join("tell"), dir.path().join("told"));
    std::fs::write(&program, format!("#!/bin/sh\ncat >>{}\n", told.display())).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mut b = begin("1h").await;
    let hooks = format!("hooks: {{ after_step: [{}] }}\nwaves:", program.display());
    b.plan = Plan::parse(&PLAN.replace("waves:", &hooks)).unwrap();
    let script = Script::default();
    let locks = AtomicUsize::new(0);
    let away = |place: &str| match place == "tx.lock" && locks.fetch_add(1, Ordering::SeqCst) > 0 {
        true => Err(Error::failed("PostgreSQL went away")),
        false => Ok(()),
    };
    once_with(&b, &script, &away).await.unwrap_err();
    let told = std::fs::read_to_string(told).unwrap();
    assert!(
        told.contains("after_step") && told.contains("first"),
        "{told}"
    );
}

/// Killed after any statement, the next look goes on; in the end all is as if nothing had happened.
#[tokio::test]
async fn killed_everywhere_it_comes_to_the_same_end() {
    let count =
        |lines: &[String], kind: &str| lines.iter().filter(|line| line.starts_with(kind)).count();
    let (standing, journal, _) = a_way_there_and_back(false).await;
    let (stands, lines, kills) = a_way_there_and_back(true).await;
    assert_eq!(stands, standing);
    assert_eq!(kinds(&lines), kinds(&journal));
    for (kind, wanted) in [
        ("guard.fired", 1),
        ("flip.done", 5),
        ("flip.checked", 5),
        ("rollback.done", 1),
    ] {
        assert_eq!(count(&lines, kind), wanted, "{kind}: {lines:?}");
    }
    assert!(kills > 30, "it was killed at {kills} places only");
}

#[tokio::test]
async fn a_hold_stops_steps_forward_and_no_way_back() {
    let mut b = begin("1h").await;
    let script = Script::default();
    let held = async |b: &Bench, wave: Option<&str>, webhook: Option<i32>, until| {
        let wanted = hold::Wanted {
            migration_id: None,
            scope: "it".to_string(),
            wave,
            webhook_id: webhook,
            why: "month end",
            until,
        };
        let line = hold::set(&wanted, Confirmed::by(Consent::Flag));
        let mut connection = b.db.pool().acquire().await.unwrap();
        journal::append(&mut connection, &actor("wavegate hold"), &line)
            .await
            .unwrap();
    };
    held(&b, None, Some(2), None).await;
    held(
        &b,
        Some("second"),
        None,
        Some(chrono::Utc::now() + chrono::TimeDelta::hours(1)),
    )
    .await;
    let outcome = once(&b, &script).await;
    assert!(outcome.deeds.is_empty());
    assert_eq!(waits(&outcome, "first").on, WaitsFor::Hold);
    let error = b.apply("first").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotYet, "{error}");
    assert!(error.to_string().contains("month end"), "{error}");
    let holds = hold::standing(&b.db, None).await.unwrap();
    let line = hold::release(&holds[0], None, Confirmed::by(Consent::Flag));
    let mut connection = b.db.pool().acquire().await.unwrap();
    journal::append(&mut connection, &actor("wavegate release"), &line)
        .await
        .unwrap();
    drop(connection);
    let outcome = once(&b, &script).await;
    assert_eq!(outcome.deeds.len(), 2, "first alone: {:?}", done(&outcome));
    held(&b, None, None, None).await;
    // Its own time ends the one, and that of everything stays.
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(100);
    held(&b, Some("first"), None, Some(soon)).await;
    sleep(Duration::from_millis(200)).await;
    assert_eq!(hold::standing(&b.db, None).await.unwrap().len(), 2);
    assert!(once(&b, &script).await.deeds.is_empty());
    queue_worker(&mut b).await;
    let wave = wavegate::engine::back::survey::Scope::Wave("first".to_string());
    b.rollback(wave, Goal::Both).await.unwrap();
    assert!(b.standing().await.contains("first:rolled_back"));
}

#[tokio::test]
async fn one_drives_and_a_silent_one_drives_no_more() {
    let mut b = begin("1h").await;
    let (one, other) = (actor("wavegate run a.yaml"), actor("wavegate run b.yaml"));
    let lease = driver::take(&b.db, &one).await.unwrap().unwrap();
    assert!(
        driver::take(&b.db, &other).await.unwrap().is_none(),
        "it is taken"
    );
    let driving = driver::driving(&b.db).await.unwrap();
    assert_eq!(driver::taken(driving.as_ref()).kind(), Kind::Refused);
    // It renews its word for as long as it lives.
    b.run("UPDATE wavegate.driver SET seen_at = seen_at - interval '4 s'")
        .await;
    sleep(Duration::from_millis(1300)).await;
    assert!(
        driver::take(&b.db, &other).await.unwrap().is_none(),
        "it lives"
    );
    // Frozen, as the database sees it; a clock set back is the same.
    for shift in ["- interval '1 min'", "+ interval '1 day'"] {
        b.run(&format!(
            "UPDATE wavegate.driver SET driver_id = 1, seen_at = seen_at {shift}"
        ))
        .await;
        let next = driver::take(&b.db, &other).await.unwrap();
        next.expect("nobody drives").release(&b.db).await.unwrap();
        b.run("INSERT INTO wavegate.driver (driver_id, who, host, command) VALUES (2, 'x', 'x', 'x') ON CONFLICT DO NOTHING").await;
    }
    let began = Instant::now();
    timeout(Duration::from_secs(5), lease.lost())
        .await
        .expect("it hears that it drives no more");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_frozen_driver_keeps_the_lock_from_nobody() {
    let mut b = begin("1h").await;
    let frozen = wavegate::store::lock::acquire(&b.db, &actor("wavegate run plan.yaml"))
        .await
        .unwrap();
    let id = frozen.id();
    let mut other = b.test.connect().await;
    // Its pings stop, its session lives on: what SIGSTOP does.
    let pings = async {
        loop {
            sqlx::query(
                "UPDATE wavegate.lock SET seen_at = now() - interval '1 min' WHERE lock_id = $1",
            )
            .bind(id)
            .execute(&mut other)
            .await
            .unwrap();
            if let Some(lease) = driver::take(&b.db, &actor("wavegate run plan.yaml"))
                .await
                .unwrap()
            {
                break lease;
            }
        }
    };
    let lease = timeout(Duration::from_secs(5), pings).await.unwrap();
    timeout(Duration::from_secs(5), frozen.lost())
        .await
        .expect("its session was ended");
    let outcome = once(&b, &Script::default()).await;
    assert_eq!(outcome.deeds.len(), 5);
    lease.release(&b.db).await.unwrap();
    b.run("SELECT 1").await;
}
