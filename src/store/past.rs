//! The queue's calls of the last days, as `gate calibrate` reads them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use sqlx::AssertSqlSafe;

use super::{Db, webhook::installed};
use crate::{
    error::Result,
    gates::{Past, past::Cell},
};

#[derive(sqlx::FromRow)]
struct Row {
    webhook_id: i32,
    cell: i32,
    ended: i32,
    failed: i32,
}

/// What the calls of `webhooks` did in the `days` before `until`, in cells of so many milliseconds; and within how many milliseconds 95 of
/// 100 were delivered.
pub async fn read(
    db: &Db,
    webhooks: &[i32],
    until: DateTime<Utc>,
    days: i64,
    cell_ms: i64,
) -> Result<(Past, Option<f64>)> {
    let since = until - TimeDelta::days(days);
    // Before migration 007 there is no view of ours; the engine's own table has the same columns.
    let installed = installed(db).await?;
    let of = |statement: &str| match installed {
        true => AssertSqlSafe(statement.to_string()),
        false => {
            let table = format!("{{schema}}.{}", db.shape().queue_table());
            db.qualified(&statement.replace("wavegate.queue", &table))
        }
    };
    let rows: Vec<Row> = sqlx::query_as(of(include_str!("../../sql/gates/past.sql")))
        .bind(webhooks)
        .bind(since)
        .bind(until)
        .bind(cell_ms)
        .fetch_all(db.pool())
        .await?;
    let p95: Option<f64> = sqlx::query_scalar(of(include_str!("../../sql/gates/past_p95.sql")))
        .bind(webhooks)
        .bind(since)
        .bind(until)
        .fetch_one(db.pool())
        .await?;
    let mut by_webhook: BTreeMap<i32, BTreeMap<i32, Cell>> = BTreeMap::new();
    for row in rows {
        let cell = Cell {
            ended: row.ended.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
        };
        by_webhook
            .entry(row.webhook_id)
            .or_default()
            .insert(row.cell, cell);
    }
    let cells = TimeDelta::days(days).num_milliseconds() / cell_ms.max(1);
    let past = Past {
        cell_ms,
        cells: i32::try_from(cells).unwrap_or(i32::MAX).max(1),
        webhooks: by_webhook,
    };
    Ok((past, p95))
}
