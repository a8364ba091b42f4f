//! The list of rights is enough for every statement of ours, and a relay or worker with one right less begins nothing.

use std::{fs, path::Path};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::store::{Db, lead, rights};

use crate::{
    schema::roles::Roles,
    support::plane::Plane,
    support::terminal::{run, wavegate},
    support::{Schema, Shape, TestDb},
};

/// Which statements each role sends, by the folder below `sql` or by the file.
const SENT: [(&str, &[&str]); 3] = [
    (
        "carrier",
        &[
            "relay",
            "worker",
            "sweep",
            "retention",
            "independent",
            "heartbeat",
            "stats",
            "nats",
            "clock",
            "redrive",
            "state/active.sql",
            "state/troubles.sql",
            "state/standing.sql",
            "state/waves.sql",
            "state/members.sql",
            "roles",
            "rollback/named.sql",
            "rollback/names.sql",
        ],
    ),
    (
        "operator",
        &[
            "audit",
            "barrier",
            "clock",
            "dead",
            "drain",
            "fence",
            "flip",
            "gates",
            "journal",
            "lock",
            "nats",
            "preflight",
            "probe",
            "redrive",
            "roles",
            "rollback",
            "signoff",
            "state",
            "tally",
            "webhook",
            "heartbeat/workers.sql",
            "heartbeat/relays.sql",
            "heartbeat/steady.sql",
        ],
    ),
    (
        "reader",
        &[
            "clock",
            "roles",
            "state/standing.sql",
            "state/active.sql",
            "state/waves.sql",
            "state/members.sql",
            "heartbeat/workers.sql",
            "heartbeat/relays.sql",
            "audit",
            "signoff",
            "journal/newest.sql",
        ],
    ),
];
/// The operator is not to see secrets; DDL and what a script is made of.
const NOT: [&str; 3] = [
    "preflight/signing_secrets.sql",
    "audit/snapshot.sql",
    "relay/copy_history.sql",
];

fn files(shape: Shape, parts: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sql"));
    let other = if shape == Shape::A {
        "_b.sql"
    } else {
        "_a.sql"
    };
    let mut found = Vec::new();
    for part in parts {
        let path = root.join(part);
        let paths = if path.is_dir() {
            fs::read_dir(&path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect()
        } else {
            vec![path]
        };
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if !name.ends_with(other) && !NOT.contains(&name.as_str()) {
                let text = fs::read_to_string(path)
                    .unwrap()
                    .replace("{schema}", "public");
                found.push((name, text));
            }
        }
    }
    found
}

/// PostgreSQL checks rights when a statement begins, EXPLAIN's too; nothing is carried out.
async fn tried(c: &mut PgConnection, text: &str) -> Result<(), sqlx::Error> {
    c.execute("DEALLOCATE ALL").await?;
    c.execute(AssertSqlSafe(format!(
        "PREPARE question AS {}",
        text.trim_end().trim_end_matches(';')
    )))
    .await?;
    let parameters: i32 = sqlx::query_scalar(
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'question'",
    )
    .persistent(false)
    .fetch_one(&mut *c)
    .await?;
    let nulls = vec!["NULL"; usize::try_from(parameters).unwrap()].join(", ");
    let nulls = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    c.execute(AssertSqlSafe(format!("EXPLAIN EXECUTE question{nulls}")))
        .await?;
    Ok(())
}

#[tokio::test]
async fn every_statement_of_a_role_is_within_its_rights() {
    let mut faults = Vec::new();
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let roles = Roles::create(&db).await;
        for (role, parts) in SENT {
            let name = match role {
                "carrier" => &roles.carrier,
                "operator" => &roles.operator,
                _ => &roles.reader,
            };
            let mut c = PgConnection::connect(&Roles::url(&db, name)).await.unwrap();
            c.execute("SET search_path = pg_catalog, wavegate, pg_temp")
                .await
                .unwrap();
            for (file, text) in files(shape, parts) {
                if let Err(error) = tried(&mut c, &text).await {
                    let error = error.to_string();
                    if error.contains("permission denied") {
                        faults.push(format!("{shape:?} {role} {file}: {error}"));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

async fn open(url: &str) -> Db {
    crate::support::open(url).await
}

#[tokio::test]
async fn each_right_that_relay_and_workers_lack_is_found_before_they_begin() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let roles = Roles::create(&db).await;
        let mut admin = db.connect().await;
        let carrier = open(&Roles::url(&db, &roles.carrier)).await;
        lead::ready(&carrier).await.unwrap();
        let grants = rights::grants(&carrier, rights::Role::Carrier, &roles.carrier)
            .await
            .unwrap();
        assert!(grants.len() > 25, "{grants:?}");
        for grant in grants {
            let revoke = grant
                .replacen("GRANT", "REVOKE", 1)
                .replace(" TO ", " FROM ");
            admin.execute(AssertSqlSafe(revoke)).await.unwrap();
            // USAGE on the schemas comes from PUBLIC too.
            if !grant.contains("SCHEMA") {
                let error = lead::ready(&carrier).await.unwrap_err();
                assert!(
                    error
                        .message()
                        .contains(&format!("{} lacks", roles.carrier)),
                    "{grant}: {error}"
                );
                assert_eq!(error.hints(), [grant.as_str()], "{error}");
            }
            admin.execute(AssertSqlSafe(grant)).await.unwrap();
        }
        lead::ready(&carrier).await.unwrap();
    }
}

#[tokio::test]
async fn a_relay_with_too_few_rights_takes_no_partition_and_says_one_sentence() {
    let mut plane = Plane::new(Shape::A).await;
    let roles = Roles::create(&plane.db).await;
    plane
        .run(&format!(
            "REVOKE UPDATE ON wavegate.rule_webhook_events FROM {}",
            roles.carrier
        ))
        .await;
    let url = Roles::url(&plane.db, &roles.carrier);
    for command in [&["relay"][..], &["worker"], &["worker", "--path", "queue"]] {
        let said = run(wavegate(command)
            .env("DATABASE_URL", &url)
            .env("NATS_URL", plane.nats.url()));
        assert_eq!(said.code, 5, "{said:?}");
        assert!(
            said.err.contains(&format!(
                "the role {} lacks UPDATE on wavegate.rule_webhook_events",
                roles.carrier
            )),
            "{said:?}"
        );
        assert!(
            said.err
                .contains("GRANT UPDATE ON wavegate.rule_webhook_events TO"),
            "{said:?}"
        );
        assert!(!said.err.contains("at line"), "{said:?}");
    }
    let begun = plane
        .number(
            "SELECT (SELECT count(*) FROM wavegate.relay) + (SELECT count(*) FROM wavegate.worker)",
        )
        .await;
    assert_eq!(begun, 0);
}

#[tokio::test]
async fn a_denied_command_says_which_right_is_missing() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let roles = Roles::create(&db).await;
    let mut admin = db.connect().await;
    let revoke = format!("REVOKE SELECT ON wavegate.journal FROM {}", roles.reader);
    admin.execute(AssertSqlSafe(revoke)).await.unwrap();
    let said = run(wavegate(["history"]).env("DATABASE_URL", Roles::url(&db, &roles.reader)));
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains(&format!(
            "{} lacks SELECT on wavegate.journal",
            roles.reader
        )),
        "{said:?}"
    );
    assert!(
        said.err.contains("GRANT SELECT ON wavegate.journal TO"),
        "{said:?}"
    );
    assert!(!said.err.contains("at line"), "{said:?}");
}

#[tokio::test]
async fn a_read_only_server_is_named_as_such() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut admin = db.connect().await;
    admin
        .execute("INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share) VALUES ('x', 'http://127.0.0.1:1/', 'both', true, 100)")
        .await
        .unwrap();
    let set = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        db.name
    );
    admin.execute(AssertSqlSafe(set)).await.unwrap();
    let said = run(wavegate(["rollback", "--all", "--yes"]).env("DATABASE_URL", &db.url));
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("takes no writes") && said.err.contains("primary"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_dry_run_of_relay_and_worker_runs_nothing() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 100).await;
    plane.emit(webhook, 3).await;
    for command in [&["relay", "--dry-run"][..], &["worker", "--dry-run"]] {
        let said = plane.command(command).await;
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.err.contains("dry run"), "{said:?}");
    }
    let begun = plane
        .number("SELECT (SELECT count(*) FROM wavegate.relay) + (SELECT count(*) FROM wavegate.worker) + (SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL)")
        .await;
    assert_eq!(begun, 0);
    assert!(plane.receiver.successes().is_empty());
    let said = plane.command(&["lab", "up", "--dry-run"]).await;
    assert_eq!(said.code, 2, "{said:?}");
}

#[tokio::test]
async fn the_carrier_tidies_what_had_its_time() {
    for shape in [Shape::A, Shape::B] {
        let mut plane = Plane::new(shape).await;
        let url = Roles::url(&plane.db, &Roles::create(&plane.db).await.carrier);
        let webhook = plane.webhook("ok", "nats", 0).await;
        plane
            .run(&format!(
                "WITH old AS (INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, state, delivered_at, published_at)
                              VALUES ('old', {webhook}, 1, 900000, false, false, 'nats', now() - interval '90 days', now() - interval '90 days', 'delivered', now() - interval '90 days', now() - interval '90 days') RETURNING 1),
                      id AS (INSERT INTO wavegate.event_ids VALUES ('old', 900000, now() - interval '90 days')),
                      note AS (INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, at) VALUES ('old', 900000, {webhook}, 1, 'nats', now() - interval '90 days')),
                      beat AS (INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at) VALUES ('old', 'nats', 'h', 1, now() - interval '90 days', now() - interval '90 days'))
                 INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, published_at, success) SELECT {webhook}, 'x', '{{}}', now() - interval '90 days', true FROM old"
            ))
            .await;
        let relay = plane
            .start_with(&["relay"], &[("DATABASE_URL", &url)])
            .await;
        plane
            .until(
                20,
                "SELECT (SELECT count(*) FROM rule_webhook_events) + (SELECT count(*) FROM wavegate.event_ids) + (SELECT count(*) FROM wavegate.ambiguous_attempt)
                      + (SELECT count(*) FROM rule_nats_publish_history) + (SELECT count(*) FROM wavegate.worker)",
                0,
            )
            .await;
        assert!(
            !relay.log_text().contains("permission denied"),
            "{}",
            relay.log_text()
        );
    }
}
