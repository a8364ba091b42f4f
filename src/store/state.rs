//! The migration that is under way: its pinned plan, its waves and its members. Knows nothing of what a plan says.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    Db,
    journal::{self, Actor, Line},
};
use crate::{
    error::{Error, Result},
    model::{Columns, Entry, WaveStatus, WaveStep, journal as told},
};

/// A migration that has begun.
#[derive(Debug, Clone)]
pub struct Migration {
    pub id: i32,
    pub name: String,
    /// The plan's text as pinned.
    pub plan: String,
    /// The plan's hash as pinned.
    pub hash: String,
    pub started_at: Option<DateTime<Utc>>,
    pub started_by: String,
    /// In the order of the plan.
    pub waves: Vec<WaveStatus>,
    /// Webhook ids by wave, rising; every wave has an entry.
    pub members: BTreeMap<String, Vec<i32>>,
    /// Names of the members as they were at the start.
    pub names: BTreeMap<i32, String>,
}

impl Migration {
    pub fn wave(&self, name: &str) -> Option<&WaveStatus> {
        self.waves.iter().find(|wave| wave.name == name)
    }

    /// Where each wave stands, and for which time.
    pub fn steps(&self) -> Vec<(&str, WaveStep, i32)> {
        let waves = self.waves.iter();
        waves
            .map(|wave| (wave.name.as_str(), wave.step, wave.attempt))
            .collect()
    }

    /// Every wave that has members is finished.
    pub fn is_over(&self) -> bool {
        self.waves
            .iter()
            .all(|wave| wave.members == 0 || wave.step == WaveStep::Finished)
    }

    /// The wave of a webhook.
    pub fn wave_of(&self, webhook_id: i32) -> Option<&str> {
        self.members
            .iter()
            .find(|(_, ids)| ids.contains(&webhook_id))
            .map(|(name, _)| name.as_str())
    }
}

/// What a migration begins with: plain data of a plan.
#[derive(Debug, Clone)]
pub struct Beginning {
    pub name: String,
    pub plan: String,
    pub hash: String,
    /// Name and members of every wave, in the order of the plan.
    pub waves: Vec<(String, Vec<i32>)>,
}

#[derive(sqlx::FromRow)]
struct MigrationRow {
    migration_id: i32,
    name: String,
    plan: String,
    plan_hash: String,
    started_at: Option<DateTime<Utc>>,
    started_by: String,
}

#[derive(sqlx::FromRow)]
struct WaveRow {
    name: String,
    position: i32,
    step: String,
    share: i16,
    attempt: i32,
    entered_at: Option<DateTime<Utc>>,
    members: i64,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    webhook_id: i32,
    webhook_name: String,
    wave: String,
}

/// The migration under way, if any. Without migration 007: refused, with the remedy.
pub async fn load(db: &Db) -> Result<Option<Migration>> {
    let mut connection = db.pool().acquire().await?;
    load_on(&mut connection).await
}

/// Like `load`, on a connection or in a transaction of the caller's.
pub async fn load_on(connection: &mut PgConnection) -> Result<Option<Migration>> {
    let row: Option<MigrationRow> = sqlx::query_as(include_str!("../../sql/state/active.sql"))
        .fetch_optional(&mut *connection)
        .await
        .map_err(not_installed)?;
    let Some(row) = row else {
        return Ok(None);
    };
    let waves: Vec<WaveRow> = sqlx::query_as(include_str!("../../sql/state/waves.sql"))
        .bind(row.migration_id)
        .fetch_all(&mut *connection)
        .await?;
    let rows: Vec<MemberRow> = sqlx::query_as(include_str!("../../sql/state/members.sql"))
        .bind(row.migration_id)
        .fetch_all(&mut *connection)
        .await?;
    let mut members: BTreeMap<String, Vec<i32>> = waves
        .iter()
        .map(|wave| (wave.name.clone(), Vec::new()))
        .collect();
    let mut names = BTreeMap::new();
    for member in rows {
        members
            .entry(member.wave)
            .or_default()
            .push(member.webhook_id);
        names.insert(member.webhook_id, member.webhook_name);
    }
    Ok(Some(Migration {
        id: row.migration_id,
        name: row.name,
        plan: row.plan,
        hash: row.plan_hash,
        started_at: row.started_at,
        started_by: row.started_by,
        waves: waves.into_iter().map(status).collect::<Result<_>>()?,
        members,
        names,
    }))
}

fn status(row: WaveRow) -> Result<WaveStatus> {
    let share = u8::try_from(row.share).unwrap_or_default();
    let step = match row.step.as_str() {
        "pending" => WaveStep::Pending,
        "hybrid" => WaveStep::Hybrid(share),
        "nats" => WaveStep::Nats,
        "finished" => WaveStep::Finished,
        "rolled_back" => WaveStep::RolledBack,
        other => {
            return Err(Error::failed(format!(
                "wave {} has the unknown step `{other}`",
                row.name
            )));
        }
    };
    Ok(WaveStatus {
        name: row.name,
        position: row.position,
        step,
        attempt: row.attempt,
        entered_at: row.entered_at,
        members: row.members,
    })
}

/// Pins the plan and fixes the members, with their columns as they are now. Wants the lock held, so that there is one
/// migration at a time; one that is finished makes room.
pub async fn start(db: &Db, actor: &Actor, beginning: &Beginning) -> Result<Migration> {
    let mut tx = db.pool().begin().await?;
    if let Some(old) = load_on(&mut tx).await? {
        let done = sqlx::query(include_str!("../../sql/state/finish.sql"))
            .bind(old.id)
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if done == 0 {
            return Err(other_under_way(&old.name));
        }
    }
    let id: Option<i32> = sqlx::query_scalar(include_str!("../../sql/state/start.sql"))
        .bind(&beginning.name)
        .bind(&beginning.plan)
        .bind(&beginning.hash)
        .fetch_optional(&mut *tx)
        .await?;
    let id = id.ok_or_else(|| {
        Error::refused(format!(
            "a migration named {} has been carried out before",
            beginning.name
        ))
        .hint("give the plan another name, so that the journal stays unambiguous")
    })?;
    let positions: Vec<i32> = (1..).take(beginning.waves.len()).collect();
    let names: Vec<&str> = beginning.waves.iter().map(|(name, _)| &**name).collect();
    sqlx::query(include_str!("../../sql/state/start_waves.sql"))
        .bind(id)
        .bind(&positions)
        .bind(&names)
        .execute(&mut *tx)
        .await?;
    let mut ids = Vec::new();
    let mut places = Vec::new();
    for (position, (_, members)) in positions.iter().zip(&beginning.waves) {
        ids.extend(members.iter().copied());
        places.extend(members.iter().map(|_| *position));
    }
    sqlx::query(include_str!("../../sql/state/start_members.sql"))
        .bind(id)
        .bind(&ids)
        .bind(&places)
        .execute(&mut *tx)
        .await?;
    sqlx::query(include_str!("../../sql/state/freeze_baseline.sql"))
        .bind(id)
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    let line = Line {
        migration_id: Some(id),
        ..Line::new(Entry::MigrationStart {
            before: told::Nothing {},
            after: told::Beginning {
                name: beginning.name.clone(),
                hash: beginning.hash.clone(),
                waves: names.len(),
                webhooks: ids.len(),
            },
        })
    };
    journal::append(&mut tx, actor, &line).await?;
    let migration = load_on(&mut tx)
        .await?
        .ok_or_else(|| Error::failed("the migration that was just written cannot be read"))?;
    tx.commit().await?;
    Ok(migration)
}

/// Another migration must end first.
pub fn other_under_way(name: &str) -> Error {
    Error::refused(format!("migration {name} is under way")).hint(
        "finish it, or take it back (`wavegate rollback --all --to queue`) and close it (`wavegate close`), before another plan is applied",
    )
    .hint("`wavegate status` shows where it stands")
}

/// A wave enters a step, in the transaction of its flip. `anew`: its time begins now, also where it is in this step already.
pub async fn enter(
    connection: &mut PgConnection,
    migration_id: i32,
    wave: &str,
    step: WaveStep,
    share: u8,
    attempt: i32,
    anew: bool,
) -> Result<()> {
    let word = match step {
        WaveStep::Pending => "pending",
        WaveStep::Hybrid(_) => "hybrid",
        WaveStep::Nats => "nats",
        WaveStep::Finished => "finished",
        WaveStep::RolledBack => "rolled_back",
    };
    sqlx::query(include_str!("../../sql/state/enter_step.sql"))
        .bind(migration_id)
        .bind(wave)
        .bind(word)
        .bind(i16::from(share))
        .bind(attempt)
        .bind(anew)
        .execute(connection)
        .await?;
    Ok(())
}

/// The columns of these webhooks before wavegate ever touched them; webhooks that no migration has are left out.
pub async fn found(db: &Db, webhooks: &[i32]) -> Result<BTreeMap<i32, Columns>> {
    let rows: Vec<(i32, serde_json::Value)> =
        sqlx::query_as(include_str!("../../sql/state/found.sql"))
            .bind(webhooks)
            .fetch_all(db.pool())
            .await?;
    rows.into_iter()
        .map(|(id, found)| {
            let columns = serde_json::from_value(found).map_err(|cause| {
                Error::failed(format!(
                    "what was recorded of webhook {id} cannot be read (wavegate.member.found)"
                ))
                .because(cause)
            })?;
            Ok((id, columns))
        })
        .collect()
}

/// A query on our tables where there are none yet.
pub fn not_installed(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    match error.sqlstate() {
        Some("42P01" | "3F000" | "42703" | "42883") => {
            Error::refused("migration 007 is not in place, or not complete")
                .hint("run `wavegate schema apply`; `wavegate schema status` shows what is missing")
                .keeps(error)
        }
        _ => error,
    }
}
