//! PostgreSQL and nats-server of the bench's own, with the rule engine, migration 007, a stream and webhooks.
//! Durability as in production: fsync, synchronous_commit and full_page_writes are on; everything else is as it comes.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};
use wavegate::{
    bus::{self, Bus, BusOptions, Layer},
    lab::{
        processes::{Process, Surroundings},
        servers::{Nats, Postgres},
    },
    model::{Confirmed, Consent, ConsumerDefinition, StreamDefinition},
    store::{Db, DbOptions, journal::Actor},
};

use super::{receiver::Receiver, show::note};

pub const STREAM: &str = "WEBHOOKS";
pub const RELAY: &[&str] = &["relay"];
pub const NATS_WORKER: &[&str] = &["worker", "--path", "nats"];
pub const QUEUE_WORKER: &[&str] = &["worker", "--path", "queue"];

/// About 300 bytes of a payload; `n` tells the receiver which event it is.
pub const PAYLOAD: &str = "jsonb_build_object('n', n, 'type', 'order.placed', 'order', jsonb_build_object('id', n * 7, 'total', 129.95,
     'currency', 'EUR', 'customer', 'customer-' || n % 5000), 'note', repeat('x', 180))";

pub struct Lab {
    // Dropped in this order: the receiver and sessions before the servers.
    pub receiver: Receiver,
    pub sql: PgConnection,
    pub bus: Bus,
    pub surroundings: Surroundings,
    pub nats: Nats,
    pub postgres: Postgres,
    started: u32,
    pub logs: PathBuf,
    _dir: tempfile::TempDir,
}

impl Lab {
    pub async fn start() -> Lab {
        let dir = tempfile::tempdir().unwrap();
        let durable = [
            "fsync = on",
            "synchronous_commit = on",
            "full_page_writes = on",
        ];
        let counted = [
            "shared_preload_libraries = 'pg_stat_statements'",
            "pg_stat_statements.track_planning = on",
        ];
        let counted: &[&str] = if super::statements::wanted() > 0 {
            &counted
        } else {
            &[]
        };
        let settings = [&durable, counted].concat();
        let postgres = Postgres::start(dir.path(), &settings).unwrap();
        let nats = Nats::start(dir.path(), &[]).unwrap();
        let url = postgres.url("bench");
        let sql = database(&postgres, "bench").await;
        let layer = Layer {
            servers: vec![nats.url()],
            ..Layer::default()
        };
        let options = BusOptions::from_layers(&[layer], Duration::from_secs(5)).unwrap();
        let lab = Lab {
            receiver: Receiver::start(),
            sql,
            bus: Bus::connect(&options).await.unwrap(),
            surroundings: Surroundings {
                program: env!("CARGO_BIN_EXE_wavegate").into(),
                dir: dir.path().to_path_buf(),
                database_url: url,
                nats_url: nats.url(),
                width: 120,
            },
            nats,
            postgres,
            started: 0,
            logs: dir.path().join("logs"),
            _dir: dir,
        };
        lab.ensure().await;
        lab
    }

    /// Another database on the same servers, with webhooks of its own; from now on everything works there.
    pub async fn add_database(&mut self, name: &str) {
        self.sql = database(&self.postgres, name).await;
        self.surroundings.database_url = self.postgres.url(name);
    }

    /// Works in a database that was added before.
    pub async fn use_database(&mut self, name: &str) {
        self.surroundings.database_url = self.postgres.url(name);
        self.sql = self.session().await;
    }

    /// Stream and consumer as `wavegate stream ensure` makes them.
    pub async fn ensure(&self) {
        let wanted = StreamDefinition::safe(STREAM, vec!["webhooks.>".into()]);
        bus::ensure_stream(&self.bus, &wanted).await.unwrap();
        let durable = ConsumerDefinition::new(ConsumerDefinition::NAME);
        bus::ensure_consumer(&self.bus, STREAM, &durable)
            .await
            .unwrap();
    }

    /// Says what runs here.
    pub async fn about(&mut self) {
        let postgres = self.text("SELECT split_part(version(), ' ', 2)").await;
        let settings = self
            .text(
                "SELECT string_agg(name || '=' || setting || coalesce(unit, ''), ' ' ORDER BY name) FROM pg_settings
                 WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', 'autovacuum')",
            )
            .await;
        let nats = &self.bus.client().server_info().version;
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let commit = Command::new("git")
            .args(["describe", "--always", "--dirty"])
            .output();
        let commit = commit.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string());
        note(&format!(
            "wavegate {} ({}), release build; PostgreSQL {postgres} ({settings}); nats-server {nats}, file storage, its own sync interval; \
             {cores} cores ({}) shared by PostgreSQL, NATS, wavegate, callers and receiver; load before: {}",
            env!("CARGO_PKG_VERSION"),
            commit.unwrap_or_default(),
            model.map_or("unknown", |(_, name)| name),
            load.split(' ').next().unwrap_or("?"),
        ));
    }

    /// A webhook whose endpoint answers after so many milliseconds.
    pub async fn webhook(&mut self, mode: &str, delay_ms: u32) -> i32 {
        sqlx::query_scalar(
            "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled, nats_share)
             VALUES ('bench ' || nextval('wavegate.event_number'), $1, $2, $2 <> 'queue', 100) RETURNING webhook_id",
        )
        .bind(format!("{}/{delay_ms}", self.receiver.url))
        .bind(mode)
        .fetch_one(&mut self.sql)
        .await
        .unwrap()
    }

    /// Calls the unified function for each `n` from `from`, of these webhooks in turn, a thousand a transaction.
    pub async fn emit(&mut self, webhooks: &[i32], from: u64, count: u64) {
        let mut n = from;
        while n < from + count {
            let to = (n + 1000).min(from + count);
            self.run(&format!(
                "SELECT count(rule_webhook_call_unified((ARRAY{webhooks:?})[1 + n % {}], {PAYLOAD}))
                 FROM generate_series({n}, {to} - 1) n",
                webhooks.len()
            ))
            .await;
            n = to;
        }
    }

    /// Empties ledger, outbox, history and queue, and the stream; then PostgreSQL starts from a checkpoint.
    pub async fn clear(&mut self) {
        self.run(
            "TRUNCATE rule_webhook_events, rule_nats_outbox, rule_nats_publish_history, rule_webhook_calls CASCADE",
        )
        .await;
        self.run("TRUNCATE wavegate.foreign_results, wavegate.unpublished")
            .await;
        self.stream().await.purge().await.unwrap();
        self.receiver.reset().await;
        self.settle().await;
    }

    /// A checkpoint, so that no measurement pays for what went before it.
    pub async fn settle(&mut self) {
        self.run("CHECKPOINT").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }

    pub async fn stream(&self) -> async_nats::jetstream::stream::Stream {
        self.bus.jetstream().get_stream(STREAM).await.unwrap()
    }

    /// Messages in the stream.
    pub async fn messages(&self) -> u64 {
        self.stream().await.cached_info().state.messages
    }

    /// Starts a process of wavegate and waits until it works.
    pub async fn launch(&mut self, args: &[&str]) -> Process {
        self.started += 1;
        let name = format!("{}-{}", args[0], self.started);
        let mut process =
            Process::start(&self.surroundings, &self.logs, &name, args, None).unwrap();
        process.ready(Duration::from_secs(30)).await.unwrap();
        process
    }

    /// SIGTERM, and its end.
    pub async fn stop(&self, process: Process) {
        process.ask_to_stop();
        process.ended(Duration::from_secs(60)).await.unwrap();
    }

    /// Waits until a relay has published everything.
    pub async fn until_published(&mut self) {
        self.until("SELECT NOT EXISTS (SELECT FROM wavegate.unpublished)")
            .await;
    }

    pub async fn until_delivered(&mut self) {
        self.until("SELECT NOT EXISTS (SELECT FROM rule_webhook_events WHERE NOT ended)")
            .await;
    }

    async fn until(&mut self, sql: &'static str) {
        let end = Instant::now() + Duration::from_secs(600);
        while !sqlx::query_scalar::<_, bool>(sql)
            .fetch_one(&mut self.sql)
            .await
            .unwrap()
        {
            assert!(Instant::now() < end, "not within ten minutes: {sql}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    pub async fn run(&mut self, sql: &str) {
        self.sql
            .execute(sqlx::AssertSqlSafe(sql.to_string()))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub async fn text(&mut self, sql: &str) -> String {
        sqlx::query_scalar::<_, Option<String>>(sqlx::AssertSqlSafe(sql.to_string()))
            .fetch_one(&mut self.sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .unwrap_or_default()
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_string()))
            .fetch_one(&mut self.sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub async fn session(&self) -> PgConnection {
        PgConnection::connect(&self.surroundings.database_url)
            .await
            .unwrap()
    }
}

/// A database with the engine's tables and migration 007.
async fn database(postgres: &Postgres, name: &str) -> PgConnection {
    let mut admin = PgConnection::connect(&postgres.url("postgres"))
        .await
        .unwrap();
    let create = format!("CREATE DATABASE {name}");
    admin.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    let url = postgres.url(name);
    let mut sql = PgConnection::connect(&url).await.unwrap();
    sql.execute(include_str!("../../sql/lab/engine_a.sql"))
        .await
        .unwrap();
    migrate(&url).await;
    sql
}

/// Migration 007, as `wavegate schema apply` does it.
async fn migrate(url: &str) {
    let options = DbOptions {
        url: Some(url.to_string()),
        ..DbOptions::default()
    };
    let db = Db::connect(&options).await.unwrap();
    let actor = Actor {
        who: "bench".into(),
        host: "here".into(),
        command: "bench".into(),
    };
    let consent = Confirmed::by(Consent::Flag);
    wavegate::engine::schema::apply(&db, &actor, &Default::default(), &|_| {}, consent)
        .await
        .unwrap();
    db.pool().close().await;
}
