//! Back and forward again, by the binary: one webhook that was taken back alone, the end of a migration, what was cut off half way.

use std::{process::Stdio, time::Duration};

use sqlx::{Connection, Executor};

use wavegate::{
    engine::{back::survey::Scope, barrier::Patience},
    error::Error,
    model::Goal,
    store::lock,
};

use crate::{
    flip::command::Ready,
    support::bench::{Ask, abort_at, actor, bench, next},
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb},
};

const FIRST: &str = "first";

/// On a wide screen, where no sentence is broken.
fn say(r: &Ready, args: &[&str]) -> Said {
    run(r.command(args).env("COLUMNS", "4000"))
}

fn expect(r: &Ready, code: i32, args: &[&str]) -> Said {
    let said = say(r, args);
    assert_eq!(said.code, code, "{args:?}\n{}\n{}", said.out, said.err);
    said
}

/// A plan whose gates look at more than a test can show; what they say of paths and modes decides.
fn plan(r: &Ready) -> String {
    let text = format!(
        "version: 1\nname: bench\nnats: {{ stream: {}, subject: \"{}.{{id}}\" }}\n\
         defaults:\n  soak: 1s\n  watch: 1s\n  shares: [0, 50, 100]\n  gates:\n    workers: {{ nats: 1, queue: 1 }}\n    \
         success: {{ advisory: true }}\n    latency: {{ advisory: true }}\n    baseline: {{ advisory: true }}\n\
         waves:\n  - {{ name: first, match: {{ names: [\"a_*\"] }} }}\n  - {{ name: second, match: {{ rest: true }} }}\n",
        r.nats.prefix,
        r.nats.prefix.to_lowercase()
    );
    let path = r.path("shares.yaml");
    std::fs::write(&path, text).unwrap();
    path
}

async fn ready() -> (Ready, String) {
    let mut r = Ready::new(Shape::A).await;
    r.b.run("UPDATE rule_webhooks SET enabled = true").await;
    let plan = plan(&r);
    (r, plan)
}

/// The step of every wave that stands somewhere has lasted for ten minutes, and in it this webhook had delivered events.
async fn soaked(r: &mut Ready, webhook: &str) {
    r.b.run("UPDATE wavegate.wave SET entered_at = now() - interval '10 min' WHERE entered_at IS NOT NULL").await;
    events(
        r,
        webhook,
        "5 min",
        "published_at, nats_seen_at",
        "t, t",
        "prefers",
    )
    .await;
}

async fn events(r: &mut Ready, webhook: &str, ago: &str, columns: &str, values: &str, path: &str) {
    r.b.run(&format!(
        "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at,
             state, path, attempt, delivered_at, publish_count, payload_digest, sent_digest, {columns})
         SELECT md5(random()::text), webhook_id, mode_epoch, nextval('rule_webhook_events_seq_seq'), publish_mode = 'both', publish_mode = 'both',
                p.prefers, t, t, 'delivered', {path}, 1, t + interval '50 ms', 1, sha256('x'), sha256('x'), {values}
         FROM wavegate.webhooks, unnest('{{nats,queue}}'::text[]) AS p (prefers), generate_series(1, 20) n,
              LATERAL (SELECT now() - interval '{ago}' - n * interval '1 s' AS t) t
         WHERE webhook_name = '{webhook}' AND (publish_mode = 'both' OR p.prefers = 'nats')"
    ))
    .await;
}

/// What the queue delivers of it behind a fence: never published, and NATS's arm all taken over.
async fn behind_the_fence(r: &mut Ready, webhook: &str) {
    events(r, webhook, "4 min", "void_reason", "NULL", "'queue'").await;
    events(r, webhook, "1 s", "void_reason", "NULL", "'queue'").await;
}

async fn taken_back(r: &mut Ready, plan: &str, webhook: &str, wave: &str, to_queue: bool) {
    let to = if to_queue { "queue" } else { "both" };
    expect(
        r,
        0,
        &["rollback", "--webhook", webhook, "--to", to, "--yes"],
    );
    behind_the_fence(r, webhook).await;
    let said = expect(r, 0, &["status"]);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(&format!("wave {wave} goes on without {webhook}")),
        "{}",
        said.out
    );
    // Gate, apply and status judge the same members and recommend the same.
    let recipe = format!("--wave {wave} --resume");
    assert!(words.contains(&recipe), "{}", said.out);
    let said = say(r, &["gate", plan, "--wave", wave]);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(webhook) && words.contains(&recipe) || said.err.contains("taken back alone"),
        "{}\n{}",
        said.out,
        said.err
    );
}

/// By its own step, with a line of the journal, judged by what the step does not mend.
async fn resumed(r: &mut Ready, plan: &str, wave: &str) {
    let before = r.b.text("SELECT max(id)::text FROM wavegate.journal").await;
    expect(r, 0, &["gate", plan, "--wave", wave, "--resume"]);
    let yes = [
        "apply",
        plan,
        "--wave",
        wave,
        "--resume",
        "--yes",
        "--confirm",
        wave,
    ];
    expect(r, 0, &yes);
    let steps = r
        .b
        .text(&format!(
            "SELECT string_agg(step || coalesce(after ->> 'joins', ''), ' ' ORDER BY id) FROM wavegate.journal
             WHERE id > {before} AND step IN ('fence.cleared', 'flip.done', 'flip.checked')"
        ))
        .await;
    assert_eq!(steps, "fence.cleared flip.donetrue flip.checked");
    expect(r, 5, &yes);
    // Nothing of the time behind the fence counts: there is nothing to judge yet, and nothing that fails.
    let said = say(r, &["-o", "json", "gate", plan, "--wave", wave]);
    assert_eq!(said.code, 4, "{}\n{}", said.out, said.err);
    // The test turns the step's beginning back after this: past what the fence was there for.
    r.b.run("DELETE FROM rule_webhook_events WHERE published_at IS NULL")
        .await;
}

#[tokio::test]
async fn one_webhook_joins_its_wave_again_wherever_the_wave_is() {
    for to_queue in [false, true] {
        let (mut r, plan) = ready().await;
        let plan = plan.as_str();
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
        soaked(&mut r, "a_1").await;
        // Both of the wave have events of before in what was counted.
        soaked(&mut r, "a_2").await;
        expect(&r, 0, &["gate", plan, "--wave", FIRST]);
        taken_back(&mut r, plan, "a_2", FIRST, to_queue).await;
        // What was counted of it before it was taken back counts no more.
        let counted = "SELECT count(*) FILTER (WHERE webhook_id = 2)::text FROM wavegate.tally_arm";
        assert_eq!(r.b.text(counted).await, "0");
        // The rest goes on, with no word about it.
        expect(&r, 0, &["gate", plan, "--wave", FIRST]);
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
        soaked(&mut r, "a_1").await;
        let standing = r.b.standing().await;
        assert!(standing.contains("a_1:both:t:50"), "{standing}");
        assert!(
            standing.contains("fenced 2 | first:hybrid:50:1"),
            "{standing}"
        );
        resumed(&mut r, plan, FIRST).await;
        let standing = r.b.standing().await;
        assert!(standing.contains("a_2:both:t:50"), "{standing}");
        assert!(
            standing.contains("fenced none | first:hybrid:50:1"),
            "{standing}"
        );
        // And further, all of it.
        soaked(&mut r, "a_1").await;
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
        soaked(&mut r, "a_1").await;
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--confirm", FIRST]);
        let standing = r.b.standing().await;
        assert!(
            standing.contains("a_1:nats") && standing.contains("a_2:nats"),
            "{standing}"
        );
        soaked(&mut r, "a_1").await;
        taken_back(&mut r, plan, "a_2", FIRST, to_queue).await;
        resumed(&mut r, plan, FIRST).await;
        let standing = r.b.standing().await;
        assert!(standing.contains("a_2:nats"), "{standing}");
        assert!(standing.contains("fenced none | first:nats:"), "{standing}");
    }
}

#[tokio::test]
async fn the_only_webhook_of_a_wave_is_taken_back_and_resumed() {
    for to_queue in [false, true] {
        let (mut r, plan) = ready().await;
        let plan = plan.as_str();
        r.b.run("DELETE FROM rule_webhooks WHERE webhook_name = 'a_2'")
            .await;
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
        soaked(&mut r, "a_1").await;
        expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
        soaked(&mut r, "a_1").await;
        taken_back(&mut r, plan, "a_1", FIRST, to_queue).await;
        let said = expect(&r, 5, &["apply", plan, "--wave", FIRST, "--yes"]);
        assert!(said.err.contains("--wave first --resume"), "{}", said.err);
        resumed(&mut r, plan, FIRST).await;
        let standing = r.b.standing().await;
        assert!(standing.contains("a_1:both:t:50"), "{standing}");
        assert!(
            standing.contains("fenced none | first:hybrid:50:1"),
            "{standing}"
        );
    }
}

/// Taken back without a fence, it is held back all the same; and a resume that was killed when the fence was gone goes on.
#[tokio::test]
async fn who_is_away_is_known_without_a_fence() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
    soaked(&mut r, "a_1").await;
    expect(
        &r,
        0,
        &[
            "rollback",
            "--webhook",
            "a_2",
            "--to",
            "queue",
            "--drain",
            "--yes",
        ],
    );
    expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
    r.b.run("DELETE FROM rule_nats_fences").await;
    expect(
        &r,
        0,
        &["apply", plan, "--wave", FIRST, "--resume", "--yes"],
    );
    assert!(r.b.standing().await.contains("a_2:both:t:50"));
}

#[tokio::test]
async fn a_wave_without_anything_to_judge_is_passed_on_purpose() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    r.b.run("UPDATE rule_webhooks SET enabled = false WHERE webhook_name LIKE 'a_%'")
        .await;
    expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
    let pass = |why| {
        [
            "apply",
            plan,
            "--wave",
            FIRST,
            "--pass-unjudged",
            why,
            "--confirm",
            FIRST,
        ]
    };
    r.b.run("UPDATE wavegate.wave SET entered_at = now() - interval '10 min' WHERE name = 'first'")
        .await;
    let said = expect(&r, 4, &["apply", plan, "--wave", FIRST, "--yes"]);
    assert!(said.out.contains("--pass-unjudged"), "{}", said.out);
    // Its name is typed.
    let mut yes = pass("no calls since May").to_vec();
    yes.truncate(6);
    expect(&r, 6, &[&yes[..], &["--yes"]].concat());
    expect(&r, 0, &pass("no calls since May"));
    let told =
        r.b.text("SELECT after::text FROM wavegate.journal WHERE step = 'wave.unjudged'")
            .await;
    assert!(
        told.contains("no calls since May") && told.contains("parity"),
        "{told}"
    );
    assert!(r.b.standing().await.contains("first:hybrid:50"));
    // What can be judged is judged.
    r.b.run("UPDATE wavegate.wave SET entered_at = now() - interval '10 min' WHERE name = 'first'")
        .await;
    r.b.run("UPDATE wavegate.relay SET seen_at = now() - interval '1 hour'")
        .await;
    expect(&r, 3, &pass("nobody calls"));
}

#[tokio::test]
async fn a_migration_whose_webhooks_are_back_is_closed() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    expect(&r, 5, &["close", "--confirm", "bench"]);
    expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
    let said = expect(&r, 5, &["close", "--confirm", "bench"]);
    assert!(
        said.err.contains("a_1 (1) of wave first is in both"),
        "{}",
        said.err
    );
    expect(&r, 0, &["rollback", "--all", "--yes"]);
    // In both at share 0 they are not back yet.
    expect(&r, 5, &["close", "--confirm", "bench"]);
    expect(&r, 0, &["rollback", "--all", "--to", "queue", "--yes"]);
    let other = std::fs::read_to_string(plan)
        .unwrap()
        .replace("name: bench", "name: other");
    let path = r.path("other.yaml");
    std::fs::write(&path, other).unwrap();
    let said = expect(&r, 5, &["apply", &path, "--wave", FIRST, "--yes"]);
    assert!(said.err.contains("wavegate close"), "{}", said.err);
    expect(&r, 6, &["close", "--yes"]);
    expect(
        &r,
        0,
        &[
            "close",
            "--reason",
            "another provider",
            "--confirm",
            "bench",
        ],
    );
    let told = r
        .b
        .text(
            "SELECT concat_ws(' ', m.status, m.finished_at IS NOT NULL, j.after ->> 'why', (SELECT count(*) FROM rule_nats_fences))
             FROM wavegate.migration m JOIN wavegate.journal j USING (migration_id) WHERE j.step = 'migration.closed'",
        )
        .await;
    assert_eq!(told, "abandoned t another provider 0");
    let said = expect(&r, 0, &["history"]);
    assert!(
        said.out.contains("flip.checked") && said.out.contains("migration.closed"),
        "{}",
        said.out
    );
    expect(&r, 5, &["apply", plan, "--wave", FIRST, "--yes"]);
    expect(&r, 0, &["apply", &path, "--wave", FIRST, "--yes"]);
    assert!(r.b.standing().await.contains("a_1:both:t:0"));
}

#[tokio::test]
async fn a_rollback_that_takes_over_is_named() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    let mut reader = r.b.test.connect().await;
    reader
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        .await
        .unwrap();
    let apply = r
        .command(&["apply", plan, "--wave", FIRST, "--yes"])
        .env("COLUMNS", "4000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while r
        .b
        .text("SELECT count(*)::text FROM wavegate.journal WHERE step = 'flip.done'")
        .await
        != "1"
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The rollback waits in its own barrier; what stands is shown when it has given up.
    let back = [
        "rollback",
        "--wave",
        FIRST,
        "--yes",
        "--barrier-timeout",
        "100ms",
    ];
    expect(&r, 4, &back);
    let apply = apply.wait_with_output().unwrap();
    let said = String::from_utf8(apply.stderr).unwrap();
    assert_eq!(apply.status.code(), Some(5), "{said}");
    assert!(
        said.contains("took over")
            && said.contains("wavegate rollback")
            && said.contains("nothing is half done"),
        "{said}"
    );
    let status = expect(&r, 0, &["status"]).out;
    let words = status.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("the rollback of wave first")
            && words.contains("wavegate rollback --wave first"),
        "{status}"
    );
    reader.execute("COMMIT").await.unwrap();
    expect(&r, 0, &back);
    let status = expect(&r, 0, &["status"]).out;
    assert!(!status.contains("is not done"), "{status}");
}

/// PostgreSQL goes away while a rollback, or an apply, waits in its barrier: what stands is said, and the same command goes on.
#[tokio::test]
async fn cut_off_in_the_barrier_it_says_what_stands() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    for (args, flipped, stands) in [
        (
            vec!["apply", plan, "--wave", FIRST, "--yes"],
            "flip.done",
            "the flip is committed and stands",
        ),
        (
            vec!["rollback", "--wave", FIRST, "--yes"],
            "rollback.flip",
            "the fences stand",
        ),
    ] {
        let mut reader = r.b.test.connect().await;
        reader
            .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
            .await
            .unwrap();
        let child = r
            .command(&args)
            .env("COLUMNS", "4000")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let seen = format!("SELECT count(*)::text FROM wavegate.journal WHERE step = '{flipped}'");
        while r.b.text(&seen).await != "1" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let elsewhere =
            r.b.test
                .url
                .replace(&format!("/{}", r.b.test.name), "/postgres");
        let mut admin = sqlx::PgConnection::connect(&elsewhere).await.unwrap();
        let name = r.b.test.name.clone();
        for statement in [
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND application_name LIKE 'wavegate%'"
            ),
        ] {
            admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
        let child = child.wait_with_output().unwrap();
        let said = String::from_utf8(child.stderr).unwrap();
        assert_eq!(child.status.code(), Some(1), "{said}");
        // Whether the lock or the barrier notices first, the same command goes on.
        let told = said.contains(stands) || said.contains("nothing is half done");
        assert!(told && said.contains("goes on from"), "{said}");
        admin
            .execute(sqlx::AssertSqlSafe(format!(
                "ALTER DATABASE {name} ALLOW_CONNECTIONS true"
            )))
            .await
            .unwrap();
        reader.execute("COMMIT").await.unwrap();
        expect(&r, 0, &args);
    }
}

#[tokio::test]
async fn what_was_killed_is_shown_until_it_is_done() {
    let status = |b: &crate::support::bench::Bench| {
        let said = run(wavegate(["status"])
            .env("DATABASE_URL", &b.test.url)
            .env("COLUMNS", "4000"));
        assert_eq!(said.code, 0, "{}", said.err);
        said.out
    };
    for scope in [
        Scope::Wave(FIRST.to_string()),
        Scope::Webhook("a_1".to_string()),
        Scope::All,
    ] {
        // After the fence, and after the flip.
        for n in [3, 14] {
            let b = bench(Shape::A, 2).await;
            b.apply(FIRST).await.unwrap();
            assert!(!status(&b).contains("is not done"));
            let abort = abort_at(n);
            let death = b
                .rollback_as(scope.clone(), Goal::Queue, &abort, false)
                .await
                .unwrap_err();
            let flag = match &scope {
                Scope::Wave(_) => "--wave first",
                Scope::Webhook(_) => "--webhook a_1",
                Scope::All => "--all",
            };
            let seen = status(&b);
            assert!(
                seen.contains(&format!("wavegate rollback {flag} --to queue")),
                "{scope} {death}: {seen}"
            );
            b.rollback(scope.clone(), Goal::Queue).await.unwrap();
            assert!(!status(&b).contains("is not done"), "{}", status(&b));
        }
    }
    let mut b = bench(Shape::A, 2).await;
    let committed = |step: &str| match step {
        "tx.commit" => Err(Error::failed("killed")),
        _ => Ok(()),
    };
    let ask = Ask {
        checkpoint: &committed,
        ..next(FIRST)
    };
    b.apply_as(ask, &Patience::default()).await.unwrap_err();
    assert!(
        status(&b).contains("wave first was flipped to both, NATS delivers 0 %, and its barrier and checks are not done"),
        "{}",
        status(&b)
    );
    b.apply(FIRST).await.unwrap();
    assert!(!status(&b).contains("are not done"));
    // Somebody's own line: it is named, and nobody goes forward on it.
    b.run("INSERT INTO wavegate.journal (who, host, command, step, migration_id, wave, before, after)
           SELECT who, host, command, step, migration_id, wave, before, after FROM wavegate.journal WHERE step = 'flip.barrier' ORDER BY id DESC LIMIT 1").await;
    let named = "says flip.barrier where no flip was begun";
    assert!(status(&b).contains(named), "{}", status(&b));
    let error = b.apply(FIRST).await.unwrap_err();
    assert!(error.message().contains(named), "{error}");
    // Taken back, it is clear again.
    b.rollback(Scope::Wave(FIRST.to_string()), Goal::Both)
        .await
        .unwrap();
    assert!(!status(&b).contains(named), "{}", status(&b));
    let resume = Ask {
        resume: true,
        ..next(FIRST)
    };
    b.apply_as(resume, &Patience::default()).await.unwrap();
}

/// The step that it wanted is taken: the next one is another.
#[tokio::test]
async fn who_waited_for_the_lock_does_not_take_the_step_after() {
    let (mut r, plan) = ready().await;
    let plan = plan.as_str();
    expect(&r, 0, &["apply", plan, "--wave", FIRST, "--yes"]);
    soaked(&mut r, "a_1").await;
    let held = lock::acquire(&r.b.db, &actor("wavegate apply plan.yaml"))
        .await
        .unwrap();
    let late = r
        .command(&["apply", plan, "--wave", FIRST, "--yes"])
        .env("COLUMNS", "4000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while r
        .b
        .text("SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_locks a%' AND pid <> pg_backend_pid()")
        .await
        == "0"
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    r.b.run(
        "UPDATE wavegate.wave SET entered_at = entered_at + interval '1 s' WHERE name = 'first'",
    )
    .await;
    held.release().await.unwrap();
    let late = late.wait_with_output().unwrap();
    let said = String::from_utf8(late.stderr).unwrap();
    assert_eq!(late.status.code(), Some(5), "{said}");
    assert!(
        said.contains("moved a wave") || said.contains("at work"),
        "{said}"
    );
    assert!(r.b.standing().await.contains("first:hybrid:0:1"));
}

/// What depends on migration 007 is named before anything is taken back, and so is whose right is missing.
#[tokio::test]
async fn level_3_looks_at_everything_before_its_first_step() {
    for (made, named) in [
        (
            "CREATE VIEW zz_modes AS SELECT webhook_id, publish_mode FROM rule_webhooks",
            "zz_modes",
        ),
        (
            "CREATE VIEW zz_ledger AS SELECT event_id FROM rule_webhook_events",
            "zz_ledger",
        ),
        (
            "CREATE TABLE zz_notes (event_id text REFERENCES rule_webhook_events)",
            "zz_notes",
        ),
        ("CREATE TABLE wavegate.zz_mine (n integer)", "zz_mine"),
        (
            "CREATE FUNCTION zz_last(wavegate.queue) RETURNS text LANGUAGE sql AS 'SELECT $1.status::text'",
            "zz_last",
        ),
    ] {
        let mut r = Ready::new(Shape::A).await;
        let plan = r.path("plan.yaml");
        expect(&r, 0, &["apply", &plan, "--yes"]);
        r.b.run("UPDATE wavegate.worker SET stopped_at = now(); UPDATE wavegate.relay SET stopped_at = now()").await;
        r.b.run(made).await;
        let untouched = r.b.standing().await;
        let steps =
            r.b.text("SELECT count(*)::text FROM wavegate.schema_step")
                .await;
        let said = expect(
            &r,
            5,
            &["rollback", "--all", "--level", "3", "--confirm", "level-3"],
        );
        assert!(said.err.contains(named), "{}", said.err);
        assert_eq!(r.b.standing().await, untouched);
        let name = r.b.test.name.clone();
        expect(&r, 0, &["rollback", "--all", "--to", "queue", "--yes"]);
        let said = expect(&r, 5, &["schema", "revert", "--confirm", &name]);
        assert!(said.err.contains(named), "{}", said.err);
        assert_eq!(
            r.b.text("SELECT count(*)::text FROM wavegate.schema_step")
                .await,
            steps
        );
    }
}

/// A call of next week waits in the queue, where the engine's own worker finds it.
#[tokio::test]
async fn what_the_queue_delivers_by_itself_does_not_hold_up_level_3() {
    for shape in [Shape::A, Shape::B] {
        let mut r = Ready::new(shape).await;
        let plan = r.path("plan.yaml");
        expect(&r, 0, &["apply", &plan, "--yes"]);
        r.b.run("SELECT rule_webhook_enqueue(1, '{\"n\": 1}', NULL, now() + interval '7 days')")
            .await;
        r.b.run("UPDATE wavegate.worker SET stopped_at = now(); UPDATE wavegate.relay SET stopped_at = now()").await;
        let said = expect(
            &r,
            0,
            &["rollback", "--all", "--level", "3", "--confirm", "level-3"],
        );
        assert!(said.out.contains("undelivered now: 1"), "{}", said.out);
        let queue = match shape {
            Shape::A => "rule_webhook_calls",
            Shape::B => "rule_webhook_queue",
        };
        let left = r.b.text(&format!("SELECT concat_ws(' ', status, payload, scheduled_at > now() + interval '6 days') FROM {queue}")).await;
        assert_eq!(left, "pending {\"n\": 1} t");
    }
}

/// Delivered is delivered: no mode sends it again.
#[tokio::test]
async fn a_retry_of_what_was_delivered_is_refused_in_every_mode() {
    for (shape, mode) in [
        (Shape::A, "queue"),
        (Shape::A, "both"),
        (Shape::A, "nats"),
        (Shape::B, "both"),
    ] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut sql = test.connect().await;
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        for statement in [
            format!("INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, max_retries) VALUES ('w', 'http://127.0.0.1:9/', '{mode}', '{mode}' <> 'queue', 3)"),
            "SELECT rule_webhook_enqueue(1, '{}')".to_string(),
            "SET wavegate.actor = 'wavegate'; UPDATE wavegate.queue SET status = 'success', completed_at = now()".to_string(),
            "UPDATE rule_webhook_events SET state = 'delivered', path = 'queue', attempt = 1, delivered_at = now()".to_string(),
        ] {
            sql.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
        let ask = "SELECT concat_ws(' ', rule_webhook_retry(c.id), (SELECT string_agg(status, ',') FROM wavegate.queue))
                   FROM (SELECT call_id::integer AS id FROM wavegate.queue UNION SELECT call_id::integer FROM rule_webhook_events) c";
        let said: String = sqlx::query_scalar(ask).fetch_one(&mut sql).await.unwrap();
        let wanted = if mode == "nats" { "f" } else { "f success" };
        assert_eq!(said, wanted, "{shape:?} {mode}");
    }
}

/// Killed or out of room, there is the old plan or the new one.
#[tokio::test]
async fn init_replaces_a_plan_as_a_whole() {
    let r = Ready::new(Shape::A).await;
    let out = r.path("drafted.yaml");
    std::fs::write(&out, "mine").unwrap();
    expect(&r, 5, &["init", "--out", &out]);
    // No more bytes than this fit into a file: what is there stays.
    let command = format!(
        "ulimit -f 0; exec {} init --out {out} --force",
        env!("CARGO_BIN_EXE_wavegate")
    );
    let said = run(std::process::Command::new("bash")
        .args(["-c", &format!("trap '' XFSZ; {command}")])
        .env("DATABASE_URL", &r.b.test.url));
    assert_ne!(said.code, 0);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    let beside = std::fs::read_dir(r.dir.path()).unwrap().filter(|e| {
        e.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".drafted")
    });
    assert_eq!(beside.count(), 0);
    expect(&r, 0, &["init", "--out", &out, "--force"]);
    assert!(std::fs::read_to_string(&out).unwrap().contains("waves:"));
}

/// Between the look and the lock a backup is made, and somebody adds a function that nobody agreed to replace.
#[tokio::test]
async fn schema_apply_looks_again_under_its_lock() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut sql = test.connect().await;
    let body = "AS 'SELECT NULL::jsonb'";
    let meddle = format!(
        "psql -X -q '{}' -c \"CREATE FUNCTION rule_webhook_publish_nats(p_webhook_id integer, p_payload jsonb, p_message_id text DEFAULT NULL) RETURNS jsonb LANGUAGE sql {body}\"",
        test.url
    );
    let mut command = wavegate([
        "schema",
        "apply",
        "--take-over-functions",
        "--yes",
        "--backup-command",
        &meddle,
    ]);
    let said = run(command.env("DATABASE_URL", &test.url));
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(
        said.err.contains("rule_webhook_publish_nats") && said.err.contains("nothing was changed"),
        "{}",
        said.err
    );
    let made: bool = sqlx::query_scalar("SELECT to_regnamespace('wavegate') IS NOT NULL")
        .fetch_one(&mut sql)
        .await
        .unwrap();
    assert!(!made);
}

/// A wave in nats need not be watched to its end; one that is half done must come to it.
#[tokio::test]
async fn a_migration_is_closed_with_waves_in_nats() {
    let (mut r, _plan) = ready().await;
    while !r.b.standing().await.contains("first:hybrid:100") {
        r.b.apply(FIRST).await.unwrap();
    }
    let said = expect(&r, 5, &["close", "--confirm", "bench"]);
    assert!(
        said.err.contains("a_1 (1) of wave first is in both"),
        "{}",
        said.err
    );
    let cut = |line: &str| match line {
        "tx.commit" => Err(Error::failed("killed")),
        _ => Ok(()),
    };
    let killed = Ask {
        checkpoint: &cut,
        ..next(FIRST)
    };
    let patience = Patience::default();
    r.b.apply_as(killed, &patience).await.unwrap_err();
    assert!(r.b.standing().await.contains("first:nats"));
    let said = expect(&r, 5, &["close", "--confirm", "bench"]);
    assert!(
        said.err.contains("its barrier and checks are not done"),
        "{}",
        said.err
    );
    r.b.apply(FIRST).await.unwrap();
    expect(&r, 0, &["close", "--confirm", "bench"]);
    let told =
        r.b.text("SELECT concat_ws(' ', status, (SELECT count(*) FROM wavegate.webhooks WHERE publish_mode = 'nats')) FROM wavegate.migration")
            .await;
    assert_eq!(told, "abandoned 2");
    expect(&r, 0, &["rollback", "--all", "--to", "queue", "--yes"]);
    let left =
        r.b.text("SELECT count(*)::text FROM wavegate.webhooks WHERE publish_mode <> 'queue'")
            .await;
    assert_eq!(left, "0");
    // Nobody is left to deliver what comes by the queue alone: it is told, by name.
    r.b.run("UPDATE rule_webhooks SET publish_mode = 'nats' WHERE webhook_id = 1; DELETE FROM wavegate.worker")
        .await;
    r.b.run("SELECT rule_webhook_call_unified(2, '{}'::jsonb)")
        .await;
    let said = say(&r, &["status"]);
    assert!(said.out.contains("1 call wait, those of"), "{}", said.out);
}
