//! Deliveries by foreign NATS workers: what their durable has acknowledged is delivered, as far as no queue row has it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Db, outbox::Part};
use crate::error::Result;

const BATCH: i64 = 2000;

/// The part of a stream that a durable has acknowledged and that is still there.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub consumer: String,
    pub first_seq: i64,
    pub ack_floor: i64,
    /// Messages in between that are gone: nobody can know whether they were acknowledged.
    pub holes: Vec<i64>,
    /// Copies from before lie in an earlier stream.
    pub since: DateTime<Utc>,
}

/// Since when, by the clock of the database, this config publishes into the stream that was made at `made_at`. Asked once for
/// each life of a stream, and then what lies in it already is taken up as well.
pub async fn stream_life(
    db: &Db,
    config_id: i32,
    stream: &str,
    made_at: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    sqlx::query(include_str!("../../sql/independent/catch_up.sql"))
        .execute(db.pool())
        .await?;
    Ok(
        sqlx::query_scalar(include_str!("../../sql/independent/stream_life.sql"))
            .bind(config_id)
            .bind(stream)
            .bind(made_at)
            .fetch_one(db.pool())
            .await?,
    )
}

/// Takes over what was acknowledged. Returns how many events were delivered by it.
pub async fn acknowledged(db: &Db, part: &Part, acked: &Acknowledged) -> Result<i64> {
    if !acked.holes.is_empty() {
        sqlx::query(include_str!("../../sql/independent/lost.sql"))
            .bind(&acked.holes)
            .bind(part.config_id)
            .bind(part.unnamed)
            .bind(acked.since)
            .execute(db.pool())
            .await?;
    }
    let mut delivered = 0;
    loop {
        let (read, ended): (i64, i64) =
            sqlx::query_as(include_str!("../../sql/independent/acknowledged.sql"))
                .bind(&acked.consumer)
                .bind(acked.first_seq)
                .bind(acked.ack_floor)
                .bind(&acked.holes)
                .bind(acked.since)
                .bind(part.config_id)
                .bind(part.unnamed)
                .bind(BATCH)
                .fetch_one(db.pool())
                .await?;
        delivered += ended;
        if read < BATCH || ended == 0 {
            return Ok(delivered);
        }
    }
}

/// The rarer case: the queue row went after the acknowledgement had come.
pub async fn seen_alone(db: &Db, consumer: &str) -> Result<()> {
    sqlx::query(include_str!("../../sql/independent/seen_alone.sql"))
        .bind(consumer)
        .bind(BATCH)
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Where the calls of a webhook go.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Address {
    pub webhook_id: i32,
    pub url: String,
    pub headers: Value,
}

/// The addresses of these webhooks, as they are now.
pub async fn addresses(db: &Db, webhooks: &[i32]) -> Result<HashMap<i32, Address>> {
    let rows: Vec<Address> = sqlx::query_as(include_str!("../../sql/independent/addresses.sql"))
        .bind(webhooks)
        .fetch_all(db.pool())
        .await?;
    Ok(rows.into_iter().map(|row| (row.webhook_id, row)).collect())
}
