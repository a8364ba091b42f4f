//! The relay: carries committed events from the outbox to JetStream. One leads, the others stand by.

use std::time::{Duration, Instant};

use chrono::Utc;

use super::{independent::Foreign, publisher, stop::Stop, sweeper};
use crate::{
    bus::{Bus, stream},
    error::{Kind, Result},
    model::StreamDefinition,
    store::{
        Db,
        heartbeat::{RelayBeat, beat_relay},
        lead::{self, Candidate},
        outbox::{Copy, Part, lag_ms, unpublished},
    },
};

/// How long an empty outbox is left alone.
const POLL: Duration = Duration::from_millis(50);
const SWEEP: Duration = Duration::from_millis(500);
/// From the oldest event on: a transaction may commit long after it drew its `seq`.
const FULL_LOOK: Duration = Duration::from_secs(3);
/// Every look goes back by so many: neighbours commit in another order than they drew their `seq`.
const LOOK_BACK: i64 = 1000;
const BEAT: Duration = Duration::from_secs(1);
const BATCH: i64 = 512;
/// How many events try again while publishing fails; the rest waits for them.
const PROBE: i64 = 8;
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

pub struct RelayOptions {
    pub host: String,
    pub bus: Bus,
    pub part: Part,
    pub stream: StreamDefinition,
    /// The durable of our workers, or of the foreign ones.
    pub consumer: String,
    /// Messages in the envelope of the engine's example workers.
    pub envelope: bool,
    /// Foreign workers deliver: what their durable acknowledges is delivered.
    pub independent: bool,
    /// A copy that did not lead to delivery is followed by another after this, doubling.
    pub republish_after: Duration,
}

/// Relays until asked to stop.
pub async fn relay(db: &Db, options: &RelayOptions, stop: &Stop) -> Result<()> {
    lead::ready(db).await?;
    let mut relay = Relay::new(db, options, stop);
    tokio::select! {
        outcome = relay.run() => {
            relay.beat(true).await;
            outcome
        }
        error = stop.hurry() => Err(error),
    }
}

struct Relay<'a> {
    db: &'a Db,
    options: &'a RelayOptions,
    stop: &'a Stop,
    beat: RelayBeat,
    beaten: Option<Instant>,
    counted: u64,
    published: u64,
    failed: u64,
    /// Everything up to this `seq` was published at the last full look.
    low: i64,
    foreign: Foreign,
}

/// Where the leader stands in the outbox.
struct Reading {
    after: i64,
    swept: Option<Instant>,
    looked: Instant,
    backoff: Option<Duration>,
    retry_at: Instant,
    checked: Instant,
}

impl<'a> Relay<'a> {
    fn new(db: &'a Db, options: &'a RelayOptions, stop: &'a Stop) -> Self {
        let pid = std::process::id();
        let now = Utc::now();
        Relay {
            db,
            options,
            stop,
            beat: RelayBeat {
                relay_id: format!("{}-{pid}-{:06x}", options.host, fastrand::u32(..1 << 24)),
                host: options.host.clone(),
                pid: i32::try_from(pid).unwrap_or_default(),
                started_at: now,
                seen_at: now,
                leader: false,
                published: 0,
                failed: 0,
                lag_ms: None,
                rate: None,
                last_ack_at: None,
                last_error: None,
                last_error_at: None,
                foreign_consumer: options.independent.then(|| options.consumer.clone()),
            },
            beaten: None,
            counted: 0,
            published: 0,
            failed: 0,
            low: 0,
            foreign: Foreign::default(),
        }
    }

    async fn run(&mut self) -> Result<()> {
        let mut told = false;
        let mut candidate = None;
        while !self.stop.asked() {
            match self.stand(&mut candidate).await {
                Ok(true) => {
                    tracing::info!(relay = %self.beat.relay_id, "ready: this relay leads");
                    told = true;
                    self.beat.leader = true;
                    if let Some(mut leader) = candidate.take() {
                        self.lead(&mut leader).await;
                    }
                    self.beat.leader = false;
                }
                Ok(false) if !told => {
                    tracing::info!(relay = %self.beat.relay_id, "ready: another relay leads, this one stands by");
                    told = true;
                }
                Ok(false) => {}
                Err(error) if error.kind() == Kind::Refused => return Err(error),
                Err(error) => {
                    candidate = None;
                    self.trouble(format!("cannot ask for the lead: {error}"));
                }
            }
            self.beat_if_due().await;
            self.stop.pause(BEAT).await;
        }
        Ok(())
    }

    /// Bids for the lead in a session that is kept.
    async fn stand(&self, candidate: &mut Option<Candidate>) -> Result<bool> {
        let session = match candidate {
            Some(session) => session,
            None => candidate.insert(Candidate::open(self.db, self.options.part.config_id).await?),
        };
        session.bid().await
    }

    /// Leads until asked to stop or until the lock is lost; then nothing more is published.
    async fn lead(&mut self, leader: &mut Candidate) {
        let now = Instant::now();
        let mut reading = Reading {
            after: 0,
            swept: None,
            looked: now,
            backoff: None,
            retry_at: now,
            checked: now,
        };
        while !self.stop.asked() {
            if reading.checked.elapsed() >= BEAT {
                if !matches!(leader.leads().await, Ok(true)) {
                    self.trouble("the leader's session to PostgreSQL was lost".into());
                    return;
                }
                reading.checked = Instant::now();
            }
            self.beat_if_due().await;
            if reading.swept.is_none_or(|at| at.elapsed() >= SWEEP)
                && let Err(error) = self.sweep(&mut reading).await
            {
                self.trouble(format!("sweeping: {error}"));
            }
            match self.carry(&mut reading).await {
                Ok(true) => {}
                Ok(false) => self.stop.pause(POLL).await,
                Err(error) => {
                    self.trouble(format!("publishing: {error}"));
                    self.stop.pause(Duration::from_millis(500)).await;
                }
            }
        }
    }

    async fn sweep(&mut self, reading: &mut Reading) -> Result<()> {
        let full = reading.swept.is_none() || reading.looked.elapsed() >= FULL_LOOK;
        reading.swept = Some(Instant::now());
        if full {
            reading.looked = Instant::now();
            reading.after = 0;
        }
        sweeper::tidy(self.db, full).await?;
        if !self.options.bus.is_up() {
            return Ok(());
        }
        if full && self.make_stream().await? {
            reading.retry_at = Instant::now();
        }
        if Instant::now() < reading.retry_at {
            return Ok(());
        }
        let copies = self.again(full).await?;
        if !copies.is_empty() {
            tracing::info!(
                events = copies.len(),
                "published again: their last copy cannot come any more"
            );
            self.send(&copies, reading).await?;
        }
        Ok(())
    }

    /// Events whose last copy cannot come any more.
    async fn again(&mut self, full: bool) -> Result<Vec<Copy>> {
        let options = self.options;
        if !options.independent {
            return sweeper::again(
                self.db,
                &options.bus,
                options.part,
                &options.stream.name,
                &options.consumer,
                options.republish_after,
            )
            .await;
        }
        let place = (options.stream.name.as_str(), options.consumer.as_str());
        let look = self.foreign.look(
            self.db,
            &options.bus,
            &options.part,
            place,
            options.republish_after,
        );
        let look = look.await?;
        if look.delivered > 0 {
            tracing::debug!(
                events = look.delivered,
                "acknowledged by the foreign durable"
            );
        }
        if let Some(why) = look.trouble.filter(|_| full) {
            self.trouble(why);
        }
        Ok(look.again)
    }

    /// A stream that vanished with its storage is made again, as it was wanted; one that exists is never touched.
    async fn make_stream(&self) -> Result<bool> {
        let wanted = &self.options.stream;
        if stream::live(&self.options.bus, &wanted.name)
            .await?
            .is_none()
        {
            tracing::warn!(stream = %wanted.name, "the stream is missing; making it");
            stream::ensure(&self.options.bus, wanted).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Publishes the next batch. `false`: there is nothing to do for a moment.
    async fn carry(&mut self, reading: &mut Reading) -> Result<bool> {
        if Instant::now() < reading.retry_at {
            return Ok(false);
        }
        let limit = if reading.backoff.is_some() {
            PROBE
        } else {
            BATCH
        };
        let from = reading.after - LOOK_BACK;
        let copies = unpublished(self.db, self.options.part, from, limit).await?;
        let (Some(first), Some(last)) = (copies.first(), copies.last()) else {
            return Ok(false);
        };
        let last = last.seq;
        if reading.after == 0 {
            // The lag is measured from here on: dead entries of the index before it are not read every second.
            self.low = first.seq - 1;
        }
        if !self.options.bus.is_up() {
            let why = format!("not connected to NATS at {}", self.options.bus.place());
            let probe = &copies[..copies.len().min(PROBE as usize)];
            publisher::log_failure(self.db, probe, &why).await;
            self.failed += probe.len() as u64;
            self.back_off(reading, why);
            return Ok(false);
        }
        let first_waiting = self.send(&copies, reading).await?;
        reading.after = first_waiting.map_or(last.max(reading.after), |seq| seq - 1);
        Ok(first_waiting.is_none() && i64::try_from(copies.len()).unwrap_or(0) == limit)
    }

    async fn send(&mut self, copies: &[Copy], reading: &mut Reading) -> Result<Option<i64>> {
        let sent = publisher::publish(
            self.db,
            &self.options.bus,
            &self.options.stream.name,
            copies,
            self.options.envelope,
        )
        .await?;
        self.published += sent.published;
        self.failed += sent.refused;
        if sent.published > 0 {
            self.beat.last_ack_at = Some(Utc::now());
        }
        match sent.trouble {
            Some(why) => {
                self.failed += copies.len() as u64 - sent.published - sent.refused;
                self.back_off(reading, why);
            }
            None => reading.backoff = None,
        }
        Ok(sent.first_waiting)
    }

    /// Waits longer with each failure, and not as long as other relays would.
    fn back_off(&mut self, reading: &mut Reading, why: String) {
        let wait = reading.backoff.map_or(Duration::from_millis(100), |last| {
            (last * 2).min(LONGEST_BACKOFF)
        });
        reading.backoff = Some(wait);
        reading.retry_at = Instant::now() + wait.mul_f64(0.75 + fastrand::f64() / 2.0);
        self.trouble(why);
    }

    fn trouble(&mut self, why: String) {
        if self.beat.last_error.as_deref() == Some(&why) {
            tracing::debug!(%why, "still in trouble");
        } else {
            tracing::warn!(%why, "trouble");
        }
        self.beat.last_error = Some(why);
        self.beat.last_error_at = Some(Utc::now());
    }

    async fn beat_if_due(&mut self) {
        let Some(beaten) = self.beaten else {
            self.beaten = Some(Instant::now());
            self.beat(false).await;
            return;
        };
        let elapsed = beaten.elapsed();
        if elapsed < BEAT {
            return;
        }
        let now = (self.published - self.counted) as f64 / elapsed.as_secs_f64();
        self.counted = self.published;
        self.beat.rate = Some(
            self.beat
                .rate
                .map_or(now, |before| before * 0.7 + now * 0.3),
        );
        self.beaten = Some(Instant::now());
        self.beat(false).await;
    }

    async fn beat(&mut self, goodbye: bool) {
        self.beat.published = self.published.cast_signed();
        self.beat.failed = self.failed.cast_signed();
        if self.beat.leader {
            match lag_ms(self.db, self.options.part, self.low).await {
                Ok(lag) => self.beat.lag_ms = Some(lag.unwrap_or(0)),
                Err(error) => tracing::warn!(%error, "cannot measure the lag"),
            }
        } else {
            self.beat.lag_ms = None;
        }
        if let Err(error) = beat_relay(self.db, &self.beat, goodbye).await {
            tracing::warn!(%error, "cannot write the heartbeat");
        }
    }
}
