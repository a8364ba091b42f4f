//! What became of the copies that were sent: marked in the ledger, then logged. The two go on side by side with the sending.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{carrier::Settled, relay::Relay};
use crate::{
    bus::publish::Refusal,
    error::Result,
    store::{
        history::{self, Published},
        outbox::{Copy, mark_published, mark_void},
    },
};

const BATCH: usize = 1000;
/// Batches that may wait for the log.
pub const WAITING_LINES: usize = 4;
const TRIES: usize = 3;

/// Notes in PostgreSQL what is in the stream. A crash before that publishes it again under the same message id: harmless.
pub async fn mark(
    relay: &Relay,
    mut settled: mpsc::UnboundedReceiver<Settled>,
    lines: mpsc::Sender<Vec<Settled>>,
) {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if settled.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let mut done: Vec<(&Copy, i64)> = Vec::new();
        let mut void: Vec<(&Copy, &str)> = Vec::new();
        let mut refused: Vec<&Settled> = Vec::new();
        for one in &batch {
            match &one.outcome {
                Ok(sequence) => {
                    relay.vitals.metrics.ack.observe(one.latency_ms / 1000.0);
                    let again = u64::from(one.ticket.is_some());
                    relay.vitals.metrics.republished.inc_by(again);
                    done.push((&one.copy, *sequence));
                }
                Err(Refusal::Permanent(why)) => void.push((&one.copy, why)),
                Err(Refusal::Temporary(why)) => {
                    if refused.is_empty() {
                        relay.vitals.trouble(format!("publishing: {why}"));
                        relay.carrying.fails(why);
                    }
                    refused.push(one);
                }
            }
        }
        relay.vitals.published(done.len());
        relay.vitals.failed(void.len(), refused.len());
        if !done.is_empty() {
            relay.carrying.works();
        }
        wait_for_another_try(relay, &refused);
        let marked = write_marks(relay, &done, &void).await;
        relay.board(|board| {
            for one in batch
                .iter()
                .filter(|one| !matches!(one.outcome, Err(Refusal::Temporary(_))))
            {
                match &marked {
                    Ok(()) => board.landed(one.copy.seq, one.copy.webhook_id),
                    Err(_) if one.ticket.is_some() => board.forget(one.copy.seq),
                    Err(_) => board.lost(one.copy.seq, one.copy.webhook_id),
                }
            }
        });
        if let Err(error) = marked {
            relay
                .vitals
                .trouble(format!("marking what was published: {error}"));
        }
        if lines.send(batch).await.is_err() {
            return;
        }
    }
}

/// What the sweeper sent comes back by itself; the rest waits its turn.
fn wait_for_another_try(relay: &Relay, refused: &[&Settled]) {
    let now = std::time::Instant::now();
    relay.board(|board| {
        for one in refused {
            match &one.ticket {
                Some(ticket) => {
                    board.forget(one.copy.seq);
                    let _ = ticket.send(());
                }
                None => board.refused(one.copy.seq, one.copy.webhook_id, now),
            }
        }
    });
}

async fn write_marks(relay: &Relay, done: &[(&Copy, i64)], void: &[(&Copy, &str)]) -> Result<()> {
    let mut tried = 0;
    loop {
        tried += 1;
        match try_marks(relay, done, void).await {
            Err(error) if tried < TRIES => {
                tracing::warn!(%error, "cannot mark what was published; trying again");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            outcome => return outcome,
        }
    }
}

async fn try_marks(relay: &Relay, done: &[(&Copy, i64)], void: &[(&Copy, &str)]) -> Result<()> {
    if !done.is_empty() {
        mark_published(&relay.db, done, relay.options.independent).await?;
    }
    if !void.is_empty() {
        let mut connection = relay.db.pool().acquire().await?;
        mark_void(&mut connection, void).await?;
    }
    Ok(())
}

/// Writes the publish history. It is for people: what it misses, nothing else misses.
pub async fn log(relay: &Relay, mut lines: mpsc::Receiver<Vec<Settled>>) {
    let mut batches = Vec::new();
    while lines.recv_many(&mut batches, WAITING_LINES).await > 0 {
        let published: Vec<Published<'_>> = batches.iter().flatten().map(line).collect();
        if let Err(error) = history::log(&relay.db, &published).await {
            tracing::warn!(%error, "cannot write the publish history");
        }
        batches.clear();
    }
}

fn line(settled: &Settled) -> Published<'_> {
    Published {
        copy: &settled.copy,
        outcome: match &settled.outcome {
            Ok(sequence) => Ok(*sequence),
            Err(Refusal::Permanent(why) | Refusal::Temporary(why)) => Err(why),
        },
        latency_ms: settled.latency_ms,
    }
}
