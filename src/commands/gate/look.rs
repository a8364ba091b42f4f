//! One look at the gates of every wave's next step; may be repeated.

use std::{collections::BTreeSet, path::Path};

use chrono::{DateTime, Utc};

use crate::{
    bus::Bus,
    commands::{Context, plan_file},
    engine::{
        attention::Situation,
        forward::choice::{self, Task, Wish},
        gatekeeper::{self, Candidate},
        pinned,
        planner::{self, Hold, Snapshot},
        snapshot,
    },
    error::{Error, Kind, Result},
    model::{Mode, Webhook},
    plan::{Plan, Wave, unknown_wave},
    store::{self, Db, state::Migration, verdicts},
    ui::GateScreen,
};

pub struct Looker<'a> {
    context: &'a Context,
    plan: Plan,
    file: String,
    only: Option<String>,
    /// What was taken back goes forward again.
    resume: bool,
    db: Db,
    bus: Option<Bus>,
    migration_id: Option<i32>,
    /// The operator knows that no record is kept.
    told: bool,
}

const NO_RECORD: &str =
    "a look without a record: nothing may be written here, or --dry-run was given";

impl<'a> Looker<'a> {
    pub async fn open(
        context: &'a Context,
        file: Option<&Path>,
        only: Option<String>,
        resume: bool,
    ) -> Result<Self> {
        let plan = plan_file::given_or_pinned(file, context).await?;
        plan_file::warn_independent(&plan, &context.ui);
        known(&plan, only.as_deref())?;
        Ok(Looker {
            context,
            plan,
            file: file
                .map(|file| file.display().to_string())
                .unwrap_or_default(),
            only,
            resume,
            db: context.db_of(Some(gatekeeper::SESSIONS)).await?,
            bus: None,
            migration_id: None,
            told: false,
        })
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Of the newest look; `None` before a migration began.
    pub fn migration_id(&self) -> Option<i32> {
        self.migration_id
    }

    /// Evaluates, and keeps what was said where that is allowed. NATS may be away: then its gates say so. Without PostgreSQL there is nothing to say.
    pub async fn look(&mut self) -> Result<GateScreen> {
        let (db, plan) = (&self.db, &self.plan);
        let connected = async {
            Ok(match self.bus {
                Some(_) => None,
                None => Some(self.context.bus(db, &plan.nats().config).await),
            })
        };
        let (now, migration, connected) = tokio::try_join!(
            store::clock::now(db),
            pinned::migration(db, plan),
            connected
        )?;
        let snapshot = snapshot::read(db, plan, migration.as_ref(), now).await?;
        self.migration_id = migration.as_ref().map(|m| m.id);
        let mut away = None;
        match connected {
            None => {}
            Some(Ok(bus)) => self.bus = Some(bus),
            Some(Err(error)) if error.kind() == Kind::Failed => away = Some(error.to_string()),
            Some(Err(error)) => return Err(error),
        }
        let bus = self
            .bus
            .as_ref()
            .ok_or_else(|| away.unwrap_or_else(|| "NATS is away".to_string()));
        let mut screen = GateScreen {
            plan: plan.name().to_string(),
            file: Some(self.file.clone()),
            resume: self.resume,
            ..GateScreen::default()
        };
        for wave in plan.waves() {
            if self.only.as_ref().is_some_and(|name| *name != wave.name) {
                continue;
            }
            let candidate = match self.resume {
                true => Ok(resumed(plan, &snapshot, wave, now)?),
                false => next(plan, &snapshot, migration.as_ref(), wave),
            };
            let away = left_out(&snapshot, wave);
            if !away.is_empty() {
                screen.left_out.push((wave.name.clone(), away));
            }
            match candidate {
                Ok(candidate) => {
                    let report = gatekeeper::look(
                        db,
                        bus.as_ref().map_err(String::as_str).copied(),
                        plan,
                        migration.as_ref(),
                        &candidate,
                        now,
                    )
                    .await?;
                    let kept = !self.context.global.dry_run
                        && verdicts::keep_if_allowed(db, self.migration_id, &report).await?;
                    if !kept && !std::mem::replace(&mut self.told, true) {
                        self.context.ui.note(NO_RECORD);
                    }
                    screen.reports.push(report);
                }
                Err(why) => screen.held.push((wave.name.clone(), why)),
            }
        }
        screen.looks = Situation::read(db, migration.as_ref()).await?.looks();
        screen.at = now;
        Ok(screen)
    }
}

/// The plan must have the wave that was named.
pub(super) fn known(plan: &Plan, only: Option<&str>) -> Result<()> {
    match only {
        Some(name) if plan.wave(name).is_none() => Err(unknown_wave(
            &format!("the plan {}", plan.name()),
            name,
            plan.waves().iter().map(|w| w.name.as_str()),
        )),
        _ => Ok(()),
    }
}

/// The wave's next flip, or the end of its watch; else why it has neither.
fn next<'p>(
    plan: &Plan,
    snapshot: &Snapshot,
    migration: Option<&Migration>,
    wave: &'p Wave,
) -> Result<Candidate<'p>, String> {
    let to = match planner::decide(plan, snapshot, &wave.name) {
        Ok(step) => step.to,
        Err(Hold::Watched) => Mode::Nats,
        Err(hold) => return Err(hold.to_string()),
    };
    Ok(Candidate {
        away: snapshot.away.clone(),
        ..Candidate::new(migration, wave, to)
    })
}

/// What `apply --resume` would do.
fn resumed<'p>(
    plan: &Plan,
    snapshot: &Snapshot,
    wave: &'p Wave,
    now: DateTime<Utc>,
) -> Result<Candidate<'p>> {
    let wish = Wish {
        wave: Some(&wave.name),
        to: None,
        resume: true,
    };
    match choice::choose(plan, snapshot, wish, now)? {
        Task::Flip(flip) => Ok(Candidate::of(wave, &flip, &snapshot.away)),
        Task::Finish { wave } => Err(Error::refused(format!("wave {wave} has nothing to resume"))),
    }
}

/// Members that no gate looks at, by name.
fn left_out(snapshot: &Snapshot, wave: &Wave) -> Vec<String> {
    let members = snapshot.members.get(&wave.name).into_iter().flatten();
    let members: BTreeSet<&i32> = members.collect();
    let of_wave = |id: &i32| members.contains(id);
    let away = |webhook: &&Webhook| snapshot.away.contains(&webhook.id) && of_wave(&webhook.id);
    snapshot
        .webhooks
        .iter()
        .filter(away)
        .map(|webhook| webhook.name.clone())
        .collect()
}
