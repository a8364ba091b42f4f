//! Plans at the doors of the command line, on a real database: odd rows, the plan that the database keeps, options.

use std::process::{Command, Output};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor};
use wavegate::{
    plan::Plan,
    store::state::{self, Beginning},
};

use crate::{
    plan::command::furnish,
    support::{Schema, Shape, TestDb},
};

fn wavegate(db: &TestDb, args: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args(args)
        .env("DATABASE_URL", &db.url)
        .env("NATS_URL", "nats://127.0.0.1:1")
        .env("COLUMNS", "300")
        .env("NO_COLOR", "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn data(output: &Output) -> Value {
    let screen: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}{}", text(&output.stdout), text(&output.stderr)));
    screen["data"].clone()
}

/// Writes a plan into a folder that lives as long as the test.
fn write(dir: &tempfile::TempDir, name: &str, text: &str) -> String {
    let file = dir.path().join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_string()
}

const PLAN: &str = "version: 1\nname: t\nwaves:\n  - { name: pilot, webhooks: [analytics_events] }\n  - { name: pay, match: { words: [payment] }, signoff: [ops] }\n";

/// A migration under way by this text, its pilot at share 10.
async fn begin(db: &TestDb, text: &str) {
    let plan = Plan::parse(text).unwrap();
    let beginning = Beginning {
        name: plan.name().to_string(),
        plan: text.to_string(),
        hash: plan.hash().to_string(),
        waves: vec![
            ("pilot".to_string(), vec![1]),
            ("pay".to_string(), vec![2, 4]),
        ],
    };
    let store = db.db().await;
    state::start(&store, &crate::support::actor(), &beginning)
        .await
        .unwrap();
    let mut connection = db.connect().await;
    for change in [
        "UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true, nats_subject = 'webhooks.1', nats_share = 10 WHERE webhook_id = 1",
        "UPDATE wavegate.wave SET step = 'hybrid', share = 10, entered_at = now() WHERE name = 'pilot'",
    ] {
        connection.execute(change).await.unwrap();
    }
}

#[tokio::test]
async fn one_odd_row_stops_nobody_and_preflight_names_it() {
    for (shape, schema) in [
        (Shape::A, Schema::Engine),
        (Shape::B, Schema::Migrated),
        (Shape::A, Schema::Migrated),
    ] {
        let db = TestDb::new(shape, schema).await;
        let mut connection = furnish(&db, shape).await;
        let queue = match shape {
            Shape::A => "rule_webhook_calls",
            Shape::B => "rule_webhook_queue",
        };
        for change in [
            "UPDATE rule_webhooks SET tags = '{NULL}' WHERE webhook_id = 3".to_string(),
            "UPDATE rule_webhooks SET tags = '{{critical,b},{c,NULL}}' WHERE webhook_id = 5"
                .to_string(),
            "UPDATE rule_webhooks SET tags = NULL WHERE webhook_id = 7".to_string(),
            format!(
                "INSERT INTO {queue} (webhook_id, payload, status, created_at, completed_at) VALUES (1, '{{}}', 'success', 'infinity', 'infinity'), (1, '{{}}', 'success', now(), 'infinity'), (1, '{{}}', 'success', now(), '-infinity')"
            ),
        ] {
            connection.execute(AssertSqlSafe(change)).await.unwrap();
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan.yaml");
        let file = file.to_str().unwrap();
        let drafted = wavegate(&db, &["init", "--name", "odd", "--out", file], &[]);
        assert_eq!(
            drafted.status.code(),
            Some(0),
            "{shape:?}: {}",
            text(&drafted.stderr)
        );
        let planned = wavegate(&db, &["plan", file, "-o", "json"], &[]);
        assert_eq!(
            planned.status.code(),
            Some(0),
            "{shape:?}: {}",
            text(&planned.stderr)
        );
        let waves = data(&planned)["waves"].clone();
        let critical = waves
            .as_array()
            .unwrap()
            .iter()
            .find(|wave| wave["name"] == "critical")
            .unwrap();
        assert!(
            critical["members"].to_string().contains("access_log"),
            "{critical}"
        );
        if schema == Schema::Engine {
            continue;
        }
        begin(&db, PLAN).await;
        connection
            .execute("UPDATE wavegate.wave SET entered_at = 'infinity' WHERE name = 'pilot'")
            .await
            .unwrap();
        let plan = write(&dir, "pinned.yaml", PLAN);
        for (args, wanted) in [
            (vec!["plan", &plan], 0),
            (vec!["status"], 0),
            (vec!["gate", &plan, "--wave", "pilot"], 3),
            (vec!["history"], 0),
        ] {
            let output = wavegate(&db, &args, &[]);
            let said = text(&output.stderr) + &text(&output.stdout);
            assert!(
                !said.contains("panicked") && !said.contains("at line"),
                "{args:?}: {said}"
            );
            let code = output.status.code();
            assert!(
                code == Some(wanted) || (args[0] == "gate" && code == Some(4)),
                "{args:?}: {code:?} {said}"
            );
        }
        let findings = data(&wavegate(
            &db,
            &["preflight", &plan, "--no-probe", "-o", "json"],
            &[],
        ))
        .to_string();
        for wanted in [
            "catalog_sync (3): a tag that is NULL",
            "access_log (5): tags in 2 dimensions",
        ] {
            assert!(findings.contains(wanted), "{wanted} is not in {findings}");
        }
    }
}

/// Comments say nothing, and the newline that psql adds says nothing; without a file, the database has the plan.
#[tokio::test]
async fn a_plan_is_pinned_by_what_it_says_and_the_database_keeps_it() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    furnish(&db, Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let none = wavegate(&db, &["gate"], &[]);
    assert_eq!(none.status.code(), Some(2));
    assert!(
        text(&none.stderr).contains("no plan was given, and no migration is under way"),
        "{}",
        text(&none.stderr)
    );
    begin(&db, PLAN.trim_end()).await;
    for same in [
        PLAN.to_string(),
        format!("# reviewed by ops\n{PLAN}\n\n"),
        PLAN.replace('\n', "\r\n"),
    ] {
        let file = write(&dir, "same.yaml", &same);
        let output = wavegate(&db, &["plan", &file], &[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("under way since"));
        // A signature that was given with the one text counts for the other.
        let signed = wavegate(
            &db,
            &["signoff", &file, "--wave", "pay", "--role", "ops", "--yes"],
            &[],
        );
        assert_eq!(signed.status.code(), Some(0), "{}", text(&signed.stderr));
        let signed = wavegate(&db, &["signoff", "-o", "json"], &[]);
        assert!(
            data(&signed).to_string().contains("\"word\":\"signed\""),
            "{}",
            data(&signed)
        );
    }
    let other = write(
        &dir,
        "other.yaml",
        &PLAN.replace("[payment] }", "[payment] }, soak: 1h"),
    );
    for args in [
        vec!["plan", &other],
        vec!["gate", &other],
        vec!["apply", &other, "--dry-run"],
    ] {
        let output = wavegate(&db, &args, &[]);
        assert_eq!(output.status.code(), Some(5), "{args:?}");
        assert!(
            text(&output.stderr).contains("line 5: +"),
            "{}",
            text(&output.stderr)
        );
    }
    // By file and by the database, the same is judged.
    let file = write(&dir, "my plan.yaml", PLAN);
    let named = wavegate(&db, &["gate", &file, "--wave", "pilot"], &[]);
    let kept = wavegate(&db, &["gate", "--wave", "pilot"], &[]);
    assert_eq!(named.status.code(), kept.status.code());
    assert!(
        matches!(kept.status.code(), Some(3 | 4)),
        "{}",
        text(&kept.stderr)
    );
    // What is printed can be typed.
    assert!(
        text(&named.stdout).contains(&format!("wavegate gate '{file}' --wave pilot")),
        "{}",
        text(&named.stdout)
    );
    assert!(
        text(&kept.stdout).contains("wavegate gate --wave pilot"),
        "{}",
        text(&kept.stdout)
    );
    for args in [
        vec!["gate", "history", "-o", "json"],
        vec!["preflight", "--no-probe", "-o", "json"],
        vec!["apply", "--dry-run"],
    ] {
        let output = wavegate(&db, &args, &[]);
        assert!(
            !matches!(output.status.code(), Some(2) | None),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
}

#[tokio::test]
async fn all_that_does_not_fit_is_said_at_once_with_its_place() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    furnish(&db, Shape::A).await;
    let dir = tempfile::tempdir().unwrap();
    let file = write(
        &dir,
        "plan.yaml",
        "version: 1\nname: t\nnats: { config: defalt }\nwaves:\n  - { name: a, webhooks: [analytic_events] }\n  - { name: silent, webhooks: [email_old] }\n  - { name: signed, webhooks: [catalog_sync], signoff: [ops] }\n",
    );
    let output = wavegate(&db, &["plan", &file, "-o", "json"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let planned = data(&output);
    let faults = planned["faults"].as_array().unwrap();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(
        (&faults[0]["line"], &faults[0]["column"]),
        (&3.into(), &17.into())
    );
    assert!(
        faults[0]["wanted"]
            .as_str()
            .unwrap()
            .contains("did you mean `default`?"),
        "{faults:?}"
    );
    assert_eq!(faults[1]["path"], "waves[0].webhooks[0]");
    assert_eq!(planned["more_faults"], 0);
    let hazards = planned["hazards"].to_string();
    assert!(
        hazards.contains("wave silent with nothing to judge"),
        "{hazards}"
    );
    assert!(hazards.contains("and no role signs"), "{hazards}");
    assert!(
        hazards.contains("wave signed with nothing to judge"),
        "{hazards}"
    );
    // A list that names what is not there is counted, not printed.
    let names: String = (0..5_000).map(|n| format!("gone{n}, ")).collect();
    let file = write(
        &dir,
        "long.yaml",
        &format!("version: 1\nname: t\nwaves:\n  - {{ name: a, webhooks: [{names}] }}\n"),
    );
    let output = wavegate(&db, &["plan", &file, "-o", "json"], &[]);
    let planned = data(&output);
    assert_eq!(planned["faults"].as_array().unwrap().len(), 100);
    assert_eq!(planned["more_faults"], 4_900);
    assert!(
        text(&output.stderr).contains("5000 to mend"),
        "{}",
        text(&output.stderr)
    );
}

/// `init` warns of what will never pass by itself, and its plan is read as it was meant.
#[tokio::test]
async fn a_draft_of_odd_webhooks_is_read_as_it_was_meant() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut connection = db.connect().await;
    let rows: [(&str, &str, i32); 12] = [
        ("busiest", "{Critical}", 50),
        ("busy", "{\"Prio critical\"}", 40),
        ("plain", "{}", 30),
        ("payment2go", "{}", 20),
        ("test1", "{}", 5),
        ("e-mail", "{}", 5),
        ("zahlungsu\u{308}bersicht", "{}", 1),
        ("zahlungs\u{fc}bersicht", "{}", 60),
        ("*all*", "{}", 70),
        (
            "null",
            "{\"a, b\",\"c: d\",\"# e\",\"&f\",\"critical#1\"}",
            1,
        ),
        ("log2", "{}", 0),
        ("- name: x\n\u{85}\u{2028}\"'", "{dev}", 1),
    ];
    for (name, tags, calls) in rows {
        let id: i32 = sqlx::query_scalar("INSERT INTO rule_webhooks (webhook_name, url, tags) VALUES ($1, 'http://x', $2::text[]) RETURNING webhook_id")
            .bind(name)
            .bind(tags)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        sqlx::query("INSERT INTO rule_webhook_calls (webhook_id, payload, status) SELECT $1, '{}', 'success' FROM generate_series(1, $2)")
            .bind(id)
            .bind(calls)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("plan.yaml");
    let file = file.to_str().unwrap();
    let drafted = wavegate(&db, &["init", "--name", "odd", "--out", file], &[]);
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted.stderr));
    assert!(
        text(&drafted.stderr).contains("wave volume has nothing to judge"),
        "{}",
        text(&drafted.stderr)
    );
    let planned = wavegate(&db, &["plan", file, "-o", "json"], &[]);
    assert_eq!(planned.status.code(), Some(0), "{}", text(&planned.stderr));
    let planned = data(&planned);
    let mut found: Vec<(String, Vec<i64>)> = Vec::new();
    for wave in planned["waves"].as_array().unwrap() {
        let ids = wave["members"].as_array().unwrap().iter();
        found.push((
            wave["name"].as_str().unwrap().to_string(),
            ids.map(|member| member["id"].as_i64().unwrap()).collect(),
        ));
    }
    let wanted: [(&str, &[i64]); 6] = [
        ("pilot", &[3]),
        ("test-dev", &[5, 12]),
        ("volume", &[11]),
        ("standard", &[6]),
        ("rest", &[7, 8, 9]),
        ("critical", &[1, 2, 4, 10]),
    ];
    let wanted: Vec<(String, Vec<i64>)> = wanted
        .iter()
        .map(|(name, ids)| (name.to_string(), ids.to_vec()))
        .collect();
    assert_eq!(found, wanted, "{}", std::fs::read_to_string(file).unwrap());
}

#[tokio::test]
async fn options_have_the_grammar_of_the_plan() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    for (args, wanted) in [
        (
            vec!["drain", "--all", "--wait", "1h30"],
            "a number without a unit",
        ),
        (
            vec!["worker", "--reap-after", "999999999999h"],
            "longer than ten years",
        ),
        (
            vec!["stream", "ensure", "--consumer", "a.b"],
            "up to 255 printable ASCII",
        ),
        (
            vec!["worker", "--stream", "A B"],
            "up to 255 printable ASCII",
        ),
        (
            vec!["apply", "plan.yaml", "--barrier-ignore=-5"],
            "-5 is not in",
        ),
    ] {
        let output = wavegate(&db, &args, &[]);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stderr).contains(wanted),
            "{args:?}: {}",
            text(&output.stderr)
        );
    }
    // What the plan takes, an option takes: the refusal is the database's, not the option's.
    let output = wavegate(&db, &["drain", "--all", "--wait", "1h30m"], &[]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    // A variable that is set to nothing says nothing.
    let nothing = [
        ("NATS_CONTEXT", ""),
        ("NATS_CREDS", ""),
        ("WAVEGATE_DATABASE_CA", ""),
        ("NATS_USER", ""),
    ];
    let output = wavegate(&db, &["init", "--name", "t"], &nothing);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("no webhook"),
        "{}",
        text(&output.stderr)
    );
}
