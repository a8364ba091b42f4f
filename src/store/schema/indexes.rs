//! Indexes that are built CONCURRENTLY: what an interrupted build leaves, and whether the long way is needed at all.

use sqlx::PgConnection;

/// The invalid index of this name, quoted with its schema.
pub async fn leftover(
    connection: &mut PgConnection,
    schema: &str,
    name: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(include_str!("../../../sql/schema/leftover.sql"))
        .bind(schema)
        .bind(name)
        .fetch_optional(connection)
        .await
}

/// Whether a table never held a row, so that an index on it is made in an instant.
pub async fn is_empty(connection: &mut PgConnection, table: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(include_str!("../../../sql/schema/empty.sql"))
        .bind(table)
        .fetch_one(connection)
        .await
}

/// Whether a relation of this name exists.
pub async fn exists(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(include_str!("../../../sql/schema/exists.sql"))
        .bind(name)
        .fetch_one(connection)
        .await
}
