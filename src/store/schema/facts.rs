//! The catalogue as plain facts, and what the steps want of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::steps::{SchemaStep, Way, steps};
use crate::{
    error::{Error, Result},
    store::{Db, QueueShape, Shape, version},
};

/// One object of the live catalogue.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Fact {
    /// For example `column rule_webhooks.nats_share`; constraints and indexes are known by what they say.
    pub object: String,
    pub value: Option<String>,
    /// The table that it goes with.
    pub relation: Option<String>,
    /// The statement that drops it.
    pub undo: Option<String>,
    /// Made or changed by the transaction that looks.
    pub mine: Option<bool>,
}

/// Something that a step made, and how it is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub object: String,
    pub undo: String,
}

/// Where the live catalogue is not what a step wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub step: String,
    pub object: String,
    /// `missing` where it does not exist.
    pub found: String,
    pub wanted: String,
}

/// One line of `wanted.tsv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub step: String,
    pub object: String,
    pub value: String,
}

/// What every step leaves behind: written by a test from a fresh database, and compared with one by the same test.
const WANTED: &str = include_str!("../../../sql/schema/wanted.tsv");

/// What is found where an object does not exist.
pub const MISSING: &str = "missing";

/// What is found where a function of that name does something else.
pub const ANOTHER_BODY: &str = "another body";

/// The objects that the steps want on this shape.
pub fn wanted(shape: QueueShape) -> Vec<Wanted> {
    let (letter, queue) = match shape {
        QueueShape::A => ("a", "rule_webhook_calls"),
        QueueShape::B => ("b", "rule_webhook_queue"),
    };
    WANTED
        .lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let (only, step, object, value) =
                (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            (only == "*" || only == letter).then(|| Wanted {
                step: step.to_string(),
                object: object.replace("{queue}", queue),
                value: value.replace("{queue}", queue),
            })
        })
        .collect()
}

/// The live catalogue by object; `names` limits the look to these relations and functions of the engine's schema.
pub async fn read(
    connection: &mut PgConnection,
    schema: &str,
    names: Option<&[String]>,
) -> Result<Vec<Fact>> {
    Ok(
        sqlx::query_as(include_str!("../../../sql/schema/facts.sql"))
            .bind(schema)
            .bind(names)
            .fetch_all(connection)
            .await?,
    )
}

/// The relations and functions of the engine's schema that the steps speak of.
pub fn names(wanted: &[Wanted]) -> Vec<String> {
    let names: BTreeSet<&str> = wanted.iter().map(|line| name(&line.object)).collect();
    names.into_iter().map(ToString::to_string).collect()
}

fn name(object: &str) -> &str {
    let (kind, rest) = object.split_once(' ').unwrap_or(("", object));
    let rest = if kind == "valid" {
        rest.strip_prefix("constraint ").unwrap_or(rest)
    } else {
        rest
    };
    if kind == "trigger" {
        return rest.rsplit(" on ").next().unwrap_or(rest);
    }
    rest.split([' ', '(', '.']).next().unwrap_or(rest)
}

/// Everything in which the live catalogue differs from what the steps want; empty when migration 007 is in place.
pub async fn differences(db: &Db) -> Result<Vec<Difference>> {
    let wanted = wanted(db.shape().queue);
    let mut connection = db.pool().acquire().await?;
    let live = read(&mut connection, &db.shape().schema, Some(&names(&wanted))).await?;
    // Who holds a session and asks for another waits for those who do the same.
    drop(connection);
    let mut differences = compare(db.shape(), &wanted, &live);
    // The objects of a newer version may all look like ours.
    if let Some(found) = version::found(db)
        .await?
        .filter(|found| *found > version::KNOWN)
    {
        differences.push(Difference {
            step: "99_version".to_string(),
            object: "schema version".to_string(),
            found: found.to_string(),
            wanted: version::KNOWN.to_string(),
        });
    }
    Ok(differences)
}

/// Compares line by line. An engine's own object is accepted under another name, and with another body where we only add.
pub fn compare(shape: &Shape, wanted: &[Wanted], live: &[Fact]) -> Vec<Difference> {
    let live: BTreeMap<&str, &str> = live
        .iter()
        .map(|fact| {
            (
                fact.object.as_str(),
                fact.value.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    let texts: BTreeMap<&str, (Way, String)> = steps(shape)
        .map(|step: &SchemaStep| (step.name, (step.way, step.sql(shape))))
        .collect();
    let as_wanted = |line: &Wanted| {
        let found = live.get(line.object.as_str());
        found.is_some_and(|found| same(&line.object, found, &line.value))
    };
    // Where the engine has no such function, or one that answers otherwise, there is nothing to wrap.
    let nothing_to_wrap: BTreeSet<&str> = wanted
        .iter()
        .filter(|line| line.object.starts_with("function rule_") && !as_wanted(line))
        .map(|line| line.step.as_str())
        .filter(|step| texts.get(step).is_some_and(|(way, _)| *way == Way::Wrap))
        .collect();
    let mut differences = Vec::new();
    for line in wanted {
        let Some((way, text)) = texts.get(line.step.as_str()) else {
            continue;
        };
        let found = live.get(line.object.as_str()).copied();
        let as_wanted = as_wanted(line);
        if nothing_to_wrap.contains(line.step.as_str()) {
            continue;
        }
        if !as_wanted {
            differences.push(Difference {
                step: line.step.clone(),
                object: line.object.clone(),
                found: found.unwrap_or(MISSING).to_string(),
                wanted: line.value.clone(),
            });
            continue;
        }
        let Some(function) = line
            .object
            .strip_prefix("function ")
            .filter(|_| *way != Way::Add)
        else {
            continue;
        };
        if !live
            .get(format!("body of {function}").as_str())
            .is_some_and(|body| text.contains(body))
        {
            differences.push(Difference {
                step: line.step.clone(),
                object: line.object.clone(),
                found: ANOTHER_BODY.to_string(),
                wanted: format!("the body of sql/007/{}.sql", line.step),
            });
        }
    }
    differences
}

/// Servers before version 14 answer EXTRACT with double precision; json and jsonb answers serve the same callers; views onto
/// the engine's tables have the types of that engine; webhooks may begin in either mode.
fn same(object: &str, found: &str, wanted: &str) -> bool {
    let numbers = |columns: &str| columns.replace("double precision", "numeric");
    let names = |columns: &str| -> Vec<String> {
        columns
            .split(", ")
            .map(|column| column.split(' ').next().unwrap_or_default().to_string())
            .collect()
    };
    match object.split_once(' ') {
        Some(("view", "wavegate.queue" | "wavegate.webhooks" | "rule_webhook_queue")) => {
            names(found) == names(wanted)
        }
        Some(("view", _)) => numbers(found) == numbers(wanted),
        Some(("function", _)) if ["json", "jsonb"].contains(&wanted) => {
            ["json", "jsonb"].contains(&found)
        }
        Some(("column", "rule_webhooks.publish_mode" | "rule_webhooks.nats_enabled")) => {
            let mode = |text: &str| text.replace("'nats'", "'queue'").replace("true", "false");
            mode(found) == wanted
        }
        Some(("function", _)) if wanted == "integer" => ["integer", "bigint"].contains(&found),
        _ => found == wanted,
    }
}

/// What no step can mend, outside of our own schema: a column, a function's answer or a view that exists and is another one.
pub fn conflicts(differences: &[Difference]) -> Vec<Difference> {
    let kind = |difference: &Difference| {
        difference
            .object
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_string()
    };
    differences
        .iter()
        .filter(|difference| {
            difference.found != MISSING
                && difference.found != ANOTHER_BODY
                && !difference.object.contains(" wavegate.")
        })
        .filter(|difference| ["column", "function", "view"].contains(&kind(difference).as_str()))
        .cloned()
        .collect()
}

/// A refusal that names the first of the differences.
pub fn fault(message: &str, differences: &[Difference]) -> Error {
    differences
        .iter()
        .take(8)
        .fold(Error::refused(message), |error, difference| {
            error.hint(format!(
                "{}: found {}, wanted {}",
                difference.object, difference.found, difference.wanted
            ))
        })
}
