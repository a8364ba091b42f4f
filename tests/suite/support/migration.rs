//! Migration 007: there, back, and all that the catalogue says.

use sqlx::{Connection, Executor, PgConnection};
use wavegate::{
    engine::schema::{self, ApplyOptions},
    model::{Confirmed, Consent},
    store::Db,
};

use super::{Schema, Shape, TestDb, actor};

pub const ENGINE_007: &str = include_str!("../../../sql/lab/engine_007.sql");

pub fn consent() -> Confirmed {
    Confirmed::by(Consent::Flag)
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

pub fn assert_same(before: &[String], after: &[String]) {
    let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "gone: {gone:#?}\nnew: {new:#?}"
    );
}

/// The engine's tables, with or without the engine's own 007.
pub async fn engine(shape: Shape, with_007: bool) -> TestDb {
    let db = TestDb::new(shape, Schema::Engine).await;
    if with_007 {
        db.connect().await.execute(ENGINE_007).await.unwrap();
    }
    db
}
