//! `gate --watch`, `--explain` and `history` as they run: lines in a pipe, a drawing at a terminal, servers that are away.

use std::io::{BufRead, BufReader};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::plan::Plan;

use crate::{
    gates::preflight::{World, world},
    support::Shape,
    support::terminal::{CTRL_C, Said, Terminal, run, wavegate},
};

/// A world whose crew is heard from however slow the machine is, and its plan in a file.
async fn lasting() -> (World, tempfile::NamedTempFile) {
    let mut w = world(Shape::A).await;
    for table in ["relay", "worker"] {
        w.sql(&format!(
            "UPDATE wavegate.{table} SET seen_at = now() + interval '20 s'"
        ))
        .await;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), w.plan.text()).unwrap();
    (w, file)
}

fn arguments<'a>(
    w: &'a World,
    file: &'a tempfile::NamedTempFile,
    more: &[&'a str],
) -> Vec<&'a str> {
    let path = file.path().to_str().unwrap();
    let mut args = vec!["gate"];
    if more.first() == Some(&"history") {
        args.push("history");
    }
    args.push(path);
    args.extend(more.iter().filter(|arg| **arg != "history"));
    args.extend(["--database-url", &w.test.url, "--nats-url", &w.nats.url]);
    args
}

fn gate(w: &World, file: &tempfile::NamedTempFile, more: &[&str]) -> Said {
    run(&mut wavegate(arguments(w, file, more)))
}

#[tokio::test]
async fn in_a_pipe_every_look_is_a_line_until_it_is_decided() {
    let (mut w, file) = lasting().await;
    w.sql("UPDATE wavegate.relay SET stopped_at = now()").await;
    let failed = gate(&w, &file, &["--watch"]);
    assert_eq!(failed.code, 3, "{failed:?}");
    assert_eq!(failed.out.lines().count(), 1, "{failed:?}");
    assert!(
        failed
            .out
            .contains("wave all (pending -> hybrid 0 %): FAIL workers: 0 relays alive")
    );
    // A report is one document, written at the end.
    let report = gate(&w, &file, &["--watch", "-o", "junit"]);
    assert!(
        roxmltree::Document::parse(&report.out).is_ok(),
        "{report:?}"
    );
    assert!(report.err.contains("FAIL workers"), "{report:?}");

    // A failure may be repaired while somebody waits for a pass.
    let until = ["--watch", "--until", "pass", "--every", "1s"];
    let mut waiting = wavegate(arguments(&w, &file, &until))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(waiting.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("FAIL workers"));
    w.sql("UPDATE wavegate.relay SET stopped_at = NULL").await;
    let last = lines.last().unwrap().unwrap();
    assert!(last.ends_with("PASS 6 gates"), "{last}");
    assert_eq!(waiting.wait().unwrap().code(), Some(0));

    let history = gate(&w, &file, &["history", "--gate", "workers", "-o", "json"]);
    let history: serde_json::Value = serde_json::from_str(&history.out).unwrap();
    let lines = history["data"]["lines"].as_array().unwrap();
    let told: Vec<&str> = lines
        .iter()
        .map(|l| l["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["fail", "pass"]);
    assert!(lines[0]["looks"].as_i64().unwrap() >= 3, "{lines:?}");
    assert!(lines[1]["inputs"]["crew"].is_object(), "{lines:?}");
    let future = gate(&w, &file, &["history", "--since", "2100-01-01"]);
    assert_eq!(future.code, 0);
    assert!(
        future.out.contains("No gate has said anything"),
        "{future:?}"
    );
}

#[tokio::test]
async fn at_a_terminal_the_drawing_outlives_the_database_and_ctrl_c_leaves_the_screen_whole() {
    let (w, file) = lasting().await;
    let watch = ["--watch", "--until", "never", "--every", "1s"];
    let mut terminal = Terminal::start(&arguments(&w, &file, &watch), &[]);
    terminal.wait_for("again at");
    let mut admin = PgConnection::connect(
        &w.test
            .url
            .replace(&format!("/{}", w.test.name), "/postgres"),
    )
    .await
    .unwrap();
    let open = |open: bool| format!("ALTER DATABASE {} ALLOW_CONNECTIONS {open}", w.test.name);
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        w.test.name
    );
    for sql in [open(false), end] {
        admin.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    terminal.wait_for("Looking again fails");
    admin.execute(AssertSqlSafe(open(true))).await.unwrap();
    let looks = |terminal: &Terminal| terminal.seen().matches("again at").count();
    let before = looks(&terminal);
    for _ in 0..3_000 {
        if looks(&terminal) > before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(looks(&terminal) > before, "{}", terminal.seen());
    terminal.press(CTRL_C);
    assert_eq!(terminal.wait(), 130);
    let seen = terminal.seen();
    // On the second page while it lasts; then the first one, its cursor and the last look are back.
    let (drawn, left) = seen.rsplit_once("\x1b[?7h\x1b[?25h\x1b[?1049l").unwrap();
    assert!(drawn.contains("\x1b[?1049h\x1b[?25l"), "{drawn}");
    assert!(
        left.contains("the step may be taken") && left.contains("interrupted"),
        "{left}"
    );
    assert!(!left.contains("\x1b[?25l"), "{left}");
}

/// Whatever is wrong: an answer, and never a pass.
#[tokio::test]
async fn nothing_that_is_wrong_is_a_pass_or_a_panic() {
    let (mut w, file) = lasting().await;
    let args = [file.path().to_str().unwrap(), "--database-url", &w.test.url];
    let away =
        run(wavegate(["gate"].into_iter().chain(args)).args(["--nats-url", "nats://127.0.0.1:1"]));
    assert_eq!(away.code, 4, "{away:?}");
    assert!(
        away.out
            .contains("could not be measured: cannot reach NATS"),
        "{away:?}"
    );
    assert!(away.out.contains("waiting alone does not help"), "{away:?}");
    let nowhere = [
        "gate",
        args[0],
        "--database-url",
        "postgres://postgres@127.0.0.1:1/x",
    ];
    assert_eq!(run(&mut wavegate(nowhere)).code, 1);

    let pinned = format!(
        "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('test', 'x', '{}'); \
         INSERT INTO wavegate.wave (migration_id, position, name, step, share, entered_at) VALUES (1, 1, 'all', 'hybrid', 10, now()); \
         INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found) VALUES (1, 1, 1, 'w1', '{{}}'), (1, 2, 1, 'w2', '{{}}'); \
         UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_share = 10, nats_subject = '{}.' || webhook_id",
        w.plan.hash(),
        w.nats.prefix.to_lowercase()
    );
    let hazards = [
        // No traffic.
        pinned.as_str(),
        // One event.
        "SELECT rule_webhook_enqueue(1, '{}')",
        // Nothing but failures.
        "UPDATE rule_webhook_events SET state = 'dead', created_at = now() - interval '1 h'; \
         UPDATE wavegate.wave SET entered_at = now() - interval '2 h'",
        // The clock was set back: the step begins tomorrow, and so did the last look.
        "UPDATE wavegate.wave SET entered_at = now() + interval '1 day'; \
         UPDATE wavegate.gate_result SET at = at + interval '1 day', until = NULL",
        "UPDATE wavegate.wave SET entered_at = NULL",
        // Rubbish where the last look should be.
        "UPDATE wavegate.wave SET entered_at = now() - interval '2 h'; UPDATE wavegate.gate_result SET inputs = '[7]'",
        "DELETE FROM rule_webhooks WHERE webhook_id = 1",
        "DELETE FROM rule_webhooks",
    ];
    for hazard in hazards {
        w.sql(hazard).await;
        let said = gate(&w, &file, &["-o", "json"]);
        assert!([3, 4].contains(&said.code), "{hazard}: {said:?}");
        let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_ne!(report["data"]["verdict"], "pass", "{hazard}: {said:?}");
    }
    let empty = gate(&w, &file, &[]);
    assert!(
        empty.out.contains("no wave has a step to judge"),
        "{empty:?}"
    );
    assert!(empty.out.contains("it has no webhook"), "{empty:?}");
}

#[tokio::test]
async fn explain_answers_for_one_gate_by_its_own_exit_code() {
    let (mut w, file) = lasting().await;
    w.sql("UPDATE wavegate.relay SET stopped_at = now()").await;
    let schema = gate(&w, &file, &["--explain", "schema"]);
    assert_eq!(schema.code, 0, "{schema:?}");
    assert!(schema.out.contains("nothing differs"), "{schema:?}");
    let workers = gate(&w, &file, &["--explain", "workers", "-o", "json"]);
    assert_eq!(workers.code, 3, "{workers:?}");
    let one: serde_json::Value = serde_json::from_str(&workers.out).unwrap();
    // Both looks said something of this gate, and are drawn.
    let points = &one["data"]["waves"][0]["courses"][0]["points"];
    assert_eq!(points.as_array().map(Vec::len), Some(1), "{one}");
    let unknown = gate(&w, &file, &["--explain", "sucess"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.err.contains("wave all: schema, stream"),
        "{unknown:?}"
    );
    for wrong in [
        vec!["--every", "5s"],
        vec!["--watch", "--every", "10ms"],
        vec!["--watch", "--explain", "soak"],
    ] {
        assert_eq!(gate(&w, &file, &wrong).code, 2, "{wrong:?}");
    }
    // Another text than the pinned one: its past may be read all the same, its gates not.
    let other = Plan::parse(&w.plan.text().replace("soak: 4h", "soak: 5h")).unwrap();
    let pinned = format!(
        "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('test', 'x', '{}'); \
         UPDATE wavegate.gate_result SET migration_id = 1",
        other.hash()
    );
    w.sql(&pinned).await;
    assert_eq!(gate(&w, &file, &[]).code, 5);
    let past = gate(&w, &file, &["history", "--wave", "all"]);
    assert!(past.code == 0 && past.out.contains("workers"), "{past:?}");
}
