//! Which of the two known layouts the rule engine's tables have, and in which schema they lie.

use serde::Serialize;
use sqlx::PgConnection;

use crate::error::{Error, Result};

/// The two layouts of UPSTREAM: what the engine creates, and what its guides write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum QueueShape {
    /// `rule_webhook_calls(call_id)`, `rule_webhooks(url, method)`.
    A,
    /// `rule_webhook_queue(queue_id)`, `rule_webhooks(webhook_url, http_method)`.
    B,
}

/// What was recognised in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shape {
    pub queue: QueueShape,
    /// The schema of `rule_webhooks`, unquoted.
    pub schema: String,
}

impl Shape {
    /// The queue table's own name.
    pub fn queue_table(&self) -> &'static str {
        self.queue_key().0
    }

    /// The queue table and its key.
    pub fn queue_key(&self) -> (&'static str, &'static str) {
        match self.queue {
            QueueShape::A => ("rule_webhook_calls", "call_id"),
            QueueShape::B => ("rule_webhook_queue", "queue_id"),
        }
    }

    /// The engine's schema as SQL writes it.
    pub fn quoted_schema(&self) -> String {
        format!("\"{}\"", self.schema.replace('"', "\"\""))
    }

    /// `statement` with the engine's schema in the place of `{schema}`, also inside a literal that begins with it.
    pub fn qualified(&self, statement: &str) -> String {
        let quoted = self.quoted_schema();
        statement
            .replace("'{schema}.", &format!("'{}.", quoted.replace('\'', "''")))
            .replace("{schema}", &quoted)
    }

    /// Reads the catalogue; a database without the engine, or with a layout of its own, is an error that says what is missing.
    /// `looked_in`: the schemas of the role's own search path, in order.
    pub async fn recognise(connection: &mut PgConnection, looked_in: &[String]) -> Result<Shape> {
        let rows: Vec<(String, String, bool, bool, bool, bool)> =
            sqlx::query_as(include_str!("../../sql/shape.sql"))
                .bind(looked_in)
                .fetch_all(&mut *connection)
                .await?;
        let (schema, database, url_a, url_b, queue_a, queue_b) = match rows.as_slice() {
            [row] => row.clone(),
            [] => {
                return Err(Error::refused("this database has no table rule_webhooks, so it holds no rule engine")
                    .hint("check the database name in --database-url, or create the engine's schema first"));
            }
            many => {
                let schemas: Vec<&str> = many.iter().map(|row| row.0.as_str()).collect();
                return Err(Error::refused(format!(
                    "rule_webhooks exists in several schemas: {}",
                    schemas.join(", ")
                ))
                .hint("set search_path for this role so that one of them comes first"));
            }
        };
        let queue = match (url_a && queue_a, url_b && queue_b) {
            (true, _) => QueueShape::A,
            (false, true) => QueueShape::B,
            (false, false) => {
                return Err(Error::refused(format!(
                    "the rule engine in {database}.{schema} has neither known layout: found url={url_a} webhook_url={url_b} \
                     rule_webhook_calls={queue_a} rule_webhook_queue={queue_b}"
                ))
                .hint("wanted rule_webhooks(url, method) with rule_webhook_calls(call_id), or \
                       rule_webhooks(webhook_url, http_method) with rule_webhook_queue(queue_id)"));
            }
        };
        Ok(Shape { queue, schema })
    }
}
