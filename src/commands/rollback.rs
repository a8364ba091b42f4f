//! `wavegate rollback`: takes back one webhook, a wave or everything.

use std::time::{Duration, Instant};

use clap::ValueEnum;

use super::{Context, barrier_args::BarrierArgs, one_scope::OneScope};
use crate::{
    engine::{
        Work, no_checkpoint,
        rollback::{self, Goal, Scope, Survey},
        schema,
        undo::{self, Manner, Undone},
    },
    error::{Error, Result},
    model::Progress,
    store::{
        Db,
        schema::{Obstacles, Status, all_obstacles},
    },
    ui::{Ask, EffectScreen, RollbackScreen, SchemaRevert},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    /// both: the queue delivers all, publishing to NATS goes on; queue: as before the migration
    #[arg(long, value_enum, value_name = "MODE", conflicts_with = "level")]
    pub to: Option<To>,
    /// 1: to both with share 0 (default); 2: to queue; 3: to queue, and take migration 007 back
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub level: Option<u8>,
    /// Set no fence: NATS workers finish what they have. For when no queue worker can be started
    #[arg(long)]
    pub drain: bool,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum To {
    Both,
    Queue,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let scope = args.scope.scope("what is to be taken back")?;
    let goal = match (args.to, args.level) {
        (Some(To::Queue), _) | (_, Some(2 | 3)) => Goal::Queue,
        _ => Goal::Both,
    };
    let last = args.level == Some(3);
    if last && scope != Scope::All {
        return Err(
            Error::usage("level 3 takes migration 007 back, so it wants --all")
                .hint("wavegate rollback --all --level 3"),
        );
    }
    let db = context.urgent_db().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work {
        db: &db,
        actor: &actor,
        listener: &listener,
        checkpoint: &no_checkpoint,
    };
    // What the last step would stumble over is known before the first.
    let removal = match last {
        true => Some(removal(&db).await?),
        false => None,
    };
    let survey = match rollback::survey(&db, scope, goal).await? {
        Some(survey) => survey,
        // Nothing to move: only the schema is left to take back.
        None if last => return revert(&work, context, removal.as_ref()).await,
        None => {
            return Err(Error::refused(
                "there is nothing to take back: no webhook of this scope has anything to do with NATS",
            )
            .hint("`wavegate status` shows where every wave stands"));
        }
    };
    let effect = effect(&survey, &args, context.global.verbose > 0);
    context.ui.show(&effect);
    if survey.independent && !args.drain {
        context.ui.warn(
            "delivery is `independent`: nobody knows which events of the stream the foreign NATS workers have sent already, \
             so nothing is fenced or re-driven; they finish what NATS has",
        );
    }
    if let Some(removal) = &removal {
        context.ui.show(&removal.screen());
        schema::allowed(&removal.obstacles.unmended())?;
    } else if !survey.queue_worker_alive() {
        warn_of_silence(context, args.drain || survey.independent);
    }
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let question = match last {
        true => "Take back everything, and migration 007 with ledger and journal?".to_string(),
        false => format!("Take back {}?", survey.scope),
    };
    let ask = if last {
        Ask::Typed("level-3".to_string())
    } else {
        Ask::Key
    };
    let confirmed = context.confirm(&question, ask).await?;
    let began = Instant::now();
    let manner = Manner {
        patience: args.barrier.patience(),
        drain: args.drain,
        lock_patience: Duration::from_secs(30),
    };
    let undone = undo::carry_out(&work, &survey, &manner, confirmed).await?;
    context.ui.show(&screen(&survey, &args, undone, began));
    if last {
        schema::revert(
            &db,
            &actor,
            &schema::ApplyOptions::default(),
            &listener,
            confirmed,
        )
        .await?;
    }
    Ok(())
}

/// What level 3 takes back beside the webhooks.
struct Removal {
    status: Status,
    obstacles: Obstacles,
}

impl Removal {
    fn screen(&self) -> SchemaRevert<'_> {
        SchemaRevert {
            status: &self.status,
            obstacles: &self.obstacles,
        }
    }
}

async fn removal(db: &Db) -> Result<Removal> {
    let status = schema::status(db).await?;
    let mut connection = db.pool().acquire().await?;
    Ok(Removal {
        status,
        obstacles: all_obstacles(&mut connection, db.shape()).await?,
    })
}

async fn revert(work: &Work<'_>, context: &Context, removal: Option<&Removal>) -> Result<()> {
    if let Some(removal) = removal {
        context.ui.show(&removal.screen());
        schema::allowed(&removal.obstacles)?;
    }
    if context.global.dry_run {
        context
            .ui
            .note("dry run: migration 007 would be taken back; nothing was changed");
        return Ok(());
    }
    let confirmed = context
        .confirm(
            "Take migration 007 back, with ledger and journal?",
            Ask::Typed("level-3".to_string()),
        )
        .await?;
    let options = schema::ApplyOptions::default();
    schema::revert(work.db, work.actor, &options, work.listener, confirmed).await?;
    Ok(())
}

fn effect(survey: &Survey, args: &Args, all: bool) -> EffectScreen {
    let workers = |path: &str| survey.workers.iter().filter(|w| w.path == path).count();
    EffectScreen {
        scope: survey.scope.to_string(),
        goal: goal(survey),
        drain: args.drain || survey.independent,
        changes: survey.changes.clone(),
        waves: survey.waves.iter().map(|(name, _)| name.clone()).collect(),
        deleted: survey.deleted.clone(),
        undelivered: survey.undelivered.values().copied().sum(),
        fenced: survey.fenced.len(),
        queue_workers: workers("queue"),
        nats_workers: workers("nats"),
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

fn warn_of_silence(context: &Context, drain: bool) {
    context.ui.warn(
        "no queue worker is alive: what the queue gets, nobody delivers. Start one: wavegate worker --path queue",
    );
    if !drain {
        context
            .ui
            .note("or roll back with --drain: no fence, NATS workers finish what they have");
    }
}

fn screen(survey: &Survey, args: &Args, undone: Undone, began: Instant) -> RollbackScreen {
    RollbackScreen {
        scope: survey.scope.to_string(),
        goal: goal(survey),
        fenced: undone.fenced,
        changed: undone.changes.len(),
        drifted: undone.drifted,
        pulled: undone.redriven.pulled,
        enqueued: undone.redriven.enqueued,
        draining: undone.draining,
        drain: args.drain || survey.independent,
        independent: survey.independent,
        barrier: undone.barrier,
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
