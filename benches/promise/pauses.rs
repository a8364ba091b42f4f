//! P7: a table was locked for long; an event that is due a little later comes in time all the same.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{Plan, common::show, line, servers, traffic::Traffic};

const DUE: Duration = Duration::from_secs(4);
/// Longer than this nobody waits here.
const PATIENCE: Duration = Duration::from_secs(120);

pub async fn prove(plan: Plan) {
    for (what, table) in [
        ("queue", "rule_webhook_calls"),
        ("ledger", "rule_webhook_events"),
        ("outbox", "rule_nats_outbox"),
    ] {
        let (mut scene, _servers) = servers::ordinary().await;
        let url = scene.ground.surroundings.database_url.clone();
        let _relay = scene.start("relay", &["relay"]).await;
        let _worker = scene.start("worker", &["worker"]).await;
        let traffic = Traffic::start(&url, &scene.healthy, 30.0).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let mut session = PgConnection::connect(&url).await.unwrap();
        let mut transaction = session.begin().await.unwrap();
        let lock = format!("LOCK TABLE {table} IN SHARE MODE");
        sqlx::query(AssertSqlSafe(lock))
            .execute(&mut *transaction)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(plan.lock + 5)).await;
        transaction.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        traffic.stop().await;

        let mut ids = Vec::new();
        let due = Instant::now() + DUE;
        for webhook in &scene.healthy {
            let call: i32 = sqlx::query_scalar("SELECT rule_webhook_enqueue($1, '{}', 'due later', clock_timestamp() + interval '4 s')")
                .bind(webhook)
                .fetch_one(&mut scene.sql)
                .await
                .unwrap();
            ids.push(identity(&mut scene.sql, call).await);
        }
        let mut latest = Duration::ZERO;
        let mut missing = ids.len();
        while missing > 0 && due.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let arrivals = scene.endpoint.arrivals();
            let came: Vec<Instant> = ids
                .iter()
                .filter_map(|id| arrivals.iter().find(|a| a.id == *id))
                .map(|a| a.at)
                .collect();
            missing = ids.len() - came.len();
            let late = came
                .iter()
                .map(|at| at.saturating_duration_since(due))
                .max();
            latest = latest.max(late.unwrap_or_default());
        }
        if missing > 0 {
            show::note(&format!(
                "pauses: {what}: {missing} of {} did not come within {PATIENCE:?}",
                ids.len()
            ));
            latest = latest.max(due.elapsed());
        }
        let figure = format!(
            "{what} locked for {} s: latest event due later, s",
            plan.lock + 5
        );
        line(
            "pauses",
            &figure,
            latest.as_secs_f64(),
            "<= 10",
            latest <= Duration::from_secs(10),
        );
    }
}

/// The `webhook-id` of a call.
async fn identity(sql: &mut PgConnection, call: i32) -> String {
    sqlx::query_scalar(
        "SELECT coalesce((SELECT event_id FROM rule_webhook_events WHERE call_id = $1),
                         (SELECT event_id FROM wavegate.queue WHERE call_id = $1), 'call-' || $1)",
    )
    .bind(call)
    .fetch_one(sql)
    .await
    .unwrap()
}
