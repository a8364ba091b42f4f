//! One delivery: from a claim to its result. Waits for a place without losing the claim, calls, hands the result to the recorder.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{AckKind, message::Acker};
use sqlx::{Postgres, pool::PoolConnection};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{
    attempt::{attempt, deadline},
    host::Guest,
    recorder::{Finished, acknowledge},
    worker::Crew,
};
use crate::{
    error::Result,
    store::delivery::{Claim, release, renew},
};

/// A call begins only if its lease outlasts its deadline by this part of the slack.
const MARGIN: u32 = 3;
/// Well below the shortest sensible ack wait.
const PROGRESS: Duration = Duration::from_secs(10);
/// Between two looks whether PostgreSQL is there again.
const AGAIN: Duration = Duration::from_secs(1);

/// What a claim took hold of, and since when: a moment before its lease began.
struct Held {
    claim: Claim,
    message: Option<Acker>,
    since: Instant,
    guest: Guest,
    place: OwnedSemaphorePermit,
}

/// The two places that a call needs: at its host, and among the calls of this worker.
type Places = (Option<OwnedSemaphorePermit>, Option<OwnedSemaphorePermit>);

impl Crew {
    /// Starts the deliveries of claims made by the queue path.
    pub fn deliver_all(
        self: &Arc<Self>,
        claims: Vec<Claim>,
        since: Instant,
        mut places: OwnedSemaphorePermit,
    ) {
        for claim in claims {
            if let Some(place) = places.split(1) {
                self.deliver(claim, None, since, place);
            }
        }
    }

    /// Starts one delivery; `since` is a moment before its lease began.
    pub fn deliver(
        self: &Arc<Self>,
        claim: Claim,
        message: Option<Acker>,
        since: Instant,
        place: OwnedSemaphorePermit,
    ) {
        self.counters.claimed.inc();
        self.counters.took_over.inc_by(claim.took_over.into());
        self.counters.ambiguous.inc_by(claim.ambiguous.into());
        self.counters.claimed_for(claim.webhook_id);
        let guest = self.shared.hosts.enter(claim.webhook_id, &claim.url);
        let held = Held {
            claim,
            message,
            since,
            guest,
            place,
        };
        let crew = self.clone();
        tokio::spawn(async move {
            crew.counters.in_flight.inc();
            crew.carry_out(held).await;
            crew.counters.in_flight.dec();
        });
    }

    async fn carry_out(&self, held: Held) {
        let places = match self.wait_for_places(&held).await {
            Ok(Wait::Places(places)) => places,
            Ok(Wait::Lost) => {
                // Somebody else has it, or will have it when the lease ends; the message has nothing to add.
                if let Some(message) = &held.message {
                    acknowledge(message, &self.counters).await;
                }
                return;
            }
            Ok(Wait::Stop) => return self.let_go(&held, AckKind::Nak(None)).await,
            // The sweeper brings its message back when the circuit lets it through.
            Ok(Wait::Rest) => return self.let_go(&held, AckKind::Ack).await,
            // Nobody knows whether it is still ours; that it was not called is certain.
            Err(error) => {
                self.counters
                    .trouble(format!("cannot renew a lease: {error}"));
                return self.let_go(&held, AckKind::Nak(None)).await;
            }
        };
        if self
            .shared
            .http
            .pauses()
            .of(held.claim.webhook_id)
            .is_some()
        {
            drop(places);
            return self.not_called(&held).await;
        }
        let outcome = {
            let call = attempt(&self.shared.http, &held.claim);
            tokio::pin!(call);
            let mut tick = tokio::time::interval_at(Instant::now() + PROGRESS, PROGRESS);
            loop {
                tokio::select! {
                    outcome = &mut call => break outcome,
                    _ = tick.tick() => progress(held.message.as_ref()).await,
                }
            }
        };
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(trouble) => {
                drop(places);
                let webhook = held.claim.webhook_id;
                self.counters
                    .trouble(format!("webhook {webhook}: not called: {trouble}"));
                return self.not_called(&held).await;
            }
        };
        // Before its place is free: whoever gets it reads this note.
        if let Some(ms) = outcome.asked_ms {
            let pause = Duration::from_millis(ms.unsigned_abs());
            self.shared.rests.note(held.claim.webhook_id, pause);
        }
        drop(places);
        let Held {
            claim,
            message,
            guest,
            place,
            ..
        } = held;
        drop(guest);
        if let Some(error) = &outcome.error {
            tracing::debug!(webhook = claim.webhook_id, call = claim.call_id, attempt = claim.attempt, %error, "a call failed");
            self.counters
                .trouble(format!("webhook {}: {error}", claim.webhook_id));
        }
        let finished = Finished {
            outcome,
            message,
            place,
        };
        let _ = self.results.send(finished).await;
    }

    /// Trouble of this worker's own: no attempt is spent, and the event comes back when the pause is over.
    async fn not_called(&self, held: &Held) {
        let webhook = held.claim.webhook_id;
        let pause = self.shared.http.pauses().of(webhook);
        let remembered = self.shared.hosts.remember(webhook);
        let answer = if remembered {
            AckKind::Ack
        } else {
            AckKind::Nak(pause)
        };
        self.let_go(held, answer).await;
    }

    /// Waits for both places, holding on to the claim meanwhile; a lease that does not outlast the call is renewed.
    async fn wait_for_places(&self, held: &Held) -> Result<Wait> {
        let places = async |guest: &Guest| -> Places {
            let at_host = guest.place().await;
            (at_host, self.calls.clone().acquire_owned().await.ok())
        };
        let mut tick = tokio::time::interval_at(Instant::now() + PROGRESS / 4, PROGRESS / 4);
        let (mut told, mut renewed) = (Instant::now(), held.since);
        let waited = {
            let wait = places(&held.guest);
            tokio::pin!(wait);
            loop {
                tokio::select! {
                    biased;
                    waited = &mut wait => break waited,
                    () = self.stop.wait() => return Ok(Wait::Stop),
                    _ = tick.tick() => {}
                }
                if told.elapsed() >= PROGRESS {
                    progress(held.message.as_ref()).await;
                    told = Instant::now();
                }
                if !self.may_call(held) {
                    return Ok(Wait::Rest);
                }
                match self.still_ours(&held.claim, renewed).await? {
                    Some(since) => renewed = since,
                    None => return Ok(Wait::Lost),
                }
            }
        };
        Ok(match self.still_ours(&held.claim, renewed).await? {
            Some(_) if !self.may_call(held) => Wait::Rest,
            Some(_) => Wait::Places(waited),
            None => Wait::Lost,
        })
    }

    fn may_call(&self, held: &Held) -> bool {
        self.shared.rests.allow(held.claim.webhook_id, held.since)
    }

    /// Does the lease outlast a call that begins now? Renewed by compare-and-set if not. Since when it holds; `None`: it is lost.
    async fn still_ours(&self, claim: &Claim, since: Instant) -> Result<Option<Instant>> {
        let deadline = deadline(claim);
        let slack = Duration::from_millis(self.holder.slack_ms.unsigned_abs().into());
        let lease = deadline + slack;
        if since.elapsed() + deadline + slack / MARGIN < lease {
            return Ok(Some(since));
        }
        let lease_ms = i32::try_from(lease.as_millis()).unwrap_or(i32::MAX);
        let now = Instant::now();
        let held = renew(&self.db, &self.holder.id, claim, lease_ms).await?;
        Ok(held.then_some(now))
    }

    /// Not called after all: the event is free at once, for whoever goes on, and has spent no attempt. Else it would be named
    /// ambiguous when its lease ends.
    async fn let_go(&self, held: &Held, answer: AckKind) {
        let released = match self.connection().await {
            Ok(mut connection) => release(&mut connection, &self.holder.id, &held.claim).await,
            Err(error) => Err(error),
        };
        match released {
            Ok(()) => {
                if let Some(message) = &held.message {
                    let _ = message.ack_with(answer).await;
                }
            }
            // Then its lease ends by itself.
            Err(error) => tracing::warn!(%error, "cannot let a claim go"),
        }
    }

    /// Waits for PostgreSQL to be there, unless asked to stop.
    async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        loop {
            match self.db.pool().acquire().await {
                Err(_) if !self.stop.asked() => self.stop.pause(AGAIN).await,
                connection => return Ok(connection?),
            }
        }
    }
}

enum Wait {
    Places(Places),
    /// Another worker holds the event.
    Lost,
    Stop,
    /// The endpoint is left alone.
    Rest,
}

async fn progress(message: Option<&Acker>) {
    if let Some(message) = message {
        let _ = message.ack_with(AckKind::Progress).await;
    }
}
