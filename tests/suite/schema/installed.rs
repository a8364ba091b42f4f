//! The engine as operators have it installed, a shape beside A and B: tables, sequences, views and functions are members of an
//! extension, functions are STRICT and know no defaults. docs/extension.md is what these tests do.

use std::process::Command;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::lab::servers::Postgres;

use crate::{
    schema::extension::Extension,
    schema::roles::Roles,
    support::plane::Plane,
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb, program},
};

const APPLY: [&str; 5] = [
    "schema",
    "apply",
    "--yes",
    "--i-have-a-backup",
    "--take-over-functions",
];

/// A database whose engine is the extension; 007 is not applied.
async fn installed() -> (TestDb, Extension) {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = db.connect().await;
    c.execute(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC",
    )
    .await
    .unwrap();
    let extension = Extension::whole(&mut c).await;
    (db, extension)
}

async fn apply(plane: &Plane) {
    let said = plane.command(&APPLY).await;
    assert_eq!(said.code, 0, "{said:?}");
}

async fn members(c: &mut PgConnection, extension: &Extension) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
         WHERE d.refclassid = 'pg_extension'::regclass AND e.extname = $1 AND d.deptype = 'e' ORDER BY 1",
    )
    .bind(&extension.name)
    .fetch_all(c)
    .await
    .unwrap()
}

#[tokio::test]
async fn it_is_migrated_ready_under_the_roles_delivers_in_every_mode_and_is_put_back() {
    let (db, extension) = installed().await;
    let mut c = db.connect().await;
    let before = members(&mut c, &extension).await;
    let roles = Roles::create(&db).await;
    let mut plane = Plane::on(db, Shape::A).await;
    let refused = plane
        .command(&[
            "schema",
            "apply",
            "--yes",
            "--take-over-functions",
            "--backup-command",
            "pg_dump shop > x",
        ])
        .await;
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(
        refused.err.contains("would be no backup") && refused.err.contains("pg_basebackup"),
        "{refused:?}"
    );
    let shown = plane.command(&["schema", "apply"]).await;
    assert!(
        shown.out.contains("pg_dump") && shown.out.contains("ALTER EXTENSION"),
        "{shown:?}"
    );

    apply(&plane).await;
    roles.grant(&plane.db).await;
    let (operator, carrier) = (
        Roles::url(&plane.db, &roles.operator),
        Roles::url(&plane.db, &roles.carrier),
    );
    let mut services = Vec::new();
    for args in [
        &["relay", "--republish-after", "1"][..],
        &["worker"],
        &["worker"],
    ] {
        services.push(plane.start_with(args, &[("DATABASE_URL", &carrier)]).await);
    }
    let mut ids = Vec::new();
    for (mode, share) in [("queue", 0), ("both", 0), ("both", 100), ("nats", 0)] {
        let webhook = plane.webhook("ok", mode, share).await;
        ids.extend(plane.emit(webhook, 3).await);
    }
    plane
        .until(
            30,
            "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'",
            0,
        )
        .await;
    plane.until_delivered(30).await;
    plane.assert_once(&ids);

    // NULL is answered with NULL as ever; a status is answered where the engine's own raises.
    for call in [
        "rule_webhook_call_unified(NULL, '{}')",
        "rule_webhook_call_unified(1, NULL)",
        "rule_webhook_publish_nats(1, '{}', NULL)",
        "rule_nats_health_check(NULL)",
        "rule_nats_init(NULL)",
    ] {
        let answer: Option<Value> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT {call}")))
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(answer, None, "{call}");
    }
    let statuses: Vec<Value> =
        sqlx::query_scalar("SELECT rule_webhook_call_status(call_id) FROM rule_webhook_calls")
            .fetch_all(&mut c)
            .await
            .unwrap();
    assert!(
        statuses.len() >= 9
            && statuses
                .iter()
                .all(|s| s["status"] == "success" && s["payload"]["n"].is_number()),
        "{statuses:?}"
    );
    let ledger: Vec<Value> = sqlx::query_scalar("SELECT rule_webhook_call_status(call_id::int) FROM rule_webhook_events WHERE NOT has_queue_row").fetch_all(&mut c).await.unwrap();
    assert!(
        !ledger.is_empty() && ledger.iter().all(|s| s["status"] == "success"),
        "{ledger:?}"
    );

    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.yaml");
    std::fs::write(&plan, "version: 1\nname: roles\ndefaults:\n  gates: { workers: { nats: 1, queue: 1, silent_after: 30s } }\nwaves: [{ name: rest, match: { rest: true } }]\n").unwrap();
    let checked = plane
        .command_with(
            &["preflight", plan.to_str().unwrap(), "--i-have-a-backup"],
            &[("DATABASE_URL", &operator)],
        )
        .await;
    assert_eq!(checked.code, 0, "{checked:?}\n{}", plane.log_text());
    assert!(
        checked.out.contains("round trip") && checked.out.contains("which fails without the"),
        "{checked:?}"
    );

    // The engine's own mending goes along too.
    plane
        .run("UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false")
        .await;
    for service in services {
        assert!(service.stop().await);
    }
    // On older servers a session ends a moment after its process.
    let database = plane.db.name.clone();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let reverted = loop {
        let said = plane
            .command(&["schema", "revert", "--confirm", &database])
            .await;
        let running = said.code == 5 && said.err.contains("are running");
        if !running || std::time::Instant::now() > end {
            break said;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    };
    assert_eq!(reverted.code, 0, "{reverted:?}");
    assert_eq!(members(&mut c, &extension).await, before);
}

#[tokio::test]
async fn an_update_of_the_extension_goes_by_revert_update_apply() {
    let (db, extension) = installed().await;
    let mut plane = Plane::bare(db, Shape::A).await;
    apply(&plane).await;
    plane.webhook("ok", "queue", 0).await;
    plane.emit(1, 2).await;
    let update = format!("ALTER EXTENSION {} UPDATE TO '2.1'", extension.name);
    let mut c = plane.db.connect().await;
    let error = c.execute(AssertSqlSafe(update.clone())).await.unwrap_err();
    assert!(
        error.to_string().contains("not a member of extension"),
        "{error}"
    );
    let database = plane.db.name.clone();
    let reverted = plane
        .command(&["schema", "revert", "--confirm", &database])
        .await;
    assert_eq!(reverted.code, 0, "{reverted:?}");
    c.execute(AssertSqlSafe(update)).await.unwrap();
    apply(&plane).await;
    let verified = plane.command(&["schema", "verify"]).await;
    assert_eq!(verified.code, 0, "{verified:?}");
    assert_eq!(
        plane
            .number("SELECT count(*) FROM rule_webhook_calls")
            .await,
        2
    );
    plane.emit(1, 1).await;
    // What goes back now is what the update brought.
    let reverted = plane
        .command(&["schema", "revert", "--confirm", &database])
        .await;
    assert_eq!(reverted.code, 0, "{reverted:?}");
    let by: Value = sqlx::query_scalar("SELECT rule_nats_health_check('default')")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(by["by"], "update");
}

#[tokio::test]
async fn pg_dump_holds_no_call_and_a_backup_of_the_server_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut server =
        Postgres::start(dir.path(), &["wal_level = replica", "max_wal_senders = 4"]).unwrap();
    let url = server.url("postgres");
    let mut c = PgConnection::connect(&url).await.unwrap();
    let _extension = Extension::whole(&mut c).await;
    c.execute("INSERT INTO rule_webhooks (webhook_name, url) VALUES ('x', 'http://127.0.0.1:1/'); SELECT rule_webhook_enqueue(1, '{\"n\": 1}')")
        .await
        .unwrap();
    let wavegate = |args: &[&str]| -> Said { run(wavegate(args).env("DATABASE_URL", &url)) };
    let backup = dir.path().join("backup");
    let command = format!(
        "{} -h 127.0.0.1 -p {} -U postgres -D {} -X stream -c fast",
        program("pg_basebackup").get_program().display(),
        server.port(),
        backup.display()
    );
    let said = wavegate(&[
        "schema",
        "apply",
        "--yes",
        "--take-over-functions",
        "--backup-command",
        &command,
    ]);
    assert_eq!(said.code, 0, "{said:?}");
    c.execute("SELECT rule_webhook_enqueue(1, '{\"n\": 2}')")
        .await
        .unwrap();
    let dumped = program("pg_dump")
        .args(["--dbname", &url])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&dumped.stdout);
    assert!(
        dumped.status.success() && text.contains("rule_webhook_events"),
        "{dumped:?}"
    );
    assert!(
        !text.contains("COPY public.rule_webhook_calls"),
        "members are not dumped"
    );
    drop(c);

    // Migrated, backed up, lost, restored: everything is there, and the schema is as wanted.
    let second = dir.path().join("second");
    let copied = program("pg_basebackup")
        .args([
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-X",
            "stream",
            "-c",
            "fast",
            "-p",
            &server.port().to_string(),
        ])
        .arg("-D")
        .arg(&second)
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
    server.kill();
    let data = dir.path().join("postgres/data");
    std::fs::rename(&data, dir.path().join("lost")).unwrap();
    std::fs::rename(&second, &data).unwrap();
    // The server runs as the owner of its folder.
    let owned = Command::new("chown")
        .args(["-R", "--reference"])
        .arg(dir.path().join("lost"))
        .arg(&data)
        .status()
        .unwrap();
    assert!(owned.success());
    server.resume().unwrap();
    let mut c = PgConnection::connect(&url).await.unwrap();
    let calls: i64 = sqlx::query_scalar("SELECT count(*) FROM rule_webhook_calls")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(calls, 2);
    let said = wavegate(&["schema", "verify"]);
    assert_eq!(said.code, 0, "{said:?}");
}
