//! What would let others past their rights through our functions, or into our sessions. Asked by `schema apply` before its first step,
//! and by preflight.

use crate::{error::Result, store::Db};

use super::checks::{Check, Finding};

#[derive(Debug, Clone, sqlx::FromRow)]
struct Exposure {
    policies: Vec<String>,
    by_column: Vec<String>,
    pathless: Vec<String>,
    in_ours: Vec<String>,
    in_engines: Vec<String>,
    definers: Vec<String>,
}

/// One line each, good ones too.
pub async fn exposure(db: &Db) -> Result<Vec<Check>> {
    let shape = db.shape();
    let exposure: Exposure = sqlx::query_as(include_str!("../../../sql/schema/exposure.sql"))
        .bind(&shape.schema)
        .bind(shape.queue_table())
        .fetch_one(db.pool())
        .await?;
    Ok(judge(&exposure, &shape.schema))
}

fn judge(found: &Exposure, schema: &str) -> Vec<Check> {
    let line = |check, list: &[String], otherwise, wanted: &str, remedy: &str| {
        let good = list.is_empty();
        Check {
            check,
            finding: if good { Finding::Good } else { otherwise },
            found: if good {
                "none".to_string()
            } else {
                list.join(", ")
            },
            wanted: wanted.to_string(),
            remedy: if good {
                String::new()
            } else {
                remedy.to_string()
            },
        }
    };
    let to_engines = if found.definers.is_empty() {
        Finding::Warning
    } else {
        Finding::Bad
    };
    vec![
        line(
            "row-level security",
            &found.policies,
            Finding::Bad,
            "none on queue and webhooks",
            "the publisher runs as its owner: policies would no longer hold; move them or leave this database alone",
        ),
        line(
            "grants by column",
            &found.by_column,
            Finding::Bad,
            "rights on the whole queue, or none",
            "a function that runs as its owner leads past a right on some columns: GRANT or REVOKE it for the whole table",
        ),
        line(
            "trigger functions",
            &found.pathless,
            Finding::Bad,
            "triggers on queue and webhooks that find their names on any path",
            &format!(
                "they run inside our statements, which look nothing up in {schema}: ALTER FUNCTION ... SET search_path = {schema}, pg_temp"
            ),
        ),
        line(
            "schema wavegate",
            &found.in_ours,
            Finding::Bad,
            "nobody else may create there",
            "our sessions and functions look names up there: REVOKE CREATE ON SCHEMA wavegate, or drop a schema of that name that is not ours",
        ),
        line(
            "creating in the engine's schema",
            &found.in_engines,
            to_engines,
            "nobody else may create there",
            &match to_engines {
                Finding::Bad => format!(
                    "{} runs as its owner and looks names up there: REVOKE CREATE ON SCHEMA {schema} FROM them",
                    found.definers.join(", ")
                ),
                _ => format!(
                    "nothing of ours looks names up there, other people's functions may: REVOKE CREATE ON SCHEMA {schema} FROM them"
                ),
            },
        ),
    ]
}
