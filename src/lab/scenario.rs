//! The operator's part: the real commands one by one, from the first look to the last wave, with a kill here and there, one path that
//! breaks and the wave that is taken back for it.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    processes::{self, CommandOutcome},
    stage::{Role, Stage},
    traffic::Traffic,
};
use crate::{
    error::{Error, Kind, Result},
    model::{Listener, Progress},
};

/// Waits for a person; given the command, returns the one to run: the same, or what was typed instead.
pub type Pause = Arc<dyn Fn(&str) -> Result<String> + Send + Sync>;

/// The plan's name in the lab's folder.
pub const PLAN: &str = "lab.yaml";
/// A wave that has not moved on for so long is stuck: a killed worker may have held a message that comes again only after the
/// consumer's ack wait, and parity waits for it.
const STUCK: Duration = Duration::from_secs(150);
/// So long a wave is waited for where another try follows.
const SOME_TIME: Duration = Duration::from_secs(8);
/// Of a long answer so many lines are shown at its beginning and at its end.
const HEAD: usize = 36;
const TAIL: usize = 8;
/// Exit codes of wavegate.
const DONE: i32 = 0;
const GATE_FAILED: i32 = 3;
const NOT_YET: i32 = 4;

/// What is broken on purpose while a wave moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Relay,
    NatsWorker,
    NatsServer,
    NatsPath,
}

/// Which wave (from 0) is hit by what. nats-server dies right after the wave's flip to `nats`, when nothing but the outbox is left
/// to wait in; the others hit a hybrid wave.
const BLOWS: [(usize, Blow); 4] = [
    (1, Blow::Relay),
    (2, Blow::NatsWorker),
    (3, Blow::NatsPath),
    (4, Blow::NatsServer),
];

/// Carries out the whole migration.
pub struct Operator<'a> {
    pub stage: &'a mut Stage,
    pub traffic: Option<&'a Traffic>,
    pub say: Listener<'a>,
    pub pause: Option<Pause>,
    pub waves: Vec<String>,
}

impl Operator<'_> {
    /// From a database that knows nothing of NATS to all waves in `nats`.
    pub async fn migrate(&mut self) -> Result<()> {
        self.chapter("A first look: what kinds of webhooks are there?");
        self.must("init --out draft.yaml").await?;
        self.chapter("Migration 007, while the callers go on");
        self.must("schema apply --yes --i-have-a-backup --take-over-functions")
            .await?;
        self.must("schema verify").await?;
        self.traffic.inspect(|traffic| traffic.use_unified());
        self.must("stream ensure --yes").await?;
        self.chapter(
            "The data plane: 2 relays (they share the webhooks), 2 queue workers, 3 NATS workers",
        );
        for role in [
            Role::QueueWorker,
            Role::QueueWorker,
            Role::Relay,
            Role::Relay,
            Role::NatsWorker,
            Role::NatsWorker,
            Role::NatsWorker,
        ] {
            self.stage.launch(role).await?;
        }
        self.chapter("Is everything ready, and what would happen?");
        self.must(&format!("preflight {PLAN} --yes")).await?;
        self.must(&format!("plan {PLAN}")).await?;
        for place in 0..self.waves.len() {
            let wave = self.waves[place].clone();
            self.chapter(&format!("Wave {wave}"));
            let blow = BLOWS
                .iter()
                .find(|(at, _)| *at == place)
                .map(|(_, blow)| *blow);
            match blow {
                Some(Blow::NatsServer) => {
                    self.must_move(&wave, None, "nats").await?;
                    self.strike(Blow::NatsServer, &wave).await?;
                }
                blow => self.must_move(&wave, blow, "nats").await?,
            }
            self.tell_traffic();
        }
        self.chapter("Every wave is in nats; watched long enough, they are finished");
        for wave in self.waves.clone() {
            // Under traffic some event is always under way, and on a slow machine too long for the gates: another try follows.
            self.move_wave(&wave, None, "finished", SOME_TIME).await?;
        }
        Ok(())
    }

    /// What is not finished yet, once nothing is under way any more; and a last look.
    pub async fn finish(&mut self) -> Result<()> {
        for wave in self.waves.clone() {
            self.must_move(&wave, None, "finished").await?;
        }
        self.must("status").await?;
        self.must("history --limit 12").await
    }

    async fn must_move(&mut self, wave: &str, blow: Option<Blow>, goal: &str) -> Result<()> {
        if self.move_wave(wave, blow, goal, STUCK).await? {
            return Ok(());
        }
        Err(Error::new(
            Kind::NotYet,
            format!("wave {wave} has not moved on for {} s", STUCK.as_secs()),
        ))
    }

    /// Applies step after step until the wave stands in `goal` or beyond; the blow falls at the last share of its hybrid time.
    /// `Ok(false)`: it has not moved on for `patience`.
    async fn move_wave(
        &mut self,
        wave: &str,
        mut blow: Option<Blow>,
        goal: &str,
        patience: Duration,
    ) -> Result<bool> {
        let mut moved = Instant::now();
        let mut told = None;
        loop {
            self.stage.check()?;
            let (step, share) = self.step(wave).await?;
            if step == goal || step == "finished" {
                return Ok(true);
            }
            let midway = if blow == Some(Blow::NatsPath) {
                50
            } else {
                100
            };
            if step == "hybrid"
                && share >= midway
                && let Some(blow) = blow.take()
            {
                self.strike(blow, wave).await?;
                moved = Instant::now();
            }
            let command = format!("apply {PLAN} --wave {wave} --yes --confirm {wave}");
            let first = told.is_none();
            let outcome = self.run(&command, first).await?;
            match outcome.code {
                DONE => {
                    if !first {
                        self.note(&format!("$ wavegate {command}"));
                    }
                    self.show(&outcome);
                    moved = Instant::now();
                    told = None;
                }
                NOT_YET | GATE_FAILED => {
                    // Asked again and again, it gives many reasons; the first is told, and one more when waiting turns into failing.
                    if told != Some(outcome.code) {
                        told = Some(outcome.code);
                        let why = first_line(&outcome.stderr);
                        let why: String = why.chars().take(200).collect();
                        self.note(&format!("  exit {}: {why}", outcome.code));
                    }
                    if moved.elapsed() > patience {
                        self.show(&outcome);
                        return Ok(false);
                    }
                    tokio::time::sleep(Duration::from_millis(400)).await;
                }
                _ => {
                    self.show(&outcome);
                    return Err(failed(&command, &outcome));
                }
            }
        }
    }

    async fn strike(&mut self, blow: Blow, wave: &str) -> Result<()> {
        match blow {
            Blow::Relay => {
                let dead = self.stage.kill_relay().await?;
                self.tell_injury();
                let since = Instant::now();
                while !self.stage.publishes_without(dead).await? {
                    if since.elapsed() > STUCK {
                        return Err(Error::failed("no relay took over"));
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                self.note(&format!(
                    "  the other relays publish its events after {:.1} s",
                    since.elapsed().as_secs_f64()
                ));
                self.stage.launch(Role::Relay).await?;
            }
            Blow::NatsWorker => {
                self.stage.kill_nats_worker().await?;
                self.tell_injury();
                self.stage.launch(Role::NatsWorker).await?;
            }
            Blow::NatsServer => {
                self.stage.kill_nats_server(Duration::from_secs(2)).await?;
                self.tell_injury();
            }
            Blow::NatsPath => self.break_and_take_back(wave).await?,
        }
        Ok(())
    }

    /// The way from the NATS workers to the endpoints breaks: gates fail, the wave is taken back, and goes again once it is mended.
    async fn break_and_take_back(&mut self, wave: &str) -> Result<()> {
        let members: Vec<i32> = sqlx::query_scalar(include_str!("../../sql/lab/wave_members.sql"))
            .bind(wave)
            .fetch_all(&mut self.stage.admin)
            .await?;
        let numbers = self.stage.webhooks.iter();
        let numbers = numbers
            .filter(|placed| members.contains(&placed.webhook_id))
            .map(|placed| placed.webhook.number)
            .collect();
        self.stage.receiver.cut_off(numbers);
        self.stage.hurt(
            "the NATS workers' way to these endpoints answers 503".to_string(),
            format!("wave {wave} is hybrid"),
        );
        self.tell_injury();
        let since = Instant::now();
        let gate = format!("gate {PLAN} --wave {wave}");
        let outcome = loop {
            let outcome = self.run_quietly(&gate).await?;
            if outcome.code == GATE_FAILED || since.elapsed() > Duration::from_secs(20) {
                break outcome;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        self.note(&format!("$ wavegate {gate}"));
        self.show(&outcome);
        if outcome.code != GATE_FAILED {
            return Err(Error::failed(
                "the NATS path was broken for 20 s and no gate failed",
            ));
        }
        self.must(&format!("rollback --wave {wave} --yes")).await?;
        self.note("  the operator mends the way to the endpoints");
        self.stage.receiver.cut_off(HashSet::new());
        self.must("status").await?;
        self.must(&format!(
            "apply {PLAN} --wave {wave} --resume --yes --confirm {wave}"
        ))
        .await
    }

    async fn step(&mut self, wave: &str) -> Result<(String, i16)> {
        let found = sqlx::query_as::<_, (String, i16)>(include_str!("../../sql/lab/wave_step.sql"))
            .bind(wave)
            .fetch_optional(&mut self.stage.admin)
            .await?;
        Ok(found.unwrap_or(("pending".to_string(), 0)))
    }

    /// Runs a command that has to succeed, and shows what it says.
    async fn must(&mut self, command: &str) -> Result<()> {
        let outcome = self.run(command, true).await?;
        self.show(&outcome);
        if outcome.code == DONE {
            return Ok(());
        }
        Err(failed(command, &outcome))
    }

    async fn run(&mut self, command: &str, announce: bool) -> Result<CommandOutcome> {
        if !announce {
            return self.run_quietly(command).await;
        }
        let mut wanted = format!("wavegate {command}");
        if let Some(pause) = self.pause.clone() {
            // What else the operator types runs first; the rehearsal goes on with its own command.
            loop {
                let (asked, pause) = (wanted.clone(), pause.clone());
                let typed = tokio::task::spawn_blocking(move || pause(&asked))
                    .await
                    .map_err(|_| Error::failed("the prompt broke down"))??;
                if typed == wanted {
                    break;
                }
                let other = typed.strip_prefix("wavegate ").unwrap_or(&typed);
                let outcome = self.run_quietly(other).await?;
                self.show(&outcome);
            }
        } else {
            wanted.insert_str(0, "$ ");
            self.note(&wanted);
        }
        self.run_quietly(command).await
    }

    async fn run_quietly(&mut self, command: &str) -> Result<CommandOutcome> {
        let args: Vec<&str> = command.split_whitespace().collect();
        processes::run(&self.stage.surroundings, &args).await
    }

    fn show(&self, outcome: &CommandOutcome) {
        for text in [&outcome.stderr, &outcome.stdout] {
            let lines: Vec<&str> = text.trim_end().lines().collect();
            if lines.len() <= HEAD + TAIL {
                lines.iter().for_each(|line| self.note(line));
                continue;
            }
            lines[..HEAD].iter().for_each(|line| self.note(line));
            self.note(&format!("  ... {} lines", lines.len() - HEAD - TAIL));
            let tail = &lines[lines.len() - TAIL..];
            tail.iter().for_each(|line| self.note(line));
        }
    }

    fn note(&self, text: &str) {
        (self.say)(Progress::Note {
            text: text.to_string(),
        });
    }

    fn chapter(&self, title: &str) {
        let at = self.stage.start.elapsed().as_secs_f64();
        self.note(&format!("\n== {at:5.1} s  {title}"));
    }

    fn tell_injury(&self) {
        if let Some(injury) = self.stage.injuries.last() {
            (self.say)(Progress::Warning {
                text: format!("{} ({})", injury.what, injury.in_flight),
            });
        }
    }

    fn tell_traffic(&self) {
        let (nats, all) = self.stage.receiver.paths();
        let emitted = self.traffic.map_or(0, Traffic::committed);
        self.note(&format!(
            "  {emitted} events emitted so far, {all} calls received, {nats} of them by NATS"
        ));
    }
}

fn failed(command: &str, outcome: &CommandOutcome) -> Error {
    Error::failed(format!(
        "`wavegate {command}` ended with {}: {}",
        outcome.code,
        first_line(&outcome.stderr)
    ))
}

/// The line of the error and its first cause, without their prefixes.
fn first_line(stderr: &str) -> String {
    let found = |prefix: &str| {
        let line = stderr
            .lines()
            .find_map(|line| line.trim().strip_prefix(prefix));
        line.map(|text| text.trim().to_string())
    };
    match (found("error:"), found("because:")) {
        (Some(error), Some(cause)) => format!("{error}: {cause}"),
        (Some(error), None) => error,
        (None, _) => stderr.lines().last().unwrap_or("no message").to_string(),
    }
}
