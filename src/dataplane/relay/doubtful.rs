//! Events whose size nobody knows are read beside all others: one of them may take PostgreSQL seconds, and be refused then.

use tokio::sync::mpsc;

use super::{Relay, poison};
use crate::dataplane::split::{Failed, Halves};
use crate::{
    error::Error,
    store::outbox::{self, Copy},
};

/// Reads that may wait; more than these the carrier does itself.
pub const WAITING: usize = 4;

/// Events by `seq` and partition.
pub type Events = Vec<(i64, i32)>;

/// Reads what it is asked for, some at a time, until nobody asks any more. What it reads counts as in flight until it is handed on.
pub async fn read(
    relay: &Relay,
    bytes: i64,
    mut asked: mpsc::Receiver<Events>,
    read: mpsc::Sender<Vec<Copy>>,
) {
    while let Some(events) = asked.recv().await {
        let mut halves = Halves::of(&events);
        let mut handed_on = Vec::new();
        while let Some(part) = halves.next_part() {
            let mut wanted = part.to_vec();
            while !wanted.is_empty() {
                let found = outbox::named(&relay.db, &relay.options.part, &wanted, bytes).await;
                match found {
                    Ok(found) => {
                        wanted = found.rest;
                        handed_on.extend(found.copies.iter().map(|copy| copy.seq));
                        if read.send(found.copies).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => {
                        halves.failed(part, error);
                        break;
                    }
                }
            }
        }
        let failed = halves.end();
        let again = failed.waiting.as_ref().map(|(rest, _)| rest.clone());
        if let Err(error) = set_aside(relay, failed).await {
            relay.vitals.trouble(format!("reading the outbox: {error}"));
        }
        relay.board(|board| {
            for (seq, _) in events.iter().filter(|(seq, _)| !handed_on.contains(seq)) {
                board.forget(*seq);
            }
            for (seq, place) in again.iter().flatten() {
                board.rewind(*place, *seq);
            }
        });
    }
}

/// What could not be read is set aside by name; the error of what may be read later.
pub async fn set_aside(relay: &Relay, failed: Failed<'_, (i64, i32)>) -> Result<(), Error> {
    for (event, error) in failed.refused {
        if let Some(event_id) = outbox::event_of(&relay.db, *event).await? {
            poison::unreadable(relay, &event_id, &error).await;
        }
    }
    failed.waiting.map_or(Ok(()), |(_, error)| Err(error))
}
