//! What became of the copies that were sent: marked in the ledger, then logged. The two go on side by side with the sending.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::{
    Relay,
    in_flight::Settled,
    marker::{Mark, Marker, What},
};
use crate::dataplane::split::{Failed, Halves};
use crate::{
    bus::Refusal,
    store::history::{self, Published},
};

const BATCH: usize = 1000;
/// Batches that may wait for the log.
pub const WAITING_LINES: usize = 4;
/// After a stop, how long what is locked is tried again.
const LAST_TRIES: Duration = Duration::from_secs(3);

/// Notes in PostgreSQL what is in the stream. A crash before that publishes it again under the same message id: harmless.
pub async fn mark(
    relay: &Relay,
    mut settled: mpsc::UnboundedReceiver<Settled>,
    lines: mpsc::Sender<Vec<Settled>>,
) {
    let mut marker = Marker::default();
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        tokio::select! {
            count = settled.recv_many(&mut batch, BATCH), if marker.takes_more() => {
                if count == 0 {
                    break;
                }
            }
            () = marker.time_to_retry() => {}
        }
        if !batch.is_empty() {
            let marks = sort_out(relay, &batch);
            marker.write(relay, marks).await;
            // What waits to be marked holds no room in the window, and no ticket.
            if lines.send(batch).await.is_err() {
                return;
            }
        }
        marker.retry(relay).await;
    }
    // Not for longer than a moment: others wait for the partitions.
    let begin = Instant::now();
    while !marker.is_empty() && begin.elapsed() < LAST_TRIES {
        marker.time_to_retry().await;
        marker.retry(relay).await;
    }
    marker.give_up(relay);
}

/// Counts what became of these copies, and tells what is to be marked.
fn sort_out(relay: &Relay, batch: &[Settled]) -> Vec<Mark> {
    let mut marks = Vec::with_capacity(batch.len());
    let mut refused: Vec<&Settled> = Vec::new();
    let mut published = 0;
    for one in batch {
        let what = match &one.outcome {
            Ok(sequence) => {
                relay.vitals.metrics.ack.observe(one.latency_ms / 1000.0);
                let again = u64::from(one.ticket.is_some());
                relay.vitals.metrics.republished.inc_by(again);
                published += 1;
                What::Published(*sequence)
            }
            Err(Refusal::Permanent(why)) => What::Void(why.clone()),
            Err(Refusal::Untaken(_)) if relay.beyond(&one.copy.subject) => {
                let subject = &one.copy.subject;
                What::Void(format!("the subject `{subject}` is not in the stream"))
            }
            Err(Refusal::Temporary(why) | Refusal::Untaken(why)) => {
                if refused.is_empty() {
                    let (webhook, subject) = (one.copy.webhook_id, &one.copy.subject);
                    let what = format!("publishing webhook {webhook} to `{subject}`: {why}");
                    relay.vitals.trouble(what);
                    relay.carrying.fails(why);
                }
                refused.push(one);
                continue;
            }
        };
        let copy = one.copy.without_payload();
        marks.push(Mark { copy, what });
    }
    relay.vitals.published(published);
    relay.vitals.failed(marks.len() - published, refused.len());
    if published > 0 {
        relay.carrying.works();
    }
    wait_for_another_try(relay, &refused);
    marks
}

/// What the sweeper sent comes back by itself; the rest waits its turn.
fn wait_for_another_try(relay: &Relay, refused: &[&Settled]) {
    let now = Instant::now();
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

/// Writes the publish history. It is for people: what it misses, nothing else misses.
pub async fn log(relay: &Relay, mut lines: mpsc::Receiver<Vec<Settled>>) {
    let mut batches = Vec::new();
    while lines.recv_many(&mut batches, WAITING_LINES).await > 0 {
        let published: Vec<Published<'_>> = batches.iter().flatten().map(line).collect();
        let mut halves = Halves::of(&published);
        while let Some(part) = halves.next_part() {
            if let Err(error) = history::log(&relay.db, part).await {
                halves.failed(part, error);
            }
        }
        let Failed { refused, waiting } = halves.end();
        let left = refused.len() + waiting.as_ref().map_or(0, |(lines, _)| lines.len());
        let why = refused.first().map(|(_, error)| error);
        if let Some(error) = why.or(waiting.as_ref().map(|(_, error)| error)) {
            tracing::warn!(%error, lines = left, "cannot write the publish history");
        }
        batches.clear();
    }
}

fn line(settled: &Settled) -> Published<'_> {
    Published {
        copy: &settled.copy,
        outcome: match &settled.outcome {
            Ok(sequence) => Ok(*sequence),
            Err(Refusal::Permanent(why) | Refusal::Temporary(why) | Refusal::Untaken(why)) => {
                Err(why)
            }
        },
        latency_ms: settled.latency_ms,
    }
}
