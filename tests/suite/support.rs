//! Servers and databases for tests. With WAVEGATE_TEST_POSTGRES and WAVEGATE_TEST_NATS set (`scripts/test` does) the tests
//! share a running pair of servers, each in databases and streams of its own; otherwise each test process starts its own.
#![allow(dead_code)]

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, Executor, PgConnection};
use wavegate::lab::servers::{Nats, Postgres};

/// Port of a shared PostgreSQL with superuser `postgres` and trust on loopback.
pub const SHARED_POSTGRES: &str = "WAVEGATE_TEST_POSTGRES";
/// Port of a shared nats-server with JetStream.
pub const SHARED_NATS: &str = "WAVEGATE_TEST_NATS";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    A,
    B,
}

/// What the database holds before the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The engine's tables only.
    Engine,
    /// And migration 007 in full.
    Migrated,
}

/// A database of this test's own; its server lives as long as this value.
pub struct TestDb {
    pub url: String,
    pub name: String,
    _server: Option<Postgres>,
    _dir: Option<tempfile::TempDir>,
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A name that no other test of any process uses.
pub fn unique(prefix: &str) -> String {
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!(
        "{prefix}_{}_{number}_{:08x}",
        std::process::id(),
        fastrand::u32(..)
    )
}

impl TestDb {
    pub async fn new(shape: Shape, schema: Schema) -> TestDb {
        let (base, server, dir) = match std::env::var(SHARED_POSTGRES) {
            Ok(port) => (format!("postgres://postgres@127.0.0.1:{port}/"), None, None),
            Err(_) => {
                let dir = tempfile::tempdir().unwrap();
                let server = Postgres::start(dir.path(), &[]).unwrap();
                (
                    format!("postgres://postgres@127.0.0.1:{}/", server.port()),
                    Some(server),
                    Some(dir),
                )
            }
        };
        let template = template(&base, shape, schema).await;
        let name = unique("test");
        let mut admin = PgConnection::connect(&format!("{base}postgres"))
            .await
            .unwrap();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
        TestDb {
            url: format!("{base}{name}"),
            name,
            _server: server,
            _dir: dir,
        }
    }

    /// A plain session, as an application or a foreign worker would have it.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

/// Makes the template database once per server; others wait for it.
async fn template(base: &str, shape: Shape, schema: Schema) -> String {
    let name = format!("template_{shape:?}_{schema:?}").to_lowercase();
    let mut admin = PgConnection::connect(&format!("{base}postgres"))
        .await
        .unwrap();
    admin
        .execute("SELECT pg_advisory_lock(7007)")
        .await
        .unwrap();
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut admin)
            .await
            .unwrap();
    if !exists {
        let building = format!("{name}_building");
        for statement in [
            format!("DROP DATABASE IF EXISTS {building}"),
            format!("CREATE DATABASE {building}"),
        ] {
            admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
        let mut db = PgConnection::connect(&format!("{base}{building}"))
            .await
            .unwrap();
        let engine = match shape {
            Shape::A => include_str!("../../sql/lab/engine_a.sql"),
            Shape::B => include_str!("../../sql/lab/engine_b.sql"),
        };
        db.execute(engine).await.unwrap();
        if schema == Schema::Migrated {
            migrate(&mut db, shape).await;
        }
        db.close().await.unwrap();
        let rename = format!("ALTER DATABASE {building} RENAME TO {name}");
        admin.execute(sqlx::AssertSqlSafe(rename)).await.unwrap();
    }
    admin.close().await.unwrap();
    name
}

/// Every step of sql/007, in order.
async fn migrate(db: &mut PgConnection, shape: Shape) {
    let shape = wavegate::store::Shape {
        queue: match shape {
            Shape::A => wavegate::store::QueueShape::A,
            Shape::B => wavegate::store::QueueShape::B,
        },
        schema: "public".to_string(),
    };
    for step in wavegate::store::schema::steps(&shape) {
        let text = step.sql(shape.queue).replace(" CONCURRENTLY", "");
        db.execute(sqlx::AssertSqlSafe(text))
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", step.name));
    }
}

/// A nats-server for this test, and a prefix that keeps its streams apart on a shared one.
pub struct TestNats {
    pub url: String,
    /// Unique, upper case: for stream names; in lower case for subjects.
    pub prefix: String,
    _server: Option<Nats>,
    _dir: Option<tempfile::TempDir>,
}

impl TestNats {
    pub fn new() -> TestNats {
        let prefix = unique("T").to_uppercase();
        match std::env::var(SHARED_NATS) {
            Ok(port) => TestNats {
                url: format!("nats://127.0.0.1:{port}"),
                prefix,
                _server: None,
                _dir: None,
            },
            Err(_) => {
                let dir = tempfile::tempdir().unwrap();
                let server = Nats::start(dir.path(), &[]).unwrap();
                TestNats {
                    url: server.url(),
                    prefix,
                    _server: Some(server),
                    _dir: Some(dir),
                }
            }
        }
    }
}
