//! Where migration 007 stands, and what applying it would run.

use std::collections::BTreeMap;

use crate::{
    error::Result,
    store::{
        Db,
        schema::{self, Difference, MISSING, State, Status, StepStatus, Way, functions},
    },
};

/// Every step against the live catalogue; changes nothing.
pub async fn status(db: &Db) -> Result<Status> {
    let shape = db.shape();
    let differences = schema::differences(db).await?;
    let mut connection = db.pool().acquire().await?;
    let done = schema::done(&mut connection).await?;
    let wanted = schema::wanted(shape.queue);
    let mut take_over = BTreeMap::new();
    let mut steps = Vec::new();
    for step in schema::steps(shape) {
        let mine: Vec<&Difference> = differences
            .iter()
            .filter(|difference| difference.step == step.name)
            .collect();
        let record = done.get(&step.position());
        let state = if mine.iter().any(|difference| difference.found != MISSING) {
            State::Differs
        } else if !mine.is_empty() {
            State::Missing
        } else {
            match record {
                record if schema::outdated(step, record, shape) => State::Outdated,
                Some(record)
                    if !record.created.is_empty()
                        || record.replaced.is_some()
                        || step.way == Way::Validate =>
                {
                    State::Done
                }
                record if !wanted.iter().any(|line| line.step == step.name) => {
                    if record.is_some() {
                        State::Done
                    } else {
                        State::Missing
                    }
                }
                _ => State::Adopted,
            }
        };
        if matches!(step.way, Way::Function | Way::Wrap) && !mine.is_empty() {
            for line in wanted
                .iter()
                .filter(|line| line.step == step.name && line.object.starts_with("function rule_"))
            {
                if let Some(found) =
                    functions::find(&mut connection, &shape.schema, &line.object).await?
                {
                    // One of ours is only brought up to date.
                    if record.is_none() || !found.is_ours() {
                        take_over.insert(found.signature, found.extension);
                    }
                }
            }
        }
        steps.push(StepStatus {
            step: step.name.to_string(),
            title: step.title().to_string(),
            state,
            applied_at: record.map(|record| record.applied_at),
            made: record
                .map(|record| {
                    record
                        .created
                        .iter()
                        .map(|made| made.object.clone())
                        .collect()
                })
                .unwrap_or_default(),
            replaced: record
                .and_then(|record| record.replaced.as_ref())
                .map(|function| function.signature.clone()),
        });
    }
    Ok(Status {
        database: schema::database(&mut connection).await?,
        schema: shape.schema.clone(),
        shape: shape.queue,
        steps,
        differences,
        take_over,
    })
}

/// The differences alone.
pub async fn verify(db: &Db) -> Result<Vec<Difference>> {
    schema::differences(db).await
}

/// The statements of the steps whose aims are not reached, as `apply` would run them: the name of each step, its text.
pub async fn pending_sql(db: &Db, status: &Status) -> Result<Vec<(String, String)>> {
    let shape = db.shape();
    let mut connection = db.pool().acquire().await?;
    let done = schema::done(&mut connection).await?;
    let wanted = schema::wanted(shape.queue);
    let mut texts = Vec::new();
    for step in schema::steps(shape) {
        let reached = |s: &StepStatus| matches!(s.state, State::Done | State::Adopted);
        if status
            .steps
            .iter()
            .any(|s| s.step == step.name && reached(s))
        {
            continue;
        }
        let mut text = step.sql(shape);
        for line in wanted
            .iter()
            .filter(|line| line.step == step.name && line.object.starts_with("function rule_"))
        {
            if !matches!(step.way, Way::Function | Way::Wrap) {
                continue;
            }
            if let Some(found) =
                functions::find(&mut connection, &shape.schema, &line.object).await?
            {
                let engines = done
                    .get(&step.position())
                    .and_then(|done| done.replaced.as_ref());
                text = functions::take_over(
                    step,
                    shape,
                    &line.object,
                    &found,
                    engines.map(|found| &found.0),
                )
                .join(";\n");
            }
        }
        texts.push((step.name.to_string(), text.trim_end().to_string()));
    }
    Ok(texts)
}
