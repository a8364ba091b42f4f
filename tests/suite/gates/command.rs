//! `gate` and `preflight` as an operator runs them: what they print, and by which exit code a pipeline goes on.

use std::process::{Command, Output};

use wavegate::plan::Plan;

use crate::{
    gates::preflight::{World, world},
    support::Shape,
};

pub fn run(w: &World, plan: &Plan, args: &[&str]) -> Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), plan.text()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .arg(args[0])
        .arg(file.path())
        .args(&args[1..])
        .args(["--database-url", &w.test.url, "--nats-url", &w.nats.url])
        .output()
        .unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[tokio::test]
async fn gate_says_by_its_exit_code_how_it_stands() {
    let mut w = world(Shape::A).await;
    let pass = run(&w, &w.plan, &["gate", "--output", "json"]);
    assert_eq!(code(&pass), 0, "{pass:?}");
    let report = json(&pass);
    assert_eq!(report["kind"], "gate");
    assert_eq!(report["data"]["verdict"], "pass");
    assert_eq!(report["data"]["waves"][0]["wave"], "all");
    assert_eq!(report["data"]["waves"][0]["gates"][0]["gate"], "schema");

    w.sql("UPDATE wavegate.relay SET stopped_at = now()").await;
    let fail = run(&w, &w.plan, &["gate", "--output", "junit"]);
    assert_eq!(code(&fail), 3, "{fail:?}");
    let text = String::from_utf8(fail.stdout).unwrap();
    assert!(
        text.contains("failures=\"1\"") && text.contains("0 relays alive"),
        "{text}"
    );
    assert!(
        String::from_utf8(fail.stderr)
            .unwrap()
            .contains("all (workers)")
    );

    // A wave that has just become hybrid: nothing has come, nothing has soaked.
    let pinned = format!(
        "INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ('test', 'x', '{}'); \
         INSERT INTO wavegate.wave (migration_id, position, name, step, share, entered_at) VALUES (1, 1, 'all', 'hybrid', 10, now()); \
         INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found) VALUES (1, 1, 1, 'w1', '{{}}'), (1, 2, 1, 'w2', '{{}}'); \
         UPDATE wavegate.relay SET stopped_at = NULL, seen_at = clock_timestamp(); UPDATE wavegate.worker SET seen_at = clock_timestamp(); \
         UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_share = 10, nats_subject = '{}.' || webhook_id",
        w.plan.hash(),
        w.nats.prefix.to_lowercase()
    );
    w.sql(&pinned).await;
    let young = run(&w, &w.plan, &["gate", "--wave", "all", "--output", "json"]);
    assert_eq!(code(&young), 4, "{young:?}");
    assert_eq!(
        json(&young)["data"]["waves"][0]["step"],
        "hybrid 10 % -> hybrid 50 %"
    );

    let unknown = run(&w, &w.plan, &["gate", "--wave", "nobody"]);
    assert_eq!(code(&unknown), 2);
    assert!(
        String::from_utf8(unknown.stderr)
            .unwrap()
            .contains("there are: all")
    );

    // Another text than the pinned one.
    let other = Plan::parse(&w.plan.text().replace("soak: 4h", "soak: 5h")).unwrap();
    assert_eq!(code(&run(&w, &other, &["gate"])), 5);

    w.sql("UPDATE wavegate.wave SET step = 'finished'").await;
    let over = run(&w, &w.plan, &["gate"]);
    assert_eq!(code(&over), 4);
    assert!(
        String::from_utf8(over.stderr)
            .unwrap()
            .contains("it is finished")
    );
}

#[tokio::test]
async fn preflight_says_by_its_exit_code_whether_to_go_on() {
    let mut w = world(Shape::B).await;
    let ready = run(
        &w,
        &w.plan,
        &[
            "preflight",
            "--no-probe",
            "--i-have-a-backup",
            "--output",
            "json",
        ],
    );
    assert_eq!(code(&ready), 0, "{ready:?}");
    let report = json(&ready);
    assert_eq!(report["kind"], "preflight");
    assert_eq!(
        (&report["data"]["status"], &report["data"]["block"]),
        (&"warn".into(), &0.into())
    );
    let probe = &report["data"]["findings"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["found"];
    assert_eq!(probe, "not made: --no-probe");

    w.sql("ALTER TABLE QUEUE ENABLE ROW LEVEL SECURITY").await;
    let blocked = run(&w, &w.plan, &["preflight", "--no-probe"]);
    assert_eq!(code(&blocked), 3, "{blocked:?}");
    assert!(
        String::from_utf8(blocked.stderr)
            .unwrap()
            .contains("not ready: row-level security")
    );

    // Nothing was changed by looking, and a dry run sends no probe.
    let dry = run(&w, &w.plan, &["preflight", "--dry-run"]);
    assert!(
        String::from_utf8(dry.stdout)
            .unwrap()
            .contains("not made: --dry-run")
    );
    let events: i64 = sqlx::query_scalar("SELECT count(*) FROM rule_webhook_events")
        .fetch_one(&mut w.c)
        .await
        .unwrap();
    assert_eq!(events, 0);
}

#[tokio::test]
async fn calibrate_reads_the_past_and_changes_nothing() {
    let mut w = world(Shape::A).await;
    // A week of two webhooks; one fails wholly for ten minutes each day.
    w.sql(
        "INSERT INTO wavegate.queue (webhook_id, payload, status, created_at, completed_at) \
         SELECT 1 + n % 2, '{}', CASE WHEN n % 2 = 0 AND n % 1440 < 10 THEN 'failed' ELSE 'success' END, t, t + interval '150 ms' \
         FROM generate_series(1, 10000) n, LATERAL (SELECT now() - n * interval '1 min' AS t) t",
    )
    .await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), w.plan.text()).unwrap();
    let calibrate = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wavegate"));
        command.args(["gate", "calibrate"]).arg(file.path());
        command.args(["--runs", "2", "--database-url", &w.test.url]);
        command.args(more).output().unwrap()
    };
    let found = calibrate(&["-o", "json"]);
    assert_eq!(code(&found), 0, "{found:?}");
    let found = json(&found);
    assert_eq!(found["kind"], "gate_calibrate");
    let wave = &found["data"]["waves"][0];
    assert_eq!(
        (&wave["webhooks"], &wave["p95_ms"]),
        (&2.into(), &150.0.into()),
        "{wave}"
    );
    assert!(
        wave["calls"].as_i64().unwrap() > 9_900 && wave["failed"] == 34,
        "{wave}"
    );
    // Five calls in a row, two minutes apart.
    assert_eq!(
        (&wave["bursts"], &wave["longest_burst_ms"]),
        (&7.into(), &481_000.into()),
        "{wave}"
    );
    assert_eq!(
        wave["advice"][0]["setting"], "gates.success.block",
        "{wave}"
    );
    let unknown = calibrate(&["--wave", "nobody"]);
    assert_eq!(code(&unknown), 2, "{unknown:?}");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM wavegate.gate_result")
        .fetch_one(&mut w.c)
        .await
        .unwrap();
    assert_eq!(kept, 0);
}
