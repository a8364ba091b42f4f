//! A whole data plane for a test: database, nats-server, receiver, and real `wavegate` processes.
#![allow(dead_code)]

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection};
use wavegate::{
    bus::{self, Bus, BusOptions, Layer},
    lab::servers::Nats,
    model::{ConsumerDefinition, StreamDefinition},
};

use crate::{
    support::receiver::Receiver,
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb, under_role},
};

pub struct Plane {
    pub db: TestDb,
    pub shape: Shape,
    /// Commands and services run under the documented roles.
    pub roles: bool,
    pub nats: Nats,
    pub receiver: Receiver,
    pub sql: PgConnection,
    logs: tempfile::TempDir,
    _dir: tempfile::TempDir,
}

pub const STREAM: &str = "WEBHOOKS";

/// Time-outs of tests are in seconds of a machine that is not busy. One that is gets so many times as long.
const BUSY: u64 = 4;

fn deadline(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(BUSY * seconds)
}

impl Plane {
    pub async fn new(shape: Shape) -> Plane {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let mut plane = Plane::on(db, shape).await;
        plane.roles = true;
        plane
    }

    /// The same around a database that is there already.
    pub async fn on(db: TestDb, shape: Shape) -> Plane {
        let plane = Plane::bare(db, shape).await;
        plane.ensure().await;
        plane
    }

    /// The same without a stream.
    pub async fn bare(db: TestDb, shape: Shape) -> Plane {
        let dir = tempfile::tempdir().unwrap();
        let nats = Nats::start(dir.path(), &[]).unwrap();
        let sql = db.connect().await;
        Plane {
            db,
            shape,
            roles: false,
            nats,
            receiver: Receiver::start().await,
            sql,
            logs: tempfile::tempdir().unwrap(),
            _dir: dir,
        }
    }

    pub async fn bus(&self) -> Bus {
        let layer = Layer {
            servers: vec![self.nats.url()],
            ..Layer::default()
        };
        let options = BusOptions::from_layers(&[layer], Duration::from_secs(5)).unwrap();
        Bus::connect(&options).await.unwrap()
    }

    /// Stream and consumer as `stream ensure` makes them.
    pub async fn ensure(&self) {
        let bus = self.bus().await;
        let wanted = StreamDefinition::safe(STREAM, vec!["webhooks.>".into()]);
        bus::ensure_stream(&bus, &wanted).await.unwrap();
        let durable = ConsumerDefinition::new(ConsumerDefinition::NAME);
        bus::ensure_consumer(&bus, STREAM, &durable).await.unwrap();
    }

    /// A webhook that calls `/{behaviour}` of the receiver.
    pub async fn webhook(&mut self, behaviour: &str, mode: &str, share: i16) -> i32 {
        let column = if self.shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        let sql = format!(
            "INSERT INTO rule_webhooks (webhook_name, {column}, publish_mode, nats_enabled, nats_share, retry_delay_ms)
             VALUES ('w' || nextval('wavegate.event_number'), $1, $2, $2 <> 'queue', $3, 50) RETURNING webhook_id"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(format!("{}/{behaviour}", self.receiver.url))
            .bind(mode)
            .bind(share)
            .fetch_one(&mut self.sql)
            .await
            .unwrap()
    }

    /// Emits `count` events, one transaction each; returns their ids.
    pub async fn emit(&mut self, webhook: i32, count: i32) -> Vec<String> {
        let mut ids = Vec::new();
        for n in 0..count {
            let id = sqlx::query_scalar(
                "SELECT rule_webhook_call_unified($1, jsonb_build_object('n', $2::int)) ->> 'event_id'",
            )
            .bind(webhook)
            .bind(n)
            .fetch_one(&mut self.sql)
            .await
            .unwrap();
            ids.push(id);
        }
        ids
    }

    pub async fn run(&mut self, sql: &str) -> u64 {
        sqlx::query(sqlx::AssertSqlSafe(sql.to_string()))
            .execute(&mut self.sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
            .rows_affected()
    }

    pub async fn number(&mut self, sql: &str) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_string()))
            .fetch_one(&mut self.sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Waits until the query gives this number.
    pub async fn until(&mut self, seconds: u64, sql: &str, wanted: i64) {
        let end = deadline(seconds);
        loop {
            let found = self.number(sql).await;
            if found == wanted {
                return;
            }
            if Instant::now() >= end {
                panic!(
                    "{sql}\nwanted {wanted}, found {found}\n{}\n{}",
                    self.ledger().await,
                    self.log_text()
                );
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the query gives at least this number.
    pub async fn until_at_least(&mut self, seconds: u64, sql: &str, wanted: i64) {
        let enough = format!("SELECT (({sql}) >= {wanted})::int::bigint");
        self.until(seconds, &enough, 1).await;
    }

    pub async fn until_delivered(&mut self, seconds: u64) {
        self.until(
            seconds,
            "SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered'",
            0,
        )
        .await;
    }

    /// The same, and until the queue is empty: what a webhook in `queue` was called with is in no ledger.
    pub async fn until_all_delivered(&mut self, seconds: u64) {
        self.until_delivered(seconds).await;
        let waiting = "SELECT count(*) FROM wavegate.queue WHERE status IN ('pending', 'processing', 'retrying')";
        self.until(seconds, waiting, 0).await;
    }

    /// Waits until the consumer has handed out everything and got every acknowledgement.
    pub async fn until_acknowledged(&self, seconds: u64) {
        let bus = self.bus().await;
        let end = deadline(seconds);
        loop {
            let live = bus::live_consumer(&bus, STREAM, ConsumerDefinition::NAME)
                .await
                .unwrap()
                .unwrap();
            if live.pending == 0 && live.ack_pending == 0 {
                return;
            }
            assert!(Instant::now() < end, "{live:?}\n{}", self.log_text());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// The ledger in words, for failures.
    async fn ledger(&mut self) -> String {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT to_jsonb(e)::text FROM rule_webhook_events e WHERE state <> 'delivered' ORDER BY seq LIMIT 5",
        )
        .fetch_all(&mut self.sql)
        .await
        .unwrap();
        rows.into_iter().map(|r| r.0 + "\n").collect()
    }

    pub fn log_text(&self) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(self.logs.path()).unwrap().flatten() {
            let log = std::fs::read_to_string(entry.path()).unwrap();
            let tail: Vec<&str> = log.lines().rev().take(15).collect();
            text += &format!("--- {}\n", entry.file_name().display());
            text.extend(tail.into_iter().rev().map(|line| format!("{line}\n")));
        }
        text
    }

    /// The database for this command: under its role, where this database has the roles.
    fn database(&self, arguments: &[&str]) -> String {
        if self.roles {
            under_role(&self.db.url, arguments)
        } else {
            self.db.url.clone()
        }
    }

    /// Starts a real process and waits until it says that it is ready.
    pub async fn start(&self, arguments: &[&str]) -> Process {
        self.start_with(arguments, &[]).await
    }

    /// With more in its environment.
    pub async fn start_with(&self, arguments: &[&str], more: &[(&str, &str)]) -> Process {
        let command = Command::new(env!("CARGO_BIN_EXE_wavegate"));
        self.spawn(command, arguments, more).await
    }

    /// With so many descriptors and no more.
    pub async fn start_limited(&self, descriptors: u32, arguments: &[&str]) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {descriptors}; exec \"$@\"")]);
        command.args(["sh", env!("CARGO_BIN_EXE_wavegate")]);
        self.spawn(command, arguments, &[]).await
    }

    async fn spawn(
        &self,
        mut command: Command,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> Process {
        let log = self.logs.path().join(crate::support::unique(arguments[0]));
        let child = command
            .args(arguments)
            .env("DATABASE_URL", self.database(arguments))
            .env("NATS_URL", self.nats.url())
            .env_remove("RUST_LOG")
            .envs(more.iter().copied())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut process = Process { child, log };
        let end = deadline(20);
        // Services say the one, who drives a migration or stands by the other.
        let is_up = |log: &str| log.contains("ready") || log.contains("drives");
        while !is_up(&process.log_text()) {
            assert!(
                process.child.try_wait().unwrap().is_none() && Instant::now() < end,
                "{arguments:?} did not get ready: {}",
                process.log_text()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        process
    }

    /// Runs a command to its end while the rest of the test goes on.
    pub async fn command(&self, args: &[&str]) -> Said {
        self.command_with(args, &[]).await
    }

    /// With more in its environment.
    pub async fn command_with(&self, args: &[&str], more: &[(&str, &str)]) -> Said {
        let mut command = wavegate(args);
        command
            .env("DATABASE_URL", self.database(args))
            .env("NATS_URL", self.nats.url())
            .envs(more.iter().copied());
        tokio::task::spawn_blocking(move || run(&mut command))
            .await
            .unwrap()
    }

    pub async fn relay(&self) -> Process {
        self.start(&["relay", "--republish-after", "1"]).await
    }

    pub async fn worker(&self, path: &str) -> Process {
        self.start(&["worker", "--path", path]).await
    }

    /// Every event of these ids came exactly once with success.
    pub fn assert_once(&self, ids: &[String]) {
        let successes = self.receiver.successes();
        for id in ids {
            assert_eq!(successes.get(id), Some(&1), "{id}\n{}", self.log_text());
        }
        assert_eq!(successes.len(), ids.len());
    }

    pub async fn close(self) {
        self.sql.close().await.unwrap();
    }
}

pub struct Process {
    child: Child,
    log: std::path::PathBuf,
}

impl Process {
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGSTOP: alive and silent, as a virtual machine that is moved.
    pub fn freeze(&self) {
        kill(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGSTOP,
        )
        .unwrap();
    }

    pub fn thaw(&self) {
        kill(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGCONT,
        )
        .unwrap();
    }

    /// SIGTERM; waits for the end and returns whether it went well.
    pub async fn stop(self) -> bool {
        self.terminate();
        self.wait().await == Some(0)
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        kill(
            Pid::from_raw(self.child.id().cast_signed()),
            Signal::SIGTERM,
        )
        .unwrap();
    }

    /// Its exit code, once it has ended by itself.
    pub async fn wait(mut self) -> Option<i32> {
        let end = deadline(20);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < end, "did not stop: {}", self.log_text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
