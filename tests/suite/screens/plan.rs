//! The screens of `init` and `plan`, as they stand in a terminal of 80 and of 120 columns.

use std::process::Command;

use crate::{
    plan::command::furnish,
    support::{Schema, Shape, TestDb},
};

const PLAN: &str = "version: 1
name: shop
nats: { subject: 'webhooks.{id}' }
waves:
  - { name: pilot, webhooks: [analytics_events], soak: 24h }
  - { name: test-dev, match: { words: [test, dev] } }
  - { name: volume, match: { words: [analytics, log] }, shares: [0, 50, 100] }
  - { name: standard, match: { words: [notification, email] } }
  - { name: critical, claims_first: true, soak: 8d, match: { words: [payment, alert], tags: [critical] } }
";

#[tokio::test]
async fn init_and_plan() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    furnish(&db, Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("shop.yaml"), PLAN).unwrap();
    let bad = PLAN
        .replace("{id}", "{name}")
        .replace("analytics_events", "analytics_event")
        .replace("email", "letter");
    std::fs::write(dir.path().join("bad.yaml"), bad).unwrap();
    let run = |columns: u16, args: &[&str], code: i32| {
        let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(args)
            .current_dir(dir.path())
            .env("DATABASE_URL", &db.url)
            .env("COLUMNS", columns.to_string())
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let free = args[0] == "init" || args.contains(&"--output");
        for line in text.lines().filter(|_| !free) {
            assert!(line.chars().count() <= columns.into(), "{line}");
        }
        text
    };
    for columns in [80, 120] {
        insta::assert_snapshot!(
            format!("plan_{columns}"),
            run(columns, &["plan", "shop.yaml"], 0)
        );
        insta::assert_snapshot!(
            format!("plan_with_faults_{columns}"),
            run(columns, &["plan", "bad.yaml"], 2)
        );
        let args = ["init", "--name", "shop", "--out", "drafted.yaml", "--force"];
        insta::assert_snapshot!(format!("init_{columns}"), run(columns, &args, 0));
    }
    insta::assert_snapshot!("init_plan", run(80, &["init", "--name", "shop"], 0));
    insta::assert_snapshot!(
        "plan_markdown",
        run(80, &["plan", "shop.yaml", "--output", "markdown"], 0)
    );
    let json = |args: &[&str], code: i32| {
        let text = run(80, &[args, &["--output", "json"]].concat(), code);
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        serde_json::to_string_pretty(&first).unwrap()
    };
    insta::assert_snapshot!("plan_json", json(&["plan", "shop.yaml"], 0));
    insta::assert_snapshot!("init_json", json(&["init", "--name", "shop"], 0));
    insta::assert_snapshot!("error_json", json(&["plan", "bad.yaml"], 2));
}
