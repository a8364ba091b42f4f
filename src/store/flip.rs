//! The columns by which a webhook's events take their route, read and written for many webhooks at once.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgTransaction, types::Json};

use super::{Db, journal::Actor, state::not_installed};
use crate::{
    error::{Error, Result},
    model::{
        Change, Columns, EntryKind, Routes, Routing,
        drift::{self, Drift},
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    webhook_id: i32,
    webhook_name: String,
    enabled: bool,
    mode_epoch: i64,
    publish_mode: String,
    nats_enabled: bool,
    nats_subject: Option<String>,
    nats_config_id: Option<i32>,
    nats_share: i16,
    nats_takeover_after_ms: i32,
}

/// The columns of these webhooks, by id; deleted ones are missing.
pub async fn read(db: &Db, webhooks: &[i32]) -> Result<Vec<Routing>> {
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../sql/flip/read.sql"))
        .bind(webhooks)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)?;
    rows.into_iter().map(routing).collect()
}

#[derive(sqlx::FromRow)]
struct MemberNow {
    #[sqlx(flatten)]
    now: Row,
    wave: String,
    wrote: Json<serde_json::Value>,
    fenced: bool,
}

/// The members of this migration that are not as wavegate wrote them, wave by wave.
pub async fn drifted(db: &Db, migration_id: i32) -> Result<Vec<Drift>> {
    let rows: Vec<MemberNow> = sqlx::query_as(include_str!("../../sql/flip/drift.sql"))
        .bind(migration_id)
        .bind(EntryKind::each_webhook())
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)?;
    // What nobody can read any more says nothing of what was changed.
    let members = rows.into_iter().filter_map(|row| {
        let wrote = serde_json::from_value(row.wrote.0).ok()?;
        Some(routing(row.now).map(|now| Drift {
            wave: row.wave,
            now,
            wrote,
            fenced: row.fenced,
        }))
    });
    Ok(drift::drifted(members.collect::<Result<Vec<Drift>>>()?))
}

/// A transaction that waits for locks half a second at most.
pub async fn begin(db: &Db) -> Result<PgTransaction<'static>, sqlx::Error> {
    let mut tx = db.pool().begin().await?;
    sqlx::query(include_str!("../../sql/flip/lock_timeout.sql"))
        .bind("500ms")
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

/// The columns of these webhooks under lock, by id.
pub async fn lock_rows(
    connection: &mut PgConnection,
    webhooks: &[i32],
) -> Result<Vec<Routing>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../sql/flip/lock_rows.sql"))
        .bind(webhooks)
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|row| routing(row).map_err(|error| sqlx::Error::Protocol(error.to_string())))
        .collect()
}

fn routing(row: Row) -> Result<Routing> {
    let publish_mode = row.publish_mode.parse().map_err(|found: String| {
        Error::failed(format!(
            "webhook {} ({}): {found}",
            row.webhook_id, row.webhook_name
        ))
    })?;
    Ok(Routing {
        webhook_id: row.webhook_id,
        name: row.webhook_name,
        enabled: row.enabled,
        epoch: row.mode_epoch,
        columns: Columns {
            publish_mode,
            nats_enabled: row.nats_enabled,
            nats_subject: row.nats_subject,
            nats_config_id: row.nats_config_id,
            nats_share: row.nats_share,
            nats_takeover_after_ms: row.nats_takeover_after_ms,
        },
    })
}

/// Writes the `after` columns in one statement; says how many rows it had to change.
pub async fn write(connection: &mut PgConnection, changes: &[Change]) -> Result<u64, sqlx::Error> {
    let after = || changes.iter().map(|change| &change.after);
    let ids: Vec<i32> = changes.iter().map(|change| change.webhook_id).collect();
    let modes: Vec<&str> = after().map(|c| c.publish_mode.as_str()).collect();
    let enabled: Vec<bool> = after().map(|c| c.nats_enabled).collect();
    let subjects: Vec<Option<&str>> = after().map(|c| c.nats_subject.as_deref()).collect();
    let configs: Vec<Option<i32>> = after().map(|c| c.nats_config_id).collect();
    let shares: Vec<i16> = after().map(|c| c.nats_share).collect();
    let takeovers: Vec<i32> = after().map(|c| c.nats_takeover_after_ms).collect();
    let done = sqlx::query(include_str!("../../sql/flip/write.sql"))
        .bind(ids)
        .bind(modes)
        .bind(enabled)
        .bind(subjects)
        .bind(configs)
        .bind(shares)
        .bind(takeovers)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// What the lines of many webhooks have in common.
#[derive(Debug)]
pub struct EachLine<'a> {
    pub kind: EntryKind,
    pub migration_id: Option<i32>,
    /// Where a change has none of its own.
    pub wave: Option<&'a str>,
}

/// One journal line for each webhook, in one statement.
pub async fn note(
    connection: &mut PgConnection,
    actor: &Actor,
    line: &EachLine<'_>,
    changes: &[Change],
    epochs: &[i64],
) -> Result<(), sqlx::Error> {
    let ids: Vec<i32> = changes.iter().map(|change| change.webhook_id).collect();
    let waves: Vec<Option<&str>> = changes
        .iter()
        .map(|change| change.wave.as_deref().or(line.wave))
        .collect();
    let before: Vec<Json<&Columns>> = changes.iter().map(|c| Json(&c.before)).collect();
    let after: Vec<Json<&Columns>> = changes.iter().map(|c| Json(&c.after)).collect();
    sqlx::query(include_str!("../../sql/flip/journal.sql"))
        .bind(&actor.who)
        .bind(&actor.host)
        .bind(&actor.command)
        .bind(line.kind.as_str())
        .bind(line.migration_id)
        .bind(ids)
        .bind(waves)
        .bind(epochs)
        .bind(before)
        .bind(after)
        .execute(connection)
        .await?;
    Ok(())
}

/// When a queue worker that is not ours last finished a call of these webhooks, since `since`.
pub async fn foreign_finished(
    db: &Db,
    webhooks: &[i32],
    since: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let finished = include_str!("../../sql/flip/foreign_finished.sql");
    Ok(sqlx::query_scalar(finished)
        .bind(webhooks)
        .bind(since)
        .fetch_one(db.pool())
        .await?)
}

/// Rows that one statement moves.
const MOVED_AT_ONCE: i64 = 1000;

/// Moves waiting queue rows of these webhooks to the NATS route, a batch; answers with how many, and how many had two routes.
pub async fn move_waiting(connection: &mut PgConnection, webhooks: &[i32]) -> Result<(i64, i64)> {
    Ok(
        sqlx::query_as(include_str!("../../sql/flip/move_waiting.sql"))
            .bind(webhooks)
            .bind(MOVED_AT_ONCE)
            .fetch_one(connection)
            .await?,
    )
}

pub async fn routes(db: &Db, webhooks: &[i32]) -> Result<Routes> {
    Ok(sqlx::query_as(include_str!("../../sql/flip/routes.sql"))
        .bind(webhooks)
        .fetch_one(db.pool())
        .await?)
}
