//! What lies around the engine's tables: columns of their row types, triggers that keep rows out, and the extension that they belong
//! to, whose members pg_dump leaves out. Asked by `schema apply` before its first step, and by preflight.

use crate::{error::Result, store::Db};

use super::checks::{Check, Finding};

#[derive(Debug, Clone, sqlx::FromRow)]
struct Surroundings {
    row_types: Vec<String>,
    swallowing: Vec<String>,
    undumped: Vec<String>,
    extensions: Vec<String>,
}

/// The check that says what pg_dump leaves out.
pub const PG_DUMP: &str = "pg_dump";
/// The check that matters to steps that are still to come only.
pub const ROW_TYPES: &str = "columns of row types";

/// One line each, good ones too.
pub async fn surroundings(db: &Db) -> Result<Vec<Check>> {
    let shape = db.shape();
    let found: Surroundings = sqlx::query_as(include_str!("../../../sql/schema/surroundings.sql"))
        .bind(&shape.schema)
        .bind(shape.queue_table())
        .fetch_one(db.pool())
        .await?;
    Ok(judge(&found, shape.queue_table()))
}

fn judge(found: &Surroundings, queue: &str) -> Vec<Check> {
    let line = |check, list: &[String], bad, wanted: &str, text: String, remedy: String| {
        let good = list.is_empty();
        Check {
            check,
            finding: if good { Finding::Good } else { bad },
            found: if good { "none".to_string() } else { text },
            wanted: wanted.to_string(),
            remedy: if good { String::new() } else { remedy },
        }
    };
    let extension = found.extensions.join(", ");
    vec![
        line(
            ROW_TYPES,
            &found.row_types,
            Finding::Bad,
            "none of the row types of rule_webhooks and the queue",
            found.row_types.join(", "),
            "PostgreSQL adds no column to a table while another table holds its rows as values: change those columns to jsonb (to_jsonb), or drop them".to_string(),
        ),
        line(
            "triggers that keep rows out",
            &found.swallowing,
            Finding::Warning,
            "no trigger BEFORE INSERT on the queue that returns NULL",
            found.swallowing.join(", "),
            format!("what it keeps out of {queue} in mode `both` is delivered by NATS all the same, and the queue cannot take it back: let callers decide before rule_webhook_enqueue, or leave such webhooks in mode `queue`"),
        ),
        line(
            PG_DUMP,
            &found.undumped,
            Finding::Warning,
            "tables whose rows pg_dump writes",
            format!("it leaves out what belongs to the extension {extension}: no row of {}", found.undumped.join(", ")),
            "back up the whole server, with pg_basebackup or a snapshot of its disk, and try to restore it: docs/extension.md".to_string(),
        ),
        line(
            "engine's extension",
            &found.extensions,
            Finding::Warning,
            "no extension whose update meets migration 007",
            extension.clone(),
            format!("while migration 007 is in place ALTER EXTENSION {extension} UPDATE fails: `wavegate schema revert`, update, `wavegate schema apply` (docs/extension.md)"),
        ),
    ]
}
