//! The database of the lab: the rule engine in either shape, its webhooks, the calls of the week before, and a role for the callers.

use sqlx::{Connection, Executor, PgConnection, postgres::PgConnectOptions};

use super::webhooks::LabWebhook;
use crate::error::{Context, Error, Result};

/// The two layouts of the engine that the lab can build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LabShape {
    /// rule_webhook_calls, as the engine's own migration makes it.
    #[default]
    A,
    /// rule_webhook_queue, as the engine's guides write it.
    B,
}

impl LabShape {
    pub fn as_str(self) -> &'static str {
        match self {
            LabShape::A => "a",
            LabShape::B => "b",
        }
    }
}

/// The database that the lab makes.
pub const DATABASE: &str = "rules";

/// A webhook as it stands in the database.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub webhook_id: i32,
    pub webhook: LabWebhook,
}

/// Makes the database that `url` names, and fills it. `admin` is the URL of another database of the same server; `receiver` the
/// base URL of the endpoints; `past` scales the calls of the week before.
pub async fn build(
    admin: &str,
    url: &str,
    shape: LabShape,
    set: &[LabWebhook],
    receiver: &str,
    past: f64,
) -> Result<Vec<Placed>> {
    let options: PgConnectOptions = url
        .parse()
        .context("the lab's database URL cannot be read")?;
    let database = options
        .get_database()
        .unwrap_or(DATABASE)
        .replace('"', "\"\"");
    let mut connection = connect(admin).await?;
    connection
        .execute(sqlx::AssertSqlSafe(format!(
            "CREATE DATABASE \"{database}\""
        )))
        .await?;
    connection.close().await?;
    let mut connection = connect(url).await?;
    let (engine, views, callers) = match shape {
        LabShape::A => (
            include_str!("../../sql/lab/engine_a.sql"),
            include_str!("../../sql/lab/views_a.sql"),
            include_str!("../../sql/lab/callers_a.sql"),
        ),
        LabShape::B => (
            include_str!("../../sql/lab/engine_b.sql"),
            include_str!("../../sql/lab/views_b.sql"),
            include_str!("../../sql/lab/callers_b.sql"),
        ),
    };
    for script in [
        engine,
        views,
        include_str!("../../sql/lab/callers.sql"),
        callers,
    ] {
        connection.execute(script).await?;
    }
    let mut placed = Vec::new();
    for webhook in set {
        let webhook_id = place(&mut connection, webhook, receiver, past).await?;
        placed.push(Placed {
            webhook_id,
            webhook: webhook.clone(),
        });
    }
    connection.execute("ANALYZE").await?;
    connection.close().await?;
    Ok(placed)
}

async fn place(
    connection: &mut PgConnection,
    webhook: &LabWebhook,
    receiver: &str,
    past: f64,
) -> Result<i32> {
    let tags: Vec<String> = webhook.tags.iter().map(ToString::to_string).collect();
    let webhook_id: i32 = sqlx::query_scalar(include_str!("../../sql/lab/webhook.sql"))
        .bind(&webhook.name)
        .bind(format!("{receiver}/hook/{}", webhook.number))
        .bind(webhook.method)
        .bind(webhook.max_retries)
        .bind(webhook.retry_delay_ms)
        .bind(webhook.enabled)
        .bind(tags)
        .fetch_one(&mut *connection)
        .await?;
    if webhook.signed {
        sqlx::query(include_str!("../../sql/lab/secret.sql"))
            .bind(webhook_id)
            .bind(format!("lab-secret-{}", webhook.number))
            .execute(&mut *connection)
            .await?;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
    let calls = (f64::from(webhook.past_calls) * past).ceil() as i32;
    sqlx::query(include_str!("../../sql/lab/past.sql"))
        .bind(webhook_id)
        .bind(calls)
        .execute(connection)
        .await?;
    Ok(webhook_id)
}

/// A session of the lab's own; only ever to a server that the lab started.
pub async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url)
        .await
        .context("cannot reach the lab's PostgreSQL")
}

/// Reads back which webhook is which, by name: for traffic in a lab that stands already.
pub async fn find(connection: &mut PgConnection, set: &[LabWebhook]) -> Result<Vec<Placed>> {
    let known: Vec<(i32, String)> = sqlx::query_as(include_str!("../../sql/lab/webhooks.sql"))
        .fetch_all(connection)
        .await
        .map_err(|cause| {
            Error::refused("this database was not made by `wavegate lab up`")
                .because(cause)
                .hint("traffic is made in a lab only: run `wavegate lab up`, and export the DATABASE_URL that it prints")
        })?;
    Ok(set
        .iter()
        .filter_map(|webhook| {
            let (webhook_id, _) = known.iter().find(|(_, name)| *name == webhook.name)?;
            Some(Placed {
                webhook_id: *webhook_id,
                webhook: webhook.clone(),
            })
        })
        .collect())
}

/// Has migration 007 been applied, so that callers can use the unified function?
pub async fn has_unified(connection: &mut PgConnection) -> Result<bool> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/lab/has_unified.sql"))
            .fetch_one(connection)
            .await?,
    )
}
