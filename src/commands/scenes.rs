//! What the operator at this terminal sees of a change, and how he agrees.

use std::time::Duration;

use super::Context;
use crate::{
    engine::{
        back::redrive::{self, Redriven},
        back::survey::Survey,
        back::undo::{Manner, Undone},
        forward::Proposal,
        operator::{Operator, Scene},
    },
    error::Result,
    model::{Ask, Confirmed, Goal, Path, milliseconds},
    ui::{
        EffectScreen, GateScreen, RedriveEffect, RedriveScreen, RollbackScreen, SchemaRevert,
        StepScreen,
    },
};

impl Operator for Context {
    fn see(&self, scene: &Scene<'_>) {
        let all = self.global.verbose > 0;
        match *scene {
            Scene::Completion(flip) => self.ui.note(&format!(
                "an earlier run flipped wave {} to {} and did not come to its end: going on from there",
                flip.wave, flip.target.to
            )),
            Scene::Flip { plan, proposal } => self.ui.show(&step(plan, proposal, all)),
            Scene::Finish { plan, report } => self.ui.show(&GateScreen {
                plan: plan.to_string(),
                reports: vec![report.clone()],
                ..GateScreen::default()
            }),
            Scene::Rollback {
                survey,
                asked_to_drain,
            } => {
                self.ui.show(&effect(survey, asked_to_drain, all));
                if survey.independent && !asked_to_drain {
                    self.ui.warn(
                        "delivery is `independent`: nobody knows which events of the stream the foreign NATS workers have sent already, \
                         so nothing is fenced or re-driven; they finish what NATS has",
                    );
                }
            }
            Scene::Removal { status, obstacles } => {
                self.ui.show(&SchemaRevert { status, obstacles });
            }
            Scene::Silence { fenced } => {
                self.ui.warn(
                    "no queue worker is alive: what the queue gets, nobody delivers. Start one: wavegate worker --path queue",
                );
                if fenced {
                    self.ui.note(
                        "or roll back with --drain: no fence, NATS workers finish what they have",
                    );
                }
            }
            Scene::Undone {
                survey,
                manner,
                undone,
                took,
            } => self.ui.show(&undone_screen(survey, manner, undone, took)),
            Scene::Redrive(survey) => self.ui.show(&redrive_effect(survey)),
            Scene::Redriven {
                survey,
                redriven,
                took,
            } => self.ui.show(&redriven_screen(survey, redriven, took)),
        }
    }

    async fn agree(&self, question: &str, ask: Ask) -> Result<Confirmed> {
        self.confirm(question, ask).await
    }
}

fn step(plan: &str, proposal: &Proposal, all: bool) -> StepScreen {
    let prepared = &proposal.prepared;
    StepScreen {
        plan: plan.to_string(),
        wave: prepared.wave.clone(),
        from: prepared.from,
        to: prepared.to,
        attempt: prepared.attempt,
        joins: prepared.joins,
        changes: prepared.changes.clone(),
        fenced: prepared.fenced.clone(),
        held_back: prepared.held_back.clone(),
        moving: proposal.moving.clone(),
        gates: proposal.report.clone(),
        all,
    }
}

fn effect(survey: &Survey, asked_to_drain: bool, all: bool) -> EffectScreen {
    let workers = |path: Path| survey.workers.iter().filter(|w| w.path == path).count();
    EffectScreen {
        scope: survey.scope.to_string(),
        goal: goal(survey),
        drain: asked_to_drain || survey.independent,
        changes: survey.changes.clone(),
        waves: survey.waves.iter().map(|(name, _)| name.clone()).collect(),
        deleted: survey.deleted.clone(),
        undelivered: survey.undelivered.values().copied().sum(),
        fenced: survey.fenced.len(),
        queue_workers: workers(Path::Queue),
        nats_workers: workers(Path::Nats),
        foreign_worker: survey.foreign_worker,
        all,
    }
}

fn goal(survey: &Survey) -> &'static str {
    match survey.goal {
        Goal::Both => "both, NATS delivers 0 %",
        Goal::Queue => "queue",
    }
}

fn undone_screen(
    survey: &Survey,
    manner: &Manner,
    undone: &Undone,
    took: Duration,
) -> RollbackScreen {
    RollbackScreen {
        scope: survey.scope.to_string(),
        goal: goal(survey),
        fenced: undone.fenced,
        changed: undone.changes.len(),
        drifted: undone.drifted.clone(),
        pulled: undone.redriven.pulled,
        enqueued: undone.redriven.enqueued,
        draining: undone.draining,
        drain: manner.drain,
        independent: survey.independent,
        barrier: undone.barrier.clone(),
        took_ms: milliseconds(took),
    }
}

fn redrive_effect(survey: &redrive::Survey) -> RedriveEffect {
    let workers = |path: Path| survey.workers.iter().filter(|w| w.path == path).count();
    RedriveEffect {
        scope: survey.scope.to_string(),
        webhooks: survey.webhooks.clone(),
        fenced: survey.fenced.clone(),
        skipped: survey.skipped.clone(),
        undelivered: survey.undelivered.clone(),
        queue_workers: workers(Path::Queue),
        nats_workers: workers(Path::Nats),
        foreign_worker: survey.foreign_worker,
    }
}

fn redriven_screen(survey: &redrive::Survey, redriven: Redriven, took: Duration) -> RedriveScreen {
    RedriveScreen {
        scope: survey.scope.to_string(),
        pulled: redriven.pulled,
        released: redriven.released,
        enqueued: redriven.enqueued,
        took_ms: milliseconds(took),
    }
}
