//! Where PostgreSQL's time goes: `--statements N` shows the N dearest statements of a run (PostgreSQL 13 or newer).

use super::{lab::Lab, show};

/// As many as were asked for on the command line.
pub fn wanted() -> u32 {
    super::option("statements", 0)
}

/// Counts from here on.
pub async fn count(lab: &mut Lab) {
    if wanted() > 0 {
        lab.run("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            .await;
        lab.run("SELECT pg_stat_statements_reset()").await;
    }
}

/// The statements on which PostgreSQL spent most time since `count`.
pub async fn dearest(lab: &mut Lab, events: u64) {
    let shown = wanted();
    if shown == 0 {
        return;
    }
    let rows: Vec<(String, i64, f64, f64, i64, String)> = sqlx::query_as(
        "SELECT (rows / greatest(calls, 1))::text, calls, total_exec_time, total_plan_time, wal_bytes::bigint,
                regexp_replace(substr(query, 1, 400), '\\s+', ' ', 'g')
         FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT $1",
    )
    .bind(i64::from(shown))
    .fetch_all(&mut lab.sql)
    .await
    .unwrap();
    let thousands = events as f64 / 1000.0;
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(rows, calls, ran, planned, wal, query)| {
            let query: String = query.chars().take(70).collect();
            vec![
                show::number(ran / thousands),
                show::number(planned / thousands),
                show::number(calls as f64 / thousands),
                rows,
                show::number(wal as f64 / 1024.0 / thousands),
                query,
            ]
        })
        .collect();
    show::table(
        "The dearest statements, per 1,000 events: ms of running and of planning (elapsed, not CPU), calls; rows a call; WAL KiB",
        &[
            "run ms",
            "plan ms",
            "calls",
            "rows/call",
            "WAL KiB",
            "statement",
        ],
        &rows,
    );
}
