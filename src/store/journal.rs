//! The journal: appended in the transaction of the change it tells of, never rewritten.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Db, state::not_installed};
use crate::{error::Result, model::JournalEntry};

/// What is about to be done, or was done.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// For example `flip.intent`, `flip.done`, `rollback.fence`, `schema.step`.
    pub step: &'a str,
    pub migration_id: Option<i32>,
    pub wave: Option<&'a str>,
    pub webhook_id: Option<i32>,
    pub epoch: Option<i64>,
    pub before: Value,
    pub after: Value,
}

impl Line<'_> {
    pub fn new(step: &str) -> Line<'_> {
        Line {
            step,
            migration_id: None,
            wave: None,
            webhook_id: None,
            epoch: None,
            before: json!({}),
            after: json!({}),
        }
    }
}

/// Appends a line; `actor` says who and by which command.
pub async fn append(connection: &mut PgConnection, actor: &Actor, line: &Line<'_>) -> Result<i64> {
    let id = sqlx::query_scalar(include_str!("../../sql/journal/append.sql"))
        .bind(&actor.who)
        .bind(&actor.host)
        .bind(&actor.command)
        .bind(line.step)
        .bind(line.migration_id)
        .bind(line.wave)
        .bind(line.webhook_id)
        .bind(line.epoch)
        .bind(&line.before)
        .bind(&line.after)
        .fetch_one(connection)
        .await?;
    Ok(id)
}

/// The newest lines, oldest first; of one wave or one webhook only, where given. What a flip did to each webhook is only
/// told where one is asked for.
pub async fn newest(
    db: &Db,
    limit: i64,
    wave: Option<&str>,
    webhook: Option<i32>,
) -> Result<Vec<JournalEntry>> {
    sqlx::query_as(include_str!("../../sql/journal/newest.sql"))
        .bind(limit)
        .bind(wave)
        .bind(webhook)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// Who acts, from where, by which command; never holds a secret.
#[derive(Debug, Clone)]
pub struct Actor {
    pub who: String,
    pub host: String,
    pub command: String,
}
