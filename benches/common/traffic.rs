//! Callers: sessions that call webhooks in transactions of several calls, and hold back while too much is undelivered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use sqlx::{Connection, PgConnection};

use super::lab::PAYLOAD;

#[derive(Debug, Clone)]
pub struct Traffic {
    pub database_url: String,
    pub webhooks: Vec<i32>,
    /// Numbers of the events: from, and behind the last.
    pub from: u64,
    pub to: u64,
    pub callers: usize,
    /// Calls in one transaction.
    pub batch: u64,
    /// Undelivered events at most, about.
    pub backlog: u64,
}

/// Running callers. What was delivered so far is told to them.
pub struct Callers {
    pub delivered: Arc<AtomicU64>,
    tasks: tokio::task::JoinSet<()>,
}

impl Callers {
    /// `delivered` counts from the first number of this traffic.
    pub fn start(traffic: &Traffic) -> Callers {
        let delivered = Arc::new(AtomicU64::new(0));
        let next = Arc::new(AtomicU64::new(traffic.from));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..traffic.callers {
            tasks.spawn(call(traffic.clone(), next.clone(), delivered.clone()));
        }
        Callers { delivered, tasks }
    }

    /// Waits for their end; fails when one failed.
    pub async fn ended(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

async fn call(traffic: Traffic, next: Arc<AtomicU64>, delivered: Arc<AtomicU64>) {
    let mut sql = PgConnection::connect(&traffic.database_url).await.unwrap();
    let statement = format!(
        "SELECT count(rule_webhook_call_unified(($1::integer[])[1 + n % array_length($1, 1)], {PAYLOAD}))
         FROM generate_series($2::bigint, $3::bigint) n"
    );
    loop {
        let from = next.fetch_add(traffic.batch, Relaxed);
        if from >= traffic.to {
            return;
        }
        let to = (from + traffic.batch).min(traffic.to);
        while to - traffic.from > delivered.load(Relaxed) + traffic.backlog {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .bind(&traffic.webhooks)
            .bind(from.cast_signed())
            .bind(to.cast_signed() - 1)
            .execute(&mut sql)
            .await
            .unwrap();
    }
}
