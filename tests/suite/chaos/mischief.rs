//! Beside the kills, what the corpus has for a busy system: rows that somebody locks, and messages that somebody forges.

use std::{collections::BTreeMap, time::Duration};

use async_nats::HeaderMap;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::task::JoinSet;

use super::stage::Stage;
use crate::{
    corpus::{
        entries::{locks, messages},
        entry::{Entry, Plant, Target},
    },
    support::Shape,
};

/// Longer than a lease of these workers, so that a claim which nobody renews is lost.
const HELD: Duration = Duration::from_secs(7);
/// A locked webhook holds up its callers, who are to call.
const NOT_HERE: &str = "the webhook";

#[derive(Default)]
pub struct Mischief {
    pub done: BTreeMap<&'static str, usize>,
    locks: JoinSet<()>,
}

impl Mischief {
    /// One lock or one message, at an event of just now. While a server is down there is none.
    pub async fn strike(&mut self, stage: &Stage, shape: Shape, rng: &mut fastrand::Rng) {
        let Ok(mut sql) = PgConnection::connect(&stage.url).await else {
            return;
        };
        let newest =
            "SELECT webhook_id, event_id FROM rule_webhook_events ORDER BY seq DESC LIMIT 1";
        let Ok(Some((webhook, event))) = sqlx::query_as(newest).fetch_optional(&mut sql).await
        else {
            return;
        };
        let target = Target { webhook, event };
        let (what, done) = if rng.bool() {
            let entry = pick(locks::ROWS_HELD, rng);
            ("rows locked", self.lock(sql, shape, entry, &target).await)
        } else {
            let entry = pick(messages::ENTRIES, rng);
            ("messages forged", forge(stage, entry, &target).await)
        };
        if done.is_some() {
            *self.done.entry(what).or_default() += 1;
        }
    }

    async fn lock(
        &mut self,
        mut sql: PgConnection,
        shape: Shape,
        entry: &Entry,
        target: &Target,
    ) -> Option<()> {
        let Plant::Lock(text, _) = entry.plant else {
            return None;
        };
        let queue = match shape {
            Shape::A => "rule_webhook_calls",
            Shape::B => "rule_webhook_queue",
        };
        let text = text
            .replace("{id}", &target.webhook.to_string())
            .replace("{queue}", queue);
        // Its session may be among those that are killed: that ends the lock, and nothing else.
        self.locks.spawn(async move {
            let Ok(mut transaction) = sql.begin().await else {
                return;
            };
            if sqlx::query(AssertSqlSafe(text))
                .execute(&mut *transaction)
                .await
                .is_ok()
            {
                tokio::time::sleep(HELD).await;
            }
            let _ = transaction.commit().await;
        });
        Some(())
    }

    /// Waits until nothing is locked any more.
    pub async fn end(&mut self) {
        while self.locks.join_next().await.is_some() {}
    }
}

fn pick(entries: &'static [Entry], rng: &mut fastrand::Rng) -> &'static Entry {
    let fit = |entry: &&'static Entry| entry.name != NOT_HERE;
    let fitting: Vec<&'static Entry> = entries.iter().filter(fit).collect();
    fitting[rng.usize(..fitting.len())]
}

async fn forge(stage: &Stage, entry: &Entry, target: &Target) -> Option<()> {
    let (Plant::Before(message) | Plant::After(message)) = entry.plant else {
        return None;
    };
    let message = message(target);
    let mut headers = HeaderMap::new();
    for (name, value) in message.headers {
        headers.insert(name, value.as_str());
    }
    let connected = tokio::time::timeout(
        Duration::from_secs(1),
        async_nats::connect(stage.nats.url()),
    )
    .await;
    let client = connected.ok()?.ok()?;
    let subject = format!("webhooks.{}", target.webhook);
    client
        .publish_with_headers(subject, headers, message.body.into())
        .await
        .ok()?;
    tokio::time::timeout(Duration::from_secs(1), client.flush())
        .await
        .ok()?
        .ok()
}
