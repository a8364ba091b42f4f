//! The probe webhook and its one event: made, followed, and taken away again. Never one of the operator's webhooks.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::FromRow;

use super::{
    Db,
    journal::{self, Actor, Line},
};
use crate::{
    error::Result,
    model::{Entry, journal as told},
};

/// A probe that is older than this was left behind by a preflight that was killed.
const LEFT_BEHIND: TimeDelta = TimeDelta::minutes(10);

/// The probe's webhook and event.
#[derive(Debug, Clone)]
pub struct Probe {
    pub webhook_id: i32,
    pub event_id: String,
}

/// How far the event came.
#[derive(Debug, Clone, FromRow)]
pub struct Place {
    pub published: bool,
    pub seen: bool,
    pub state: String,
    pub attempt: i32,
    pub http_status: Option<i32>,
    pub error: Option<String>,
    pub void_reason: Option<String>,
    /// The relay has logged it: nothing refers to the webhook any more.
    pub logged: bool,
}

/// Makes the webhook and publishes its event, in one transaction.
pub async fn start(
    db: &Db,
    actor: &Actor,
    name: &str,
    url: &str,
    subject: &str,
    config_id: i32,
    payload: &Value,
) -> Result<Probe> {
    let mut tx = db.pool().begin().await?;
    let webhook_id: i32 = sqlx::query_scalar(include_str!("../../sql/probe/create.sql"))
        .bind(name)
        .bind(url)
        .bind(subject)
        .bind(config_id)
        .fetch_one(&mut *tx)
        .await?;
    let event_id: String =
        sqlx::query_scalar(db.qualified(include_str!("../../sql/probe/publish.sql")))
            .bind(webhook_id)
            .bind(payload)
            .bind(name)
            .fetch_one(&mut *tx)
            .await?;
    let line = Line {
        webhook_id: Some(webhook_id),
        ..Line::new(Entry::Probe {
            before: told::Nothing {},
            after: told::Probe {
                event_id: event_id.clone(),
                subject: subject.to_string(),
            },
        })
    };
    journal::append(&mut tx, actor, &line).await?;
    tx.commit().await?;
    Ok(Probe {
        webhook_id,
        event_id,
    })
}

pub async fn place(db: &Db, probe: &Probe) -> Result<Option<Place>> {
    Ok(sqlx::query_as(include_str!("../../sql/probe/place.sql"))
        .bind(&probe.event_id)
        .fetch_optional(db.pool())
        .await?)
}

/// Takes the probe away, which arrived or did not, and what earlier ones left behind. Repeatable.
pub async fn clean(
    db: &Db,
    webhook_id: Option<i32>,
    arrived: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = now - LEFT_BEHIND;
    let mut tx = db.pool().begin().await?;
    sqlx::query(include_str!("../../sql/probe/close.sql"))
        .bind(webhook_id)
        .bind(before)
        .bind(arrived)
        .execute(&mut *tx)
        .await?;
    sqlx::query(include_str!("../../sql/probe/forget.sql"))
        .bind(webhook_id)
        .bind(before)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
