//! The one sequence of a way back: what stands against it, survey, consent, undoing, and the schema where it goes too. Who agrees and
//! who looks on is handed in.

pub mod drain;
pub mod redrive;
pub mod survey;
pub mod undo;

use std::time::{Duration, Instant};

use self::{
    redrive::Redriven,
    survey::{Scope, Survey},
    undo::{Manner, Undone},
};
use super::{
    operator::{Operator, Scene},
    schema,
    work::Work,
};
use crate::{
    error::{Error, Result},
    model::{Ask, Goal},
    store::{
        Db,
        schema::{Obstacles, Status, all_obstacles},
    },
};

/// What is to be taken back.
#[derive(Debug, Clone)]
pub struct Request {
    pub scope: Scope,
    pub goal: Goal,
    /// Migration 007 goes too, with ledger and journal.
    pub with_schema: bool,
    pub manner: Manner,
    /// Up to the consent.
    pub dry_run: bool,
}

/// How it ended.
#[derive(Debug)]
pub enum Done {
    Undone(Box<Undone>),
    /// No webhook had anything to do with NATS; the schema is gone.
    SchemaRemoved,
    /// It was a dry run.
    Nothing,
}

/// Takes one webhook, a wave or everything back.
pub async fn rollback<O: Operator>(
    work: &Work<'_>,
    request: &Request,
    operator: &O,
) -> Result<Done> {
    if request.with_schema && request.scope != Scope::All {
        return Err(
            Error::usage("level 3 takes migration 007 back, so it wants --all")
                .hint("wavegate rollback --all --level 3"),
        );
    }
    // What the last step would stumble over is known before the first.
    let removal = match request.with_schema {
        true => Some(Removal::read(work.db).await?),
        false => None,
    };
    let survey = survey::survey(work.db, request.scope.clone(), request.goal).await?;
    match (survey, removal) {
        (Some(survey), removal) => take_back(work, request, operator, survey, removal).await,
        // Nothing to move: only the schema is left to take back.
        (None, Some(removal)) => remove_schema(work, request, operator, &removal).await,
        (None, None) => Err(Error::refused(
            "there is nothing to take back: no webhook of this scope has anything to do with NATS",
        )
        .hint("`wavegate status` shows where every wave stands")),
    }
}

async fn take_back<O: Operator>(
    work: &Work<'_>,
    request: &Request,
    operator: &O,
    survey: Survey,
    removal: Option<Removal>,
) -> Result<Done> {
    let manner = Manner {
        drain: request.manner.drain || survey.independent,
        ..request.manner.clone()
    };
    operator.see(&Scene::Rollback {
        survey: &survey,
        asked_to_drain: request.manner.drain,
    });
    if let Some(removal) = &removal {
        operator.see(&removal.scene());
        schema::allowed(&removal.obstacles.unmended())?;
    } else if !survey.queue_worker_alive() {
        operator.see(&Scene::Silence {
            fenced: !manner.drain,
        });
    }
    if request.dry_run {
        return Ok(Done::Nothing);
    }
    let (question, ask) = match removal {
        Some(_) => (
            "Take back everything, and migration 007 with ledger and journal?".to_string(),
            Ask::Typed(LEVEL_3.to_string()),
        ),
        None => (format!("Take back {}?", survey.scope), Ask::Key),
    };
    let confirmed = operator.agree(&question, ask).await?;
    let began = Instant::now();
    let undone = undo::carry_out(work, &survey, &manner, confirmed).await?;
    operator.see(&Scene::Undone {
        survey: &survey,
        manner: &manner,
        undone: &undone,
        took: began.elapsed(),
    });
    if removal.is_some() {
        let options = schema::ApplyOptions::default();
        schema::revert(work.db, work.actor, &options, work.listener, confirmed).await?;
    }
    Ok(Done::Undone(Box::new(undone)))
}

/// What is typed where the schema goes.
const LEVEL_3: &str = "level-3";

/// What goes with the schema.
struct Removal {
    status: Status,
    obstacles: Obstacles,
}

impl Removal {
    async fn read(db: &Db) -> Result<Self> {
        let status = schema::status(db).await?;
        let mut connection = db.pool().acquire().await?;
        Ok(Removal {
            status,
            obstacles: all_obstacles(&mut connection, db.shape()).await?,
        })
    }

    fn scene(&self) -> Scene<'_> {
        Scene::Removal {
            status: &self.status,
            obstacles: &self.obstacles,
        }
    }
}

async fn remove_schema<O: Operator>(
    work: &Work<'_>,
    request: &Request,
    operator: &O,
    removal: &Removal,
) -> Result<Done> {
    operator.see(&removal.scene());
    schema::allowed(&removal.obstacles)?;
    if request.dry_run {
        return Ok(Done::Nothing);
    }
    let confirmed = operator
        .agree(
            "Take migration 007 back, with ledger and journal?",
            Ask::Typed(LEVEL_3.to_string()),
        )
        .await?;
    let options = schema::ApplyOptions::default();
    schema::revert(work.db, work.actor, &options, work.listener, confirmed).await?;
    Ok(Done::SchemaRemoved)
}

/// Gives the queue what is undelivered of a scope, and flips nothing; `None` after a dry run.
pub async fn redrive<O: Operator>(
    work: &Work<'_>,
    scope: Scope,
    wait: Duration,
    dry_run: bool,
    operator: &O,
) -> Result<Option<Redriven>> {
    let survey = redrive::survey(work.db, scope).await?;
    operator.see(&Scene::Redrive(&survey));
    if survey.webhooks.is_empty() {
        let mut error = Error::refused(format!("{} has nothing to re-drive", survey.scope));
        for (row, reason) in survey.skipped.iter().take(5) {
            error = error.detail(format!("{} ({}): {reason}", row.name, row.webhook_id));
        }
        return Err(error.hint("`wavegate rollback` fences, re-drives and flips in one"));
    }
    if !survey.queue_worker_alive() {
        operator.see(&Scene::Silence { fenced: false });
    }
    if dry_run {
        return Ok(None);
    }
    let question = format!("Give the queue what is undelivered of {}?", survey.scope);
    let confirmed = operator.agree(&question, Ask::Key).await?;
    let began = Instant::now();
    let redriven = redrive::carry_out(work, &survey, wait, confirmed).await?;
    operator.see(&Scene::Redriven {
        survey: &survey,
        redriven,
        took: began.elapsed(),
    });
    Ok(Some(redriven))
}
