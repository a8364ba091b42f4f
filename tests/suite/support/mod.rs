//! Servers and databases for tests. With WAVEGATE_TEST_POSTGRES and WAVEGATE_TEST_NATS set (`scripts/test` does) the tests
//! share a running pair of servers, each in databases and streams of its own; otherwise each `TestDb` and each
//! `TestNats` starts its own.
#![allow(dead_code)]

pub mod bench;
pub mod events;
pub mod exposition;
pub mod link;
pub mod migration;
pub mod plane;
pub mod receiver;
pub mod terminal;

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{Connection, Executor, PgConnection};
use wavegate::lab::{
    servers::{Nats, POSTGRES_BIN, Postgres},
    watch::Watch,
};
use wavegate::store::{Db, DbOptions};

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
    server: Option<Own<Postgres>>,
}

/// A server of this test alone. The fields are dropped in this order.
struct Own<S> {
    _watch: Watch,
    server: S,
    _dir: tempfile::TempDir,
}

impl<S> Own<S> {
    fn new(server: S, pid: Option<u32>, dir: tempfile::TempDir) -> Own<S> {
        Own {
            _watch: Watch::over(pid, dir.path()).unwrap(),
            server,
            _dir: dir,
        }
    }
}

impl Own<Postgres> {
    /// It dies as in a crash, and comes back on its port.
    fn restart(&mut self) {
        self.server.kill();
        self.server.resume().unwrap();
        self._watch = Watch::over(self.server.pid(), self._dir.path()).unwrap();
    }
}

/// A program of PostgreSQL, of the server's own version.
pub fn program(name: &str) -> Command {
    match std::env::var(POSTGRES_BIN) {
        Ok(bin) => Command::new(format!("{bin}/{name}")),
        Err(_) => Command::new(name),
    }
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
        let (port, server) = match std::env::var(SHARED_POSTGRES) {
            Ok(port) => (port, None),
            Err(_) => {
                let dir = tempfile::tempdir().unwrap();
                let server = Postgres::start(dir.path(), &[]).unwrap();
                let (port, pid) = (server.port().to_string(), server.pid());
                (port, Some(Own::new(server, pid, dir)))
            }
        };
        let base = format!("postgres://postgres@127.0.0.1:{port}/");
        let name = database(&base, shape, schema).await;
        TestDb {
            url: format!("{base}{name}"),
            name,
            server,
        }
    }

    /// On a server of its own, with these lines in its configuration.
    pub async fn alone(shape: Shape, schema: Schema, settings: &[&str]) -> TestDb {
        let dir = tempfile::tempdir().unwrap();
        let server = Postgres::start(dir.path(), settings).unwrap();
        let base = server.url("");
        let pid = server.pid();
        let name = database(&base, shape, schema).await;
        TestDb {
            url: format!("{base}{name}"),
            name,
            server: Some(Own::new(server, pid, dir)),
        }
    }

    /// As superuser, by the program's own connection.
    pub async fn db(&self) -> Db {
        open(&self.url).await
    }

    /// A server of its own dies and comes back.
    pub fn restart(&mut self) {
        self.server.as_mut().unwrap().restart();
    }

    /// What a server of its own has logged.
    pub fn log_text(&self) -> String {
        let own = self.server.as_ref().unwrap();
        let log = std::fs::read(own._dir.path().join("postgres/log")).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Migrated, and made by other words of CREATE DATABASE (an encoding, for example).
    pub async fn with(shape: Shape, words: &str) -> TestDb {
        let mut db = TestDb::new(shape, Schema::Engine).await;
        let mut admin =
            PgConnection::connect(&db.url.replace(&format!("/{}", db.name), "/postgres"))
                .await
                .unwrap();
        let name = unique("test");
        for statement in [
            format!("DROP DATABASE {}", db.name),
            format!("CREATE DATABASE {name} {words}"),
        ] {
            admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
        }
        db.url = db.url.replace(&db.name, &name);
        db.name = name;
        let engine = match shape {
            Shape::A => include_str!("../../../sql/lab/engine_a.sql"),
            Shape::B => include_str!("../../../sql/lab/engine_b.sql"),
        };
        let mut sql = db.connect().await;
        sql.execute(engine).await.unwrap();
        sql.close().await.unwrap();
        migrate(&db.url).await;
        db
    }

    /// A plain session, as an application or a foreign worker would have it.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }
}

impl Drop for TestDb {
    /// On a shared server the database goes now, so that a long run needs no more room than a short one.
    fn drop(&mut self) {
        if self.server.is_some() {
            return;
        }
        let admin = self.url.replace(&format!("/{}", self.name), "/postgres");
        let statements = [
            format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                self.name
            ),
            format!("DROP DATABASE {}", self.name),
        ];
        // The test's own runtime may be the one that is dropping this value.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let Ok(mut admin) = PgConnection::connect(&admin).await else {
                    return;
                };
                for statement in statements {
                    let _ = admin.execute(sqlx::AssertSqlSafe(statement)).await;
                }
            });
        });
        let _ = done.join();
    }
}

/// A database of its own on the server at `base`; returns its name.
pub async fn database(base: &str, shape: Shape, schema: Schema) -> String {
    let template = template(base, shape, schema).await;
    let name = unique("test");
    let mut admin = PgConnection::connect(&format!("{base}postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    name
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
            Shape::A => include_str!("../../../sql/lab/engine_a.sql"),
            Shape::B => include_str!("../../../sql/lab/engine_b.sql"),
        };
        db.execute(engine).await.unwrap();
        if schema == Schema::Migrated {
            migrate(&format!("{base}{building}")).await;
        }
        db.close().await.unwrap();
        let rename = format!("ALTER DATABASE {building} RENAME TO {name}");
        admin.execute(sqlx::AssertSqlSafe(rename)).await.unwrap();
    }
    admin.close().await.unwrap();
    name
}

/// The documented roles: of the server, with their rights in every migrated database of the tests.
pub const OPERATOR: &str = "wavegate_operator";
pub const CARRIER: &str = "wavegate_carrier";

/// This database for the role that docs/privileges.md names for such a command.
pub fn under_role(url: &str, arguments: &[&str]) -> String {
    let role = match arguments {
        ["relay" | "worker", ..] => CARRIER,
        ["schema", "apply" | "revert" | "roles", ..] | ["rollback", .., "--level", "3"] => {
            return url.to_string();
        }
        _ => OPERATOR,
    };
    url.replace("postgres@", &format!("{role}@"))
}

pub async fn grant_roles_on(url: &str) {
    let db = open(url).await;
    grant_roles(&db).await;
    db.pool().close().await;
}

/// What `wavegate schema roles` prints, as the owner runs it.
async fn grant_roles(db: &wavegate::store::Db) {
    use wavegate::store::rights::{Role, create, grants};
    for (role, name) in [(Role::Operator, OPERATOR), (Role::Carrier, CARRIER)] {
        // Two databases may make the server's role at the same moment.
        let made = db.pool().execute(sqlx::AssertSqlSafe(create(name))).await;
        if made.is_err() {
            let again = sqlx::AssertSqlSafe(create(name));
            db.pool().execute(again).await.unwrap();
        }
        let rights = grants(db, role, name).await.unwrap().join(";\n");
        db.pool()
            .execute(sqlx::AssertSqlSafe(rights))
            .await
            .unwrap();
    }
}

/// Migration 007, as `wavegate schema apply` does it, and the documented roles.
pub async fn migrate(url: &str) {
    let db = open(url).await;
    let consent = wavegate::model::Confirmed::by(wavegate::model::Consent::Flag);
    wavegate::engine::schema::apply(&db, &actor(), &Default::default(), &|_| {}, consent)
        .await
        .unwrap_or_else(|error| panic!("{error} {:?}", error.hints()));
    grant_roles(&db).await;
    db.pool().close().await;
}

/// Who acts in tests.
pub fn actor() -> wavegate::store::journal::Actor {
    wavegate::store::journal::Actor {
        who: "tester".to_string(),
        host: "here".to_string(),
        command: "test".to_string(),
    }
}

/// A nats-server for this test, and a prefix that keeps its streams apart on a shared one.
pub struct TestNats {
    pub url: String,
    /// Unique, upper case: for stream names; in lower case for subjects.
    pub prefix: String,
    _server: Option<Own<Nats>>,
}

impl TestNats {
    pub fn new() -> TestNats {
        let prefix = unique("T").to_uppercase();
        match std::env::var(SHARED_NATS) {
            Ok(port) => TestNats {
                url: format!("nats://127.0.0.1:{port}"),
                prefix,
                _server: None,
            },
            Err(_) => {
                let dir = tempfile::tempdir().unwrap();
                let server = Nats::start(dir.path(), &[]).unwrap();
                let (url, pid) = (server.url(), server.pid());
                TestNats {
                    url,
                    prefix,
                    _server: Some(Own::new(server, pid, dir)),
                }
            }
        }
    }
}

/// By the program's own connection.
pub async fn open(url: &str) -> Db {
    Db::connect(&DbOptions {
        url: Some(url.to_string()),
        ..DbOptions::default()
    })
    .await
    .unwrap()
}
