//! The publisher among others: unprivileged roles, every isolation level, flips and equal ids at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::engine::schema;

use crate::{
    support::events::{rows, value, webhook},
    support::migration::apply,
    support::{Schema, Shape, TestDb, unique},
};

/// The URL of the same database as another role.
fn url_as(test: &TestDb, role: &str) -> String {
    test.url
        .replace("postgres://postgres@", &format!("postgres://{role}@"))
}

async fn role(c: &mut PgConnection, grants: &str) -> String {
    let role = unique("role");
    let grants = grants.replace("ROLE", &role);
    c.execute(AssertSqlSafe(format!("CREATE ROLE {role} LOGIN; {grants}")))
        .await
        .unwrap();
    role
}

async fn drop_role(c: &mut PgConnection, role: &str) {
    c.execute(AssertSqlSafe(format!(
        "DROP OWNED BY {role}; DROP ROLE {role}"
    )))
    .await
    .unwrap();
}

#[tokio::test]
async fn an_application_role_needs_no_right_on_our_tables() {
    for shape in [Shape::A, Shape::B] {
        let queue = if shape == Shape::A {
            "rule_webhook_calls"
        } else {
            "rule_webhook_queue"
        };
        let test = TestDb::new(shape, Schema::Engine).await;
        let mut c = test.connect().await;
        let app = role(&mut c, &format!("GRANT INSERT ON {queue} TO ROLE")).await;
        let stranger = role(&mut c, &format!("GRANT SELECT ON {queue} TO ROLE")).await;
        let db = test.db().await;
        apply(&db, None).await;
        let (both, nats) = (
            webhook(&mut c, shape, "b", "both", 50).await,
            webhook(&mut c, shape, "n", "nats", 0).await,
        );
        let mut mine = PgConnection::connect(&url_as(&test, &app)).await.unwrap();
        for level in ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] {
            mine.execute(AssertSqlSafe(format!("BEGIN ISOLATION LEVEL {level}")))
                .await
                .unwrap();
            for id in [both, nats] {
                let answer = value(
                    &mut mine,
                    &format!("SELECT rule_webhook_call_unified({id}, '{{}}')"),
                )
                .await;
                assert_eq!(answer["success"], true);
                mine.execute(AssertSqlSafe(format!("SELECT rule_webhook_enqueue({id}, '{{}}'), rule_webhook_publish_nats({id}, '{{}}', '{level}')"))).await.unwrap();
            }
            mine.execute("COMMIT").await.unwrap();
        }
        assert_eq!(rows(&mut c).await, (6, 18, 18));
        for denied in [
            "SELECT * FROM rule_webhook_events",
            "SELECT * FROM rule_nats_outbox",
            "SELECT * FROM wavegate.event_ids",
            "SELECT wavegate.publish(1, '{}', NULL, NULL, NULL, false)",
            "SELECT wavegate.event_retry(1)",
        ] {
            let error = mine.execute(denied).await.unwrap_err();
            assert!(
                error.to_string().contains("permission denied"),
                "{denied}: {error}"
            );
        }
        let mut other = PgConnection::connect(&url_as(&test, &stranger))
            .await
            .unwrap();
        let error = other
            .execute("SELECT rule_webhook_enqueue(1, '{}')")
            .await
            .unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{error}");
        let status = value(&mut other, "SELECT rule_webhook_call_status(1)::jsonb").await;
        assert_eq!(status["status"], "pending");
        drop((mine, other));
        for name in [app, stranger] {
            drop_role(&mut c, &name).await;
        }
    }
}

#[tokio::test]
async fn where_everybody_may_insert_everybody_may_publish() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;
    c.execute("GRANT INSERT ON rule_webhook_calls TO PUBLIC")
        .await
        .unwrap();
    let somebody = role(&mut c, "").await;
    apply(&test.db().await, None).await;
    webhook(&mut c, Shape::A, "x", "both", 0).await;
    let mut mine = PgConnection::connect(&url_as(&test, &somebody))
        .await
        .unwrap();
    mine.execute("SELECT rule_webhook_enqueue(1, '{}')")
        .await
        .unwrap();
    drop(mine);
    drop_role(&mut c, &somebody).await;
}

#[tokio::test]
async fn equal_ids_at_the_same_time_are_one_event() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let id = webhook(&mut c, Shape::A, "x", "both", 50).await;
    let publish = format!("SELECT rule_webhook_publish_nats({id}, '{{}}', 'same')");
    let (mut one, mut two) = (test.connect().await, test.connect().await);
    one.execute("BEGIN").await.unwrap();
    let first = value(&mut one, &publish).await;
    assert_eq!(first["duplicate"], false);
    let publish_two = publish.clone();
    let waiting = tokio::spawn(async move { value(&mut two, &publish_two).await });
    wait_for_lock(&mut c).await;
    one.execute("COMMIT").await.unwrap();
    let second = waiting.await.unwrap();
    assert_eq!(
        (&second["duplicate"], &second["event_id"]),
        (&Value::from(true), &first["event_id"])
    );
    assert_eq!(rows(&mut c).await.1, 1);
    // And where the first one rolls back, the second one is the event.
    let publish = publish.replace("same", "other");
    let mut two = test.connect().await;
    one.execute("BEGIN").await.unwrap();
    value(&mut one, &publish).await;
    let waiting = tokio::spawn(async move { value(&mut two, &publish).await });
    wait_for_lock(&mut c).await;
    one.execute("ROLLBACK").await.unwrap();
    assert_eq!(waiting.await.unwrap()["duplicate"], false);
    assert_eq!(rows(&mut c).await.1, 2);
}

async fn wait_for_lock(c: &mut PgConnection) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while value(
        c,
        "SELECT to_jsonb(count(*)) FROM pg_locks WHERE NOT granted",
    )
    .await
        == 0
    {
        assert!(std::time::Instant::now() < end, "nobody waits");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn every_event_has_the_routes_of_one_mode_while_modes_change() {
    let test = TestDb::new(Shape::B, Schema::Migrated).await;
    let mut c = test.connect().await;
    let id = webhook(&mut c, Shape::B, "x", "queue", 0).await;
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let mut publishers = Vec::new();
    for level in ["READ COMMITTED", "REPEATABLE READ"] {
        let (mut mine, stop) = (test.connect().await, stop.clone());
        publishers.push(tokio::spawn(async move {
            let mut count = 0;
            mine.execute(AssertSqlSafe(format!(
                "SET default_transaction_isolation = '{level}'"
            )))
            .await
            .unwrap();
            while !stop.load(Ordering::Relaxed) {
                mine.execute(AssertSqlSafe(format!(
                    "SELECT rule_webhook_call_unified({id}, '{{}}')"
                )))
                .await
                .unwrap();
                count += 1;
            }
            count
        }));
    }
    for round in 0..60 {
        let mode = ["both", "nats", "queue"][round % 3];
        c.execute(AssertSqlSafe(format!(
            "UPDATE rule_webhooks SET publish_mode = '{mode}', nats_enabled = true"
        )))
        .await
        .unwrap();
        // Each mode lasts for some events.
        value(
            &mut c,
            &format!("SELECT rule_webhook_call_unified({id}, '{{}}')"),
        )
        .await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut published = 60;
    for publisher in publishers {
        published += publisher.await.unwrap();
    }
    let (queue_only, hybrid, nats_only, odd): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE e.event_id IS NULL AND o.event_id IS NULL AND q.two_route IS NULL),
                count(*) FILTER (WHERE q.two_route AND e.two_route AND e.has_queue_row AND o.event_id IS NOT NULL AND q.call_id = e.call_id),
                count(*) FILTER (WHERE q.event_id IS NULL AND NOT e.two_route AND NOT e.has_queue_row AND o.event_id IS NOT NULL),
                count(*) FILTER (WHERE coalesce(q.event_id, e.event_id, o.event_id) IS NULL)
         FROM wavegate.queue q FULL JOIN rule_webhook_events e USING (event_id) FULL JOIN rule_nats_outbox o USING (event_id)",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    assert_eq!((queue_only + hybrid + nats_only, odd), (published, 0));
    assert!(
        queue_only > 0 && hybrid > 0 && nats_only > 0,
        "{queue_only} {hybrid} {nats_only}"
    );
    let epoch: i64 = sqlx::query_scalar("SELECT mode_epoch FROM rule_webhooks")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(epoch, 60, "each change of mode raises the epoch");
}

#[tokio::test]
async fn a_role_that_does_not_own_the_tables_is_refused_by_preflight() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;
    c.execute("ALTER TABLE rule_webhook_calls ENABLE ROW LEVEL SECURITY; ALTER TABLE rule_webhooks DROP COLUMN tags")
        .await
        .unwrap();
    let app = role(
        &mut c,
        "GRANT SELECT, INSERT ON rule_webhook_calls, rule_webhooks TO ROLE",
    )
    .await;
    let db = crate::support::open(&url_as(&test, &app)).await;
    let checks = wavegate::store::schema::checks(&db).await.unwrap();
    let bad: Vec<&str> = checks
        .iter()
        .filter(|check| check.finding == wavegate::store::schema::Finding::Bad)
        .map(|check| check.check)
        .collect();
    assert_eq!(bad, ["privileges", "columns", "row-level security"]);
    assert!(schema::status(&db).await.unwrap().pending() > 40);
    db.pool().close().await;
    drop_role(&mut c, &app).await;
}

#[tokio::test]
async fn the_owner_of_the_tables_needs_no_superuser() {
    let test = TestDb::new(Shape::B, Schema::Engine).await;
    let mut c = test.connect().await;
    let owner = role(&mut c, "GRANT CREATE ON SCHEMA public TO ROLE").await;
    c.execute(AssertSqlSafe(format!(
        "GRANT CREATE ON DATABASE {} TO {owner};
         DO $do$ DECLARE o text; BEGIN
             FOR o IN SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
                 EXECUTE 'ALTER TABLE ' || o || ' OWNER TO {owner}';
             END LOOP;
             FOR o IN SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = 'public'::regnamespace LOOP
                 EXECUTE 'ALTER FUNCTION ' || o || ' OWNER TO {owner}';
             END LOOP;
         END $do$",
        test.name
    )))
    .await
    .unwrap();
    let before = crate::support::migration::fingerprint(&test.url).await;
    let db = crate::support::open(&url_as(&test, &owner)).await;
    let checks = wavegate::store::schema::checks(&db).await.unwrap();
    assert!(
        checks
            .iter()
            .all(|check| check.finding != wavegate::store::schema::Finding::Bad),
        "{checks:?}"
    );
    apply(&db, None).await;
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    let mut mine = PgConnection::connect(&url_as(&test, &owner)).await.unwrap();
    let id = webhook(&mut mine, Shape::B, "x", "both", 50).await;
    value(
        &mut mine,
        &format!("SELECT rule_webhook_call_unified({id}, '{{}}')"),
    )
    .await;
    mine.execute("UPDATE rule_webhook_events SET state = 'delivered'; UPDATE rule_webhooks SET publish_mode = 'queue'").await.unwrap();
    drop(mine);
    crate::support::migration::revert(&db, None).await;
    assert_eq!(
        before,
        crate::support::migration::fingerprint(&test.url).await
    );
    db.pool().close().await;
    drop_role(&mut c, &owner).await;
}
