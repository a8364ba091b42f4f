//! Copies of events on their way into the stream: pipelined, outside any transaction, then marked and logged.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use futures::{StreamExt, stream::FuturesOrdered};
use serde_json::Value;

use crate::{
    bus::{
        Bus, envelope,
        publish::{Label, Refusal, acknowledged, send},
    },
    error::Result,
    store::{
        Db,
        independent::{self, Address},
        outbox::{Copy, Published, log_history, mark_published, mark_void},
    },
};

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Sent {
    pub published: u64,
    pub refused: u64,
    /// Why some copies wait for another try.
    pub trouble: Option<String>,
    /// The first of them.
    pub first_waiting: Option<i64>,
}

/// Publishes these copies in their order and notes in PostgreSQL what is in the stream. A crash before that publishes them
/// again under the same message id: harmless.
pub async fn publish(
    db: &Db,
    bus: &Bus,
    stream: &str,
    copies: &[Copy],
    envelope: bool,
) -> Result<Sent> {
    let Some(first) = copies.first() else {
        return Ok(Sent::default());
    };
    let addresses = if envelope {
        Some(addresses(db, copies).await?)
    } else {
        None
    };
    let outcomes = send_all(bus, stream, copies, addresses.as_ref()).await;
    let mut done: Vec<(&Copy, i64)> = Vec::new();
    let mut void: Vec<(&Copy, &str)> = Vec::new();
    let mut lines = Vec::with_capacity(copies.len());
    let mut sent = Sent::default();
    for (copy, (outcome, latency_ms)) in copies.iter().zip(&outcomes) {
        let outcome = match outcome {
            Ok(sequence) => {
                done.push((copy, *sequence));
                Ok(*sequence)
            }
            Err(Refusal::Permanent(why)) => {
                void.push((copy, why));
                Err(why.as_str())
            }
            Err(Refusal::Temporary(why)) => {
                sent.trouble.get_or_insert_with(|| why.clone());
                sent.first_waiting.get_or_insert(copy.seq);
                Err(why.as_str())
            }
        };
        lines.push(Published {
            copy,
            outcome,
            latency_ms: *latency_ms,
        });
    }
    sent.published = done.len() as u64;
    sent.refused = void.len() as u64;
    let mut connection = db.pool().acquire().await?;
    if !done.is_empty() {
        mark_published(&mut connection, &done, first.read_at).await?;
    }
    if !void.is_empty() {
        mark_void(&mut connection, &void).await?;
    }
    // The log is for people: what it misses, nothing else misses.
    if let Err(error) = log_history(&mut connection, &lines).await {
        tracing::warn!(%error, "cannot write the publish history");
    }
    Ok(sent)
}

/// Notes in the history that these copies could not even be sent.
pub async fn log_failure(db: &Db, copies: &[Copy], why: &str) {
    let lines: Vec<Published<'_>> = copies
        .iter()
        .map(|copy| Published {
            copy,
            outcome: Err(why),
            latency_ms: 0.0,
        })
        .collect();
    let logged = match db.pool().acquire().await {
        Ok(mut connection) => log_history(&mut connection, &lines).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = logged {
        tracing::warn!(%error, "cannot write the publish history");
    }
}

type Addresses = HashMap<i32, Address>;
type Outcome = (std::result::Result<i64, Refusal>, f64);

/// Where the calls of these copies go now.
async fn addresses(db: &Db, copies: &[Copy]) -> Result<Addresses> {
    let webhooks: HashSet<i32> = copies.iter().map(|copy| copy.webhook_id).collect();
    let webhooks: Vec<i32> = webhooks.into_iter().collect();
    independent::addresses(db, &webhooks).await
}

/// The message of a copy: its payload, or the envelope around it. A webhook that is gone has no address, and nobody calls it.
fn message(copy: &Copy, addresses: Option<&Addresses>) -> String {
    let enveloped = addresses.and_then(|addresses| {
        let address = addresses.get(&copy.webhook_id);
        let url = address.map_or("", |address| address.url.as_str());
        let headers = address.map_or(&Value::Null, |address| &address.headers);
        envelope::wrap(url, headers, &copy.event_id, &copy.payload)
    });
    enveloped.unwrap_or_else(|| copy.payload.clone())
}

/// Sends one after the other without waiting for answers, then takes the answers in order.
async fn send_all(
    bus: &Bus,
    stream: &str,
    copies: &[Copy],
    addresses: Option<&Addresses>,
) -> Vec<Outcome> {
    let mut answers = FuturesOrdered::new();
    for copy in copies {
        let begin = Instant::now();
        let label = Label {
            event_id: copy.event_id.clone(),
            webhook_id: copy.webhook_id,
            copy: copy.copy,
            envelope: addresses.is_some(),
        };
        let message = message(copy, addresses);
        let sent = send(bus, stream, &copy.subject, &label, message).await;
        // A task each, so that the time to the answer is taken when it comes.
        answers.push_back(tokio::spawn(async move {
            let outcome = match sent {
                Ok(sent) => acknowledged(sent).await,
                Err(refusal) => Err(refusal),
            };
            let outcome = outcome.map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX));
            (outcome, begin.elapsed().as_secs_f64() * 1000.0)
        }));
    }
    let mut outcomes = Vec::with_capacity(copies.len());
    while let Some(answer) = answers.next().await {
        outcomes.push(answer.unwrap_or_else(|_| {
            (
                Err(Refusal::Temporary("the publisher was interrupted".into())),
                0.0,
            )
        }));
    }
    outcomes
}
