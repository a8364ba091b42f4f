//! Dead events and failed calls: what there is, and another attempt or the end of it, a batch at a time.
//! A failed call is one that only the queue knows; its row is `failed`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use super::{Db, state::not_installed};
use crate::error::Result;

/// Which dead events are meant; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub webhooks: Option<Vec<i32>>,
    /// Event ids; those of the form `call-N` and plain numbers are calls, too.
    pub events: Option<Vec<String>>,
    /// When they were committed.
    pub since: Option<DateTime<Utc>>,
    /// Not included.
    pub until: Option<DateTime<Utc>>,
}

/// The call that an id names: `call-12` or `12`.
pub fn call_of(id: &str) -> Option<i64> {
    id.strip_prefix("call-").unwrap_or(id).parse().ok()
}

impl Selection {
    fn calls(&self) -> Option<Vec<i64>> {
        let ids = self.events.as_ref()?;
        Some(ids.iter().filter_map(|id| call_of(id)).collect())
    }
}

/// Dead events of one webhook with one error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Group {
    pub webhook_id: Option<i32>,
    /// `None`: it was deleted.
    pub webhook_name: Option<String>,
    pub error: String,
    pub http_status: Option<i32>,
    /// Set aside by name, out of attempts or not.
    pub stuck: bool,
    pub events: i64,
    /// When they were committed.
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
    pub without_payload: i64,
    /// Somebody else's doing, which the relay has yet to take over.
    pub waiting: i64,
}

#[derive(sqlx::FromRow)]
struct GroupRow {
    #[sqlx(flatten)]
    group: Group,
    all_events: i64,
    all_able: i64,
}

/// All that are dead, grouped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Toll {
    pub events: i64,
    /// Of these, how many a requeue would bring back.
    pub able: i64,
    /// The newest first; so many as were asked for.
    pub groups: Vec<Group>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct DeadEvent {
    pub event_id: String,
    pub call_id: i64,
    pub webhook_id: Option<i32>,
    pub webhook_name: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub attempt: i32,
    pub http_status: Option<i32>,
    pub error: String,
    pub has_payload: bool,
    /// Set aside by name.
    pub stuck: bool,
}

/// What a batch came to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Batch<C> {
    pub seen: i64,
    pub done: i64,
    /// Where the next batch begins; `None` where nothing was seen.
    pub last: Option<C>,
}

/// What is to become of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Requeue,
    Discard,
}

/// Counts them by webhook and error, at most `limit` groups.
pub async fn toll(db: &Db, selection: &Selection, limit: i64) -> Result<Toll> {
    let rows: Vec<GroupRow> = sqlx::query_as(include_str!("../../sql/dead/groups.sql"))
        .bind(&selection.webhooks)
        .bind(&selection.events)
        .bind(selection.calls())
        .bind(selection.since)
        .bind(selection.until)
        .bind(limit)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)?;
    Ok(Toll {
        events: rows.first().map_or(0, |row| row.all_events),
        able: rows.first().map_or(0, |row| row.all_able),
        groups: rows.into_iter().map(|row| row.group).collect(),
    })
}

/// Lists them, newest first.
pub async fn events(db: &Db, selection: &Selection, limit: i64) -> Result<Vec<DeadEvent>> {
    Ok(sqlx::query_as(include_str!("../../sql/dead/events.sql"))
        .bind(&selection.webhooks)
        .bind(&selection.events)
        .bind(selection.calls())
        .bind(selection.since)
        .bind(selection.until)
        .bind(limit)
        .fetch_all(db.pool())
        .await?)
}

/// The next `limit` ledger events after `after`.
pub async fn event_batch(
    connection: &mut PgConnection,
    selection: &Selection,
    act: Act,
    after: &str,
    limit: i64,
) -> Result<Batch<String>> {
    let statement = match act {
        Act::Requeue => include_str!("../../sql/dead/requeue_events.sql"),
        Act::Discard => include_str!("../../sql/dead/discard_events.sql"),
    };
    Ok(sqlx::query_as(statement)
        .bind(&selection.webhooks)
        .bind(&selection.events)
        .bind(selection.calls())
        .bind(selection.since)
        .bind(selection.until)
        .bind(after)
        .bind(limit)
        .fetch_one(connection)
        .await?)
}

/// What has no event in the ledger, or is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    Failed,
    Stuck,
}

/// The next `limit` failed calls, or events that were set aside, after `after`.
pub async fn call_batch(
    connection: &mut PgConnection,
    selection: &Selection,
    (calls, act): (Calls, Act),
    after: i64,
    limit: i64,
) -> Result<Batch<i64>> {
    let statement = match (calls, act) {
        (Calls::Failed, Act::Requeue) => include_str!("../../sql/dead/requeue_calls.sql"),
        (Calls::Failed, Act::Discard) => include_str!("../../sql/dead/discard_calls.sql"),
        (Calls::Stuck, Act::Requeue) => include_str!("../../sql/dead/requeue_stuck.sql"),
        (Calls::Stuck, Act::Discard) => include_str!("../../sql/dead/discard_stuck.sql"),
    };
    Ok(sqlx::query_as(statement)
        .bind(&selection.webhooks)
        .bind(&selection.events)
        .bind(selection.calls())
        .bind(selection.since)
        .bind(selection.until)
        .bind(after)
        .bind(limit)
        .fetch_one(connection)
        .await?)
}

/// Those of these webhooks that the queue alone can deliver now.
pub async fn queue_only(
    connection: &mut PgConnection,
    webhooks: Option<&[i32]>,
) -> Result<Vec<i32>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/dead/queue_only.sql"))
            .bind(webhooks)
            .fetch_all(connection)
            .await?,
    )
}

/// Everything that is known of one event, dead or not. JSON where it is for reading only.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Inspected {
    pub event_id: Option<String>,
    pub call_id: Option<i64>,
    pub webhook_id: Option<i32>,
    pub webhook: Option<Value>,
    pub ledger: Option<Value>,
    pub queue_row: Option<Value>,
    pub outbox: Option<Value>,
    pub queue_payload_bytes: Option<i32>,
    pub stuck: Option<Value>,
    pub foreign_results: Value,
    pub ambiguous: Value,
}

/// By event id, `call-N` or call id; `None` where nothing knows it.
pub async fn inspect(db: &Db, id: &str) -> Result<Option<Inspected>> {
    sqlx::query_as(include_str!("../../sql/dead/inspect.sql"))
        .bind(id)
        .bind(call_of(id))
        .fetch_optional(db.pool())
        .await
        .map_err(not_installed)
}

/// Its payload as JSON text, where there is one.
pub async fn payload(db: &Db, event: &Inspected) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/dead/payload.sql"))
            .bind(&event.event_id)
            .bind(event.call_id)
            .fetch_one(db.pool())
            .await?,
    )
}
