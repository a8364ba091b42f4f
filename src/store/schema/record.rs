//! The record of the steps: what each made and replaced, so that revert takes back exactly that.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};

use super::{
    facts::Made,
    steps::{SchemaStep, Way},
};
use crate::{error::Result, store::Shape};

/// One line of `wavegate.schema_step`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Done {
    pub position: i32,
    pub name: String,
    pub text_hash: String,
    /// In the order in which it is dropped.
    pub created: Json<Vec<Made>>,
    pub replaced: Option<Json<Function>>,
    pub applied_at: DateTime<Utc>,
}

/// A function as it was found: enough to put it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Function {
    /// Quoted, with schema and argument types.
    pub signature: String,
    pub definition: String,
    pub owner: String,
    pub arguments: String,
    pub result: String,
    pub definer: bool,
    #[sqlx(json)]
    pub grants: Vec<Grant>,
    /// The extension that owned it.
    pub extension: Option<String>,
}

impl Function {
    /// Is this one of ours, that stands in the place of the engine's already?
    pub fn is_ours(&self) -> bool {
        self.definition.contains("wavegate.")
    }
}

/// EXECUTE for a role, or for everybody where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: Option<String>,
    pub grantable: bool,
}

/// What was done so far, by position; empty before the first step.
pub async fn done(connection: &mut PgConnection) -> Result<BTreeMap<i32, Done>> {
    let recorded: bool = sqlx::query_scalar(include_str!("../../../sql/schema/recorded.sql"))
        .fetch_one(&mut *connection)
        .await?;
    if !recorded {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Done> = sqlx::query_as(include_str!("../../../sql/schema/steps.sql"))
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|done| (done.position, done)).collect())
}

/// Notes a step as done, in the transaction that did it.
pub async fn record(
    connection: &mut PgConnection,
    step: &SchemaStep,
    hash: &str,
    created: &[Made],
    replaced: Option<&Function>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../../../sql/schema/record.sql"))
        .bind(step.position())
        .bind(step.name)
        .bind(hash)
        .bind(Json(created))
        .bind(replaced.map(Json))
        .execute(connection)
        .await
        .map(|_| ())
}

/// A step was taken back.
pub async fn forget(connection: &mut PgConnection, position: i32) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../../../sql/schema/forget.sql"))
        .bind(position)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Have the step's statements changed since they ran, so that they run again? An `Add` of functions or views that we made ourselves,
/// and every `Make`; what the engine made stays as it is.
pub fn outdated(step: &SchemaStep, done: Option<&Done>, shape: &Shape) -> bool {
    let ours = |done: &Done| match step.way {
        Way::Make => true,
        Way::Add => done
            .created
            .iter()
            .any(|made| made.object.starts_with("function ") || made.object.starts_with("view ")),
        _ => false,
    };
    done.is_some_and(|done| ours(done) && done.text_hash != hash(step, shape))
}

/// Tells one text of a step from another.
pub fn hash(step: &SchemaStep, shape: &Shape) -> String {
    Sha256::digest(step.sql(shape))
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
