//! A query of the plan's own: one SELECT, in a transaction that can only read, for so long and not longer, of which a few rows are
//! fetched. On a connection of its own, closed afterwards: nothing that the query leaves in its session outlives it.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Column, Connection, Executor, PgConnection, SqlSafeStr, Statement, TypeInfo,
};

use super::Db;
use crate::gates::own::Rows;

/// Rows that are shown,
const ROWS: usize = 20;
/// and characters of each.
const WIDTH: usize = 500;
/// Types whose values are numbers; a domain over one of them counts as it.
const NUMBERS: [&str; 7] = ["INT2", "INT4", "INT8", "NUMERIC", "FLOAT4", "FLOAT8", "OID"];
/// PostgreSQL ends the statement itself; this is for a server that no longer answers.
const GRACE: Duration = Duration::from_secs(5);

/// The first rows of `query`, or in words why there are none to be had.
pub async fn ask(db: &Db, query: &str, timeout: Duration) -> Result<Rows, String> {
    // Dropped here, its session ends.
    let mut connection = db.apart().await.map_err(|error| why(&error, timeout))?;
    let (mut rows, numeric) =
        tokio::time::timeout(timeout + GRACE, read(db, &mut connection, query, timeout))
            .await
            .map_err(|_| {
                format!(
                    "PostgreSQL did not answer within {} s",
                    (timeout + GRACE).as_secs()
                )
            })?
            .map_err(|error| why(&error, timeout))?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    Ok(Rows {
        rows,
        more,
        numeric,
    })
}

async fn read(
    db: &Db,
    connection: &mut PgConnection,
    query: &str,
    timeout: Duration,
) -> Result<(Vec<String>, bool), sqlx::Error> {
    let mut tx = connection
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await?;
    // These take the snapshot, too: nobody makes the transaction read-write after it.
    sqlx::query(include_str!("../../sql/gates/timeout.sql"))
        .bind(timeout.as_millis().max(1).to_string())
        .execute(&mut *tx)
        .await?;
    sqlx::query(include_str!("../../sql/gates/few_rights.sql"))
        .execute(&mut *tx)
        .await?;
    // The text is the operator's, and so is the path: `"schema", pg_temp`. From here on our own names are qualified.
    sqlx::query(include_str!("../../sql/gates/engine_path.sql"))
        .bind(format!("{}, pg_temp", db.shape().quoted_schema()))
        .execute(&mut *tx)
        .await?;
    // Inside a subquery there is room for a SELECT and for nothing else; prepared, there is room for one statement.
    let query = query.trim().trim_end_matches(';');
    // A text that looks like a number is none.
    let bare = format!("SELECT * FROM (\n{query}\n) AS own_row");
    let prepared = (&mut *tx)
        .prepare(AssertSqlSafe(bare).into_sql_str())
        .await?;
    let numeric = match prepared.columns() {
        [column] => NUMBERS.contains(&column.type_info().name()),
        _ => false,
    };
    let wrapped = format!(
        "SELECT pg_catalog.left(own_row::pg_catalog.text, {WIDTH}) FROM (\n{query}\n) AS own_row LIMIT {}",
        ROWS + 1
    );
    let rows: Vec<Option<String>> = sqlx::query_scalar(AssertSqlSafe(wrapped))
        .persistent(false)
        .fetch_all(&mut *tx)
        .await?;
    tx.rollback().await?;
    let rows = rows.into_iter().map(Option::unwrap_or_default).collect();
    Ok((rows, numeric))
}

fn why(error: &sqlx::Error, timeout: Duration) -> String {
    let Some(db) = error.as_database_error() else {
        return format!("the query could not be asked: {error}");
    };
    let message = db.message();
    match db.code().as_deref() {
        Some("57014") => format!(
            "the query took longer than {} ms and was ended",
            timeout.as_millis()
        ),
        Some("25006") => format!("the query tries to write, which no gate may: {message}"),
        _ => format!("the query is wrong, or may not be asked: {message}"),
    }
}
