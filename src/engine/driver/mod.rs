//! Drives a migration: looks, decides, carries out through `forward` and `back`, and says what it waits for. `once` does what is due now;
//! `resident` goes on until the migration is over, and only one of many drives.

pub mod decide;
mod facts;
mod guard;
mod hooks;
pub mod outlook;
mod resident;

use std::{collections::BTreeMap, time::Duration};

use self::{
    decide::{Decision, DueStep, decide},
    facts::Seen,
    hooks::{Message, Occasion},
};
use super::{
    back::{
        self,
        survey::{self, Scope},
        undo::Manner,
    },
    barrier::Patience,
    forward::{
        self, Judge, Request,
        choice::{Target, Wish},
    },
    operator::{Operator, Scene},
    work::Work,
};
use crate::{
    error::{Error, Kind, Result},
    model::{
        Ask, Confirmed, Entry, Gate, Goal, Mode, counted,
        driven::{Deed, DeedKind, Driven, DriverNews, WaitsFor, WaveWait},
        journal::{Fired, Left},
    },
    plan::Plan,
    store::{self, journal::Line},
};

/// Who judges, and who hears what is done.
pub trait Host: Judge {
    fn hear(&self, told: &DriverNews<'_>);
}

/// One migration and those who stand around it.
pub struct Driver<'a, H> {
    pub work: Work<'a>,
    pub plan: &'a Plan,
    pub host: &'a H,
    pub patience: Patience,
}

/// How often waves are looked at where the plan has no guard.
const EVERY: Duration = Duration::from_secs(30);
/// Another rollback is waited for so long.
const OTHER_ROLLBACK: Duration = Duration::from_secs(30);

impl<H: Host> Driver<'_, H> {
    /// Time between two looks.
    pub fn every(&self) -> Duration {
        self.plan
            .auto_rollback()
            .map_or(EVERY, |policy| policy.every)
    }

    /// Does all that is due now.
    pub async fn once(&self) -> Result<Driven> {
        let (outcome, ended) = self.look(&[]).await;
        ended.map(|()| outcome)
    }

    /// What was done, and how it ended: programs are told of what was done in any case. What was waited for `before` is not told again.
    async fn look(&self, before: &[WaveWait]) -> (Driven, Result<()>) {
        let (mut outcome, mut messages) = (Driven::default(), Vec::new());
        let ended = self.act(&mut outcome, &mut messages).await;
        if ended.is_ok() {
            self.waits(before, &outcome, &mut messages);
        }
        self.tell(messages).await;
        (outcome, ended)
    }

    /// One wave that cannot go on keeps no other from going on, or back.
    async fn act(&self, outcome: &mut Driven, messages: &mut Vec<Message>) -> Result<()> {
        let mut aside = BTreeMap::new();
        loop {
            let seen = facts::read(self.work.db, self.plan, self.host).await?;
            if outcome.deeds.is_empty() && aside.is_empty() {
                self.notice(&seen, messages);
            }
            match decide(&seen.facts(self.plan, &aside)) {
                Decision::Finished => {
                    outcome.finished = true;
                    return Ok(());
                }
                Decision::Wait(waiting) => {
                    outcome.waiting = waiting;
                    return Ok(());
                }
                Decision::TakeBack { wave, gates } => {
                    if let Err(error) = self.somebody_delivers(&wave, &gates).await {
                        set_aside(&mut aside, &seen, &wave, WaitsFor::QueueWorker, error)?;
                        continue;
                    }
                    match self.take_back(&seen, &wave, &gates).await {
                        Ok(deed) => self.did(deed, outcome, messages),
                        Err(error) => set_aside(&mut aside, &seen, &wave, WaitsFor::Step, error)?,
                    }
                }
                Decision::Complete { wave } => match self.forward(&wave, None, false).await {
                    Ok(deed) => self.did(deed, outcome, messages),
                    Err(error) => set_aside(&mut aside, &seen, &wave, WaitsFor::Step, error)?,
                },
                Decision::Step(step) => match self.step(&seen, &step).await {
                    Ok(deed) => self.did(deed, outcome, messages),
                    Err(error) => set_aside(&mut aside, &seen, &step.wave, WaitsFor::Step, error)?,
                },
            }
        }
    }

    fn did(&self, deed: Deed, outcome: &mut Driven, messages: &mut Vec<Message>) {
        self.host.hear(&DriverNews::Deed(&deed));
        let occasion = match deed.what {
            DeedKind::TookBack => Occasion::OnRollback,
            DeedKind::Stepped | DeedKind::Finished | DeedKind::Completed => Occasion::AfterStep,
        };
        messages.push(Message {
            wave: Some(deed.wave.clone()),
            from: Some(deed.from.clone()),
            to: Some(deed.to.clone()),
            why: deed.why.clone(),
            ..Message::new(occasion, deed.at)
        });
        outcome.deeds.push(deed);
    }

    /// What is odd: nobody looked for long, or the clock was set back.
    fn notice(&self, seen: &Seen, messages: &mut Vec<Message>) {
        let (Some(policy), Some(looked)) = (self.plan.auto_rollback(), seen.looked) else {
            return;
        };
        let since = seen.now - looked;
        let silent = since
            .to_std()
            .is_ok_and(|since| since > policy.silent_after);
        let said = match since.num_seconds() {
            ..=-2 => format!(
                "PostgreSQL's clock was set back: the guard last looked {} s from now",
                -since.num_seconds()
            ),
            _ if silent && !seen.views.is_empty() => format!(
                "nobody guarded since {}: no `wavegate run` looked",
                looked.format("%Y-%m-%d %H:%M:%S UTC")
            ),
            _ => return,
        };
        self.host.hear(&DriverNews::Notice(&said));
        messages.push(Message {
            why: Some(said),
            ..Message::new(Occasion::OnSilence, seen.now)
        });
    }

    /// Whom a wait concerns, and the end.
    fn waits(&self, before: &[WaveWait], outcome: &Driven, messages: &mut Vec<Message>) {
        let concerns = |on| match on {
            WaitsFor::Person | WaitsFor::Resume => Some(Occasion::OnWait),
            WaitsFor::Failure | WaitsFor::QueueWorker | WaitsFor::Step => Some(Occasion::OnFail),
            WaitsFor::Evidence | WaitsFor::Order | WaitsFor::Hold => None,
        };
        for waiting in resident::news(before, &outcome.waiting) {
            if let Some(occasion) = concerns(waiting.on) {
                messages.push(Message {
                    wave: Some(waiting.wave.clone()),
                    from: Some(waiting.step.clone()),
                    why: Some(waiting.why.clone()),
                    command: waiting.command.clone(),
                    ..Message::new(occasion, chrono::Utc::now())
                });
            }
        }
        if outcome.finished && !outcome.deeds.is_empty() {
            messages.push(Message::new(Occasion::OnFinish, chrono::Utc::now()));
        }
    }

    /// Side by side, so that one program that hangs delays the next look by its time and no more.
    async fn tell(&self, messages: Vec<Message>) {
        let calls = messages
            .iter()
            .map(|message| hooks::call(self.plan, message));
        for why in futures::future::join_all(calls).await {
            if let Err(why) = why {
                self.host
                    .hear(&DriverNews::Notice(&format!("a hook failed: {why}")));
            }
        }
    }

    /// How far the guard goes back.
    fn goal(&self) -> Goal {
        match self.plan.auto_rollback().map(|policy| policy.level) {
            Some(2) => Goal::Queue,
            _ => Goal::Both,
        }
    }

    /// What is fenced and given back wants a queue worker.
    async fn somebody_delivers(&self, wave: &str, gates: &[Gate]) -> Result<()> {
        let scope = Scope::Wave(wave.to_string());
        let survey = survey::survey(self.work.db, scope, self.goal()).await?;
        if survey.is_some_and(|survey| !survey.queue_worker_alive()) {
            return Err(Error::not_yet(format!(
                "the guard would take wave {wave} back ({}), and no queue worker is alive to deliver what it gives back",
                named(gates)
            ))
            .hint("start one: `wavegate worker --path queue`"));
        }
        Ok(())
    }

    /// The guard takes one wave back.
    async fn take_back(&self, seen: &Seen, wave: &str, gates: &[Gate]) -> Result<Deed> {
        let (from, goal) = (seen.step(wave), self.goal());
        let fails = self.plan.auto_rollback().map_or(0, |policy| policy.after);
        if let (false, Some(migration)) = (gates.is_empty(), &seen.migration) {
            let line = Line {
                migration_id: Some(migration.id),
                wave: Some(wave),
                ..Line::new(Entry::GuardFired {
                    before: Left { step: from },
                    after: Fired {
                        gates: gates.iter().map(Gate::to_string).collect(),
                        fails,
                        goal,
                    },
                })
            };
            let since = migration.wave(wave).and_then(|status| status.entered_at);
            if !store::guard::fired(self.work.db, migration.id, wave, since).await? {
                self.work.note(&line).await?;
            }
        }
        let request = back::Request {
            scope: Scope::Wave(wave.to_string()),
            goal,
            with_schema: false,
            manner: Manner {
                patience: self.short_patience(),
                drain: false,
                lock_patience: OTHER_ROLLBACK,
            },
            dry_run: false,
        };
        back::rollback(&self.work, &request, &ByPlan::back()).await?;
        Ok(Deed {
            what: DeedKind::TookBack,
            wave: wave.to_string(),
            from: from.to_string(),
            to: match goal {
                Goal::Both => "both 0 %".to_string(),
                Goal::Queue => "queue".to_string(),
            },
            why: Some(match gates.is_empty() {
                true => "the rollback that the guard began".to_string(),
                false => format!("{} failed {fails} times in a row", named(gates)),
            }),
            at: seen.now,
        })
    }

    async fn step(&self, seen: &Seen, step: &DueStep) -> Result<Deed> {
        let message = Message {
            wave: Some(step.wave.clone()),
            from: Some(step.from.to_string()),
            to: Some(step.target()),
            ..Message::new(Occasion::BeforeStep, seen.now)
        };
        hooks::call(self.plan, &message)
            .await
            .map_err(|why| Error::not_yet(format!("the hook before_step stops it: {why}")))?;
        self.forward(&step.wave, Some(step), step.agreed).await
    }

    /// Through the one sequence of a forward step; no step of another name is taken than the one that was decided.
    async fn forward(&self, wave: &str, step: Option<&DueStep>, typed: bool) -> Result<Deed> {
        let to = step.map(|step| match step.to {
            Some(Mode::Both(share)) => Target::Share(share),
            _ => Target::Nats,
        });
        let request = Request {
            plan: self.plan,
            wish: Wish {
                wave: Some(wave),
                to,
                resume: false,
            },
            pass_unjudged: None,
            move_waiting: false,
            patience: self.short_patience(),
            drain_within: None,
            dry_run: false,
        };
        let operator = ByPlan {
            typed,
            consent: match step {
                Some(step) if step.approved => guard::approved(),
                _ => guard::by_plan(),
            },
        };
        let done = forward::step(&self.work, &request, self.host, &operator).await?;
        let at = store::clock::now(self.work.db).await?;
        let from = step.map_or(String::new(), |step| step.from.to_string());
        let deed = |what, wave, to, why| Deed {
            what,
            wave,
            from,
            to,
            why,
            at,
        };
        Ok(match done {
            forward::Done::Finished { wave } => {
                deed(DeedKind::Finished, wave, "finished".to_string(), None)
            }
            forward::Done::Flipped(flipped) => deed(
                match step {
                    Some(_) => DeedKind::Stepped,
                    None => DeedKind::Completed,
                },
                flipped.wave,
                flipped.to.to_string(),
                Some(format!(
                    "{}, barrier passed in {} ms",
                    counted(flipped.webhooks.len(), "webhook"),
                    flipped.barrier.waited_ms
                )),
            ),
            forward::Done::Nothing => return Err(Error::failed("the step was a dry run")),
        })
    }

    /// A barrier that somebody's old transaction holds up is gone on with at the next look: meanwhile the guard looks.
    fn short_patience(&self) -> Patience {
        Patience {
            timeout: self
                .patience
                .timeout
                .min(self.every().max(Duration::from_secs(5))),
            ..self.patience.clone()
        }
    }
}

fn named(gates: &[Gate]) -> String {
    gates
        .iter()
        .map(Gate::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// One wave's trouble is that wave's. What says that the whole cannot go on ends the look.
fn set_aside(
    aside: &mut BTreeMap<String, WaveWait>,
    seen: &Seen,
    wave: &str,
    on: WaitsFor,
    error: Error,
) -> Result<()> {
    let mine = matches!(
        error.kind(),
        Kind::NotYet | Kind::GateFailed | Kind::Refused
    );
    if !mine || aside.contains_key(wave) {
        return Err(error);
    }
    let waiting = WaveWait {
        wave: wave.to_string(),
        step: seen.step(wave).to_string(),
        moved: seen.step(wave).is_moved(),
        on,
        why: error.message().to_string(),
        gates: Vec::new(),
        until: None,
        command: error.hints().first().cloned(),
    };
    aside.insert(wave.to_string(), waiting);
    Ok(())
}

/// Agrees to what was agreed to beforehand, and to nothing else.
struct ByPlan {
    /// A step that wants a name typed was approved, or the plan lets `run` take it.
    typed: bool,
    consent: Confirmed,
}

impl ByPlan {
    fn back() -> Self {
        ByPlan {
            typed: false,
            consent: guard::by_plan(),
        }
    }
}

impl Operator for ByPlan {
    fn see(&self, _: &Scene<'_>) {}

    async fn agree(&self, _: &str, ask: Ask) -> Result<Confirmed> {
        match ask {
            Ask::Typed(name) if !self.typed => Err(Error::not_yet(format!(
                "this step of {name} wants a person's word"
            ))
            .hint(format!("wavegate approve --wave {name}"))),
            _ => Ok(self.consent),
        }
    }
}
