//! What must hold before migration 007 is applied, each with its remedy.

use serde::Serialize;

use super::{Way, exposure, functions, steps, surroundings, wanted};
use crate::{
    error::Result,
    store::{Db, Shape},
};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    Good,
    /// It works, but better not now.
    Warning,
    /// `apply` refuses.
    Bad,
}

/// One line of the preflight.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub check: &'static str,
    pub finding: Finding,
    pub found: String,
    pub wanted: String,
    /// Empty where nothing is to be done.
    pub remedy: String,
}

/// What the two views read beside the columns that tell the shapes apart.
const WEBHOOK_COLUMNS: [&str; 10] = [
    "webhook_id",
    "webhook_name",
    "headers",
    "timeout_ms",
    "retry_enabled",
    "max_retries",
    "retry_delay_ms",
    "retry_backoff_multiplier",
    "enabled",
    "tags",
];
const QUEUE_COLUMNS: [&str; 16] = [
    "webhook_id",
    "status",
    "payload",
    "rule_name",
    "rule_execution_id",
    "scheduled_at",
    "started_at",
    "completed_at",
    "retry_count",
    "next_retry_at",
    "response_status",
    "response_body",
    "response_headers",
    "error_message",
    "execution_time_ms",
    "created_at",
];

#[derive(sqlx::FromRow)]
struct Server {
    version_num: i32,
    version: String,
    role: String,
    standby: bool,
    read_only: bool,
    may_create_schema: bool,
    may_create_tables: bool,
    not_ours: String,
    lacking: String,
    partitioned: bool,
    index_bytes: i64,
    database_bytes: i64,
    oldest_s: f64,
    oldest_pid: i32,
    oldest_application: String,
    prepared: i64,
}

/// Looks at server, role, tables and running transactions; changes nothing.
pub async fn checks(db: &Db) -> Result<Vec<Check>> {
    let shape = db.shape();
    let server: Server = sqlx::query_as(include_str!("../../../sql/schema/server.sql"))
        .bind(&shape.schema)
        .bind(shape.queue_table())
        .bind(replaced(shape))
        .bind(WEBHOOK_COLUMNS.as_slice())
        .bind(QUEUE_COLUMNS.as_slice())
        .fetch_one(db.pool())
        .await?;
    let mut checks = judge(&server, shape.queue_table(), &shape.schema);
    checks.extend(exposure(db).await?);
    checks.extend(surroundings(db).await?);
    Ok(checks)
}

/// The names of the functions that `apply` replaces where they exist.
fn replaced(shape: &Shape) -> Vec<String> {
    let ways: Vec<&str> = steps(shape)
        .filter(|step| matches!(step.way, Way::Function | Way::Wrap))
        .map(|step| step.name)
        .collect();
    wanted(shape.queue)
        .iter()
        .filter(|line| {
            ways.contains(&line.step.as_str()) && line.object.starts_with("function rule_")
        })
        .map(|line| functions::name(&line.object).to_string())
        .collect()
}

fn judge(server: &Server, queue: &str, schema: &str) -> Vec<Check> {
    let check = |check, good: bool, otherwise, found: String, wanted: &str, remedy: &str| Check {
        check,
        finding: if good { Finding::Good } else { otherwise },
        found,
        wanted: wanted.to_string(),
        remedy: if good {
            String::new()
        } else {
            remedy.to_string()
        },
    };
    let mut missing = Vec::new();
    if !server.may_create_schema {
        missing.push("CREATE on the database".to_string());
    }
    if !server.may_create_tables {
        missing.push(format!("CREATE on schema {schema}"));
    }
    if !server.not_ours.is_empty() {
        missing.push(format!("ownership of {}", server.not_ours));
    }
    let oldest = if server.oldest_s > 0.0 {
        format!(
            "{:.0} s, pid {} ({})",
            server.oldest_s, server.oldest_pid, server.oldest_application
        )
    } else {
        "none".to_string()
    };
    vec![
        check(
            "server version",
            server.version_num >= 120_000,
            Finding::Bad,
            server.version.clone(),
            "12 or later",
            "upgrade PostgreSQL",
        ),
        check(
            "writable",
            !server.standby && !server.read_only,
            Finding::Bad,
            if server.standby {
                "a standby"
            } else if server.read_only {
                "read-only by default"
            } else {
                "yes"
            }
            .to_string(),
            "the primary, writable",
            "connect to the primary; default_transaction_read_only must be off",
        ),
        check(
            "privileges",
            missing.is_empty(),
            Finding::Bad,
            if missing.is_empty() {
                server.role.clone()
            } else {
                format!("{} lacks {}", server.role, missing.join(", "))
            },
            "owner of the engine's tables and functions, CREATE",
            "connect as the owner of the engine's objects, or have it grant membership",
        ),
        check(
            "columns",
            server.lacking.is_empty(),
            Finding::Bad,
            if server.lacking.is_empty() {
                "all there".to_string()
            } else {
                format!("missing: {}", server.lacking)
            },
            "the engine's columns",
            "add them with the engine's types and defaults; wavegate reads every one of them",
        ),
        check(
            "partitions",
            !server.partitioned,
            Finding::Bad,
            if server.partitioned {
                format!("{queue} is partitioned")
            } else {
                "queue is one table".to_string()
            },
            "queue is one table",
            "an id that is unique over all partitions cannot be kept; use an unpartitioned queue",
        ),
        check(
            "space",
            true,
            Finding::Warning,
            format!(
                "about {} for indexes; the database has {}",
                size(server.index_bytes),
                size(server.database_bytes)
            ),
            "that much free, twice while building",
            "",
        ),
        check(
            "oldest transaction",
            server.oldest_s < 60.0,
            Finding::Warning,
            oldest,
            "under 60 s",
            "indexes wait for it to end; end it, or apply later",
        ),
        check(
            "prepared transactions",
            server.prepared == 0,
            Finding::Warning,
            server.prepared.to_string(),
            "0",
            "indexes wait for them; COMMIT PREPARED or ROLLBACK PREPARED",
        ),
    ]
}

/// Bytes for people.
fn size(bytes: i64) -> String {
    let mut value = bytes.max(0) as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1024.0 {
            return format!("{value:.0} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} TB")
}
