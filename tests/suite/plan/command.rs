//! `init` and `plan` as an operator runs them, on real databases of both shapes, before and after migration 007.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection};
use wavegate::{
    plan::{Plan, membership},
    store::state::{self, Beginning},
};

use crate::support::{Schema, Shape, TestDb};

fn wavegate(db: &TestDb, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(args)
        .env("DATABASE_URL", &db.url)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn data(output: &Output) -> Value {
    let screen: Value = serde_json::from_slice(&output.stdout).unwrap();
    screen["data"].clone()
}

/// Webhooks of all classes, with calls of the last days and some from long ago.
pub async fn furnish(db: &TestDb, shape: Shape) -> PgConnection {
    let (url, queue) = match shape {
        Shape::A => ("url", "rule_webhook_calls"),
        Shape::B => ("webhook_url", "rule_webhook_queue"),
    };
    let mut connection = db.connect().await;
    for (name, enabled, calls, tags) in [
        ("analytics_events", true, 40, "{}"),
        ("latest_payment", true, 5, "{critical}"),
        ("catalog_sync", true, 0, "{}"),
        ("Payment Alert", true, 3, "{}"),
        ("access_log", true, 20, "{}"),
        ("say \"hi\", it's\nme \u{1f680}", true, 1, "{}"),
        ("email_old", false, 0, "{}"),
        ("test_hook", true, 7, "{}"),
    ] {
        let insert = format!(
            "INSERT INTO rule_webhooks (webhook_name, {url}, enabled, tags) VALUES ($1, 'http://x', $2, $3::text[]) RETURNING webhook_id"
        );
        let id: i32 = sqlx::query_scalar(sqlx::AssertSqlSafe(insert))
            .bind(name)
            .bind(enabled)
            .bind(tags)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        let insert = format!(
            "INSERT INTO {queue} (webhook_id, payload, status, created_at, completed_at)
             SELECT {id}, '{{}}'::jsonb, CASE n % 10 WHEN 0 THEN 'failed' ELSE 'success' END, t, t + interval '250 ms'
             FROM generate_series(1, {calls}) n, LATERAL (SELECT now() - interval '1 day' AS t) x
             UNION ALL SELECT {id}, '{{}}', 'success', now() - interval '8 days', now() - interval '8 days'"
        );
        connection
            .execute(sqlx::AssertSqlSafe(insert))
            .await
            .unwrap();
    }
    connection
}

/// Before migration 007: what the last days did is in the draft.
#[tokio::test]
async fn init_drafts_blocks_as_long_as_the_bursts_were() {
    let db = TestDb::new(Shape::B, Schema::Engine).await;
    let mut c = db.connect().await;
    c.execute(
        "INSERT INTO rule_webhooks (webhook_id, webhook_name, webhook_url) VALUES (1, 'log', 'http://a'), (2, 'email', 'http://b');
         INSERT INTO rule_webhook_queue (webhook_id, status, payload, created_at, completed_at)
         SELECT w, CASE WHEN w = 2 AND n % 500 < 40 THEN 'failed' ELSE 'success' END, '{}', at, at + interval '90 ms'
         FROM generate_series(1, 2) AS w, generate_series(1, 10000) AS n,
              LATERAL (SELECT now() - n * interval '1 minute' AS minute) AS m,
              generate_series(minute, minute + interval '40 s', '20 s') AS at",
    )
    .await
    .unwrap();
    c.close().await.unwrap();
    let drafted = wavegate(&db, &["init", "--name", "shop"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted.stderr));
    let plan = text(&drafted.stdout);
    let parsed = Plan::parse(&plan).unwrap_or_else(|error| panic!("{error:?}\n{plan}"));
    let block = |name: &str| {
        let wave = parsed.waves().iter().find(|wave| wave.name == name);
        wave.unwrap_or_else(|| panic!("{name}: {plan}"))
            .limits
            .block
    };
    // The pilot was calm.
    assert_eq!(block("pilot"), None, "{plan}");
    let minutes = block("standard").map(|block| block.as_secs() / 60);
    assert!(minutes.is_some_and(|minutes| minutes >= 5), "{plan}");
    assert!(plan.contains("  # gates.success.block: "), "{plan}");
}

#[tokio::test]
async fn init_drafts_a_plan_that_plan_accepts() {
    for (shape, schema) in [
        (Shape::A, Schema::Engine),
        (Shape::B, Schema::Engine),
        (Shape::A, Schema::Migrated),
        (Shape::B, Schema::Migrated),
    ] {
        let db = TestDb::new(shape, schema).await;
        furnish(&db, shape).await.close().await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.yaml");
        let file = file.to_str().unwrap();

        let printed = wavegate(&db, &["init", "--name", "shop"]);
        assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
        let printed = text(&printed.stdout);
        for wanted in [
            "# Drafted by `wavegate init` from 8 webhooks with 76 calls in the last 7 days.",
            "analytics_events (id 1): 40 calls, 10.0 % failed, 250 ms",
            "webhooks: [analytics_events]",
            "say \"hi\", it's\\u{a}me \u{1f680} (id 6): 1 calls",
            "email_old (id 7): 0 calls, switched off",
            "claims_first: true",
        ] {
            assert!(
                printed.contains(wanted),
                "{shape:?} {schema:?}: {wanted} is not in\n{printed}"
            );
        }
        let written = wavegate(&db, &["init", "--name", "shop", "--out", file]);
        assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
        assert_eq!(std::fs::read_to_string(file).unwrap(), printed);

        let planned = wavegate(&db, &["plan", file, "--output", "json"]);
        assert_eq!(
            planned.status.code(),
            Some(0),
            "{}\n{}",
            text(&planned.stderr),
            text(&planned.stdout)
        );
        let planned = data(&planned);
        let waves: Vec<(&str, usize)> = planned["waves"]
            .as_array()
            .unwrap()
            .iter()
            .map(|wave| {
                (
                    wave["name"].as_str().unwrap(),
                    wave["members"].as_array().unwrap().len(),
                )
            })
            .collect();
        assert_eq!(
            waves,
            [
                ("pilot", 1),
                ("test-dev", 1),
                ("volume", 1),
                ("standard", 1),
                ("rest", 2),
                ("critical", 2)
            ]
        );
        assert_eq!(planned["next_steps"][0]["changes"][0]["before"], "queue");
        assert_eq!(
            planned["next_steps"][0]["changes"][0]["after"],
            "both, NATS delivers 0 %, subject webhooks.1"
        );
    }
}

#[tokio::test]
async fn init_overwrites_nothing_unless_forced() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let empty = wavegate(&db, &["init"]);
    assert_eq!(empty.status.code(), Some(5));
    assert!(
        text(&empty.stderr).contains("no webhook"),
        "{}",
        text(&empty.stderr)
    );
    furnish(&db, Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plan.yaml");
    std::fs::write(&path, "precious").unwrap();
    let file = path.to_str().unwrap();
    let refused = wavegate(&db, &["init", "--out", file]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(text(&refused.stderr).contains("--force"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    let dry = wavegate(&db, &["init", "--out", file, "--force", "--dry-run"]);
    assert_eq!(dry.status.code(), Some(0));
    assert!(text(&dry.stdout).contains("version: 1"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(
        wavegate(&db, &["init", "--out", file, "--force"])
            .status
            .code(),
        Some(0)
    );
    assert!(Plan::parse(&std::fs::read_to_string(&path).unwrap()).is_ok());
    let bad = wavegate(&db, &["init", "--name", "two words"]);
    assert_eq!(bad.status.code(), Some(2));
}

/// Once a migration is under way, its members and its text are fixed.
#[tokio::test]
async fn a_plan_under_way_keeps_its_members_and_its_text() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut connection = furnish(&db, Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let waves = "waves:\n  - { name: pilot, webhooks: [analytics_events] }\n  - { name: pay, match: { words: [payment] } }\n";
    let file = write(dir.path(), &format!("version: 1\nname: t\n{waves}"));
    let plan = Plan::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let store = db.db().await;
    let beginning = Beginning {
        name: "t".to_string(),
        plan: plan.text().to_string(),
        hash: plan.hash().to_string(),
        waves: vec![
            ("pilot".to_string(), vec![1]),
            ("pay".to_string(), vec![2, 4]),
        ],
    };
    state::start(&store, &crate::support::actor(), &beginning)
        .await
        .unwrap();
    // A payment that comes later belongs to no wave; one that was deleted is gone; the pilot has moved.
    connection
        .execute("UPDATE rule_webhooks SET webhook_name = 'payment_new' WHERE webhook_id = 3")
        .await
        .unwrap();
    connection
        .execute("DELETE FROM rule_webhooks WHERE webhook_id = 4")
        .await
        .unwrap();
    connection
        .execute("UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_subject = 'webhooks.1', nats_share = 10 WHERE webhook_id = 1")
        .await
        .unwrap();
    connection
        .execute("UPDATE wavegate.wave SET step = 'hybrid', share = 10 WHERE name = 'pilot'")
        .await
        .unwrap();
    let output = wavegate(&db, &["plan", &file, "--output", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let planned = data(&output);
    assert!(
        planned["standing"]
            .as_str()
            .unwrap()
            .starts_with("under way since")
    );
    assert_eq!(planned["waves"][1]["members"].as_array().unwrap().len(), 1);
    assert!(
        planned["leftovers"]
            .as_array()
            .unwrap()
            .contains(&"payment_new".into())
    );
    assert_eq!(
        planned["waves"][1]["hold"],
        "wave pilot comes first; it is hybrid 10 %"
    );
    let change = &planned["next_steps"][0]["changes"][0];
    assert_eq!(
        change["before"],
        "both, NATS delivers 10 %, subject webhooks.1"
    );
    assert_eq!(
        change["after"],
        "both, NATS delivers 50 %, subject webhooks.1"
    );
    let hazards = planned["hazards"].to_string();
    assert!(!hazards.contains("already out of the queue"), "{hazards}");
    // Another text of it is shown and refused.
    let other = write(
        dir.path(),
        &format!("version: 1\nname: t\ndefaults: {{ soak: 1h }}\n{waves}"),
    );
    let output = wavegate(&db, &["plan", &other]);
    assert_eq!(output.status.code(), Some(5));
    assert!(
        text(&output.stderr).contains("line 3: + defaults"),
        "{}",
        text(&output.stderr)
    );
    assert!(!text(&output.stdout).contains("Next steps"));
    // And so is another plan.
    let other = write(dir.path(), &format!("version: 1\nname: u\n{waves}"));
    assert_eq!(wavegate(&db, &["plan", &other]).status.code(), Some(5));
}

fn write(dir: &Path, text: &str) -> String {
    let file = dir.join("plan.yaml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_string()
}

#[tokio::test]
async fn what_does_not_fit_the_database_is_exit_2_with_all_faults() {
    let db = TestDb::new(Shape::B, Schema::Migrated).await;
    let mut connection = furnish(&db, Shape::B).await;
    connection
        .execute("INSERT INTO rule_nats_streams (config_id, stream_name, subjects) SELECT config_id, 'WEBHOOKS', '{webhooks.*}' FROM rule_nats_config")
        .await
        .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let head = "version: 1\nname: t\nnats: { subject: 'webhooks.x.{name}' }\nwaves:\n";
    let file = write(
        dir.path(),
        &format!(
            "{head}  - {{ name: a, webhooks: [analytic_events, catalog_sync] }}\n  - {{ name: b, match: {{ words: [nowhere] }} }}\n  - {{ name: c, match: {{ words: [payment] }} }}\n"
        ),
    );
    let output = wavegate(&db, &["plan", &file]);
    assert_eq!(output.status.code(), Some(2));
    let screen = text(&output.stdout);
    for wanted in [
        "did you mean `analytics_events`?",
        "line 6, column 5: waves[1]: found an empty wave",
        "subjects outside of stream WEBHOOKS, those of",
        "holds white space",
    ] {
        let flat = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(wanted), "{wanted} is not in\n{screen}");
    }
    assert!(text(&output.stderr).contains("nothing was changed"));
    // The same for programs.
    let output = wavegate(&db, &["plan", &file, "--output", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(data(&output)["faults"].as_array().unwrap().len() >= 3);
}

#[tokio::test]
async fn a_faulty_plan_needs_no_database() {
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        dir.path(),
        "version: 1\nname: x\nwaves:\n  - { name: a, webhooks: [a], soak: 48 }\n  - { nome: b }\n",
    );
    let run = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(args)
            .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
            .output()
            .unwrap()
    };
    let output = run(&["plan", &file]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    for wanted in [
        "line 4, column 37: waves[0].soak: found `48`, a number without a unit",
        "did you mean `name`?",
    ] {
        let flat = error.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(wanted), "{wanted} is not in\n{error}");
    }
    let output = run(&["plan", &file, "--output", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(data(&output)["faults"][0]["path"], "waves[0].soak");
    let output = run(&["plan", "/nowhere/plan.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("wavegate init --out PLAN"));
    // A good plan and no server: an error, not a usage error.
    let good = write(dir.path(), include_str!("../../../plans/minimal.yaml"));
    assert_eq!(run(&["plan", &good]).status.code(), Some(1));
}

/// Each step of a plan must find its webhooks in the lab.
#[test]
fn the_labs_plan_fits_the_labs_webhooks() {
    let plan = Plan::parse(include_str!("../../../plans/lab.yaml")).unwrap();
    let webhooks: Vec<wavegate::model::Webhook> = wavegate::lab::webhooks::set(1)
        .into_iter()
        .map(|webhook| crate::plan::members::webhook(webhook.number.into(), &webhook.name))
        .collect();
    let answer = membership(&plan, &webhooks);
    assert!(answer.missing.is_empty() && answer.leftovers.is_empty());
    assert!(
        answer.members.values().all(|ids| !ids.is_empty()),
        "{:?}",
        answer.members
    );
}
