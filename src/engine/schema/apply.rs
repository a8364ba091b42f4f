//! Applies what is missing, one step after the other; each step and its record commit together.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    LOCK_TIMEOUT,
    lock_wait::{LockWait, with_detail},
    one_step, session, survey,
};
use crate::{
    error::{Error, Result},
    model::{
        Confirmed, Entry, Listener, Progress,
        journal::{Nothing, SchemaApplied},
    },
    store::{
        Db,
        journal::{self, Actor, Line},
        schema::{self, Finding},
    },
};

/// How `apply` behaves.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// How long one step goes on trying to get its locks.
    pub lock_wait: Duration,
    /// Tests stop after so many steps, as if the process had been killed there.
    pub stop_after: Option<usize>,
    /// What was agreed to after a look at the database: these functions may be replaced, and no check was bad. Under the lock that is
    /// looked at again. `None`: nobody was asked.
    pub agreed: Option<BTreeSet<String>>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            lock_wait: Duration::from_secs(300),
            stop_after: None,
            agreed: None,
        }
    }
}

/// The time between the look and the lock is long enough for somebody else.
async fn still_agreed(db: &Db, agreed: &BTreeSet<String>) -> Result<()> {
    let again = |what: String| {
        Error::refused(format!("{what}; nothing was changed"))
            .hint("somebody changed the database since the effect was shown: run the command again")
    };
    let status = survey::status(db).await?;
    if let Some(new) = status.take_over.keys().find(|name| !agreed.contains(*name)) {
        return Err(again(format!(
            "{new} would be replaced, which nobody has agreed to"
        )));
    }
    let checks = schema::checks(db).await?;
    match checks.iter().find(|check| check.finding == Finding::Bad) {
        Some(bad) => Err(again(format!("{}: {}", bad.check, bad.found))),
        None => Ok(()),
    }
}

/// Carries out every step whose aim is not reached; returns how many had something to do. May be repeated at any time.
pub async fn apply(
    db: &Db,
    actor: &Actor,
    options: &ApplyOptions,
    listener: Listener<'_>,
    _: Confirmed,
) -> Result<usize> {
    let mut connection = session(db).await?;
    if let Some(agreed) = &options.agreed {
        still_agreed(db, agreed).await?;
    }
    let shape = db.shape();
    let wanted = schema::wanted(shape.queue);
    let names = schema::names(&wanted);
    let steps: Vec<_> = schema::steps(shape).collect();
    listener(Progress::Begin {
        what: format!("migration 007, {} steps", steps.len()),
        total: Some(steps.len() as u64),
    });
    let mut changed = 0;
    let first = schema::compare(
        shape,
        &wanted,
        &schema::read(&mut connection, &shape.schema, Some(&names)).await?,
    );
    let conflicts = schema::conflicts(&first);
    if !conflicts.is_empty() {
        return Err(schema::fault(
            "what exists already is not what migration 007 wants; nothing was changed",
            &conflicts,
        )
        .hint("rename, drop or change it, then run again"));
    }
    let recorded = schema::done(&mut connection).await?;
    for (number, step) in steps.iter().enumerate() {
        if options.stop_after == Some(number) {
            return Ok(changed);
        }
        if number > 0 {
            listener(Progress::Stands {
                what: format!(
                    "{number} of {} steps of migration 007 are in place",
                    steps.len()
                ),
                rest: format!("it goes on with step {}", step.name),
            });
        }
        listener(Progress::Step {
            done: number as u64,
            now: step.name.to_string(),
        });
        let task = one_step::Task {
            db,
            step,
            wanted: &wanted,
            names: &names,
            done: recorded.get(&step.position()),
            actor,
            listener,
            patience: options.lock_wait,
        };
        let differences: Vec<_> = first
            .iter()
            .filter(|difference| difference.step == step.name)
            .cloned()
            .collect();
        let outdated = schema::outdated(step, task.done, shape);
        if differences.is_empty() && task.done.is_some() && !outdated {
            continue;
        }
        let mut lock_wait =
            LockWait::new(step.name, &shape.schema, names.clone(), options.lock_wait);
        loop {
            match one_step::carry_out(&mut connection, &task, &differences).await {
                Ok(made) => {
                    changed += usize::from(made);
                    break;
                }
                Err(error) if error.is_busy() => lock_wait.wait(&mut connection, listener).await?,
                Err(error) => {
                    return Err(with_detail(error).hint(format!(
                        "step {} of migration 007; the steps before it are in place",
                        step.name
                    )));
                }
            }
        }
    }
    let rest = schema::compare(
        shape,
        &wanted,
        &schema::read(&mut connection, &shape.schema, Some(&names)).await?,
    );
    if !rest.is_empty() {
        return Err(schema::fault(
            "migration 007 ran, and yet the catalogue is not what it wants",
            &rest,
        ));
    }
    let line = Line::new(Entry::SchemaApplied {
        before: Nothing {},
        after: SchemaApplied {
            steps: steps.len(),
            changed,
        },
    });
    journal::append(&mut connection, actor, &line).await?;
    listener(Progress::End {
        what: "migration 007 is in place".to_string(),
    });
    let _ = connection.close().await;
    Ok(changed)
}

/// Sets the lock time-out for the transaction that is open.
pub(super) async fn limit_locks(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let statement = format!("SET LOCAL lock_timeout = {}", LOCK_TIMEOUT.as_millis());
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(|_| ())
}
