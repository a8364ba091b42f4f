//! Migration 007 on both shapes, with the engine's own 007 applied before or not: there, back, there again.

use sqlx::{AssertSqlSafe, Executor};
use wavegate::{
    engine::schema::{self, ApplyOptions},
    error::Kind,
    store::schema::{DefaultMode, MISSING, State},
};

use crate::support::{
    Schema, Shape, TestDb, actor,
    migration::{apply, assert_same, consent, engine, fingerprint, revert},
};

#[tokio::test]
async fn there_back_and_there_again() {
    for shape in [Shape::A, Shape::B] {
        for with_007 in [false, true] {
            let test = engine(shape, with_007).await;
            let before = fingerprint(&test.url).await;
            let db = test.db().await;
            assert!(apply(&db, None).await > 10);
            assert_eq!(schema::verify(&db).await.unwrap(), []);
            let first = fingerprint(&test.url).await;
            assert_eq!(apply(&db, None).await, 0, "nothing to do the second time");
            assert_same(&first, &fingerprint(&test.url).await);
            let status = schema::status(&db).await.unwrap();
            assert_eq!(status.pending(), 0);
            let adopted = |step: &str| status.steps.iter().find(|s| s.step == step).unwrap().state;
            let expected = if with_007 {
                State::Adopted
            } else {
                State::Done
            };
            for step in [
                "02_nats_config",
                "05_publish_mode",
                "12_history_by_time",
                "14_publish_summary",
                "23_stats",
            ] {
                assert_eq!(adopted(step), expected, "{shape:?} {with_007} {step}");
            }
            assert_eq!(adopted("34_ledger"), State::Done);
            // Webhooks made later may begin in NATS: that is no fault, and goes back with the rest.
            let nats = DefaultMode::Nats.statement(db.shape());
            db.pool().execute(AssertSqlSafe(nats)).await.unwrap();
            assert_eq!(schema::verify(&db).await.unwrap(), []);
            revert(&db, None).await;
            assert_same(&before, &fingerprint(&test.url).await);
            assert!(
                schema::verify(&db)
                    .await
                    .unwrap()
                    .iter()
                    .all(|d| d.found == MISSING || d.found.len() > 3)
            );
            apply(&db, None).await;
            assert_same(&first, &fingerprint(&test.url).await);
        }
    }
}

#[tokio::test]
async fn what_an_adopted_table_lacks_is_added_and_taken_back() {
    let test = engine(Shape::A, true).await;
    let mut c = test.connect().await;
    c.execute(
        "ALTER TABLE rule_nats_config DROP COLUMN tls_ca_file, DROP CONSTRAINT valid_auth_type;
         ALTER TABLE rule_webhooks DROP COLUMN nats_subject CASCADE;
         ALTER TABLE rule_webhooks DROP CONSTRAINT rule_webhooks_nats_config_id_fkey",
    )
    .await
    .unwrap();
    let before = fingerprint(&test.url).await;
    let db = test.db().await;
    apply(&db, None).await;
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    revert(&db, None).await;
    assert_same(&before, &fingerprint(&test.url).await);
}

#[tokio::test]
async fn verify_names_every_kind_of_damage() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let db = test.db().await;
    let mut c = test.connect().await;
    c.execute(
        "ALTER TABLE rule_webhooks ALTER nats_share SET DEFAULT 5;
         ALTER TABLE rule_webhook_events ALTER epoch DROP NOT NULL;
         DROP VIEW wavegate.rule_nats_outbox;
         ALTER TABLE rule_nats_outbox ALTER subject TYPE varchar(9);
         ALTER TABLE rule_webhooks DROP CONSTRAINT valid_publish_mode;
         DROP INDEX wavegate_queue_event;
         ALTER TABLE rule_webhooks DISABLE TRIGGER wavegate_epoch;
         DROP VIEW migration_status;
         CREATE OR REPLACE FUNCTION wavegate.bucket(event_id text) RETURNS integer LANGUAGE sql AS 'SELECT 7';
         ALTER FUNCTION wavegate.publish(integer, jsonb, text, timestamptz, text, boolean) SECURITY INVOKER;
         DROP FUNCTION rule_nats_stats(integer, integer);
         DROP FUNCTION wavegate.event_retry(bigint);
         ALTER FUNCTION wavegate.event_status(bigint) SECURITY INVOKER;
         ALTER TABLE wavegate.relay DROP COLUMN lag_ms",
    )
    .await
    .unwrap();
    let found: Vec<String> = schema::verify(&db)
        .await
        .unwrap()
        .iter()
        .map(|d| format!("{}: {}", d.object, d.found))
        .collect();
    for part in [
        "column rule_webhooks.nats_share: smallint not null default 5",
        "column rule_webhook_events.epoch: bigint",
        "column rule_nats_outbox.subject: character varying(9) not null",
        "constraint rule_webhooks CHECK ((publish_mode",
        "index rule_webhook_calls unique btree (event_id)",
        "trigger wavegate_epoch on rule_webhooks: wavegate.raise_epoch enabled D",
        "view migration_status: missing",
        "function wavegate.bucket(text): another body",
        "rights of wavegate.publish(integer, jsonb, text, timestamp with time zone, text, boolean): invoker",
        "function rule_nats_stats(integer, integer): missing",
        "column wavegate.relay.lag_ms: missing",
        "function wavegate.event_retry(bigint): missing",
        "rights of wavegate.event_status(bigint): invoker",
    ] {
        assert!(
            found.iter().any(|line| line.starts_with(part)),
            "{part} not in {found:#?}"
        );
    }
}

#[tokio::test]
async fn apply_mends_what_is_missing_and_refuses_what_differs() {
    let test = TestDb::new(Shape::B, Schema::Migrated).await;
    let db = test.db().await;
    let mut c = test.connect().await;
    c.execute("DROP VIEW migration_status; DROP INDEX wavegate_queue_event; ALTER TABLE wavegate.relay DROP COLUMN lag_ms;
               DROP FUNCTION wavegate.event_retry(bigint)")
        .await
        .unwrap();
    apply(&db, None).await;
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    c.execute("DROP VIEW wavegate.rule_nats_outbox; ALTER TABLE rule_nats_outbox ALTER subject TYPE varchar(9)")
        .await
        .unwrap();
    let error = schema::apply(&db, &actor(), &ApplyOptions::default(), &|_| {}, consent())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error
            .hints()
            .iter()
            .any(|hint| hint.contains("found character varying(9) not null, wanted text not null")),
        "{:?}",
        error.hints()
    );
}

#[tokio::test]
async fn an_operator_may_replace_the_guides_views_and_add_the_guides_index() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let db = test.db().await;
    let mut c = test.connect().await;
    c.execute(
        "CREATE OR REPLACE VIEW migration_status AS SELECT publish_mode, count(*) AS webhook_count, sum(1::bigint) AS nats_messages_24h,
                sum(2::bigint) AS queue_messages_24h FROM rule_webhooks GROUP BY publish_mode",
    )
    .await
    .unwrap();
    c.execute("CREATE INDEX CONCURRENTLY idx_nats_publish_webhook_time ON rule_nats_publish_history (webhook_id, published_at DESC)")
        .await
        .unwrap();
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    assert_eq!(apply(&db, None).await, 0);
    revert(&db, None).await;
}

#[tokio::test]
async fn revert_waits_for_events_and_modes() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let db = test.db().await;
    let mut c = test.connect().await;
    c.execute(
        "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled) VALUES ('a', 'http://x', 'both', true);
         SELECT rule_webhook_call_unified(1, '{}')",
    )
    .await
    .unwrap();
    let refused = async |wanted: &str| {
        let error = schema::revert(&db, &actor(), &ApplyOptions::default(), &|_| {}, consent())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
        assert!(
            error.hints().iter().any(|hint| hint.contains(wanted)),
            "{wanted}: {:?}",
            error.hints()
        );
    };
    // What the queue holds and can deliver by itself is no obstacle; what a NATS worker has, is.
    refused("1 webhook not in mode queue (a)").await;
    c.execute("UPDATE rule_webhooks SET publish_mode = 'queue'")
        .await
        .unwrap();
    let claimed = "UPDATE rule_webhook_events SET state = 'claimed', path = 'nats', claimed_by = 'w', attempt = 1, lease_until = now()";
    c.execute(claimed).await.unwrap();
    refused("cannot deliver 1 undelivered event by itself").await;
    c.execute("UPDATE rule_webhook_events SET state = 'delivered'")
        .await
        .unwrap();
    c.execute(
        "INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at) VALUES ('r', 'h', 1, now(), clock_timestamp() + interval '1 minute')",
    )
    .await
    .unwrap();
    refused("stop what still runs: the relay on h (pid 1)").await;
    c.execute(AssertSqlSafe(
        "UPDATE wavegate.relay SET stopped_at = now()".to_string(),
    ))
    .await
    .unwrap();
    revert(&db, None).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM rule_webhook_calls")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(left, 1, "the queue's own history stays");
}

#[tokio::test]
async fn what_stands_in_the_way_is_named_before_anything_is_changed() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;
    c.execute("CREATE VIEW migration_status AS SELECT 1 AS mine; ALTER TABLE rule_webhooks ADD publish_mode integer")
        .await
        .unwrap();
    let before = fingerprint(&test.url).await;
    let db = test.db().await;
    let error = schema::apply(&db, &actor(), &ApplyOptions::default(), &|_| {}, consent())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    for hint in [
        "column rule_webhooks.publish_mode: found integer, wanted text default 'queue'::text",
        "view migration_status: found mine integer, wanted publish_mode text",
    ] {
        assert!(
            error.hints().iter().any(|h| h.starts_with(hint)),
            "{:?}",
            error.hints()
        );
    }
    assert_same(&before, &fingerprint(&test.url).await);
}
