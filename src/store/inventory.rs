//! What preflight asks the catalogue and the tables: one question a function, one file a question.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::Db;
use crate::error::Result;

#[derive(Debug, Clone, FromRow)]
pub struct Server {
    pub version_num: i32,
    pub version: String,
    pub standby: bool,
    pub role: String,
    /// May see what other sessions do; the barrier needs it.
    pub reads_stats: bool,
    pub database_bytes: i64,
    pub engine_extension: Option<String>,
}

#[derive(Debug, Clone, FromRow)]
pub struct Function {
    pub name: String,
    pub language: Option<String>,
    pub extension: Option<String>,
}

/// A number of rows with an example.
#[derive(Debug, Clone, FromRow)]
pub struct Unrouted {
    pub rows: i64,
    pub webhook_id: Option<i32>,
}

#[derive(Debug, Clone, FromRow)]
pub struct DirectHttp {
    /// rule_webhook_call_with_http, with its argument types.
    pub function: Option<String>,
    /// The extension http, which it calls.
    pub extension: bool,
    /// By others than its owner.
    pub callable: bool,
}

#[derive(Debug, Clone, FromRow)]
pub struct QueueTable {
    pub cascades: bool,
    pub guarded: bool,
}

#[derive(Debug, Clone, FromRow)]
pub struct LongTransaction {
    pub pid: i32,
    pub usename: String,
    pub application: String,
    pub state: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, FromRow)]
pub struct LongPrepared {
    pub gid: String,
    pub owner: String,
    pub seconds: f64,
}

#[derive(Debug, Clone, FromRow)]
pub struct Webhooks {
    pub webhooks: i64,
    pub enabled: i64,
    pub modeless: i64,
    pub first_modeless: Option<i32>,
    pub longest_timeout_ms: i32,
}

#[derive(Debug, Clone, FromRow)]
pub struct Stuck {
    pub rows: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub first_call: Option<i64>,
}

#[derive(Debug, Clone, FromRow)]
pub struct ForeignWorker {
    pub rows: i64,
    pub newest: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, FromRow)]
pub struct Parked {
    pub webhook_id: i32,
    pub webhook_name: String,
    pub waiting: i64,
}

/// What a webhook says about its calls.
#[derive(Debug, Clone, FromRow)]
pub struct CallSettings {
    pub webhook_id: i32,
    pub webhook_name: String,
    pub url: String,
    /// Names of its own headers.
    pub header_names: Vec<String>,
}

#[derive(Clone, FromRow)]
pub struct SigningSecret {
    pub webhook_id: i32,
    pub webhook_name: String,
    pub secret_value: Option<String>,
}

#[derive(Debug, Clone, FromRow)]
pub struct Payload {
    pub largest: Option<i64>,
    pub over: i64,
    pub webhook_id: Option<i32>,
    pub total: i64,
}

/// A table of the engine as SQL writes it, quoted.
fn qualified(db: &Db, table: &str) -> String {
    format!("\"{}\".{table}", db.shape().schema.replace('"', "\"\""))
}

pub async fn server(db: &Db) -> Result<Server> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/server.sql"))
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn routed_functions(db: &Db) -> Result<Vec<Function>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/routed_functions.sql"))
            .bind(&db.shape().schema)
            .fetch_all(db.pool())
            .await?,
    )
}

/// The numbers of the queue's key, which every event takes one of, whatever its mode.
#[derive(Debug, Clone, FromRow)]
pub struct Numbers {
    /// `None`: this role may not see it, or nothing was numbered yet.
    pub last: Option<i64>,
    pub most: i64,
    /// How many a day, lately.
    pub per_day: Option<f64>,
}

pub async fn numbers(db: &Db, now: DateTime<Utc>) -> Result<Option<Numbers>> {
    let (_, key) = db.shape().queue_key();
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/numbers.sql"))
            .bind(&db.shape().schema)
            .bind(db.shape().queue_table())
            .bind(key)
            .bind(now)
            .fetch_optional(db.pool())
            .await?,
    )
}

/// Functions that INSERT into the queue themselves.
pub async fn writers(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/writers.sql"))
            .bind(&db.shape().schema)
            .bind(db.shape().queue_table())
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn foreign_keys(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/foreign_keys.sql"))
            .bind(qualified(db, db.shape().queue_table()))
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn unindexed_keys(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/unindexed_keys.sql"))
            .bind(qualified(db, db.shape().queue_table()))
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn unrouted(db: &Db, now: DateTime<Utc>) -> Result<Unrouted> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/unrouted.sql"))
            .bind(now)
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn direct_http(db: &Db) -> Result<DirectHttp> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/direct_http.sql"))
            .bind(&db.shape().schema)
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn queue_table(db: &Db) -> Result<QueueTable> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/deleting.sql"))
            .bind(qualified(db, db.shape().queue_table()))
            .bind(qualified(db, "rule_webhooks"))
            .fetch_one(db.pool())
            .await?,
    )
}

/// Jobs of pg_cron that delete what we may still need.
pub async fn cron_jobs(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/cron_jobs.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}

/// Roles that may write the queue and not call its replacement.
pub async fn roles(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/roles.sql"))
            .bind(qualified(db, db.shape().queue_table()))
            .bind(&db.shape().schema)
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn long_transactions(db: &Db, seconds: f64) -> Result<Vec<LongTransaction>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/long_transactions.sql"))
            .bind(seconds)
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn prepared_transactions(db: &Db) -> Result<Vec<LongPrepared>> {
    Ok(sqlx::query_as(include_str!(
        "../../sql/preflight/prepared_transactions.sql"
    ))
    .fetch_all(db.pool())
    .await?)
}

/// The backends that answer two connections held at the same time. Equal, they are shared by a proxy.
pub async fn two_backends(db: &Db) -> Result<(i32, i32)> {
    let mut one = db.pool().acquire().await?;
    let mut two = db.pool().acquire().await?;
    let ask = include_str!("../../sql/preflight/backend.sql");
    let first = sqlx::query_scalar(ask).fetch_one(&mut *one).await?;
    let second = sqlx::query_scalar(ask).fetch_one(&mut *two).await?;
    Ok((first, second))
}

pub async fn webhooks(db: &Db) -> Result<Webhooks> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/webhooks.sql"))
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn stuck(db: &Db, now: DateTime<Utc>) -> Result<Stuck> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/stuck.sql"))
            .bind(now)
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn foreign_worker(db: &Db, now: DateTime<Utc>) -> Result<ForeignWorker> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/foreign_worker.sql"))
            .bind(now)
            .fetch_one(db.pool())
            .await?,
    )
}

pub async fn parked(db: &Db) -> Result<Vec<Parked>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/parked.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn call_settings(db: &Db) -> Result<Vec<CallSettings>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/calls.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}

pub async fn signing_secrets(db: &Db) -> Result<Vec<SigningSecret>> {
    Ok(
        sqlx::query_as(db.qualified(include_str!("../../sql/preflight/signing_secrets.sql")))
            .fetch_all(db.pool())
            .await?,
    )
}

/// Sizes of the last seven days' payloads against the largest message that the stream takes.
pub async fn payload(db: &Db, now: DateTime<Utc>, most: i64) -> Result<Payload> {
    Ok(
        sqlx::query_as(include_str!("../../sql/preflight/payload.sql"))
            .bind(now)
            .bind(most)
            .fetch_one(db.pool())
            .await?,
    )
}

/// Message ids that several webhooks used.
pub async fn caller_ids(db: &Db, now: DateTime<Utc>) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/caller_ids.sql"))
            .bind(now)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Values that are read as if they were not there, each with its row.
pub async fn odd_values(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/preflight/odd_values.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}
