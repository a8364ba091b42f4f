//! The binary as operators and pipelines run it: apply, rollback, status, history, their exit codes, Ctrl-C and kill -9.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::Executor;

use crate::{
    support::bench::{Bench, bench},
    support::terminal::{CTRL_C, Said, Terminal, run, wavegate},
    support::{Shape, TestNats},
};

/// A database ready to migrate: stream and consumer made, heartbeats that look alive, a plan file.
pub struct Ready {
    pub b: Bench,
    pub nats: TestNats,
    pub dir: tempfile::TempDir,
}

impl Ready {
    pub async fn new(shape: Shape) -> Ready {
        let mut b = bench(shape, 2).await;
        let nats = TestNats::new();
        let dir = tempfile::tempdir().unwrap();
        let subject = nats.prefix.to_lowercase();
        b.run(&format!(
            "UPDATE rule_nats_config SET subject_prefix = '{subject}', stream_name = '{}'",
            nats.prefix
        ))
        .await;
        b.run(
            "INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at)
             SELECT p || '-worker', p, 'h', 1, now(), now() + interval '20 s' FROM unnest('{queue,nats}'::text[]) p;
             INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at, partitions, lag_ms)
             VALUES ('relay', 'h', 1, now(), now() + interval '20 s', '{0,1,2,3,4,5,6,7}', 0)",
        )
        .await;
        let ready = Ready { b, nats, dir };
        ready.plan("plan.yaml", "");
        let made = ready.run(&["stream", "ensure", "--yes"]);
        assert_eq!(made.code, 0, "{}", made.err);
        ready
    }

    fn plan(&self, name: &str, more: &str) -> String {
        let path: PathBuf = self.dir.path().join(name);
        let text = format!(
            "version: 1\nname: bench\nnats: {{ stream: {}, subject: \"{}.{{id}}\" }}\n\
             defaults:\n  soak: 1s\n  watch: 1s\n  shares: [0, 100]\n  gates: {{ workers: {{ nats: 1, queue: 1 }} }}\n\
             waves:\n  - {{ name: first, match: {{ names: [\"a_*\"] }}{more} }}\n  - {{ name: second, match: {{ rest: true }} }}\n",
            self.nats.prefix,
            self.nats.prefix.to_lowercase()
        );
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_string()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = wavegate(args);
        command
            .env("DATABASE_URL", &self.b.test.url)
            .env("NATS_URL", &self.nats.url);
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        run(&mut self.command(args))
    }
}

/// Tags and times that no program of ours writes stop no step and no screen.
#[tokio::test]
async fn odd_rows_stop_no_step() {
    let mut ready = Ready::new(Shape::A).await;
    for odd in [
        "UPDATE rule_webhooks SET tags = '{NULL}' WHERE webhook_id = 1",
        "UPDATE rule_webhooks SET tags = '{{critical,b},{c,NULL}}' WHERE webhook_id = 2",
        "INSERT INTO rule_webhook_calls (webhook_id, payload, status, created_at, completed_at)
         VALUES (1, '{}', 'success', 'infinity', 'infinity'), (1, '{}', 'success', now(), '-infinity')",
    ] {
        ready.b.run(odd).await;
    }
    let plan = ready.path("plan.yaml");
    expect(&ready, 0, &["apply", &plan, "--wave", "first", "--yes"]);
    ready
        .b
        .run("UPDATE wavegate.wave SET entered_at = 'infinity'")
        .await;
    for args in [
        ["apply", &plan, "--wave", "first", "--yes"].as_slice(),
        &["status"],
        &["gate", &plan],
    ] {
        let said = ready.run(args);
        assert!(matches!(said.code, 0 | 3 | 4 | 5), "{args:?}: {said:?}");
        assert!(!said.err.contains("panicked"), "{args:?}: {said:?}");
    }
}

/// Runs and insists on the exit code.
pub fn expect(ready: &Ready, code: i32, args: &[&str]) -> Said {
    let said = ready.run(args);
    assert_eq!(said.code, code, "{args:?}\n{}\n{}", said.out, said.err);
    said
}

#[tokio::test]
async fn exit_codes_of_a_migration() {
    for shape in [Shape::A, Shape::B] {
        let mut r = Ready::new(shape).await;
        let plan = r.path("plan.yaml");
        let plan = plan.as_str();
        let untouched = r.b.standing().await;
        let said = expect(&r, 6, &["apply", plan]);
        assert!(said.err.contains("--yes"), "{}", said.err);
        let said = expect(&r, 0, &["apply", plan, "--dry-run"]);
        assert!(said.out.contains("queue -> both"), "{}", said.out);
        expect(&r, 2, &["apply", plan, "--wave", "third", "--yes"]);
        expect(&r, 2, &["apply", plan, "--to", "queue"]);
        expect(&r, 2, &["apply", plan, "--to", "both", "--yes"]);
        expect(&r, 4, &["apply", plan, "--wave", "second", "--yes"]);
        assert_eq!(
            r.b.standing().await,
            untouched,
            "nothing of it changed anything"
        );
        r.b.run("UPDATE wavegate.relay SET seen_at = now() - interval '1 hour'")
            .await;
        let said = expect(&r, 3, &["apply", plan, "--yes"]);
        // The reason, once.
        let all = said.out + &said.err;
        assert_eq!(all.matches("0 relays alive").count(), 1, "{all}");
        r.b.run("UPDATE wavegate.relay SET seen_at = now() + interval '20 s'")
            .await;
        let said = expect(&r, 0, &["-o", "json", "apply", plan, "--yes"]);
        let last = said.out.lines().last().unwrap();
        let json: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(
            (&json["kind"], &json["data"]["webhooks"]),
            (&"apply".into(), &2.into())
        );
        // No event yet: silence is not success.
        expect(&r, 4, &["apply", plan, "--yes"]);
        let other = r.plan("other.yaml", ", soak: 3s");
        let said = expect(&r, 5, &["apply", &other, "--yes"]);
        assert!(
            said.err.contains("soak: 3s") && said.err.contains("--amend"),
            "{}",
            said.err
        );
        let said = expect(&r, 0, &["status"]);
        assert!(said.out.contains("hybrid 0 %"), "{}", said.out);
        let said = expect(&r, 0, &["history", "--wave", "first"]);
        assert!(said.out.contains("flip.checked"), "{}", said.out);

        expect(&r, 2, &["rollback"]);
        expect(&r, 2, &["rollback", "--wave", "first", "--all"]);
        expect(&r, 2, &["rollback", "--wave", "third", "--yes"]);
        expect(&r, 2, &["rollback", "--webhook", "nobody", "--yes"]);
        expect(&r, 5, &["rollback", "--wave", "second", "--yes"]);
        expect(&r, 6, &["rollback", "--wave", "first"]);
        // NATS is not asked at all.
        let mut down = r.command(&["rollback", "--wave", "first", "--to", "queue", "--yes"]);
        let said = run(down.env("NATS_URL", "nats://127.0.0.1:1"));
        assert_eq!(said.code, 0, "{}", said.err);
        let queue = r.b.standing().await;
        assert!(
            queue.contains("a_1:queue:f:0:-:-") && queue.contains("first:rolled_back"),
            "{queue}"
        );
        expect(
            &r,
            0,
            &["rollback", "--wave", "first", "--to", "queue", "--yes"],
        );
        assert_eq!(r.b.standing().await, queue, "repeated, the same");
        expect(&r, 5, &["apply", plan, "--wave", "first", "--yes"]);
        expect(
            &r,
            0,
            &["apply", plan, "--wave", "first", "--resume", "--yes"],
        );
        let standing = r.b.standing().await;
        assert!(standing.contains("first:hybrid:0:2"), "{standing}");
    }
}

#[tokio::test]
async fn level_3_takes_everything_and_migration_007_back() {
    for shape in [Shape::A, Shape::B] {
        let mut r = Ready::new(shape).await;
        let plan = r.path("plan.yaml");
        expect(&r, 0, &["apply", &plan, "--yes"]);
        let level_3 = ["rollback", "--all", "--level", "3", "--confirm", "level-3"];
        // While somebody works with the tables nothing is done at all, and all of the effect is shown.
        let untouched = r.b.standing().await;
        let said = expect(&r, 5, &level_3);
        assert!(
            said.err.contains("stop what still runs: the relay on"),
            "{}",
            said.err
        );
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("lines of the journal"), "{}", said.out);
        assert_eq!(r.b.standing().await, untouched);
        r.b.run("UPDATE wavegate.worker SET stopped_at = now(); UPDATE wavegate.relay SET stopped_at = now()")
            .await;
        // --yes is not the name that is to be typed.
        expect(&r, 6, &["rollback", "--all", "--level", "3", "--yes"]);
        expect(&r, 0, &level_3);
        let left = r
            .b
            .text("SELECT (to_regnamespace('wavegate') IS NULL AND to_regclass('rule_webhook_events') IS NULL)::text")
            .await;
        assert_eq!(left, "true");
        expect(
            &r,
            0,
            &[
                "schema",
                "apply",
                "--i-have-a-backup",
                "--take-over-functions",
                "--yes",
            ],
        );
        expect(&r, 0, &["schema", "verify"]);
    }
}

#[tokio::test]
async fn killed_in_the_barrier_and_run_again() {
    let mut r = Ready::new(Shape::A).await;
    let plan = r.path("plan.yaml");
    let mut reader = r.b.test.connect().await;
    reader
        .execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        .await
        .unwrap();
    let mut child = r
        .command(&["apply", &plan, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while r
        .b
        .text("SELECT count(*)::text FROM wavegate.journal WHERE step = 'flip.done'")
        .await
        != "1"
    {
        assert!(Instant::now() < end && child.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // A live holder is named.
    let said = expect(&r, 5, &["apply", &plan, "--yes"]);
    assert!(
        said.err.contains("is at work since") && said.err.contains("wavegate apply"),
        "{}",
        said.err
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let said = expect(
        &r,
        4,
        &["apply", &plan, "--yes", "--barrier-timeout", "300ms"],
    );
    assert!(said.err.contains("pid "), "{}", said.err);
    reader.execute("COMMIT").await.unwrap();
    let said = expect(&r, 0, &["apply", &plan, "--yes"]);
    assert!(said.err.contains("going on from there"), "{}", said.err);
    let steps = r
        .b
        .text("SELECT string_agg(step, ' ' ORDER BY id) FROM wavegate.journal WHERE step LIKE 'flip.%' AND webhook_id IS NULL")
        .await;
    assert_eq!(steps, "flip.intent flip.done flip.barrier flip.checked");
}

#[tokio::test]
async fn ctrl_c_at_a_prompt_changes_nothing() {
    let mut r = Ready::new(Shape::A).await;
    let plan = r.plan("typed.yaml", ", confirm: typed");
    let untouched = r.b.standing().await;
    let env = [
        ("DATABASE_URL", r.b.test.url.clone()),
        ("NATS_URL", r.nats.url.clone()),
    ];
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut terminal = Terminal::start(&["apply", &plan], &env);
    terminal.wait_for("Type first to go on");
    terminal.press(CTRL_C);
    assert_eq!(terminal.wait(), 130, "{}", terminal.seen());
    assert_eq!(r.b.standing().await, untouched);
    let mut terminal = Terminal::start(&["apply", &plan], &env);
    terminal.wait_for("Type first to go on");
    terminal.press("first\n");
    assert_eq!(terminal.wait(), 0, "{}", terminal.seen());
    let flipped = r.b.standing().await;
    let mut terminal = Terminal::start(&["rollback", "--all"], &env);
    terminal.wait_for("[y/N]");
    terminal.press(CTRL_C);
    assert_eq!(terminal.wait(), 130, "{}", terminal.seen());
    assert_eq!(r.b.standing().await, flipped);
    let mut terminal = Terminal::start(&["rollback", "--all"], &env);
    terminal.wait_for("[y/N]");
    terminal.press("y");
    assert_eq!(terminal.wait(), 0, "{}", terminal.seen());
    assert!(r.b.standing().await.contains("first:rolled_back"));
}
