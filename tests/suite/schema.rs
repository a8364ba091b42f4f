//! Migration 007 on both shapes, with the engine's own 007 applied before or not: there, back, there again.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::{
    engine::schema::{self, ApplyOptions},
    error::Kind,
    model::{Confirmed, Consent},
    store::{
        Db, DbOptions,
        schema::{MISSING, State},
    },
};

use crate::support::{Schema, Shape, TestDb, actor};

pub const ENGINE_007: &str = include_str!("../../sql/lab/engine_007.sql");

pub fn consent() -> Confirmed {
    Confirmed::by(Consent::Flag)
}

pub async fn connect(db: &TestDb) -> Db {
    Db::connect(&DbOptions {
        url: Some(db.url.clone()),
        ..Default::default()
    })
    .await
    .unwrap()
}

pub async fn apply(db: &Db, stop_after: Option<usize>) -> usize {
    let options = ApplyOptions {
        stop_after,
        ..Default::default()
    };
    schema::apply(db, &actor(), &options, &|_| {}, consent())
        .await
        .unwrap_or_else(|error| panic!("{error} {:?}", error.hints()))
}

pub async fn revert(db: &Db, stop_after: Option<usize>) -> usize {
    let options = ApplyOptions {
        stop_after,
        ..Default::default()
    };
    schema::revert(db, &actor(), &options, &|_| {}, consent())
        .await
        .unwrap_or_else(|error| panic!("{error} {:?}", error.hints()))
}

/// Everything that the catalogue says about the two schemas, names and grants included.
pub async fn fingerprint(url: &str) -> Vec<String> {
    let mut c = PgConnection::connect(url).await.unwrap();
    c.execute("SET search_path = pg_catalog").await.unwrap();
    sqlx::query_scalar(
        "SELECT line FROM (
             SELECT format('relation %s %s %s', c.oid::regclass, c.relkind,
                           (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(c.relacl, acldefault('r', c.relowner))) a)) AS line
             FROM pg_class c WHERE c.relkind <> 'i' AND c.relnamespace::regnamespace::text IN ('public', 'wavegate')
             UNION ALL
             SELECT format('column %s.%s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                           (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum))
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace::regnamespace::text IN ('public', 'wavegate')
             UNION ALL
             SELECT format('constraint %s %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
             FROM pg_constraint k WHERE k.connamespace::regnamespace::text IN ('public', 'wavegate')
             UNION ALL
             SELECT format('index %s %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
             FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace::regnamespace::text IN ('public', 'wavegate')
             UNION ALL
             SELECT format('function %s %s %s %s', p.oid::regprocedure, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner),
                           (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) a))
             FROM pg_proc p WHERE p.pronamespace::regnamespace::text IN ('public', 'wavegate')
             UNION ALL
             SELECT format('view %s %s', v.schemaname || '.' || v.viewname, v.definition) FROM pg_views v WHERE v.schemaname IN ('public', 'wavegate')
             UNION ALL
             SELECT format('trigger %s', pg_get_triggerdef(t.oid)) FROM pg_trigger t WHERE NOT t.tgisinternal
             UNION ALL
             SELECT format('member %s of %s', pg_describe_object(d.classid, d.objid, 0), x.extname)
             FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid WHERE d.deptype = 'e'
         ) lines ORDER BY line COLLATE \"C\"",
    )
    .fetch_all(&mut c)
    .await
    .unwrap()
}

fn assert_same(before: &[String], after: &[String]) {
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "gone: {gone:#?}\nnew: {new:#?}"
    );
}

async fn engine(shape: Shape, with_007: bool) -> TestDb {
    let db = TestDb::new(shape, Schema::Engine).await;
    if with_007 {
        db.connect().await.execute(ENGINE_007).await.unwrap();
    }
    db
}

#[tokio::test]
async fn there_back_and_there_again() {
    for shape in [Shape::A, Shape::B] {
        for with_007 in [false, true] {
            let test = engine(shape, with_007).await;
            let before = fingerprint(&test.url).await;
            let db = connect(&test).await;
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
    let db = connect(&test).await;
    apply(&db, None).await;
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    revert(&db, None).await;
    assert_same(&before, &fingerprint(&test.url).await);
}

#[tokio::test]
async fn verify_names_every_kind_of_damage() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let db = connect(&test).await;
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
    let db = connect(&test).await;
    let mut c = test.connect().await;
    c.execute("DROP VIEW migration_status; DROP INDEX wavegate_queue_event; ALTER TABLE wavegate.relay DROP COLUMN lag_ms")
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
    let db = connect(&test).await;
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
    let db = connect(&test).await;
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
    refused("1 webhooks are not in mode queue (a)").await;
    c.execute("UPDATE rule_webhooks SET publish_mode = 'queue'")
        .await
        .unwrap();
    let claimed = "UPDATE rule_webhook_events SET state = 'claimed', path = 'nats', claimed_by = 'w', attempt = 1, lease_until = now()";
    c.execute(claimed).await.unwrap();
    refused("cannot deliver 1 undelivered events by itself").await;
    c.execute("UPDATE rule_webhook_events SET state = 'delivered'")
        .await
        .unwrap();
    c.execute(
        "INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at) VALUES ('r', 'h', 1, now(), clock_timestamp() + interval '1 minute')",
    )
    .await
    .unwrap();
    refused("1 relays and workers are running").await;
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
    let db = connect(&test).await;
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
