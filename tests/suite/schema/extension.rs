//! Taking functions over from an extension, with a stand-in that owns the engine's four, and giving them back.

use std::{fs, path::PathBuf, process::Command};

use sqlx::{AssertSqlSafe, Executor, PgConnection};
use wavegate::engine::schema;

use crate::{
    support::migration::{apply, fingerprint, revert},
    support::{Schema, Shape, TestDb, unique},
};

/// The stand-in under a name of its own in the server's folder of extensions; removed when dropped.
pub struct Extension {
    pub name: String,
    files: Vec<PathBuf>,
}

impl Extension {
    async fn install(c: &mut PgConnection) -> Extension {
        let script = include_str!("../../../sql/lab/extension/engine--2.0.sql");
        Extension::of(c, script, None).await
    }

    /// The engine as operators have it: tables, sequences, views and functions are members, 2.0 and its update to 2.1.
    pub async fn whole(c: &mut PgConnection) -> Extension {
        let script = [
            include_str!("../../../sql/lab/engine_a.sql"),
            include_str!("../../../sql/lab/engine_007.sql"),
            include_str!("../../../sql/lab/extension/installed.sql"),
        ];
        let update = include_str!("../../../sql/lab/extension/installed--update.sql");
        Extension::of(c, &script.concat(), Some(update)).await
    }

    async fn of(c: &mut PgConnection, script: &str, update: Option<&str>) -> Extension {
        let share: String =
            sqlx::query_scalar("SELECT setting FROM pg_config WHERE name = 'SHAREDIR'")
                .fetch_one(&mut *c)
                .await
                .unwrap();
        let name = unique("wavegate_stand_in");
        let dir = PathBuf::from(share).join("extension");
        let mut texts = vec![
            (
                dir.join(format!("{name}.control")),
                include_str!("../../../sql/lab/extension/engine.control"),
            ),
            (dir.join(format!("{name}--2.0.sql")), script),
        ];
        texts.extend(update.map(|text| (dir.join(format!("{name}--2.0--2.1.sql")), text)));
        let mut extension = Extension {
            name,
            files: Vec::new(),
        };
        for (file, text) in texts {
            fs::write(&file, text).unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; tests of extensions write there as root",
                    file.display()
                )
            });
            extension.files.push(file);
        }
        c.execute(AssertSqlSafe(format!(
            "CREATE EXTENSION {}",
            extension.name
        )))
        .await
        .unwrap();
        extension
    }
}

impl Drop for Extension {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
    }
}

async fn members(c: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_proc'::regclass AND refobjid > 16000")
        .fetch_one(c)
        .await
        .unwrap()
}

#[tokio::test]
async fn functions_of_an_extension_are_taken_over_and_given_back() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Engine).await;
        let mut c = test.connect().await;
        let extension = Extension::install(&mut c).await;
        c.execute("GRANT EXECUTE ON FUNCTION rule_nats_init(text) TO pg_monitor WITH GRANT OPTION")
            .await
            .unwrap();
        let before = fingerprint(&test.url).await;
        assert_eq!(members(&mut c).await, 4);
        let db = test.db().await;

        let status = schema::status(&db).await.unwrap();
        let owned: Vec<&str> = status
            .take_over
            .iter()
            .filter(|(_, e)| e.as_deref() == Some(&extension.name))
            .map(|(s, _)| s.as_str())
            .collect();
        assert_eq!(
            owned,
            [
                "public.rule_nats_health_check(text)",
                "public.rule_nats_init(text)",
                "public.rule_webhook_call_unified(integer, jsonb)",
                "public.rule_webhook_publish_nats(integer, jsonb, text)",
            ]
        );
        apply(&db, None).await;
        assert_eq!(schema::verify(&db).await.unwrap(), []);
        assert_eq!(members(&mut c).await, 0);
        // Parameter names and grants stay, so calls by name go on working.
        let answer: serde_json::Value =
            sqlx::query_scalar("SELECT rule_nats_health_check(config_name => 'default')")
                .fetch_one(&mut c)
                .await
                .unwrap();
        assert_eq!(answer["connected"], false);
        let id = crate::support::events::webhook(&mut c, shape, "x", "both", 50).await;
        for call in [
            "rule_webhook_call_unified(webhook_id => $1, payload => '{}')",
            "rule_webhook_publish_nats(webhook_id => $1, payload => '{}', message_id => 'm')",
            "to_jsonb(rule_webhook_enqueue($1, '{}'))",
        ] {
            let answer: serde_json::Value =
                sqlx::query_scalar(AssertSqlSafe(format!("SELECT {call}")))
                    .bind(id)
                    .fetch_one(&mut c)
                    .await
                    .unwrap();
            assert!(answer["success"] == true || answer.is_number(), "{answer}");
        }
        c.execute("UPDATE rule_webhook_events SET state = 'delivered'; UPDATE rule_webhooks SET publish_mode = 'queue'").await.unwrap();
        let kept: bool = sqlx::query_scalar("SELECT has_function_privilege('pg_monitor', 'rule_nats_init(text)', 'EXECUTE WITH GRANT OPTION')")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert!(kept);
        let journalled: String = sqlx::query_scalar(
            "SELECT before -> 'replaced' ->> 'definition' FROM wavegate.journal WHERE step = 'schema.step' AND after ->> 'step' = '50_call_unified'",
        )
        .fetch_one(&mut c)
        .await
        .unwrap();
        assert!(journalled.contains("integer is not compatible with JsonB"));

        revert(&db, None).await;
        assert_eq!(members(&mut c).await, 4);
        let after = fingerprint(&test.url).await;
        assert_eq!(before, after);
        c.execute(AssertSqlSafe(format!("DROP EXTENSION {}", extension.name)))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn without_consent_nothing_is_taken_over() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let before = fingerprint(&test.url).await;
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(["--database-url", &test.url, "schema", "apply"])
            .args(args)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).to_string(),
            String::from_utf8_lossy(&output.stdout).to_string(),
        )
    };
    let (code, stderr, stdout) = run(&["--yes", "--i-have-a-backup"]);
    assert_eq!(code, Some(6), "{stderr}");
    assert!(
        stderr.contains("--take-over-functions") && stdout.contains("public.rule_webhook_enqueue("),
        "{stderr}"
    );
    let (code, stderr, _) = run(&["--yes", "--take-over-functions"]);
    assert_eq!(code, Some(6), "{stderr}");
    assert!(stderr.contains("--backup-command"), "{stderr}");
    let (code, stderr, _) = run(&["--i-have-a-backup", "--take-over-functions"]);
    assert_eq!(code, Some(6), "{stderr}");
    let (code, stderr, _) = run(&[
        "--yes",
        "--take-over-functions",
        "--backup-command",
        "echo no disk >&2; exit 3",
    ]);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("no disk") && stderr.contains("exit status: 3"),
        "{stderr}"
    );
    let (code, _, stdout) = run(&["--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("CREATE TABLE IF NOT EXISTS \"public\".rule_webhook_events"));
    assert_eq!(before, fingerprint(&test.url).await, "nothing was changed");
    let marker = tempfile::NamedTempFile::new().unwrap();
    let command = format!("echo saved > {}", marker.path().display());
    let (code, stderr, _) = run(&[
        "--yes",
        "--take-over-functions",
        "--backup-command",
        &command,
    ]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(fs::read_to_string(marker.path()).unwrap(), "saved\n");
}
