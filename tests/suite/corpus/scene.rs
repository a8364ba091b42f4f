//! One run of entries: real relay and worker, healthy traffic in every mode, the bad things beside it, and then the reckoning.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection};
use wavegate::{
    bus::{Bus, BusOptions, Layer},
    lab::processes::{self, Process, Surroundings},
};

use super::{
    endpoint::Endpoint,
    entry::{Entry, Mode},
    judge::{self, Found},
    plant::{Case, Planter, webhook},
    traffic::{Book, Traffic},
};

/// What the engine calls its queue here.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    pub queue: &'static str,
    pub key: &'static str,
    pub url: &'static str,
    pub method: &'static str,
}

pub const A: Names = Names {
    queue: "rule_webhook_calls",
    key: "call_id",
    url: "url",
    method: "method",
};
pub const B: Names = Names {
    queue: "rule_webhook_queue",
    key: "queue_id",
    url: "webhook_url",
    method: "http_method",
};

/// Servers with 007 and a stream, and the program to be tried on them.
pub struct Ground {
    pub names: Names,
    pub surroundings: Surroundings,
    pub logs: PathBuf,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Course {
    pub entries: Vec<&'static Entry>,
    /// Statements before anything runs (settings of role and database).
    pub settings: Vec<String>,
    /// Soft and hard limit of the worker's descriptors.
    pub descriptors: Option<u32>,
    pub worker: Vec<&'static str>,
    /// Healthy events a second, and for how long beside the bad ones.
    pub rate: f64,
    pub seconds: f64,
    /// How late a healthy event may be, after its commit or the end of a table's lock.
    pub late: Duration,
    /// Until when everything must have come to its end.
    pub patience: Duration,
}

/// What a worker may take to stop, whatever it holds; and one that nothing holds up.
pub const GRACE: Duration = Duration::from_secs(35);

pub struct Scene {
    pub ground: Ground,
    pub endpoint: Endpoint,
    pub sql: PgConnection,
    pub healthy: Vec<i32>,
}

/// What came of it; `faults` is empty where the promise held.
#[derive(Debug, Default)]
pub struct Report {
    pub faults: Vec<String>,
    pub healthy: usize,
    pub doubled: usize,
    pub lost: usize,
    pub latest: Duration,
    /// From the end of the last lock until everything was delivered.
    pub settled: Duration,
    pub stopped: Duration,
    pub logs: String,
}

/// When the last lock ended, and the last of a whole table: nobody is late until then.
#[derive(Debug, Clone, Copy, Default)]
struct Locks {
    last: Option<Instant>,
    excused: Option<Instant>,
}

impl Scene {
    /// `copies` healthy webhooks in each mode.
    pub async fn new(ground: Ground, settings: &[String], copies: usize) -> Scene {
        let mut sql = PgConnection::connect(&ground.surroundings.database_url)
            .await
            .unwrap();
        let endpoint = Endpoint::start().await;
        // Entries plant what the engine's own checks would refuse.
        sqlx::raw_sql(DROP_CHECKS).execute(&mut sql).await.unwrap();
        let mut healthy = Vec::new();
        for number in 0..copies {
            for mode in Mode::EVERY {
                let url = endpoint.url("127.0.0.1", &format!("/healthy-{mode:?}"));
                let name = format!("healthy / {mode:?} ({number})");
                healthy.push(webhook(&mut sql, ground.names, &name, &url, mode, false).await);
            }
        }
        for setting in settings {
            sqlx::raw_sql(sqlx::AssertSqlSafe(setting.clone()))
                .execute(&mut sql)
                .await
                .unwrap();
        }
        Scene {
            ground,
            endpoint,
            sql,
            healthy,
        }
    }

    pub async fn start(&self, name: &str, args: &[&str]) -> Process {
        self.start_as(&self.ground.surroundings, name, args).await
    }

    async fn start_as(&self, surroundings: &Surroundings, name: &str, args: &[&str]) -> Process {
        let mut process =
            Process::start(surroundings, &self.ground.logs, name, args, None).unwrap();
        process.ready(Duration::from_secs(60)).await.unwrap();
        process
    }

    /// A worker that may open so many descriptors.
    pub async fn start_limited(&self, name: &str, args: &[&str], limit: Option<u32>) -> Process {
        let Some(limit) = limit else {
            return self.start(name, args).await;
        };
        use std::os::unix::fs::PermissionsExt;
        let script = self
            .ground
            .surroundings
            .dir
            .join(format!("limited-{limit}"));
        let program = self.ground.surroundings.program.display().to_string();
        std::fs::write(
            &script,
            format!("#!/bin/sh\nulimit -n {limit}\nexec '{program}' \"$@\"\n"),
        )
        .unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let surroundings = Surroundings {
            program: script,
            ..self.ground.surroundings.clone()
        };
        self.start_as(&surroundings, name, args).await
    }

    pub async fn command(&self, args: &[&str]) -> processes::CommandOutcome {
        processes::run(&self.ground.surroundings, args)
            .await
            .unwrap()
    }

    pub async fn bus(&self) -> Bus {
        let layer = Layer {
            servers: vec![self.ground.surroundings.nats_url.clone()],
            ..Layer::default()
        };
        let options = BusOptions::from_layers(&[layer], Duration::from_secs(5)).unwrap();
        Bus::connect(&options).await.unwrap()
    }

    /// The whole run.
    pub async fn play(mut self, course: &Course) -> Report {
        let relay = self
            .start("relay", &["relay", "--republish-after", "1"])
            .await;
        let worker = [&["worker"], &course.worker[..]].concat();
        let worker = self
            .start_limited("worker", &worker, course.descriptors)
            .await;
        let traffic = Traffic::start(
            &self.ground.surroundings.database_url,
            &self.healthy,
            course.rate,
        )
        .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (cases, held) = self.plant(course).await;
        tokio::time::sleep(Duration::from_secs_f64(course.seconds)).await;
        let mut report = Report::default();
        let mut locks = Locks::default();
        for (case, held) in held {
            let (end, rows) = held.await.unwrap();
            let case = &cases[case];
            locks.last = locks.last.max(Some(end));
            if case.entry.locks_a_table() {
                locks.excused = locks.excused.max(Some(end));
            }
            if rows == 0 {
                report
                    .faults
                    .push(format!("{}: nothing was there to lock", case.name));
            }
        }
        // Whoever waits behind a lock now calls on.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let book = traffic.stop().await;
        self.settle(course, &cases, &book, locks, &mut report).await;
        let begin = Instant::now();
        worker.ask_to_stop();
        relay.ask_to_stop();
        for process in [worker, relay] {
            if let Err(error) = process.ended(GRACE).await {
                report.faults.push(format!("stop: {error}"));
            }
        }
        report.stopped = begin.elapsed();
        report.faults.extend(judge::audit(&mut self, &cases).await);
        report.logs = self.logs();
        report
    }

    async fn plant(&mut self, course: &Course) -> (Vec<Case>, Vec<(usize, super::plant::Held)>) {
        let bus = self.bus().await;
        let (mut cases, mut locks) = (Vec::new(), Vec::new());
        let mut planter = Planter {
            sql: &mut self.sql,
            url: &self.ground.surroundings.database_url,
            names: self.ground.names,
            endpoint: &self.endpoint,
            bus: &bus,
        };
        for entry in &course.entries {
            for mode in entry.modes {
                let (case, held) = planter.plant(entry, *mode, cases.len()).await;
                locks.extend(held.map(|held| (cases.len(), held)));
                cases.push(case);
            }
        }
        (cases, locks)
    }

    /// Waits until everything has come to its end, and says what has not.
    async fn settle(
        &mut self,
        course: &Course,
        cases: &[Case],
        book: &Book,
        locks: Locks,
        report: &mut Report,
    ) {
        let begin = Instant::now();
        let found: Found = loop {
            let found = judge::look(self, cases, book, locks.excused, course.late).await;
            if !found.open || begin.elapsed() > course.patience {
                break found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        report.settled = locks.last.unwrap_or(begin).elapsed();
        report.healthy = book.len();
        report.doubled = found.doubled;
        report.lost = found.lost;
        report.latest = found.latest;
        report.faults.extend(found.faults);
        report.faults.extend(judge::named(self, cases).await);
    }

    /// The last lines of every log.
    fn logs(&self) -> String {
        let mut text = String::new();
        for file in std::fs::read_dir(&self.ground.logs).unwrap().flatten() {
            let log = std::fs::read_to_string(file.path()).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(25).collect();
            text += &format!("--- {}\n", file.file_name().display());
            text.extend(
                tail.into_iter()
                    .rev()
                    .map(|line| format!("{}\n", line.get(..400).unwrap_or(line))),
            );
        }
        text
    }
}

const DROP_CHECKS: &str = "DO $$
DECLARE c record;
BEGIN
    FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 'rule_webhooks'::regclass AND contype = 'c'
             AND pg_get_constraintdef(oid) ~ 'retry_|timeout_ms|max_retries|method'
    LOOP
        EXECUTE format('ALTER TABLE rule_webhooks DROP CONSTRAINT %I', c.conname);
    END LOOP;
END $$";
