//! One delivery: from a claim to its result. Waits for a place without losing the claim, calls, hands the result to the recorder.

use std::{sync::Arc, time::Duration};

use sha2::{Digest, Sha256};
use sqlx::{Postgres, pool::PoolConnection};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::{
    Crew,
    attempt::{attempt, deadline},
    host_limits::Guest,
    leave::Answer,
    recorder::{Finished, acknowledge},
};
use crate::{
    bus::{AckKind, Acker},
    error::{Error, Result},
    store::{
        delivery::{Claim, Renewal, hold, release, renew},
        record::{AttemptResult, Cannot, Stuck, set_aside},
    },
};

/// A call begins only if its lease outlasts its deadline by this part of the slack.
const MARGIN: u32 = 3;
/// Well below the shortest sensible ack wait.
const PROGRESS: Duration = Duration::from_secs(10);
/// Between two looks whether PostgreSQL is there again.
const AGAIN: Duration = Duration::from_secs(1);
/// What was claimed, or asked for, longer ago asks once more whether it may be called: after a fence or a switch-off nothing may start
/// later than a second.
const FRESH: Duration = Duration::from_millis(500);
/// What cannot be read is tried so often: each try may cost PostgreSQL seconds and a gigabyte.
const READS: u32 = 2;
/// A payload takes as much room here as it may grow when it is read.
const GROWTH: usize = 4;
/// Of the memory for payloads, so much is one permit.
pub const ROOM_UNIT: usize = 1024;
/// Memory for payloads that are read at their call, together.
pub const ROOM: usize = 64 << 20;

/// What a claim took hold of, and since when: a moment before its lease began.
struct Held {
    claim: Claim,
    message: Option<Acker>,
    since: Instant,
    guest: Guest,
    place: OwnedSemaphorePermit,
}

/// What a call needs: a place at its host and one among the calls of this worker, and room for a payload that is read at the call.
struct Places {
    _at_host: Option<OwnedSemaphorePermit>,
    _here: Option<OwnedSemaphorePermit>,
    _room: Option<OwnedSemaphorePermit>,
}

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

    async fn carry_out(&self, mut held: Held) {
        let (places, renewed) = match self.wait_for_leave(&mut held).await {
            Ok(Wait::Leave(places, renewed)) => (places, renewed),
            Ok(Wait::Lost) => {
                // Somebody else has it, or will have it when the lease ends; the message has nothing to add.
                if let Some(message) = &held.message {
                    acknowledge(message, &self.counters).await;
                }
                return;
            }
            Ok(Wait::Stop) => return self.let_go(&held, AckKind::Nak(None)).await,
            // The sweeper brings its message back when NATS may deliver it after all.
            Ok(Wait::Rest) => return self.let_go(&held, AckKind::Ack).await,
            Ok(Wait::Unreadable(why)) => return self.unreadable(&held, why).await,
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
        let sent = held
            .claim
            .in_ledger
            .then(|| Sha256::digest(held.claim.payload.as_bytes()).to_vec());
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
            Ok(outcome) => AttemptResult { sent, ..outcome },
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
        // Whatever keeps its result from being written, the claim lives until it is.
        self.keeper
            .keep(Finished::mine(&outcome), renewed + self.lease(&claim));
        let finished = Finished {
            outcome,
            message,
            place: Some(place),
        };
        let _ = self.results.send(finished).await;
    }

    /// Trouble of this worker's own: no attempt is spent, and the event comes back when the pause is over.
    async fn not_called(&self, held: &Held) {
        let webhook = held.claim.webhook_id;
        let hosts = &self.shared.hosts;
        if held.message.is_none() || !hosts.remembers() {
            let pause = self.shared.http.pauses().of(webhook);
            return self.let_go(held, AckKind::Nak(pause)).await;
        }
        self.let_go(held, AckKind::Ack).await;
        hosts.pass_over(webhook);
    }

    /// Waits for both places, holding on to the claim meanwhile; a lease that does not outlast the call is renewed, and what may not be
    /// called any more is given back.
    async fn wait_for_leave(&self, held: &mut Held) -> Result<Wait> {
        let places = async |guest: &Guest| {
            let at_host = guest.place().await;
            let here = self.calls.clone().acquire_owned().await.ok();
            (at_host, here)
        };
        let mut tick = tokio::time::interval_at(Instant::now() + FRESH, FRESH);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut told, mut renewed, mut asked) = (Instant::now(), held.since, held.since);
        let (at_host, here) = {
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
                if !self.may_call(&held.claim, held.since) {
                    return Ok(Wait::Rest);
                }
                match self.still_ours(&held.claim, renewed).await? {
                    Some(since) => renewed = since,
                    None => return Ok(Wait::Lost),
                }
                asked = Instant::now();
                if let Some(end) = self.ask(&mut held.claim, false).await? {
                    return Ok(end);
                }
            }
        };
        if held.claim.whole
            && asked.elapsed() >= FRESH
            && let Some(end) = self.ask(&mut held.claim, false).await?
        {
            return Ok(end);
        }
        let mut room = None;
        if !held.claim.whole {
            let bytes = usize::try_from(held.claim.size).unwrap_or(0) * GROWTH;
            let units = bytes.div_ceil(ROOM_UNIT).clamp(1, ROOM / ROOM_UNIT);
            let units = u32::try_from(units).unwrap_or(u32::MAX);
            let room_free = self.shared.room.clone().acquire_many_owned(units);
            room = Some(tokio::select! {
                room = room_free => room,
                () = self.stop.wait() => return Ok(Wait::Stop),
            });
        }
        match self.still_ours(&held.claim, renewed).await? {
            Some(since) => renewed = since,
            None => return Ok(Wait::Lost),
        }
        if !held.claim.whole
            && let Some(end) = self.ask(&mut held.claim, true).await?
        {
            return Ok(end);
        }
        if !self.may_call(&held.claim, held.since) {
            return Ok(Wait::Rest);
        }
        let places = Places {
            _at_host: at_host,
            _here: here,
            _room: room.and_then(std::result::Result::ok),
        };
        Ok(Wait::Leave(places, renewed))
    }

    /// May this claim be called still? If so it is called as its webhook stands now; `at_call`: with its payload, where that was not
    /// read yet. `Some`: how its wait ends instead.
    async fn ask(&self, claim: &mut Claim, at_call: bool) -> Result<Option<Wait>> {
        let wanted = at_call && !claim.whole;
        let size = usize::try_from(claim.size).unwrap_or(0);
        let answer = self
            .leaves
            .ask(claim.mine(), wanted.then_some(size))
            .await?;
        Ok(match answer {
            Answer::Yes(leave) => {
                claim.url = leave.url;
                claim.method = leave.method;
                match leave.headers {
                    Some(headers) => claim.headers = headers,
                    None => claim.whole = false,
                }
                claim.secret = leave.secret;
                // Not longer than its lease was made for.
                claim.timeout_ms = claim.timeout_ms.min(leave.timeout_ms);
                if let Some(payload) = leave.payload {
                    claim.payload = payload;
                }
                None
            }
            Answer::No => Some(Wait::Rest),
            Answer::Lost => Some(Wait::Lost),
            Answer::Unreadable(why) => Some(Wait::Unreadable(why)),
        })
    }

    fn may_call(&self, claim: &Claim, since: Instant) -> bool {
        self.shared.rests.allow(claim.webhook_id, since)
    }

    fn slack(&self) -> Duration {
        Duration::from_millis(self.holder.slack_ms.unsigned_abs().into())
    }

    fn lease(&self, claim: &Claim) -> Duration {
        deadline(claim) + self.slack()
    }

    /// Does the lease outlast a call that begins now? Renewed by compare-and-set if not. Since when it holds; `None`: it is lost.
    async fn still_ours(&self, claim: &Claim, since: Instant) -> Result<Option<Instant>> {
        let lease = self.lease(claim);
        if since.elapsed() + deadline(claim) + self.slack() / MARGIN < lease {
            return Ok(Some(since));
        }
        let lease_ms = i32::try_from(lease.as_millis()).unwrap_or(i32::MAX);
        let now = Instant::now();
        let worker = &self.holder.id;
        Ok(match renew(&self.db, worker, claim, lease_ms).await? {
            Renewal::Held => Some(now),
            Renewal::Lost => None,
            Renewal::Locked => {
                let mut connection = self.db.pool().acquire().await?;
                let held = hold(&mut connection, worker, &[claim.mine()], lease_ms).await?;
                // Said too late, it holds nothing: somebody may have the event by now.
                (held == [claim.call_id] && since.elapsed() < lease).then_some(now)
            }
        })
    }

    /// PostgreSQL cannot read its payload or its webhook's settings: tried again a few times, then set aside by name.
    async fn unreadable(&self, held: &Held, why: Error) {
        let claim = &held.claim;
        self.counters.trouble(format!(
            "webhook {}: call {} cannot be read: {why}",
            claim.webhook_id, claim.call_id
        ));
        if self.refusals.tries(claim.call_id) < READS {
            return self.let_go(held, AckKind::Ack).await;
        }
        let stuck = Stuck {
            call_id: claim.call_id,
            event_id: claim.mine().event_id,
            webhook_id: claim.webhook_id,
            attempt: Some(claim.attempt),
            cannot: Cannot::Read,
            reason: why.to_string(),
            delivered: false,
            http_status: None,
        };
        self.set_aside(&[stuck]).await;
        if let Some(message) = &held.message {
            acknowledge(message, &self.counters).await;
        }
    }

    /// Sets these aside, and says so.
    pub async fn set_aside(&self, stuck: &[Stuck]) {
        if stuck.is_empty() {
            return;
        }
        match set_aside(&self.db, &self.holder.id, stuck).await {
            Ok(done) => {
                self.counters.stuck.inc_by(done.len() as u64);
                for one in stuck.iter().filter(|one| done.contains(&one.call_id)) {
                    self.refusals.forget(one.call_id);
                    tracing::error!(
                        event = one.event_id, call = one.call_id, webhook = one.webhook_id, reason = %one.reason,
                        "set aside: nothing sends it until a person decides; `wavegate dead list` shows it"
                    );
                }
            }
            // Tried again with the next refusal.
            Err(error) => tracing::warn!(%error, "cannot set events aside"),
        }
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
    /// It may be called now; its lease began then.
    Leave(Places, Instant),
    /// Another worker holds the event.
    Lost,
    Stop,
    /// Fenced, switched off, or the endpoint is left alone.
    Rest,
    Unreadable(Error),
}

async fn progress(message: Option<&Acker>) {
    if let Some(message) = message {
        let _ = message.ack_with(AckKind::Progress).await;
    }
}
