//! Nothing of ours resolves a name where others may create: look-alikes of every operator and function that our SQL could mean, planted
//! in `public` by a role without other rights, are never called.

use std::{collections::BTreeSet, path::Path};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    support::plane::{Plane, STREAM},
    support::terminal::{run, wavegate},
    support::{Schema, Shape, TestDb, unique},
};

/// The names that our SQL calls.
fn called(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            called(&path, names);
        } else if path.extension().is_some_and(|e| e == "sql") {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices('(') {
                let word: String = text[..at]
                    .chars()
                    .rev()
                    .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
                    .collect();
                names.insert(word.chars().rev().collect());
            }
        }
    }
    names.remove("");
}

/// Plants them as a role that may log in and create in `public`, and no more; returns its name.
async fn plant(db: &TestDb) -> String {
    let mut names = BTreeSet::new();
    called(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/sql")),
        &mut names,
    );
    // What `AT TIME ZONE` means.
    names.insert("timezone".to_string());
    assert!(names.len() > 80, "{names:?}");
    let names: Vec<String> = names.into_iter().collect();
    let script =
        include_str!("look_alikes.sql").replace("{names}", &format!("{{{}}}", names.join(",")));
    let role = unique("mallory").to_lowercase();
    db.connect()
        .await
        .execute(AssertSqlSafe(format!(
            "CREATE ROLE {role} LOGIN; GRANT CREATE ON SCHEMA public TO {role}"
        )))
        .await
        .unwrap();
    let url = db.url.replace("postgres@", &format!("{role}@"));
    let mut mallory = PgConnection::connect(&url).await.unwrap();
    mallory.execute(AssertSqlSafe(script)).await.unwrap();
    // It is known that the planting works: this is what called `public.||` in wavegate.publish once.
    let error = mallory
        .execute("SET search_path = public, pg_temp; SELECT 1 || ':'::text")
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a look-alike was called: int4 || text"),
        "{error}"
    );
    mallory.close().await.unwrap();
    let mut owner = quiet(db).await;
    owner
        .execute("SELECT setval('public.look_alikes_called'::regclass, 1::int8, false)")
        .await
        .unwrap();
    role
}

/// A session of the test's own, which calls no look-alike either.
async fn quiet(db: &TestDb) -> PgConnection {
    let mut c = db.connect().await;
    c.execute("SET search_path = pg_catalog, wavegate, pg_temp")
        .await
        .unwrap();
    c
}

async fn none_was_called(c: &mut PgConnection) {
    let called: bool = sqlx::query_scalar("SELECT is_called FROM public.look_alikes_called")
        .fetch_one(c)
        .await
        .unwrap();
    assert!(!called, "a look-alike was called");
}

#[tokio::test]
async fn the_schema_comes_and_goes_beside_look_alikes() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Engine).await;
        plant(&db).await;
        for args in [
            vec![
                "schema",
                "apply",
                "--yes",
                "--i-have-a-backup",
                "--take-over-functions",
            ],
            vec!["schema", "status"],
            vec!["schema", "verify"],
            vec!["schema", "revert", "--confirm", &db.name],
        ] {
            let said = run(wavegate(&args).env("DATABASE_URL", &db.url));
            assert_eq!(said.code, 0, "{args:?}: {said:?}");
        }
        none_was_called(&mut quiet(&db).await).await;
    }
}

/// What the server wrote down of every statement that it understood, ours and those inside of functions: whatever they mean by a name.
const WRITTEN_DOWN: &[&str] = &["debug_print_parse = on", "debug_pretty_print = off"];

/// The numbers after these words in PostgreSQL's own notation of a statement.
fn numbers(log: &str, words: &[&str]) -> Vec<i64> {
    let mut found = BTreeSet::new();
    for word in words {
        for (at, _) in log.match_indices(word) {
            let digits = log[at + word.len()..].split(|c: char| !c.is_ascii_digit());
            found.extend(
                digits
                    .take(1)
                    .filter_map(|number| number.parse::<i64>().ok()),
            );
        }
    }
    found.remove(&0);
    found.into_iter().collect()
}

/// Everything that a statement meant is PostgreSQL's, ours or the engine's, and look-alikes of all that goes by a name were there.
async fn only_the_right_ones_were_meant(log: &str, c: &mut PgConnection) {
    let operators = numbers(log, &[" :opno ", " :eqop ", " :sortop "]);
    let functions = numbers(log, &[" :funcid ", " :aggfnoid ", " :winfnoid "]);
    let types = numbers(
        log,
        &[
            " :consttype ",
            " :resulttype ",
            " :funcresulttype ",
            " :opresulttype ",
            " :paramtype ",
            " :vartype ",
        ],
    );
    let relations = numbers(log, &[" :relid "]);
    assert!(
        operators.len() > 40 && functions.len() > 100 && relations.len() > 30,
        "{} operators, {} functions, {} relations",
        operators.len(),
        functions.len(),
        relations.len()
    );
    let strange: Vec<String> = sqlx::query_scalar(
        "SELECT oid::regoperator::text FROM pg_operator WHERE oid = ANY ($1) AND oprnamespace <> 'pg_catalog'::regnamespace
         UNION ALL
         SELECT oid::regprocedure::text FROM pg_proc WHERE oid = ANY ($2)
             AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'wavegate'::regnamespace) AND left(proname, 5) <> 'rule_'
         UNION ALL
         SELECT t.oid::regtype::text FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem LEFT JOIN pg_class r ON r.oid = coalesce(nullif(t.typrelid, 0), e.typrelid)
             WHERE t.oid = ANY ($3) AND t.typnamespace NOT IN ('pg_catalog'::regnamespace, 'wavegate'::regnamespace, 'information_schema'::regnamespace)
             AND coalesce(left(r.relname, 5), '') <> 'rule_'
         UNION ALL
         SELECT oid::regclass::text FROM pg_class WHERE oid = ANY ($4)
             AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'wavegate'::regnamespace, 'information_schema'::regnamespace)
             AND left(relname, 5) <> 'rule_' AND relname <> 'look_alikes_called'",
    )
    .bind(&operators)
    .bind(&functions)
    .bind(&types)
    .bind(&relations)
    .fetch_all(&mut *c)
    .await
    .unwrap();
    assert_eq!(
        strange,
        Vec::<String>::new(),
        "meant by a statement of ours"
    );
    let without: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT o.oprname::text FROM pg_operator o WHERE o.oid = ANY ($1)
             AND NOT EXISTS (SELECT FROM pg_operator x WHERE x.oprname = o.oprname AND x.oprnamespace = 'public'::regnamespace)
         UNION ALL
         SELECT DISTINCT p.proname::text FROM pg_proc p WHERE p.oid = ANY ($2) AND p.pronamespace = 'pg_catalog'::regnamespace AND p.pronargs > 0
             AND p.oid NOT IN (SELECT castfunc FROM pg_cast UNION ALL SELECT aggfnoid FROM pg_aggregate WHERE aggkind <> 'n')
             AND NOT EXISTS (SELECT FROM pg_proc x WHERE x.proname = p.proname AND x.pronamespace = 'public'::regnamespace)
         ORDER BY 1",
    )
    .bind(&operators)
    .bind(&functions)
    .fetch_all(&mut *c)
    .await
    .unwrap();
    assert_eq!(
        without,
        Vec::<String>::new(),
        "used, and no look-alike was there"
    );
}

#[tokio::test]
async fn no_look_alike_is_called_by_any_path_or_command() {
    let db = TestDb::alone(Shape::A, Schema::Migrated, WRITTEN_DOWN).await;
    let mut plane = Plane::on(db, Shape::A).await;
    let webhooks = [
        plane.webhook("ok", "queue", 0).await,
        plane.webhook("ok", "both", 50).await,
        plane.webhook("ok", "nats", 0).await,
        plane.webhook("fail", "nats", 0).await,
        plane.webhook("ok", "queue", 0).await,
    ];
    plane
        .run("UPDATE rule_webhooks SET max_retries = CASE webhook_id WHEN 4 THEN 0 ELSE 3 END, webhook_name = CASE webhook_id WHEN 5 THEN 'pilot' ELSE webhook_name END")
        .await;
    plane.receiver.answers("fail", 500, None);
    let role = plant(&plane.db).await;
    let planted = plane.db.log_text().len();
    plane.sql = quiet(&plane.db).await;
    plane
        .run(&format!(
            "GRANT SELECT, INSERT ON public.rule_webhook_calls TO {role}"
        ))
        .await;
    plane
        .run(&format!(
            "GRANT EXECUTE ON FUNCTION public.rule_webhook_enqueue, public.rule_webhook_call_unified, public.rule_webhook_publish_nats TO {role}"
        ))
        .await;
    // The application's own path is its own affair: what it calls is exact.
    let url = plane.db.url.replace("postgres@", &format!("{role}@"));
    let mut app = PgConnection::connect(&url).await.unwrap();
    let relay = plane.relay().await;
    let worker = plane.worker("both").await;
    for webhook in webhooks {
        for call in [
            format!("SELECT public.rule_webhook_enqueue({webhook}, '{{}}'::jsonb)"),
            format!(
                "SELECT public.rule_webhook_enqueue({webhook}, '{{}}'::jsonb, 'rule', clock_timestamp())"
            ),
            format!("SELECT public.rule_webhook_call_unified({webhook}, '{{}}'::jsonb)"),
            format!("SELECT public.rule_webhook_publish_nats({webhook}, '{{}}'::jsonb, 'mine')"),
            format!("SELECT public.rule_webhook_publish_nats({webhook}, '{{}}'::jsonb, 'mine')"),
        ] {
            app.execute(AssertSqlSafe(call)).await.unwrap();
        }
    }
    plane
        .until(
            30,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'dead'",
            4,
        )
        .await;
    plane
        .until(
            30,
            "SELECT count(*) FROM rule_webhook_events WHERE NOT ended",
            0,
        )
        .await;
    plane
        .until(
            30,
            "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'",
            0,
        )
        .await;
    plane
        .run("SELECT public.rule_nats_init(), public.rule_nats_health_check(), public.rule_nats_stats(), public.rule_nats_webhooks_list()")
        .await;

    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("plan.yaml");
    let text = format!(
        "version: 1\nname: names\nnats: {{ stream: {STREAM}, subject: \"webhooks.{{id}}\" }}\n\
         defaults:\n  gates: {{ workers: {{ nats: 1, queue: 1, silent_after: 30s }} }}\n\
         waves: [{{ name: pilot, webhooks: [pilot] }}]\n"
    );
    std::fs::write(&plan, text).unwrap();
    let plan = plan.to_str().unwrap();
    for (args, codes) in [
        (vec!["plan", plan], vec![0]),
        (
            vec!["preflight", plan, "--i-have-a-backup"],
            vec![0, 1, 3, 4, 5],
        ),
        (vec!["apply", plan, "--wave", "pilot", "--yes"], vec![0]),
        (vec!["gate", plan], vec![0, 3, 4]),
        (vec!["status"], vec![0]),
        (vec!["history"], vec![0]),
        (vec!["audit"], vec![0, 1, 3, 5]),
        (vec!["dead", "list"], vec![0]),
        (
            vec!["dead", "requeue", "--webhook", "4", "--yes"],
            vec![0, 1, 2],
        ),
        (vec!["stream", "status"], vec![0, 3, 5]),
        (vec!["drain", "--all"], vec![0, 2, 3, 4, 5]),
        (vec!["rollback", "--all", "--to", "queue", "--yes"], vec![0]),
        (vec!["redrive", "--all", "--yes"], vec![0, 2, 4, 5]),
        (vec!["schema", "verify"], vec![0]),
    ] {
        let said = plane.command(&args).await;
        assert!(codes.contains(&said.code), "{args:?}: {said:?}");
        assert!(
            !format!("{said:?}").contains("look-alike"),
            "{args:?}: {said:?}"
        );
    }
    let logs = relay.log_text() + &worker.log_text();
    assert!(!logs.contains("look-alike"), "{logs}");
    none_was_called(&mut plane.sql).await;
    let log = plane.db.log_text();
    only_the_right_ones_were_meant(&log[planted..], &mut plane.sql).await;
}
