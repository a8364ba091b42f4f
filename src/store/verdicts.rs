//! What the gates said: kept with its inputs, many looks that said the same in one row, and read again.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row, postgres::PgRow, types::Json};

use super::{Db, state::not_installed};
use crate::{
    error::Result,
    gates::{Evidence, GateResult, Report, Said, Verdict},
    model::Gate,
};

/// Keeps a report, unless nothing may be written here (a standby, a role that only reads): then `false`.
pub async fn keep_if_allowed(db: &Db, migration_id: Option<i32>, report: &Report) -> Result<bool> {
    match keep(db, migration_id, report).await {
        Err(error) if matches!(error.sqlstate(), Some("25006" | "42501")) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Keeps a report with its inputs.
pub async fn keep(db: &Db, migration_id: Option<i32>, report: &Report) -> Result<()> {
    let column = |pick: fn(&GateResult) -> String| -> Vec<String> {
        report.results.iter().map(pick).collect()
    };
    let inputs: Vec<Json<&Evidence>> = report.results.iter().map(|r| Json(&r.inputs)).collect();
    sqlx::query(include_str!("../../sql/gates/store.sql"))
        .bind(report.at)
        .bind(migration_id)
        .bind(&report.wave)
        .bind(&report.step)
        .bind(report.since)
        .bind(column(|r| r.gate.to_string()))
        .bind(column(|r| r.verdict.as_str().to_string()))
        .bind(column(|r| r.reason.clone()))
        .bind(inputs)
        .execute(db.pool())
        .await
        .map_err(not_installed)?;
    Ok(())
}

/// Which of the kept verdicts are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// `None`: what was said before a migration began.
    pub migration_id: Option<i32>,
    pub wave: Option<String>,
    pub gate: Option<String>,
    pub since: DateTime<Utc>,
    /// So many lines at most, the newest.
    pub limit: i64,
    /// Every row, not only where a verdict or a step changed.
    pub every: bool,
}

/// What the gates said, oldest first.
pub async fn said(db: &Db, wanted: &Wanted) -> Result<Vec<Said>> {
    sqlx::query_as(include_str!("../../sql/gates/said.sql"))
        .bind(wanted.migration_id)
        .bind(&wanted.wave)
        .bind(&wanted.gate)
        .bind(wanted.since)
        .bind(wanted.limit)
        .bind(wanted.every)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

impl FromRow<'_, PgRow> for Said {
    fn from_row(row: &PgRow) -> sqlx::Result<Said> {
        let word = |column: &str| -> sqlx::Result<String> { row.try_get(column) };
        let decoded = |error: crate::error::Error| sqlx::Error::Decode(error.to_string().into());
        let gate = Gate::from(word("gate")?);
        let inputs = Evidence::read(&gate, row.try_get("inputs")?);
        Ok(Said {
            at: row.try_get("at")?,
            until: row.try_get("until")?,
            looks: row.try_get("looks")?,
            wave: row.try_get("wave")?,
            step: row.try_get("step")?,
            gate,
            verdict: Verdict::try_from(word("verdict")?).map_err(decoded)?,
            reason: row.try_get("reason")?,
            inputs,
        })
    }
}
