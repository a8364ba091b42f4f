//! The NATS path: pulls messages, asks the ledger for their events, delivers what it may, acknowledges all of them. What came while
//! its host had no room is taken from the ledger when there is.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};
use tokio::{sync::OwnedSemaphorePermit, time::sleep};

use super::{Crew, NatsSource, recorder::acknowledge, verdicts::verdicts};
use crate::dataplane::counters::Counters;
use crate::{
    bus::{self, Acker, Label, Message, Puller},
    error::Result,
    model::Backoff,
    store::delivery::{Claim, ClaimVerdict, PassedOver, Seen, passed_over},
};

const LARGEST_BATCH: usize = 200;
/// After so long without a message the consumer is looked for.
const SILENCE: Duration = Duration::from_secs(3);
/// A row that somebody works on is asked for again so often, after a pause that doubles. Then the sweeper brings the event back.
const BUSY_TRIES: u32 = 8;
const BUSY: Backoff = Backoff::new(10, 1000);
/// So often with its place in the worker; then it is somebody's lock, and the place is for others.
const TRIES_IN_PLACE: u32 = 3;
/// While NATS or PostgreSQL is away.
const AWAY: Backoff = Backoff::new(100, 1000);
/// How long a dedicated worker waits for a webhook to serve.
const NOBODY: Duration = Duration::from_secs(1);
/// How often hosts are looked at that had no room.
const CATCH_UP: Duration = Duration::from_millis(20);

/// Pulls and delivers until asked to stop; returns when nothing new will be claimed.
pub async fn run(crew: &Arc<Crew>, source: &NatsSource) {
    tokio::join!(pull_on(crew, source), catch_up(crew));
}

async fn pull_on(crew: &Arc<Crew>, source: &NatsSource) {
    let mut trouble = 0;
    while !crew.stop.asked() {
        match pull(crew, source, &mut trouble).await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot pull messages; trying again");
                let why = if source.bus.is_up() {
                    error.to_string()
                } else {
                    source.bus.not_connected()
                };
                crew.pulse.fails(&why);
                crew.counters.trouble(why);
                trouble += 1;
                crew.stop.pause(AWAY.after(trouble)).await;
            }
        }
    }
}

/// Opens the consumer, making it where it is missing, and pulls batch after batch.
async fn pull(crew: &Arc<Crew>, source: &NatsSource, trouble: &mut u32) -> Result<()> {
    // Stream and consumer vanish with their storage; PostgreSQL still has every event.
    let Some(stream) = bus::live_stream(&source.bus, &source.stream).await? else {
        return Err(crate::error::Error::failed(format!(
            "there is no stream {} at {}",
            source.stream,
            source.bus.place()
        )));
    };
    let Some(durable) = crew.shared.served.consumer(source, &stream).await? else {
        crew.pulse.works();
        *trouble = 0;
        crew.stop.pause(NOBODY).await;
        return Ok(());
    };
    let mut puller = Puller::open(&source.bus, &source.stream, &durable).await?;
    let pulled = pull_from(crew, source, &durable, &mut puller, trouble).await;
    puller.close().await;
    pulled
}

async fn pull_from(
    crew: &Arc<Crew>,
    source: &NatsSource,
    durable: &str,
    puller: &mut Puller,
    trouble: &mut u32,
) -> Result<()> {
    let mut looked = Instant::now();
    while !crew.stop.asked() {
        // Whom it serves has changed: there is another consumer for that.
        if crew.shared.served.durable(&source.consumer).name != durable {
            return Ok(());
        }
        // Nothing can be called just now, for trouble of our own.
        if let Some(pause) = crew.shared.http.pauses().of_process() {
            crew.stop.pause(pause).await;
        }
        let room = crew.shared.hosts.room().await;
        let Some(places) = crew.places(room.min(LARGEST_BATCH)).await else {
            return Ok(());
        };
        let received = one_batch(crew, puller, places).await?;
        if received == 0 && !source.bus.is_up() {
            crew.stop.pause(Duration::from_millis(50)).await;
        }
        if received == 0
            && let Some(denied) = source.bus.denied()
        {
            return Err(crate::error::Error::failed(format!(
                "no messages from the consumer {durable}: NATS says: {denied}"
            )));
        }
        if received == 0 && looked.elapsed() >= SILENCE {
            // To a pull from a consumer that is gone nobody answers: that looks like a quiet stream.
            if bus::live_consumer(&source.bus, &source.stream, durable)
                .await?
                .is_none()
            {
                return Err(crate::error::Error::failed(format!(
                    "the consumer {durable} is gone"
                )));
            }
            looked = Instant::now();
        }
        crew.pulse.works();
        *trouble = 0;
    }
    Ok(())
}

/// Takes what one pull brings; returns how many messages came.
async fn one_batch(
    crew: &Arc<Crew>,
    puller: &mut Puller,
    mut places: OwnedSemaphorePermit,
) -> Result<usize> {
    puller.ask(places.num_permits()).await?;
    let mut received = 0;
    // What is there already is claimed in one statement.
    while let Some(messages) = puller.next(LARGEST_BATCH).await? {
        Counters::add(&crew.counters.received, messages.len());
        received += messages.len();
        // A message of an earlier pull, which came late, waits for a place of its own.
        let more = messages.len().saturating_sub(places.num_permits());
        if more > 0 {
            match crew.places_for(more).await {
                Some(more) => places.merge(more),
                None => {
                    puller.put_back(messages).await;
                    continue;
                }
            }
        }
        if let Some(mine) = places.split(messages.len()) {
            tokio::spawn(handle(crew.clone(), messages, mine));
        }
    }
    Ok(received)
}

struct Held {
    webhook_id: i32,
    /// `None`: PostgreSQL has it.
    payload: Option<String>,
    /// `None`: out of the ledger, without a message.
    acker: Option<Acker>,
}

/// What the webhook receives: out of its envelope, where the message has one.
fn payload(label: &Label, message: &[u8]) -> String {
    let inside = label
        .envelope
        .then(|| bus::unwrap_envelope(message))
        .flatten();
    inside.unwrap_or_else(|| String::from_utf8_lossy(message).into_owned())
}

/// Takes what was passed over, as fast as the hosts take it.
async fn catch_up(crew: &Arc<Crew>) {
    while !crew.stop.asked() {
        crew.stop.pause(CATCH_UP).await;
        let (mut noted, room) = crew.shared.hosts.passed_over();
        let pauses = crew.shared.http.pauses();
        let paused = pauses.webhooks();
        noted.retain(|(webhook, _)| !paused.contains(webhook));
        if noted.is_empty() || pauses.of_process().is_some() {
            continue;
        }
        let Some(places) = crew.places(room.min(LARGEST_BATCH)).await else {
            return;
        };
        fastrand::shuffle(&mut noted);
        let webhooks: Vec<i32> = noted.iter().map(|(webhook, _)| *webhook).collect();
        let limit = places.num_permits();
        let of_each = number(limit.div_ceil(webhooks.len()));
        match passed_over(&crew.db, &webhooks, of_each, number(limit)).await {
            Ok(events) => {
                for (webhook, moment) in noted {
                    if !events.iter().any(|event| event.webhook_id == webhook) {
                        crew.shared.hosts.caught_up(webhook, moment);
                    }
                }
                take(crew, events, places).await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot look for events that were passed over; trying again");
                crew.counters.trouble(format!("cannot look: {error}"));
                crew.stop.pause(Duration::from_millis(500)).await;
            }
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Claims events that came without a message and starts their deliveries.
async fn take(crew: &Arc<Crew>, events: Vec<PassedOver>, places: OwnedSemaphorePermit) {
    let mut held: HashMap<String, Vec<Held>> = HashMap::new();
    let mut asked = Vec::with_capacity(events.len());
    for event in events {
        asked.push(Seen {
            event_id: event.event_id.clone(),
            webhook_id: event.webhook_id,
            copy: event.copy,
            room: true,
        });
        held.entry(event.event_id).or_default().push(Held {
            webhook_id: event.webhook_id,
            payload: None,
            acker: None,
        });
    }
    claim_all(crew, asked, held, places).await;
}

/// Claims the events of these messages and starts their deliveries.
async fn handle(crew: Arc<Crew>, messages: Vec<Message>, places: OwnedSemaphorePermit) {
    let mut held: HashMap<String, Vec<Held>> = HashMap::new();
    let mut asked: Vec<Seen> = Vec::new();
    for message in messages {
        if message.info().is_ok_and(|info| info.delivered > 1) {
            Counters::add(&crew.counters.redelivered, 1);
        }
        let label = Label::read(message.headers.as_ref());
        let (message, acker) = message.split();
        let Some(label) = label else {
            strange(&crew, &acker, message.subject.as_str()).await;
            continue;
        };
        // Another webhook's, which the shared consumer has too: nothing is noted of it.
        if !crew.shared.served.serves(label.webhook_id) {
            acknowledge(&acker, &crew.counters).await;
            continue;
        }
        held.entry(label.event_id.clone()).or_default().push(Held {
            webhook_id: label.webhook_id,
            payload: Some(payload(&label, &message.payload)),
            acker: Some(acker),
        });
        asked.push(Seen {
            event_id: label.event_id,
            webhook_id: label.webhook_id,
            copy: label.copy,
            room: true,
        });
    }
    claim_all(&crew, asked, held, places).await;
}

/// Asks until every event has its verdict. What is locked for longer keeps neither a place nor its payload meanwhile.
async fn claim_all(
    crew: &Arc<Crew>,
    mut asked: Vec<Seen>,
    mut held: HashMap<String, Vec<Held>>,
    places: OwnedSemaphorePermit,
) {
    let mut tries = 0;
    let mut kept = Some(places);
    while !asked.is_empty() && tries < BUSY_TRIES {
        let places_now = match kept.take() {
            Some(places) => Some(places),
            None => crew.places_for(asked.len()).await,
        };
        let Some(mut places) = places_now else {
            return;
        };
        let room = crew
            .shared
            .hosts
            .admit(asked.iter().map(|seen| seen.webhook_id));
        let paused = crew.shared.http.pauses().webhooks();
        for (seen, room) in asked.iter_mut().zip(room) {
            seen.room = room && !paused.contains(&seen.webhook_id);
        }
        match claim(crew, &asked, &mut held, &mut places).await {
            Ok(busy) => {
                tries += 1;
                asked.retain(|seen| busy.contains(&seen.event_id));
                if tries < TRIES_IN_PLACE {
                    kept = places.split(asked.len());
                } else {
                    for copy in held.values_mut().flatten() {
                        copy.payload = None;
                    }
                }
                drop(places);
                // After the last try there is nothing to wait for.
                if !asked.is_empty() && tries < BUSY_TRIES {
                    sleep(BUSY.after(tries)).await;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot claim events; trying again");
                crew.counters.trouble(format!("cannot claim: {error}"));
                if crew.stop.asked() {
                    // Without a verdict nothing is acknowledged: the messages come again.
                    return;
                }
                kept = Some(places);
                crew.stop.pause(Duration::from_millis(500)).await;
            }
        }
    }
    for copies in held.into_values() {
        settle(crew, Some(copies)).await;
    }
}

/// One claim statement and what follows from it; returns the events to ask for again.
async fn claim(
    crew: &Arc<Crew>,
    asked: &[Seen],
    held: &mut HashMap<String, Vec<Held>>,
    places: &mut OwnedSemaphorePermit,
) -> Result<Vec<String>> {
    let since = tokio::time::Instant::now();
    let answers = verdicts(crew, asked).await?;
    // Only now are they noted in the ledger, where `catch_up` looks.
    let hosts = &crew.shared.hosts;
    let passed_over = asked.iter().filter(|seen| !seen.room);
    for seen in passed_over.filter(|_| hosts.remembers()) {
        hosts.pass_over(seen.webhook_id);
    }
    let mut busy = Vec::new();
    for (event_id, verdict) in answers {
        let (mut claim, digest) = match verdict {
            ClaimVerdict::Busy => {
                busy.push(event_id);
                continue;
            }
            ClaimVerdict::Claimed(claim, digest) => (claim, digest),
            ClaimVerdict::Unknown => {
                if crew.counters.first_unknown() {
                    tracing::warn!(
                        event = %event_id,
                        "the stream holds messages of events that this database does not have: if another database uses the same \
                         stream and consumer, each acknowledges what is for the other; give each a stream of its own"
                    );
                }
                Counters::add(&crew.counters.strange, 1);
                settle(crew, held.remove(&event_id)).await;
                continue;
            }
            ClaimVerdict::Closed | ClaimVerdict::Denied => {
                settle(crew, held.remove(&event_id)).await;
                continue;
            }
        };
        let mut copies = held.remove(&event_id).unwrap_or_default();
        // Only a message that names the event's own webhook was taken for it.
        let right = copies
            .iter()
            .position(|copy| copy.webhook_id == claim.webhook_id);
        let Some(first) = right.map(|at| copies.swap_remove(at)) else {
            continue;
        };
        settle(crew, Some(copies)).await;
        take_payload(crew, &mut claim, first.payload, digest.as_deref());
        if let Some(place) = places.split(1) {
            crew.deliver(*claim, first.acker, since, place);
        }
    }
    Ok(busy)
}

/// The bytes are PostgreSQL's: a message's payload is taken where it is the one that the event was born with. Any other is read from the
/// outbox at the call.
fn take_payload(crew: &Crew, claim: &mut Claim, payload: Option<String>, digest: Option<&[u8]>) {
    match (payload, digest) {
        (Some(payload), Some(digest)) if Sha256::digest(payload.as_bytes())[..] == *digest => {
            claim.payload = payload;
        }
        (payload, digest) => {
            claim.whole = false;
            if payload.is_some() && digest.is_some() {
                if Counters::get(&crew.counters.other_bytes) == 0 {
                    tracing::warn!(
                        event = claim.event_id,
                        webhook = claim.webhook_id,
                        "a message does not hold what its event was born with; PostgreSQL's payload is sent"
                    );
                }
                Counters::add(&crew.counters.other_bytes, 1);
            }
        }
    }
}

async fn settle(crew: &Crew, copies: Option<Vec<Held>>) {
    for copy in copies.into_iter().flatten() {
        if let Some(acker) = &copy.acker {
            acknowledge(acker, &crew.counters).await;
        }
    }
}

/// Not ours: acknowledged for our consumer only, told once, and left in the stream for whoever it is for.
async fn strange(crew: &Crew, acker: &Acker, subject: &str) {
    if Counters::get(&crew.counters.strange) == 0 {
        tracing::warn!(
            subject,
            "the stream holds messages that wavegate did not publish; they are passed over"
        );
    }
    Counters::add(&crew.counters.strange, 1);
    acknowledge(acker, &crew.counters).await;
}
