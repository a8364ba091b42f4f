//! Where chaos happens: a PostgreSQL and a nats-server of this run alone, and relays and workers that somebody restarts.

use std::{
    fs::{File, OpenOptions},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use wavegate::{
    lab::{
        servers::{Nats, Postgres},
        watch::Watch,
    },
    store::Db,
};

use crate::support::{Schema, Shape, database, under_role};

/// One relay or worker: while it should be up, whoever finds it dead starts it again.
pub struct Member {
    pub name: &'static str,
    arguments: &'static [&'static str],
    child: Option<Child>,
    /// Down on purpose until then.
    pub down_until: Option<Instant>,
    /// How often it ended by itself.
    pub gave_up: usize,
}

pub struct Stage {
    pub url: String,
    pub postgres: Postgres,
    postgres_watch: Option<Watch>,
    pub postgres_down_until: Option<Instant>,
    pub nats: Nats,
    nats_watch: Option<Watch>,
    pub nats_down_until: Option<Instant>,
    pub members: Vec<Member>,
    pub dir: TempDir,
}

const RELAY: &[&str] = &["relay", "--republish-after", "2"];
const QUEUE: &[&str] = &["worker", "--path", "queue", "--lease-slack", "3"];
const NATS: &[&str] = &["worker", "--path", "nats", "--lease-slack", "3"];

impl Stage {
    /// Servers without processes yet. Whoever stops PostgreSQL at once must not lose commits by configuration.
    pub async fn new(shape: Shape, settings: &[&str]) -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start(dir.path(), settings).unwrap();
        let base = format!("postgres://postgres@127.0.0.1:{}/", postgres.port());
        let name = database(&base, shape, Schema::Migrated).await;
        let nats = Nats::start(dir.path(), &[]).unwrap();
        let mut stage = Stage {
            url: format!("{base}{name}"),
            postgres,
            postgres_watch: None,
            postgres_down_until: None,
            nats,
            nats_watch: None,
            nats_down_until: None,
            members: Vec::new(),
            dir,
        };
        stage.watch();
        let said = stage.run(&["stream", "ensure", "--yes"]);
        assert_eq!(said.0, 0, "{}", said.1);
        stage
    }

    /// Whose servers outlive this process are ended by the watch.
    fn watch(&mut self) {
        let folder = self.dir.path();
        self.postgres_watch = self
            .postgres
            .pid()
            .map(|pid| Watch::over(Some(pid), folder).unwrap());
        self.nats_watch = self
            .nats
            .pid()
            .map(|pid| Watch::over(Some(pid), folder).unwrap());
    }

    /// Two relays and two workers a path.
    pub fn enter_all(&mut self) {
        let names = [
            ("relay-1", RELAY),
            ("relay-2", RELAY),
            ("queue-1", QUEUE),
            ("queue-2", QUEUE),
            ("nats-1", NATS),
            ("nats-2", NATS),
        ];
        for (name, arguments) in names {
            self.members.push(Member {
                name,
                arguments,
                child: None,
                down_until: None,
                gave_up: 0,
            });
        }
        self.restart_due();
    }

    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Tries for half a minute: PostgreSQL may be down or recovering.
    pub async fn reconnect(&self) -> PgConnection {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match PgConnection::connect(&self.url).await {
                Ok(connection) => return connection,
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn db(&self) -> Db {
        crate::support::open(&under_role(&self.url, &["apply"])).await
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        command(&self.url, &self.nats.url(), arguments)
    }

    /// Exit code and everything that was said.
    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    fn log_file(&self, name: &str) -> File {
        let mut options = OpenOptions::new();
        options
            .create(true)
            .append(true)
            .open(self.log(name))
            .unwrap()
    }

    /// Starts what was down long enough, and what ended by itself.
    pub fn restart_due(&mut self) {
        let now = Instant::now();
        if self.postgres_down_until.is_some_and(|until| until <= now) {
            self.postgres.resume().unwrap();
            self.postgres_down_until = None;
            self.watch();
        }
        if self.nats_down_until.is_some_and(|until| until <= now) {
            self.nats.resume().unwrap();
            self.nats_down_until = None;
            self.watch();
        }
        for at in 0..self.members.len() {
            let member = &mut self.members[at];
            if let Some(child) = &mut member.child
                && child.try_wait().unwrap().is_some()
            {
                member.child = None;
                member.gave_up += 1;
                member.down_until = Some(now + Duration::from_millis(500));
            }
            if member.child.is_none() && member.down_until.is_none_or(|until| until <= now) {
                let (name, arguments) = (member.name, member.arguments);
                let log = self.log_file(name);
                let child = self
                    .command(arguments)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(log)
                    .spawn()
                    .unwrap();
                self.members[at].child = Some(child);
                self.members[at].down_until = None;
            }
        }
    }

    /// Nothing is down on purpose any more.
    pub fn all_up(&mut self) {
        let now = Instant::now();
        for until in [&mut self.postgres_down_until, &mut self.nats_down_until] {
            *until = until.map(|_| now);
        }
        for member in &mut self.members {
            member.down_until = member.down_until.map(|_| now);
        }
        self.restart_due();
    }

    /// kill -9 of one of ours. `false`: it was down already.
    pub fn kill(&mut self, name: &str, down: Duration) -> bool {
        let member = self.members.iter_mut().find(|m| m.name == name).unwrap();
        let Some(mut child) = member.child.take() else {
            return false;
        };
        child.kill().unwrap();
        child.wait().unwrap();
        member.down_until = Some(Instant::now() + down);
        true
    }

    /// Immediate stop: every backend is killed, the next start recovers.
    pub fn kill_postgres(&mut self, down: Duration) {
        self.postgres_watch = None;
        self.postgres.kill();
        self.postgres_down_until = Some(Instant::now() + down);
    }

    pub fn kill_nats(&mut self, down: Duration) {
        self.nats_watch = None;
        self.nats.kill();
        self.nats_down_until = Some(Instant::now() + down);
    }

    pub fn gave_up(&self) -> usize {
        self.members.iter().map(|member| member.gave_up).sum()
    }

    /// The last lines of every log, for failures.
    pub fn logs(&self) -> String {
        let mut text = String::new();
        for member in &self.members {
            let log = std::fs::read_to_string(self.log(member.name)).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(12).collect();
            text += &format!("--- {}\n", member.name);
            text.extend(tail.into_iter().rev().map(|line| format!("{line}\n")));
        }
        text
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.members.iter_mut().filter_map(|m| m.child.as_mut()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn command(database: &str, nats: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wavegate"));
    command
        .args(arguments)
        .env("DATABASE_URL", under_role(database, arguments))
        .env("NATS_URL", nats)
        .env_remove("RUST_LOG")
        .env("RUST_BACKTRACE", "0");
    command
}
