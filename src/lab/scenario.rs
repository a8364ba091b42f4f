//! The operator's part: the real commands from the first look on, then `run`, which drives by the plan to the last wave, with a kill
//! here and there, one path that breaks and the wave that its guard takes back for it.

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
/// So long the last waves are waited for while calls come in.
const SOME_TIME: Duration = Duration::from_secs(30);
/// So often the waves are looked at.
const LOOK: Duration = Duration::from_millis(200);
/// Of a long answer so many lines are shown at its beginning and at its end.
const HEAD: usize = 5;
const TAIL: usize = 2;
/// Exit codes of wavegate.
const DONE: i32 = 0;
const ROLLED_BACK: i32 = 7;

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

/// What happens once to each wave that it happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    Blow,
    Approval,
}

/// Carries out the whole migration.
pub struct Operator<'a> {
    pub stage: &'a mut Stage,
    say: Listener<'a>,
    pause: Option<Pause>,
    waves: Vec<String>,
    met: HashSet<(usize, Event)>,
    /// The wave whose way to the endpoints is broken.
    broken: Option<String>,
}

impl<'a> Operator<'a> {
    pub fn new(
        stage: &'a mut Stage,
        say: Listener<'a>,
        pause: Option<Pause>,
        waves: Vec<String>,
    ) -> Operator<'a> {
        Operator {
            stage,
            say,
            pause,
            waves,
            met: HashSet::new(),
            broken: None,
        }
    }

    /// From a database that knows nothing of NATS to all waves in `nats`.
    pub async fn migrate(&mut self, traffic: &Traffic) -> Result<()> {
        self.chapter("A first look: what kinds of webhooks are there?");
        self.look("init --out draft.yaml").await?;
        self.chapter("Migration 007, while the callers go on");
        self.must("schema apply --yes --i-have-a-backup --take-over-functions")
            .await?;
        self.must("schema verify").await?;
        traffic.use_unified();
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
        self.chapter("From here the plan drives");
        self.drive().await?;
        self.follow("nats", STUCK).await?;
        // Under traffic some event is always under way, and on a slow machine too long for the gates: without traffic it goes on.
        match self.follow("finished", SOME_TIME).await {
            Err(error) if error.kind() == Kind::NotYet => Ok(()),
            ended => ended,
        }
    }

    /// What is not finished yet, once nothing is under way any more; and a last look.
    pub async fn finish(&mut self) -> Result<()> {
        self.follow("finished", STUCK).await?;
        self.look("status").await
    }

    /// `run` in the background.
    async fn drive(&mut self) -> Result<()> {
        let command = format!("run {PLAN} --yes");
        self.announce(&command).await?;
        let args: Vec<&str> = command.split_whitespace().collect();
        self.stage.drive(&args)
    }

    /// Shows what `run` says, strikes where it hurts, and gives a person's word where one is wanted, until every wave stands in `goal`
    /// or beyond and, for `finished`, `run` has ended.
    async fn follow(&mut self, goal: &str, patience: Duration) -> Result<()> {
        let (mut moved, mut stood) = (Instant::now(), Vec::new());
        loop {
            self.stage.check()?;
            let ended = self.stage.driver_ended();
            self.hear()?;
            let steps: Vec<(String, String, i16)> =
                sqlx::query_as(include_str!("../../sql/lab/wave_steps.sql"))
                    .fetch_all(&mut self.stage.admin)
                    .await?;
            let arrived = |(_, step, _): &(String, String, i16)| step == goal || step == "finished";
            let all = !steps.is_empty() && steps.iter().all(arrived);
            match ended {
                Some(DONE) if all => return Ok(()),
                None if all && goal != "finished" => return Ok(()),
                Some(ROLLED_BACK) if self.broken.is_some() => self.mend().await?,
                Some(code) => return Err(Error::failed(format!("run ended with {code}"))),
                None => {}
            }
            for (place, (wave, step, share)) in steps.iter().enumerate() {
                self.meet(place, wave, step, *share).await?;
            }
            if steps != stood {
                (moved, stood) = (Instant::now(), steps);
            }
            if moved.elapsed() > patience {
                let text = format!("no wave has moved on for {} s", patience.as_secs());
                return Err(Error::new(Kind::NotYet, text));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What befalls a wave where it stands now, each thing once.
    async fn meet(&mut self, place: usize, wave: &str, step: &str, share: i16) -> Result<()> {
        let beyond = matches!(step, "nats" | "finished");
        let at = |least: i16| beyond || (step == "hybrid" && share >= least);
        let due = |blow: Blow| match blow {
            Blow::NatsServer => beyond,
            Blow::NatsPath => at(50),
            Blow::Relay | Blow::NatsWorker => at(100),
        };
        if let Some(&(_, blow)) = BLOWS.iter().find(|(hit, blow)| *hit == place && due(*blow))
            && self.met.insert((place, Event::Blow))
        {
            self.strike(blow, wave).await?;
        }
        // The last wave is the critical one: its plan wants a person.
        if place + 1 == self.waves.len() && at(100) && self.met.insert((place, Event::Approval)) {
            self.chapter("The critical wave waits for a person's word");
            let command = format!("approve {PLAN} --wave {wave} --yes --confirm {wave}");
            self.must(&command).await?;
        }
        Ok(())
    }

    /// What `run` has said since; what a wave waits for is left out here, where each minute is a week.
    fn hear(&mut self) -> Result<()> {
        let said = self.stage.driver_said()?;
        for line in said.lines().filter(|line| !line.contains(" waits: ")) {
            self.note(&format!("  run | {line}"));
        }
        Ok(())
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
            Blow::NatsPath => self.break_path(wave).await?,
        }
        Ok(())
    }

    /// The way from the NATS workers to the wave's endpoints breaks; the guard of `run` is to see it.
    async fn break_path(&mut self, wave: &str) -> Result<()> {
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
        self.broken = Some(wave.to_string());
        Ok(())
    }

    /// The guard took the broken wave back, and nothing goes on without a person: who mends the way and lets it go again.
    async fn mend(&mut self) -> Result<()> {
        let Some(wave) = self.broken.take() else {
            return Ok(());
        };
        self.chapter("The guard took it back: the operator looks, mends the way to the endpoints, and resumes");
        self.look("status").await?;
        self.stage.receiver.cut_off(HashSet::new());
        self.must(&format!(
            "apply {PLAN} --wave {wave} --resume --yes --confirm {wave}"
        ))
        .await?;
        self.drive().await
    }

    /// Runs a command that has to succeed, and shows how it ended.
    async fn must(&mut self, command: &str) -> Result<()> {
        let outcome = self.carry_out(command).await?;
        let text = outcome.stdout.trim_end();
        let end = text.rfind("\n\n").map_or(0, |end| end + 2);
        text[end..].lines().for_each(|line| self.note(line));
        Ok(())
    }

    /// Runs a command that has to succeed, and shows what it says.
    async fn look(&mut self, command: &str) -> Result<()> {
        let outcome = self.carry_out(command).await?;
        self.show(&outcome);
        Ok(())
    }

    async fn carry_out(&mut self, command: &str) -> Result<CommandOutcome> {
        self.announce(command).await?;
        let outcome = self.run_quietly(command).await?;
        if outcome.code != DONE {
            self.show(&outcome);
            return Err(failed(command, &outcome));
        }
        Ok(outcome)
    }

    /// Says what is run; where a person is asked, waits for that. What else the operator types runs first.
    async fn announce(&mut self, command: &str) -> Result<()> {
        let wanted = format!("wavegate {command}");
        let Some(pause) = self.pause.clone() else {
            self.note(&format!("$ {wanted}"));
            return Ok(());
        };
        loop {
            let (asked, pause) = (wanted.clone(), pause.clone());
            let typed = tokio::task::spawn_blocking(move || pause(&asked))
                .await
                .map_err(|_| Error::failed("the prompt broke down"))??;
            if typed == wanted {
                return Ok(());
            }
            let other = typed.strip_prefix("wavegate ").unwrap_or(&typed);
            let outcome = self.run_quietly(other).await?;
            self.show(&outcome);
        }
    }

    async fn run_quietly(&mut self, command: &str) -> Result<CommandOutcome> {
        // Progress is for who watches it.
        let mut args = vec!["--quiet"];
        args.extend(command.split_whitespace());
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
