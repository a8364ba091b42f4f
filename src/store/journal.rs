//! The journal: appended in the transaction of the change it tells of, never rewritten.

use sqlx::PgConnection;

use super::{Db, state::not_installed};
use crate::{
    error::{Context, Result},
    model::{Entry, EntryKind, JournalRow},
};

/// What is about to be done, or was done, and to whom.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub entry: Entry,
    pub migration_id: Option<i32>,
    pub wave: Option<&'a str>,
    pub webhook_id: Option<i32>,
}

impl Line<'_> {
    pub fn new<'a>(entry: Entry) -> Line<'a> {
        Line {
            entry,
            migration_id: None,
            wave: None,
            webhook_id: None,
        }
    }
}

/// Appends a line; `actor` says who and by which command.
pub async fn append(connection: &mut PgConnection, actor: &Actor, line: &Line<'_>) -> Result<()> {
    let (before, after) = line
        .entry
        .stored()
        .context("a line of the journal cannot be written")?;
    sqlx::query(include_str!("../../sql/journal/append.sql"))
        .bind(&actor.who)
        .bind(&actor.host)
        .bind(&actor.command)
        .bind(line.entry.kind().as_str())
        .bind(line.migration_id)
        .bind(line.wave)
        .bind(line.webhook_id)
        .bind(before)
        .bind(after)
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest lines, oldest first; of one wave or one webhook only, where given. What a flip did to each webhook is only
/// told where one is asked for.
pub async fn newest(
    db: &Db,
    limit: i64,
    wave: Option<&str>,
    webhook: Option<i32>,
) -> Result<Vec<JournalRow>> {
    sqlx::query_as(include_str!("../../sql/journal/newest.sql"))
        .bind(limit)
        .bind(wave)
        .bind(webhook)
        .bind(EntryKind::each_webhook())
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// What tells of flips and rollbacks that are not over, oldest first.
pub async fn story(db: &Db, migration_id: Option<i32>) -> Result<Vec<JournalRow>> {
    let names = |kinds: &[EntryKind]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>();
    sqlx::query_as(include_str!("../../sql/journal/story.sql"))
        .bind(names(&EntryKind::STORY))
        .bind(names(&EntryKind::STORY_OF_ONE))
        .bind(EntryKind::RollbackIntent.as_str())
        .bind(names(&EntryKind::ENDS))
        .bind(migration_id)
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
