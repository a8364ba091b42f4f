//! One step: in a transaction of its own with its record and its journal line, or, for an index, beside one.

use std::{collections::BTreeSet, time::Duration};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::apply::limit_locks;
use crate::{
    error::{Context, Result},
    model::{
        Entry, Listener, Progress,
        journal::{StepBefore, StepMade},
    },
    store::{
        Db, Shape,
        journal::{self, Actor, Line},
        schema::{
            self, Difference, Done, Fact, Function, MISSING, Made, SchemaStep, Wanted, Way,
            functions,
        },
    },
};

/// One step and what it takes to carry it out.
pub(super) struct Task<'a> {
    pub db: &'a Db,
    pub step: &'a SchemaStep,
    pub wanted: &'a [Wanted],
    pub names: &'a [String],
    /// Its record, where it was carried out before.
    pub done: Option<&'a Done>,
    pub actor: &'a Actor,
    pub listener: Listener<'a>,
    pub patience: Duration,
}

impl Task<'_> {
    /// What this step wants of the catalogue.
    fn wanted(&self) -> Vec<Wanted> {
        self.wanted
            .iter()
            .filter(|line| line.step == self.step.name)
            .cloned()
            .collect()
    }

    fn text(&self) -> String {
        self.step.sql(self.db.shape())
    }

    /// The function that a step of the way `Function` or `Wrap` is about.
    fn function(&self) -> Option<&str> {
        let schema = self.db.shape().quoted_schema();
        let head = |object: &str| format!("FUNCTION {schema}.{}(", functions::name(object));
        let text = self.text();
        self.wanted
            .iter()
            .filter(|line| line.step == self.step.name && line.object.starts_with("function rule_"))
            .map(|line| line.object.as_str())
            .find(|object| text.contains(&head(object)))
    }
}

/// Carries out one step that was not recorded or whose aim is not reached; true when it changed anything.
pub(super) async fn carry_out(
    connection: &mut PgConnection,
    task: &Task<'_>,
    differences: &[Difference],
) -> Result<bool> {
    let (step, done) = (task.step, task.done);
    let hash = schema::hash(step, task.db.shape());
    let mut built = None;
    if step.way == Way::Index && (done.is_none() || !differences.is_empty()) {
        built = index(connection, task, differences).await?;
    }
    let mut tx = connection.begin().await?;
    limit_locks(&mut tx).await?;
    let before = objects(&mut tx, task).await?;
    let mut replaced: Option<Function> = None;
    let stale = schema::outdated(step, done, task.db.shape());
    // A step that wants no object of its own runs once.
    let first = done.is_none() && step.way == Way::Make && task.wanted().is_empty();
    if stale || first || !differences.is_empty() {
        replaced = statements(&mut tx, task, differences).await?;
    }
    let after = schema::read(&mut tx, &task.db.shape().schema, Some(task.names)).await?;
    let rest = schema::compare(task.db.shape(), &task.wanted(), &after);
    if !rest.is_empty() {
        return Err(schema::fault(
            &format!("step {} did not reach its aim", step.name),
            &rest,
        ));
    }
    let mut made = created(after, &before);
    made.extend(built.clone());
    if done.is_none() || !made.is_empty() || stale {
        let replaced = replaced.as_ref().filter(|_| done.is_none());
        schema::record(&mut tx, step, &hash, &made, replaced).await?;
    }
    let replaced_before = serde_json::to_value(&replaced).context("a function cannot be kept")?;
    let line = Line::new(Entry::SchemaStep {
        before: StepBefore {
            differences: differences.len(),
            replaced: Some(replaced_before),
        },
        after: StepMade {
            step: step.name.to_string(),
            made: made.iter().map(|made| made.object.clone()).collect(),
        },
    });
    journal::append(&mut tx, task.actor, &line).await?;
    tx.commit().await?;
    Ok(!made.is_empty() || replaced.is_some() || stale || first)
}

/// Runs the step's own statements, then adds what an existing table lacks.
async fn statements(
    tx: &mut PgConnection,
    task: &Task<'_>,
    differences: &[Difference],
) -> Result<Option<Function>> {
    let text = task.text();
    match task.step.way {
        Way::Index => return Ok(None),
        Way::Function | Way::Wrap => {
            let found = match task.function() {
                Some(object) => functions::find(tx, &task.db.shape().schema, object)
                    .await?
                    .map(|found| (object, found)),
                None => None,
            };
            if let Some((object, found)) = found {
                let engines = task.done.and_then(|done| done.replaced.as_ref());
                let engines = engines.map(|engines| &engines.0);
                for statement in
                    functions::take_over(task.step, task.db.shape(), object, &found, engines)
                {
                    run(tx, &statement).await?;
                }
                return Ok(Some(found));
            }
            run(tx, &text).await?;
        }
        // The aim of Add is one object: where it is there with other properties, there is nothing to add.
        Way::Add
            if differences
                .iter()
                .any(|difference| difference.found != MISSING) => {}
        Way::Make | Way::Add | Way::Validate => run(tx, &text).await?,
    }
    // Where everything was missing, the statements made it; where something was there, it may lack a part.
    let wanted = task.wanted();
    if differences.len() < wanted.len() {
        let live = schema::read(tx, &task.db.shape().schema, Some(task.names)).await?;
        for statement in schema::compare(task.db.shape(), &wanted, &live)
            .iter()
            .filter_map(|difference| completion(task.db.shape(), difference))
        {
            run(tx, &statement).await?;
        }
    }
    Ok(None)
}

async fn run(tx: &mut PgConnection, statement: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_string()))
        .execute(tx)
        .await?;
    Ok(())
}

/// A table that was there before us may lack a column or a constraint.
fn completion(shape: &Shape, difference: &Difference) -> Option<String> {
    if difference.found != MISSING {
        return None;
    }
    let quoted = |name: &str| match name.strip_prefix("wavegate.") {
        Some(ours) => format!("wavegate.{}", functions::quoted(ours)),
        None => format!("{}.{}", shape.quoted_schema(), functions::quoted(name)),
    };
    if let Some(column) = difference.object.strip_prefix("column ") {
        let (table, column) = column.rsplit_once('.')?;
        let kind = difference
            .wanted
            .replace("integer not null default nextval", "serial")
            .replace("bigint not null default nextval", "bigserial");
        return Some(format!(
            "ALTER TABLE {} ADD COLUMN {} {kind}",
            quoted(table),
            functions::quoted(column)
        ));
    }
    let (table, definition) = difference
        .object
        .strip_prefix("constraint ")?
        .split_once(' ')?;
    // A table of the engine's schema is not on the path.
    let definition = definition.replace(
        "REFERENCES rule_",
        &format!("REFERENCES {}.rule_", shape.quoted_schema()),
    );
    Some(format!("ALTER TABLE {} ADD {definition}", quoted(table)))
}

async fn objects(tx: &mut PgConnection, task: &Task<'_>) -> Result<BTreeSet<String>> {
    let facts = schema::read(tx, &task.db.shape().schema, Some(task.names)).await?;
    Ok(facts.into_iter().map(|fact| fact.object).collect())
}

/// What this transaction made: it was not there before, and its catalogue row is ours.
fn created(facts: Vec<Fact>, before: &BTreeSet<String>) -> Vec<Made> {
    let new = |object: &str| !before.contains(object);
    let tables: BTreeSet<String> = facts
        .iter()
        .filter(|fact| fact.object.starts_with("table ") && new(&fact.object))
        .map(|fact| fact.object.clone())
        .collect();
    // What goes with its table needs no undo of its own.
    let alone = |fact: &Fact| {
        !fact
            .relation
            .as_ref()
            .is_some_and(|table| tables.contains(table))
            || fact.object.starts_with("trigger ")
    };
    facts
        .into_iter()
        .filter(|fact| fact.mine == Some(true) && new(&fact.object) && alone(fact))
        .filter_map(|fact| {
            fact.undo.map(|undo| Made {
                object: fact.object,
                undo,
            })
        })
        .collect()
}

/// Builds the index without stopping writers; an invalid one that an interrupted build left is dropped first.
async fn index(
    connection: &mut PgConnection,
    task: &Task<'_>,
    differences: &[Difference],
) -> Result<Option<Made>> {
    let text = task.text();
    let unplaced = task.step.unplaced(task.db.shape());
    let (Some(name), Some(table)) = (
        word_after(&unplaced, "CONCURRENTLY"),
        word_after(&unplaced, " ON {schema}."),
    ) else {
        return Ok(None);
    };
    let schema = &task.db.shape().schema;
    let placed = |name: &str| format!("{}.{name}", functions::quoted(schema));
    let undo = format!("DROP INDEX {}", placed(&name));
    let made = Made {
        object: format!("index {name} on {table}"),
        undo,
    };
    if differences.is_empty() {
        // Built, and killed before it was recorded: an index of this name is ours.
        return Ok(schema::exists(connection, &placed(&name))
            .await?
            .then_some(made));
    }
    let leftover = schema::leftover(connection, schema, &name).await?;
    // Waiting for old transactions holds up nobody here, so patience is the only limit.
    let limit = format!("SET lock_timeout = {}", task.patience.as_millis().max(1));
    connection.execute(AssertSqlSafe(limit)).await?;
    if let Some(leftover) = leftover {
        (task.listener)(Progress::Note {
            text: format!(
                "{name} is left over from an interrupted build; it is dropped and built again"
            ),
        });
        watched(
            connection,
            task,
            &format!("DROP INDEX CONCURRENTLY {leftover}"),
        )
        .await?;
    }
    if schema::is_empty(connection, &placed(&table)).await? {
        connection.execute("SET lock_timeout = 500").await?;
        run(connection, &text.replace(" CONCURRENTLY", "")).await?;
    } else {
        watched(connection, task, &text).await?;
    }
    connection.execute("RESET lock_timeout").await?;
    Ok(Some(made))
}

/// Runs a statement that may wait for others for long, and tells for whom.
async fn watched(connection: &mut PgConnection, task: &Task<'_>, statement: &str) -> Result<()> {
    let pid = schema::backend_pid(connection).await?;
    let work = run(connection, statement);
    tokio::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                for holder in schema::waiting_for(task.db.pool(), pid).await.unwrap_or_default() {
                    (task.listener)(Progress::Waiting { on: format!("{}: {holder}", task.step.name) });
                }
            }
        }
    }
}

fn word_after(text: &str, mark: &str) -> Option<String> {
    let (_, rest) = text.split_once(mark)?;
    rest.split([' ', '('])
        .find(|word| !word.is_empty())
        .map(ToString::to_string)
}
