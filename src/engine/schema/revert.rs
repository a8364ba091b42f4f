//! Takes migration 007 back: the last step first, each step exactly what its record says.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    ApplyOptions,
    apply::limit_locks,
    lock_wait::{LockWait, with_detail},
    session,
};
use crate::{
    error::{Error, Result},
    model::{
        Confirmed, Entry, Listener, Progress, counted,
        journal::{Nothing, StepMade},
    },
    store::{
        Db, Shape,
        journal::{self, Actor, Line},
        schema::{self, DefaultMode, Done, Obstacles, functions},
    },
};

/// What a refusal names of a kind; of more, the number tells.
const NAMED: usize = 10;

/// The statements that revert would run, last step first, each with its step.
pub async fn undo_statements(db: &Db) -> Result<Vec<(String, Vec<String>)>> {
    let mut connection = db.pool().acquire().await?;
    let done = schema::done(&mut connection).await?;
    Ok(done
        .values()
        .rev()
        .map(|done| (done.name.clone(), statements(done, db.shape())))
        .collect())
}

/// The step that makes the columns of a webhook, or found the engine's own.
const COLUMNS: &str = "04_webhook_columns";

fn statements(done: &Done, shape: &Shape) -> Vec<String> {
    // The function first: what it calls is dropped after it.
    let mut statements = done
        .replaced
        .as_ref()
        .map(|found| functions::restore(found))
        .unwrap_or_default();
    if done.name == COLUMNS {
        statements.push(DefaultMode::Queue.statement(shape));
    }
    // Tables of one step may refer to each other: they go together.
    let table = |undo: &str| undo.strip_prefix("DROP TABLE ").map(ToString::to_string);
    let tables: Vec<String> = done
        .created
        .iter()
        .filter_map(|made| table(&made.undo))
        .collect();
    for made in done.created.iter() {
        match table(&made.undo) {
            None => statements.push(made.undo.clone()),
            Some(name) if tables.first() == Some(&name) => {
                statements.push(format!("DROP TABLE {}", tables.join(", ")))
            }
            Some(_) => {}
        }
    }
    statements
}

/// Undoes every recorded step; refused while PROTOCOL's level 3 does not allow it. May be repeated after a kill.
pub async fn revert(
    db: &Db,
    actor: &Actor,
    options: &ApplyOptions,
    listener: Listener<'_>,
    _: Confirmed,
) -> Result<usize> {
    let mut connection = session(db).await?;
    allowed(&schema::all_obstacles(&mut connection, db.shape()).await?)?;
    let done = schema::done(&mut connection).await?;
    let total = done.len();
    listener(Progress::Begin {
        what: format!("taking migration 007 back, {total} steps"),
        total: Some(total as u64),
    });
    let names = schema::names(&schema::wanted(db.shape().queue));
    for (number, done) in done.values().rev().enumerate() {
        if options.stop_after == Some(number) {
            return Ok(number);
        }
        if number > 0 {
            listener(Progress::Stands {
                what: format!("{number} of {total} steps of migration 007 are taken back"),
                rest: "it goes on from there".to_string(),
            });
        }
        listener(Progress::Step {
            done: number as u64,
            now: done.name.clone(),
        });
        let mut lock_wait = LockWait::new(
            &done.name,
            &db.shape().schema,
            names.clone(),
            options.lock_wait,
        );
        loop {
            match undo(&mut connection, db.shape(), actor, done).await {
                Ok(()) => break,
                Err(error) if error.is_busy() => lock_wait.wait(&mut connection, listener).await?,
                Err(error) => {
                    return Err(with_detail(error).hint(format!(
                        "taking back step {}; what depends on it must go first",
                        done.name
                    )));
                }
            }
        }
    }
    listener(Progress::End {
        what: "migration 007 is gone".to_string(),
    });
    let _ = connection.close().await;
    Ok(total)
}

async fn undo(
    connection: &mut PgConnection,
    shape: &Shape,
    actor: &Actor,
    done: &Done,
) -> Result<()> {
    let mut tx = connection.begin().await?;
    limit_locks(&mut tx).await?;
    let last = done
        .created
        .iter()
        .any(|made| made.object == "table wavegate.schema_step");
    if !last {
        schema::forget(&mut tx, done.position).await?;
        let line = Line::new(Entry::SchemaUndone {
            before: StepMade {
                step: done.name.clone(),
                made: done
                    .created
                    .iter()
                    .map(|made| made.object.clone())
                    .collect(),
            },
            after: Nothing {},
        });
        journal::append(&mut tx, actor, &line).await?;
    }
    if done
        .created
        .iter()
        .any(|made| made.object == "table rule_webhook_events")
    {
        // Locked first, then looked at: an event that came in meanwhile is not dropped.
        schema::lock_ledger(&mut tx, shape).await?;
        allowed(&schema::obstacles(&mut tx, shape).await?)?;
    }
    for statement in statements(done, shape) {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Refuses with everything that stands against it.
pub fn allowed(obstacles: &Obstacles) -> Result<()> {
    if obstacles.none() {
        return Ok(());
    }
    let mut error = Error::refused("migration 007 cannot be taken back now");
    let stranded = obstacles.stranded - obstacles.stuck;
    if stranded > 0 {
        error = error.hint(format!(
            "the queue cannot deliver {} by itself: wavegate rollback --all --to queue gives each its row",
            counted(stranded, "undelivered event")
        ));
    }
    if obstacles.stuck > 0 {
        error = error.hint(format!(
            "{} set aside: decide about them first (wavegate dead list)",
            counted(obstacles.stuck, "event")
        ));
    }
    if obstacles.elsewhere > 0 {
        error = error.hint(format!(
            "{} not in mode queue ({}): wavegate rollback --all --to queue",
            counted(obstacles.elsewhere, "webhook"),
            obstacles.names.join(", ")
        ));
    }
    if !obstacles.running_are.is_empty() {
        let more = obstacles.running_are.len().saturating_sub(NAMED);
        error = error.hint(format!(
            "stop what still runs: {}{}",
            obstacles.running_are[..obstacles.running_are.len() - more].join(", "),
            if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            }
        ));
    }
    for dependent in obstacles.dependents.iter().take(NAMED) {
        error = error.hint(format!(
            "{dependent} depends on migration 007: drop or change it first"
        ));
    }
    if obstacles.dependents.len() > NAMED {
        error = error.hint(format!(
            "and {} more objects depend on it",
            obstacles.dependents.len() - NAMED
        ));
    }
    if !obstacles.owners.is_empty() {
        error = error.hint(format!(
            "only who owns the tables may take it back: run this as {}, or as a member of it",
            obstacles.owners.join(", ")
        ));
    }
    Err(error)
}
