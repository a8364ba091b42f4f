//! Reads what is to be published and sends it, many at a time; never waits for an answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, mpsc};

use super::{
    Relay,
    able::Work,
    doubtful::{self, Events},
    in_flight::{InFlight, Sent, Settled, Ticket},
    message::Form,
    poison,
};
use crate::dataplane::{
    pause::Pause,
    split::{Failed, Halves},
};
use crate::{
    bus::{Acknowledgements, Label, Publisher, Refusal, pipeline},
    error::Result,
    store::outbox::{self, Copy, Cursors, Read, Wanted, partition},
};

/// How long an empty outbox is left alone.
const POLL: Duration = Duration::from_millis(50);
/// Neighbours commit in another order than they drew their `seq`: every so often the last thousand are looked at again,
const LOOK_BACK: Duration = Duration::from_millis(100);
const NEIGHBOURS: i64 = 1000;
/// and everything from the oldest event on: a transaction may commit long after it drew its `seq`, and a fence may be lifted.
const FULL_LOOK: Duration = Duration::from_secs(3);
/// Where dead entries make that look slow, it comes after so many times as long, within seconds.
const BETWEEN_FULL_LOOKS: Pause = Pause::new(FULL_LOOK, 20, 8);
const BATCH: usize = 1024;
/// Payload that one read may bring; one payload may be larger, and is read alone.
const READ_BYTES: usize = 4 << 20;
/// On its way at most: so many bytes, where the smallest message counts as much as SMALLEST.
const WINDOW: usize = 32 << 20;
const SMALLEST: usize = 4 << 10;

/// Copies that the sweeper wants published.
pub struct Again {
    pub copies: Vec<Copy>,
    pub ticket: Ticket,
}

struct Sender<'a> {
    relay: &'a Relay,
    publisher: &'a Publisher,
    air: &'a InFlight,
    doubts: mpsc::Sender<Events>,
    late: mpsc::Receiver<Vec<Copy>>,
    window: Arc<Semaphore>,
    /// Of a payload, lately.
    mean_bytes: usize,
    looked: Instant,
    looked_fully: Instant,
    full_look_every: Duration,
    was_down: bool,
}

fn place(copy: &Copy) -> (i64, i32) {
    (copy.seq, partition(copy.webhook_id))
}

/// Carries until asked to stop; then what is on its way arrives.
pub async fn carry(
    relay: &Relay,
    results: mpsc::UnboundedSender<Settled>,
    extra: mpsc::Receiver<Again>,
) {
    let Some((publisher, mut answers)) = open(relay).await else {
        return;
    };
    let air = InFlight::new(results);
    let (doubts, asked) = mpsc::channel(doubtful::WAITING);
    let (read, late) = mpsc::channel(1);
    let now = Instant::now();
    let sender = Sender {
        relay,
        publisher: &publisher,
        air: &air,
        doubts,
        late,
        window: Arc::new(Semaphore::new(WINDOW)),
        mean_bytes: READ_BYTES / BATCH,
        looked: now,
        looked_fully: now,
        full_look_every: FULL_LOOK,
        was_down: false,
    };
    let bus = &relay.options.bus;
    let carrying = async {
        tokio::join!(
            sender.run(extra),
            doubtful::read(relay, READ_BYTES as i64, asked, read),
        );
    };
    tokio::select! {
        () = carrying => {}
        () = air.land(&mut answers, bus) => {}
    }
    // All in the air land, or are overdue.
    tokio::select! {
        () = air.clear() => {}
        () = air.land(&mut answers, bus) => {}
    }
}

/// Only a client that was closed cannot subscribe.
async fn open(relay: &Relay) -> Option<(Publisher, Acknowledgements)> {
    while !relay.stop.asked() {
        match pipeline(&relay.options.bus, &relay.options.stream.name).await {
            Ok(opened) => return Some(opened),
            Err(error) => relay.vitals.trouble(format!("publishing: {error}")),
        }
        relay.stop.pause(Duration::from_secs(1)).await;
    }
    None
}

impl Sender<'_> {
    async fn run(mut self, mut extra: mpsc::Receiver<Again>) {
        let relay = self.relay;
        while !relay.stop.asked() {
            if let Ok(again) = extra.try_recv()
                && let Err(error) = self.send_again(again).await
            {
                relay.vitals.trouble(format!("publishing again: {error}"));
            }
            let round = self.round().await;
            if round.is_ok() && relay.board(|board| board.waiting().is_empty()) {
                relay.carrying.works();
            } else {
                relay.carrying.turned();
            }
            match round {
                Ok(true) => {}
                Ok(false) => relay.stop.pause(POLL).await,
                Err(error) => {
                    relay.worked(Work::Reading, Err(&error));
                    relay.carrying.fails(&error.to_string());
                    relay.vitals.trouble(format!("reading the outbox: {error}"));
                    relay.stop.pause(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Sends what is next. `false`: there is nothing to do for a moment.
    async fn round(&mut self) -> Result<bool> {
        let down = !self.relay.options.bus.is_up();
        if self.was_down && !down {
            self.relay.board(|board| board.release_all());
        }
        self.was_down = down;
        self.send_late().await?;
        self.probe().await?;
        let (cursors, waiting) = self
            .relay
            .board(|board| (board.start_reading(), board.waiting()));
        // While there is no connection, a few events are tried again, and the rest stays in PostgreSQL.
        if cursors.is_empty() || down && !waiting.is_empty() {
            return Ok(false);
        }
        let newest = if self.looked.elapsed() >= LOOK_BACK {
            self.look(&cursors, &waiting).await?
        } else {
            Cursors::new()
        };
        let limit = if down { 1 } else { self.limit() };
        let part = &self.relay.options.part;
        let wanted = Wanted {
            part,
            after: &cursors,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
            except: &waiting,
        };
        let of_each = (READ_BYTES / cursors.len()).max(READ_BYTES / 8);
        let db = &self.relay.db;
        let read =
            outbox::unpublished(db, wanted, i64::try_from(of_each).unwrap_or(i64::MAX)).await;
        let Read {
            copies,
            rest,
            unknown,
        } = match read {
            Err(error) if !error.is_temporary() => {
                // One of them cannot be read.
                let listed = outbox::listed(db, wanted).await?;
                let (more, _) = self
                    .relay
                    .board(|board| board.was_read(&listed, &[], limit, &newest));
                self.fetch(&listed).await?;
                return Ok(more);
            }
            read => read?,
        };
        self.relay.worked(Work::Reading, Ok(()));
        let bytes: usize = copies.iter().map(|copy| copy.payload.len()).sum();
        self.mean_bytes = bytes.checked_div(copies.len()).unwrap_or(self.mean_bytes);
        let mut events: Vec<(i64, i32)> = copies.iter().map(place).collect();
        events.extend(&unknown);
        let (more, alone) = self
            .relay
            .board(|board| board.was_read(&events, &rest, limit, &newest));
        self.send(copies, None).await?;
        self.ask(unknown).await?;
        self.fetch(&alone).await?;
        Ok(more)
    }

    /// Has these read beside the others, if not too many are already.
    async fn ask(&mut self, unknown: Events) -> Result<()> {
        if unknown.is_empty() {
            return Ok(());
        }
        let Ok(place) = self.doubts.try_reserve() else {
            return self.fetch(&unknown).await.map(|_| ());
        };
        let new = self.relay.board(|board| board.hold(unknown));
        place.send(new);
        Ok(())
    }

    /// Sends what was read beside the others.
    async fn send_late(&mut self) -> Result<()> {
        while let Ok(copies) = self.late.try_recv() {
            self.relay.board(|board| {
                for copy in &copies {
                    board.forget(copy.seq);
                }
            });
            self.send(copies, None).await?;
        }
        Ok(())
    }

    /// Reads these events and sends them, some at a time; what cannot be read is found and set aside. Returns which were read.
    async fn fetch(&mut self, events: &[(i64, i32)]) -> Result<Vec<i64>> {
        let relay = self.relay;
        let mut read = Vec::new();
        let mut halves = Halves::of(events);
        while let Some(part) = halves.next_part() {
            let mut wanted = part.to_vec();
            while !wanted.is_empty() {
                let found =
                    outbox::named(&relay.db, &relay.options.part, &wanted, READ_BYTES as i64).await;
                match found {
                    Ok(found) => {
                        read.extend(found.copies.iter().map(|copy| copy.seq));
                        self.send(found.copies, None).await?;
                        wanted = found.rest;
                    }
                    Err(error) => {
                        halves.failed(part, error);
                        break;
                    }
                }
            }
        }
        let failed = halves.end();
        if let Some((rest, _)) = &failed.waiting {
            relay.board(|board| {
                for (seq, place) in rest {
                    board.rewind(*place, *seq);
                }
            });
        }
        doubtful::set_aside(relay, failed).await?;
        Ok(read)
    }

    /// Sends what the sweeper asked for, some at a time. What could not be read now, the sweeper finds again.
    async fn send_again(&mut self, again: Again) -> Result<()> {
        let relay = self.relay;
        let ticket = Arc::new(again.ticket);
        let mut halves = Halves::of(&again.copies);
        while let Some(part) = halves.next_part() {
            let mut wanted = part.to_vec();
            while !wanted.is_empty() {
                match outbox::with_payloads(&relay.db, &wanted, READ_BYTES as i64).await {
                    Ok((copies, rest)) => {
                        self.send(copies, Some(ticket.clone())).await?;
                        wanted = rest;
                    }
                    Err(error) => {
                        halves.failed(part, error);
                        break;
                    }
                }
            }
        }
        let Failed { refused, waiting } = halves.end();
        for (copy, error) in refused {
            poison::unreadable(relay, &copy.event_id, &error).await;
        }
        waiting.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// How much to read of each partition: a batch in all, where they are all as full as they were.
    fn limit(&self) -> usize {
        let batch = (READ_BYTES / self.mean_bytes.max(1)).clamp(1, BATCH);
        self.relay.board(|board| board.share_of(batch))
    }

    /// Tries one event of each webhook whose pause is over.
    async fn probe(&mut self) -> Result<()> {
        let probes = self.relay.board(|board| board.probes(Instant::now()));
        if probes.is_empty() {
            return Ok(());
        }
        let found = self.fetch(&probes).await;
        let found = found.inspect_err(|_| self.relay.board(|board| board.unprobed(&probes)))?;
        self.relay.board(|board| board.not_found(&probes, &found));
        Ok(())
    }

    /// Looks behind the cursors and sends what was left there. Returns the newest event of each partition.
    async fn look(&mut self, cursors: &Cursors, waiting: &[i32]) -> Result<Cursors> {
        let begin = Instant::now();
        let full = self.looked_fully.elapsed() >= self.full_look_every;
        let from = cursors
            .iter()
            .map(|(place, seq)| (*place, if full { 0 } else { seq - NEIGHBOURS }))
            .collect();
        let flying = self.relay.board(|board| board.flying());
        let limit = i64::try_from(flying + BATCH).unwrap_or(i64::MAX);
        let part = &self.relay.options.part;
        let found = outbox::look(&self.relay.db, part, &from, cursors, limit, waiting).await?;
        self.looked = Instant::now();
        if full {
            self.looked_fully = self.looked;
            let cost = begin.elapsed();
            self.full_look_every = BETWEEN_FULL_LOOKS.after(cost);
            let vitals = &self.relay.vitals;
            vitals.rests("looking behind what was read", self.full_look_every, cost);
        }
        let (missing, newest) = self.relay.board(|board| board.behind(&found));
        if missing.len() > BATCH {
            // A fence was lifted, for example: it is read in its order.
            self.relay.board(|board| {
                for (seq, place) in missing {
                    board.rewind(place, seq);
                }
            });
        } else if !missing.is_empty() {
            self.fetch(&missing).await?;
        }
        Ok(newest)
    }

    /// Sends one after the other without waiting for answers, as far as the window has room.
    async fn send(&mut self, copies: Vec<Copy>, ticket: Option<Arc<Ticket>>) -> Result<()> {
        let options = &self.relay.options;
        let form = Form::of(self.relay, &copies).await?;
        for copy in self.relay.board(|board| board.take_off(copies)) {
            let weight = copy.payload.len().clamp(SMALLEST, WINDOW);
            let weight = u32::try_from(weight).unwrap_or(u32::MAX);
            let room = self.window.clone().acquire_many_owned(weight).await.ok();
            let label = Label {
                event_id: copy.event_id.clone(),
                webhook_id: copy.webhook_id,
                copy: copy.copy,
                envelope: form.is_envelope(),
            };
            let (subject, payload) = (copy.subject.clone(), form.message(&copy));
            let sent = Sent {
                copy,
                ticket: ticket.clone(),
                room,
            };
            let token = self.air.flights().leave(sent, Instant::now());
            let sent = if options.bus.is_up() {
                self.publisher.send(token, &subject, &label, payload).await
            } else {
                Err(Refusal::Temporary(options.bus.not_connected()))
            };
            if let Err(refusal) = sent {
                self.air.arrived(token, Err(refusal));
            }
        }
        Ok(())
    }
}
