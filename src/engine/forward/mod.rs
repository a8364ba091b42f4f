//! The one sequence of a forward step: what an earlier run left, then snapshot, choice, preparation, gates, consent, flip, barrier
//! and checks. Who judges, who agrees and who looks on is handed in: commands, drivers and tests all go this way.

pub mod choice;
pub mod executor;
pub mod moving;
pub mod prepare;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use self::{
    choice::{Task, Wish},
    executor::{Outcome, Unfinished},
    prepare::Prepared,
};
use super::back::drain;
use super::{
    barrier::Patience,
    drift,
    gatekeeper::Candidate,
    operator::{Operator, Scene},
    pinned,
    planner::Snapshot,
    snapshot, standstill,
    work::Work,
};
use crate::{
    error::{Error, Kind, Result},
    gates::{Report, Verdict},
    model::{
        Ask, Drain, Entry, Mode, counted,
        journal::{Unjudged, Waiver},
    },
    plan::{Plan, Wave},
    store::{
        self, Db,
        journal::Line,
        lock::{self, Lock},
        state::{self, Beginning, Migration},
    },
};

/// A verdict that waited longer than this at the prompt is no longer one.
const GATES_HOLD: Duration = Duration::from_secs(600);

/// What is wanted of a step.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub plan: &'a Plan,
    pub wish: Wish<'a>,
    /// Gates that only lack events are passed; why.
    pub pass_unjudged: Option<&'a str>,
    /// In the step to nats: what waits in the queue goes along.
    pub move_waiting: bool,
    pub patience: Patience,
    /// After the step to nats: how long to wait until the queue is drained.
    pub drain_within: Option<Duration>,
    /// Up to the consent, without lock and records.
    pub dry_run: bool,
}

/// Who judges whether a step may be taken.
pub trait Judge {
    /// What the gates say of it; `None` where nobody asks them.
    fn judge(
        &self,
        migration: Option<&Migration>,
        candidate: &Candidate<'_>,
    ) -> impl Future<Output = Result<Option<Report>>>;
}

/// A flip with all that is known of it before anybody agrees.
#[derive(Debug)]
pub struct Proposal {
    pub prepared: Prepared,
    /// What waits in the queue and goes along, where that was asked for.
    pub moving: Option<Drain>,
    pub report: Option<Report>,
}

/// How it ended.
#[derive(Debug)]
pub enum Done {
    Flipped(Outcome),
    Finished {
        wave: String,
    },
    /// It was a dry run.
    Nothing,
}

/// Takes the lock and carries out the next step of one wave.
pub async fn step<J: Judge, O: Operator>(
    work: &Work<'_>,
    request: &Request<'_>,
    judge: &J,
    operator: &O,
) -> Result<Done> {
    let run = Run {
        work,
        request,
        judge,
        operator,
    };
    if request.dry_run {
        return run.next(None).await;
    }
    let seen = state::load(work.db).await?;
    let lock = lock::acquire(work.db, work.actor).await?;
    let outcome = tokio::select! {
        outcome = run.locked(seen.as_ref(), &lock) => outcome,
        () = lock.lost() => Err(lock::taken_over(work.db).await),
    };
    // Without it the lock would be free all the same; what happened matters more than how it was given back.
    match (outcome, lock.release().await) {
        (Ok(_), Err(_)) => Err(lock::taken_over(work.db).await),
        (outcome, _) => outcome,
    }
}

/// Only a pass goes on.
pub fn passed(report: &Report) -> Result<()> {
    let verdict = report.verdict();
    let (kind, what) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Fail => (Kind::GateFailed, "do not pass"),
        Verdict::Inconclusive => (Kind::NotYet, "are not conclusive yet"),
    };
    // The screen before it has the reasons and what to do.
    let gates: Vec<&str> = report.saying(verdict).map(|r| r.gate.as_str()).collect();
    Err(Error::new(
        kind,
        format!(
            "the gates of wave {} ({}) {what}: {}",
            report.wave,
            report.step,
            gates.join(", ")
        ),
    ))
}

struct Run<'a, J, O> {
    work: &'a Work<'a>,
    request: &'a Request<'a>,
    judge: &'a J,
    operator: &'a O,
}

impl<J: Judge, O: Operator> Run<'_, J, O> {
    fn db(&self) -> &Db {
        self.work.db
    }

    /// Whoever had to wait for the lock wanted the step that was next when it asked, and not the one after it.
    async fn locked(&self, seen: Option<&Migration>, lock: &Lock) -> Result<Done> {
        let now = state::load(self.db()).await?;
        let stands = |migration: Option<&Migration>| {
            migration.map(|m| {
                let waves = m
                    .waves
                    .iter()
                    .map(|w| (w.name.clone(), w.step, w.entered_at));
                (m.id, waves.collect::<Vec<_>>())
            })
        };
        if stands(seen) != stands(now.as_ref()) {
            return Err(Error::refused(
                "somebody moved a wave while this command waited for its turn; nothing was changed",
            )
            .hint("`wavegate history` shows who; look at `wavegate status`, then run the command again"));
        }
        self.next(Some(lock)).await
    }

    /// `lock`: `None` in a dry run.
    async fn next(&self, lock: Option<&Lock>) -> Result<Done> {
        let plan = self.request.plan;
        let migration = pinned::migration(self.db(), plan).await?;
        if let Some(migration) = &migration
            && let Some(unfinished) = executor::unfinished(self.db(), migration).await?
        {
            return self.complete(lock, migration, unfinished).await;
        }
        let now = store::clock::now(self.db()).await?;
        let snapshot = snapshot::read(self.db(), plan, migration.as_ref(), now).await?;
        if migration.is_none() {
            pinned::check_members(plan, &snapshot.webhooks)?;
        }
        match choice::choose(plan, &snapshot, self.request.wish, now)? {
            Task::Finish { wave } => {
                let there = choice::going(&snapshot, &wave);
                drift::allows(self.db(), migration.as_ref(), &wave, &there).await?;
                standstill::allows(self.db(), migration.as_ref(), &snapshot, &wave).await?;
                self.finish(lock, migration.as_ref(), &snapshot, &wave)
                    .await
            }
            Task::Flip(flip) => {
                let under_way = migration.as_ref();
                let mut prepared =
                    prepare::prepare(self.db(), plan, under_way, &snapshot, &flip).await?;
                if prepared.changes.is_empty() {
                    return Err(Error::refused(format!(
                        "every webhook of wave {} was deleted; nothing was changed",
                        flip.step.wave
                    )));
                }
                if flip.gated {
                    let wave = &flip.step.wave;
                    standstill::allows(self.db(), migration.as_ref(), &snapshot, wave).await?;
                }
                prepared.move_waiting = self.request.move_waiting;
                let moving = self.moving(&prepared).await?;
                let report = match (flip.gated, plan.wave(&flip.step.wave)) {
                    (true, Some(wave)) => {
                        let candidate = Candidate::of(wave, &flip, &snapshot.away);
                        self.judge(lock, migration.as_ref(), candidate).await?
                    }
                    _ => None,
                };
                let proposal = Proposal {
                    prepared,
                    moving,
                    report,
                };
                self.flip(lock, migration, &snapshot, &proposal).await
            }
        }
    }

    async fn flip(
        &self,
        lock: Option<&Lock>,
        migration: Option<Migration>,
        snapshot: &Snapshot,
        proposal: &Proposal,
    ) -> Result<Done> {
        let Proposal {
            prepared, report, ..
        } = proposal;
        self.operator.see(&Scene::Flip {
            plan: self.request.plan.name(),
            proposal,
        });
        if let Some(report) = report {
            passed(report)?;
        }
        let Some(lock) = lock else {
            return Ok(Done::Nothing);
        };
        let question = format!(
            "Flip {} of wave {} to {}{}?",
            counted(prepared.changes.len(), "webhook"),
            prepared.wave,
            prepared.to,
            match self.request.pass_unjudged {
                Some(_) => ", without evidence",
                None => "",
            }
        );
        let asked = Instant::now();
        let ask = self.ask(&prepared.wave, Some(prepared.to));
        let confirmed = self.operator.agree(&question, ask).await?;
        if asked.elapsed() > GATES_HOLD {
            return Err(Error::not_yet(
                "the answer came so late that the gates may have changed; nothing was changed",
            )
            .hint("run the command again: it asks the gates anew"));
        }
        let migration = match migration {
            Some(migration) => migration,
            None => {
                let beginning = beginning(self.request.plan, snapshot);
                state::start(self.db(), self.work.actor, &beginning).await?
            }
        };
        if let Some(report) = report {
            self.note_unjudged(&migration, report).await?;
        }
        let patience = &self.request.patience;
        let outcome =
            executor::carry_out(self.work, lock, &migration, prepared, patience, confirmed).await?;
        self.drained(outcome).await
    }

    /// How hard the question is: what cannot be taken back lightly wants the wave's name typed.
    fn ask(&self, wave: &str, to: Option<Mode>) -> Ask {
        let of_plan = self.request.plan.wave(wave);
        let flip = |to| to == Mode::Nats || of_plan.is_some_and(|wave| wave.typed_confirm);
        match self.request.pass_unjudged.is_some() || to.is_some_and(flip) {
            true => Ask::Typed(wave.to_string()),
            false => Ask::Yes,
        }
    }

    /// What goes along with the last flip, where nobody else can hold what is moved.
    async fn moving(&self, prepared: &Prepared) -> Result<Option<Drain>> {
        if !prepared.move_waiting {
            return Ok(None);
        }
        if prepared.to != Mode::Nats {
            return Err(Error::usage(format!(
                "--move-waiting belongs to the step to nats; the next step of wave {} is {}",
                prepared.wave, prepared.to
            )));
        }
        let ids: Vec<i32> = prepared.changes.iter().map(|c| c.webhook_id).collect();
        moving::refuse_beside_foreign(self.db(), &ids).await?;
        Ok(Some(store::drain::remaining(self.db(), &ids).await?))
    }

    /// The gates look at the members that will go; those that were taken back alone are not the wave's for now. A dry run leaves no
    /// record.
    async fn judge(
        &self,
        lock: Option<&Lock>,
        migration: Option<&Migration>,
        mut candidate: Candidate<'_>,
    ) -> Result<Option<Report>> {
        candidate.unjudged = self.request.pass_unjudged.is_some();
        let Some(report) = self.judge.judge(migration, &candidate).await? else {
            return Ok(None);
        };
        if lock.is_some() {
            store::verdicts::keep(self.db(), migration.map(|m| m.id), &report).await?;
        }
        if candidate.unjudged && report.unjudged().is_empty() {
            return Err(Error::usage(format!(
                "no gate of wave {} ({}) lacks events after its soak: there is nothing to pass without evidence",
                report.wave, report.step
            ))
            .hint("leave --pass-unjudged out"));
        }
        Ok(Some(report))
    }

    /// Who passed what without evidence, and why.
    async fn note_unjudged(&self, migration: &Migration, report: &Report) -> Result<()> {
        let Some(why) = self.request.pass_unjudged else {
            return Ok(());
        };
        let line = Line {
            migration_id: Some(migration.id),
            wave: Some(&report.wave),
            ..Line::new(Entry::WaveUnjudged {
                before: Unjudged {
                    step: report.step.clone(),
                    since: report.since,
                },
                after: Waiver {
                    why: why.to_string(),
                    gates: report.unjudged().into_iter().map(str::to_string).collect(),
                },
            })
        };
        self.work.note(&line).await
    }

    /// A flip that an earlier run committed: its barrier and checks are this run's work.
    async fn complete(
        &self,
        lock: Option<&Lock>,
        migration: &Migration,
        unfinished: Unfinished,
    ) -> Result<Done> {
        self.operator.see(&Scene::Completion(&unfinished));
        let Some(lock) = lock else {
            return Ok(Done::Nothing);
        };
        let patience = &self.request.patience;
        let outcome = executor::complete(self.work, lock, migration, unfinished, patience).await?;
        self.drained(outcome).await
    }

    async fn drained(&self, mut outcome: Outcome) -> Result<Done> {
        if let (Some(within), Some(left)) = (self.request.drain_within, &mut outcome.drain) {
            *left = drain::wait_for_queue(self.work, &outcome.webhooks, within).await?;
        }
        Ok(Done::Flipped(outcome))
    }

    async fn finish(
        &self,
        lock: Option<&Lock>,
        migration: Option<&Migration>,
        snapshot: &Snapshot,
        wave: &str,
    ) -> Result<Done> {
        let (Some(migration), Some(of_plan)) = (migration, self.request.plan.wave(wave)) else {
            return Err(Error::failed(format!(
                "wave {wave} cannot be finished before it began"
            )));
        };
        let candidate = Candidate {
            away: snapshot.away.clone(),
            ..Candidate::new(Some(migration), of_plan, Mode::Nats)
        };
        let report = self.judge(lock, Some(migration), candidate).await?;
        if let Some(report) = &report {
            self.operator.see(&Scene::Finish {
                plan: self.request.plan.name(),
                report,
            });
            passed(report)?;
        }
        let Some(lock) = lock else {
            return Ok(Done::Nothing);
        };
        let question = format!("Call wave {wave} finished?");
        let confirmed = self.operator.agree(&question, self.ask(wave, None)).await?;
        if let Some(report) = &report {
            self.note_unjudged(migration, report).await?;
        }
        executor::finish(self.work, lock, migration, wave, confirmed).await?;
        Ok(Done::Finished {
            wave: wave.to_string(),
        })
    }
}

/// What the first step pins: the plan's text, and its members as they are now.
fn beginning(plan: &Plan, snapshot: &Snapshot) -> Beginning {
    let members = |wave: &Wave| {
        snapshot
            .members
            .get(&wave.name)
            .cloned()
            .unwrap_or_default()
    };
    Beginning {
        name: plan.name().to_string(),
        plan: plan.text().to_string(),
        hash: plan.hash().to_string(),
        waves: plan
            .waves()
            .iter()
            .map(|wave| (wave.name.clone(), members(wave)))
            .collect(),
    }
}
