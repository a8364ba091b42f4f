//! `rule_nats_config` and `rule_nats_streams`: what the operator wrote down about NATS.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};

use super::Db;
use crate::{
    error::{Error, Result},
    model::StreamDefinition,
};

/// A row of `rule_nats_config`. Holds secrets: neither serialised nor shown by `Debug`.
#[derive(Clone, sqlx::FromRow)]
pub struct NatsConfig {
    pub config_id: i32,
    pub config_name: String,
    /// May hold several URLs, separated by commas.
    pub nats_url: String,
    pub nats_cluster_urls: Option<Vec<String>>,
    /// none, token, credentials or nkey.
    pub auth_type: String,
    pub auth_token: Option<String>,
    pub auth_credentials_file: Option<String>,
    pub auth_nkey_seed: Option<String>,
    pub tls_enabled: bool,
    pub tls_cert_file: Option<String>,
    pub tls_key_file: Option<String>,
    pub tls_ca_file: Option<String>,
    pub connection_timeout_ms: i32,
    pub reconnect_delay_ms: i32,
    pub max_reconnect_attempts: i32,
    pub jetstream_enabled: bool,
    pub stream_name: String,
    pub subject_prefix: String,
    pub enabled: bool,
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsConfig")
            .field("config_name", &self.config_name)
            .field("auth_type", &self.auth_type)
            .field("stream_name", &self.stream_name)
            .finish_non_exhaustive()
    }
}

/// The row under this name; an error that lists the names where there is none.
pub async fn load(db: &Db, name: &str) -> Result<NatsConfig> {
    let row =
        sqlx::query_as::<_, NatsConfig>(db.qualified(include_str!("../../sql/nats/config.sql")))
            .bind(name)
            .fetch_optional(db.pool())
            .await
            .map_err(missing_table)?;
    if let Some(row) = row {
        return Ok(row);
    }
    let names = names(db).await?;
    Err(Error::usage(format!("rule_nats_config has no row `{name}`")).hint(format!(
        "there is: {}; name one with --config or in the plan (nats.config), or make it with rule_nats_configure",
        if names.is_empty() { "none".to_string() } else { names.join(", ") }
    )))
}

/// The names of all rows.
pub async fn names(db: &Db) -> Result<Vec<String>> {
    Ok(
        sqlx::query_scalar(db.qualified(include_str!("../../sql/nats/config_names.sql")))
            .fetch_all(db.pool())
            .await?,
    )
}

/// Settings whose events no relay carries that was heard from since `since`, each with how many webhooks name it. `beside`: one that the
/// caller serves itself.
pub async fn unserved(
    db: &Db,
    since: DateTime<Utc>,
    beside: Option<i32>,
) -> Result<Vec<(String, i64)>> {
    Ok(
        sqlx::query_as(db.qualified(include_str!("../../sql/nats/unserved.sql")))
            .bind(since)
            .bind(beside)
            .fetch_all(db.pool())
            .await?,
    )
}

fn missing_table(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    if error.sqlstate() != Some("42P01") {
        return error;
    }
    Error::refused("migration 007 is not in place: there is no table rule_nats_config")
        .hint("run `wavegate schema apply`")
        .keeps(error)
}

#[derive(sqlx::FromRow)]
struct StreamRow {
    subjects: Vec<String>,
    description: Option<String>,
    storage: String,
    max_messages: i64,
    max_bytes: i64,
    max_age_seconds: i64,
    retention: String,
    discard: String,
    replicas: i32,
    duplicate_window_seconds: i32,
}

/// NATS counts time in nanoseconds, 2^63 - 1 at most.
const LONGEST_S: i64 = i64::MAX / 1_000_000_000;

/// Refuses what no server can hold, all of it at once.
fn keepable(row: &StreamRow, name: &str) -> Result<()> {
    let times = [
        ("max_age_seconds", row.max_age_seconds),
        (
            "duplicate_window_seconds",
            row.duplicate_window_seconds.into(),
        ),
    ];
    let faults: Vec<String> = times
        .iter()
        .filter(|(_, seconds)| !(0..=LONGEST_S).contains(seconds))
        .map(|(column, seconds)| format!("{column} is {seconds}; wanted 0 to {LONGEST_S}"))
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the row of the stream {name} in rule_nats_streams: {}",
        faults.join("; ")
    ))
    .hint("seconds; 0 is without limit. NATS counts time in nanoseconds, 2^63 - 1 at most"))
}

/// How the stream should look: the row of `rule_nats_streams`, or safe settings where there is none.
/// `stream`: the name that the plan wants; the config's own where `None`.
pub async fn wanted_stream(
    db: &Db,
    config: &NatsConfig,
    stream: Option<&str>,
) -> Result<StreamDefinition> {
    let name = stream.unwrap_or(&config.stream_name);
    let row: Option<StreamRow> = sqlx::query_as(include_str!("../../sql/nats/stream.sql"))
        .bind(config.config_id)
        .bind(name)
        .fetch_optional(db.pool())
        .await?;
    if let Some(row) = &row {
        keepable(row, name)?;
    }
    let mut wanted = StreamDefinition::safe(name, vec![format!("{}.>", config.subject_prefix)]);
    if let Some(row) = row {
        wanted.subjects = row.subjects;
        wanted.description = row.description.unwrap_or(wanted.description);
        wanted.storage = row.storage;
        wanted.max_messages = if row.max_messages > 0 {
            row.max_messages
        } else {
            -1
        };
        wanted.max_bytes = if row.max_bytes > 0 { row.max_bytes } else { -1 };
        wanted.max_age = Duration::from_secs(row.max_age_seconds.try_into().unwrap_or(0));
        wanted.retention = row.retention;
        wanted.discard = row.discard;
        wanted.replicas = row.replicas.try_into().unwrap_or(1);
        wanted.duplicate_window =
            Duration::from_secs(row.duplicate_window_seconds.try_into().unwrap_or(120));
    }
    // The server holds a duplicate window to the age of a message.
    if !wanted.max_age.is_zero() && wanted.duplicate_window > wanted.max_age {
        wanted.duplicate_window = wanted.max_age;
    }
    Ok(wanted)
}
