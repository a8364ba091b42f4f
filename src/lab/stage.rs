//! What the demo stands on: both servers, the database, the receiver, and the relays and workers that are started, killed and
//! replaced. Whatever it starts ends with it.

use std::{
    collections::{HashSet, VecDeque},
    path::PathBuf,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use super::{
    audit::Held,
    backdrop::{self, DATABASE, LabShape, Placed},
    processes::{Process, Surroundings},
    receiver::Receiver,
    servers::{Nats, Postgres},
    webhooks,
};
use crate::{
    error::{Context, Error, Result},
    model::Injury,
    store::outbox::PARTITIONS,
};

/// How long a process may take to say that it works.
const READY: Duration = Duration::from_secs(30);
/// How long a process may take to finish what it holds.
const STOP: Duration = Duration::from_secs(30);
/// How long a moment with events in flight is waited for.
const MOMENT: Duration = Duration::from_secs(20);

/// The three kinds of processes of the data plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Relay,
    NatsWorker,
    QueueWorker,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Relay => "relay",
            Role::NatsWorker => "nats-worker",
            Role::QueueWorker => "queue-worker",
        }
    }

    fn args(self) -> &'static [&'static str] {
        match self {
            Role::Relay => &["relay"],
            Role::NatsWorker => &["worker", "--path", "nats"],
            Role::QueueWorker => &["worker", "--path", "queue"],
        }
    }
}

/// Everything that runs.
pub struct Stage {
    // Fields are dropped in this order: processes before the servers they use.
    processes: VecDeque<(Role, Process)>,
    /// `run`, and how much of what it said was heard.
    driver: Option<(Process, usize)>,
    started: u32,
    pub receiver: Receiver,
    pub nats: Nats,
    pub admin: PgConnection,
    pub postgres: Postgres,
    pub surroundings: Surroundings,
    pub webhooks: Vec<Placed>,
    pub start: Instant,
    pub injuries: Vec<Injury>,
    pub held: Held,
    logs: PathBuf,
}

impl Stage {
    /// Starts the servers and the receiver below `dir` and builds the database.
    pub async fn build(dir: PathBuf, shape: LabShape, seed: u64, width: u16) -> Result<Stage> {
        let start = Instant::now();
        let set = webhooks::set(seed);
        let receiver = Receiver::start(seed, &set, 0).await?;
        let postgres = Postgres::start(&dir, &[])?;
        let nats = Nats::start(&dir, &[])?;
        let url = postgres.url(DATABASE);
        let webhooks = backdrop::build(
            &postgres.url("postgres"),
            &url,
            shape,
            &set,
            &receiver.url(),
            1.0,
        )
        .await?;
        let surroundings = Surroundings {
            program: std::env::current_exe().context("cannot find this binary")?,
            dir: dir.clone(),
            database_url: url.clone(),
            nats_url: nats.url(),
            width,
        };
        Ok(Stage {
            processes: VecDeque::new(),
            driver: None,
            started: 0,
            receiver,
            nats,
            admin: backdrop::connect(&url).await?,
            postgres,
            surroundings,
            webhooks,
            start,
            injuries: Vec::new(),
            held: Vec::new(),
            logs: dir.join("logs"),
        })
    }

    /// Starts one more process and waits until it works.
    pub async fn launch(&mut self, role: Role) -> Result<u32> {
        self.started += 1;
        let name = format!("{}-{}", role.name(), self.started);
        let proxy =
            (role == Role::NatsWorker).then(|| format!("http://{}", self.receiver.address()));
        let mut process = Process::start(
            &self.surroundings,
            &self.logs,
            &name,
            role.args(),
            proxy.as_deref(),
        )?;
        process.ready(READY).await?;
        let pid = process.pid();
        self.processes.push_back((role, process));
        Ok(pid)
    }

    /// Starts `run`.
    pub fn drive(&mut self, args: &[&str]) -> Result<()> {
        self.started += 1;
        let name = format!("run-{}", self.started);
        let process = Process::start(&self.surroundings, &self.logs, &name, args, None)?;
        self.driver = Some((process, 0));
        Ok(())
    }

    /// The exit code of `run` once it has ended.
    pub fn driver_ended(&mut self) -> Option<i32> {
        self.driver.as_mut()?.0.code()
    }

    /// What `run` said since this was last asked, in whole lines.
    pub fn driver_said(&mut self) -> Result<String> {
        let Some((process, heard)) = &mut self.driver else {
            return Ok(String::new());
        };
        let text = process.said()?;
        let new = &text[*heard..];
        let new = new.rfind('\n').map_or("", |end| &new[..=end]);
        *heard += new.len();
        Ok(new.to_string())
    }

    /// Fails when a process that nobody killed has ended.
    pub fn check(&mut self) -> Result<()> {
        for (_, process) in &mut self.processes {
            if !process.alive() {
                return Err(
                    Error::failed(format!("{} ended by itself", process.name)).hint(format!(
                        "run with --keep and read {}",
                        self.logs.join(format!("{}.log", process.name)).display()
                    )),
                );
            }
        }
        Ok(())
    }

    /// kill -9 to a NATS worker while it holds events. They are noted: they alone may arrive twice.
    pub async fn kill_nats_worker(&mut self) -> Result<u32> {
        let end = Instant::now() + MOMENT;
        loop {
            let (place, pid) = self.find(Role::NatsWorker, None)?;
            // Stopped first, so that what it holds can be read at the very moment of its death.
            self.processes[place].1.freeze();
            let held: Vec<String> = sqlx::query_scalar(include_str!("../../sql/lab/claimed.sql"))
                .bind(pid.cast_signed())
                .fetch_all(&mut self.admin)
                .await?;
            if held.is_empty() && Instant::now() < end {
                self.processes[place].1.thaw();
                // Another one next time, and time to claim.
                self.processes.rotate_left(1);
                tokio::time::sleep(Duration::from_millis(7)).await;
                continue;
            }
            self.remove(place);
            self.hurt(
                format!("kill -9 of NATS worker {pid}"),
                format!("{} events claimed by it", held.len()),
            );
            self.held
                .push(held.into_iter().collect::<HashSet<String>>());
            return Ok(pid);
        }
    }

    /// kill -9 to the relay that publishes, while events wait for it.
    pub async fn kill_relay(&mut self) -> Result<u32> {
        let end = Instant::now() + MOMENT;
        loop {
            let leader = self.leader().await?;
            let (place, pid) = self.find(Role::Relay, leader)?;
            self.processes[place].1.freeze();
            let waiting: i64 = sqlx::query_scalar(include_str!("../../sql/lab/unpublished.sql"))
                .fetch_one(&mut self.admin)
                .await?;
            if waiting == 0 && Instant::now() < end {
                self.processes[place].1.thaw();
                tokio::time::sleep(Duration::from_millis(7)).await;
                continue;
            }
            self.remove(place);
            self.hurt(
                format!("kill -9 of relay {pid}"),
                format!("{waiting} events unpublished"),
            );
            return Ok(pid);
        }
    }

    /// kill -9 to nats-server while NATS carries events; it stays down for `pause`, then comes back on the same port and files.
    pub async fn kill_nats_server(&mut self, pause: Duration) -> Result<()> {
        let end = Instant::now() + MOMENT;
        let on_the_way = loop {
            let count: i64 = sqlx::query_scalar(include_str!("../../sql/lab/on_the_way.sql"))
                .fetch_one(&mut self.admin)
                .await?;
            if count > 0 || Instant::now() > end {
                break count;
            }
            tokio::time::sleep(Duration::from_millis(7)).await;
        };
        self.nats.kill();
        self.hurt(
            format!(
                "kill -9 of nats-server, down for {:.1} s",
                pause.as_secs_f64()
            ),
            format!("{on_the_way} events that NATS should deliver"),
        );
        tokio::time::sleep(pause).await;
        self.nats.resume()
    }

    /// The process that publishes now, where its heartbeat tells.
    pub async fn leader(&mut self) -> Result<Option<u32>> {
        let pid: Option<i32> = sqlx::query_scalar(include_str!("../../sql/lab/leader.sql"))
            .fetch_optional(&mut self.admin)
            .await?;
        Ok(pid.map(i32::cast_unsigned))
    }

    /// Have other relays taken what this one published?
    pub async fn publishes_without(&mut self, pid: u32) -> Result<bool> {
        Ok(
            sqlx::query_scalar(include_str!("../../sql/lab/publish_without.sql"))
                .bind(pid.cast_signed())
                .bind(i64::from(PARTITIONS))
                .fetch_one(&mut self.admin)
                .await?,
        )
    }

    pub fn hurt(&mut self, what: String, in_flight: String) {
        self.injuries.push(Injury {
            at: self.start.elapsed(),
            what,
            in_flight,
        });
    }

    fn find(&self, role: Role, pid: Option<u32>) -> Result<(usize, u32)> {
        let of_role = || {
            self.processes
                .iter()
                .enumerate()
                .filter(|(_, (r, _))| *r == role)
                .map(|(place, (_, process))| (place, process.pid()))
        };
        of_role()
            .find(|(_, p)| Some(*p) == pid)
            .or_else(|| of_role().next())
            .ok_or_else(|| Error::failed(format!("no {} runs", role.name())))
    }

    fn remove(&mut self, place: usize) {
        if let Some((_, process)) = self.processes.remove(place) {
            process.kill();
        }
    }

    /// SIGTERM to all; each must end well.
    pub async fn stop_all(&mut self) -> Result<()> {
        for (_, process) in &self.processes {
            process.ask_to_stop();
        }
        while let Some((_, process)) = self.processes.pop_front() {
            process.ended(STOP).await?;
        }
        Ok(())
    }
}
