//! What was measured of the two arms and of the queue, before anybody judges it.
//! Filled by `store`; the fields carry the names of the columns of `sql/gates/`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{blocks::Blocks, closed::Closed, kernel::Buckets, names::Names};
use crate::model::Path;

/// One arm of one webhook (or of all, where `webhook_id` is `None`) since the step began.
/// An arm is what the event's hash preferred at birth, whoever delivered it in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ArmCounts {
    pub webhook_id: Option<i32>,
    /// `queue` or `nats`.
    pub prefers: Path,
    pub events: i64,
    /// Events old enough to be judged: created before now - horizon, and due.
    pub judged: i64,
    /// Judged, delivered by the arm itself, and never dead.
    pub delivered: i64,
    /// Judged, and dead, now or once: a requeue does not undo it.
    pub dead: i64,
    /// Judged, and delivered by the other path.
    pub taken_over: i64,
    /// Judged, and neither delivered nor dead yet.
    pub undelivered: i64,
    /// Two-route events, of all ages.
    pub two_route: i64,
    /// Two-route events whose due time lies before the horizon.
    pub ripe: i64,
    pub unpublished: i64,
    pub unseen: i64,
    /// Ripe, and neither delivered nor dead.
    pub unfinished: i64,
    /// Ripe, and NATS can never carry them.
    pub void: i64,
    /// Ripe with any of the four faults above; an event counts once.
    pub missing: i64,
    /// Events of the NATS route alone that are due before the horizon and neither delivered nor dead.
    pub late_single: i64,
    /// Missing or late by the NATS route alone, and more than late: NATS refused it for good, it was set aside, or due long ago.
    pub lost: i64,
    /// Sent at least once, with known bytes: compared with those that they were born with.
    pub compared: i64,
    /// Of these, with other ones.
    pub altered: i64,
    /// Created more than a look's time later than now, by PostgreSQL's clock.
    pub ahead: i64,
}

impl ArmCounts {
    /// Judged, and dead or taken over by the other path.
    pub fn failed(&self) -> i64 {
        self.dead + self.taken_over
    }

    /// Judged, and delivered by whom ever.
    pub fn ended_well(&self) -> i64 {
        self.delivered + self.taken_over
    }

    /// Events of the NATS route alone.
    pub fn single(&self) -> i64 {
        self.events - self.two_route
    }

    /// Adds other events of the same arm.
    pub fn add(&mut self, more: &ArmCounts) {
        self.events += more.events;
        self.judged += more.judged;
        self.delivered += more.delivered;
        self.dead += more.dead;
        self.taken_over += more.taken_over;
        self.undelivered += more.undelivered;
        self.two_route += more.two_route;
        self.ripe += more.ripe;
        self.unpublished += more.unpublished;
        self.unseen += more.unseen;
        self.unfinished += more.unfinished;
        self.void += more.void;
        self.missing += more.missing;
        self.late_single += more.late_single;
        self.lost += more.lost;
        self.compared += more.compared;
        self.altered += more.altered;
        self.ahead += more.ahead;
    }
}

/// What one arm had in one block of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BlockArm {
    pub judged: i64,
    pub failed: i64,
    /// Judged, and without an end yet.
    pub undelivered: i64,
}

/// Both arms in one block of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Block {
    pub nats: BlockArm,
    pub queue: BlockArm,
}

impl BlockArm {
    pub fn add(&mut self, more: BlockArm) {
        self.judged += more.judged;
        self.failed += more.failed;
        self.undelivered += more.undelivered;
    }
}

impl Block {
    pub fn arm(&mut self, prefers: Path) -> &mut BlockArm {
        match prefers {
            Path::Nats => &mut self.nats,
            Path::Queue => &mut self.queue,
        }
    }

    pub fn add(&mut self, more: &Block) {
        self.nats.add(more.nats);
        self.queue.add(more.queue);
    }
}

/// How long one arm's deliveries took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latency {
    pub delivered: Buckets,
    /// Judged, and without an end yet.
    pub undelivered: u64,
}

/// What failed in the last minutes, in one arm.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Recent {
    pub events: i64,
    /// Failed attempts, and takeovers by the other path.
    pub failures: i64,
    pub newest_error: Option<String>,
}

/// An endpoint that fails for everybody now: its circuit is open. How each arm fared there lately.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Endpoint {
    pub webhook_id: i32,
    pub error: Option<String>,
    pub nats_events: i64,
    pub nats_failures: i64,
    pub queue_events: i64,
    pub queue_failures: i64,
}

/// An event that parity misses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct MissingEvent {
    pub event_id: String,
    pub webhook_id: i32,
    /// `unpublished`, `unseen`, `void` or `undelivered`.
    pub what: String,
    /// Seconds since it was due.
    #[serde(default)]
    pub late_s: i64,
}

/// The queue rows of one webhook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, sqlx::FromRow)]
pub struct QueueCounts {
    pub webhook_id: i32,
    /// Rows created since the step began without an event id: written past the unified functions.
    pub unrouted: i64,
    pub pending: i64,
    pub retrying: i64,
    pub processing: i64,
    /// Rows whose time has come and which nobody holds.
    pub due: i64,
    /// `processing` with no live claim: their worker is gone.
    pub orphaned: i64,
    /// Successes of the last hour that none of our workers claimed.
    pub foreign_done: i64,
    pub oldest_due: Option<DateTime<Utc>>,
}

impl QueueCounts {
    /// Rows that are not finished, whatever their due time.
    pub fn waiting(&self) -> i64 {
        self.pending + self.retrying + self.processing
    }
}

/// Everything measured for one evaluation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    /// The name of the wave that they are of.
    pub wave: String,
    /// Per webhook and arm.
    pub arms: Vec<ArmCounts>,
    /// All webhooks of the wave together.
    pub queue_arm: ArmCounts,
    pub nats_arm: ArmCounts,
    /// Of all webhooks together; and of each, without those that are closed.
    pub blocks: Blocks,
    pub of_webhooks: BTreeMap<i32, Blocks>,
    pub closed: Closed,
    pub block_ms: i64,
    pub nats_latency: Latency,
    pub queue_latency: Latency,
    pub lately: Lately,
    /// Of each enabled webhook the time of its newest event since the step began.
    pub newest: BTreeMap<i32, Option<DateTime<Utc>>>,
    pub names: Names,
    /// Ids that parity misses, the first few.
    pub missing: Vec<MissingEvent>,
    /// Ids of events that were sent with other bytes, the first few.
    pub altered: Vec<String>,
    pub baseline: Baseline,
}

/// What failed in the last minutes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lately {
    pub nats: Recent,
    pub queue: Recent,
    /// Endpoints that fail for everybody, by webhook.
    pub endpoints: Vec<Endpoint>,
    /// How many minutes these are, at least one.
    pub minutes: f64,
}

/// What the queue path did before this step: frozen when the migration began, and its arm in the wave's earlier steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Baseline {
    /// By webhook.
    pub calls: BTreeMap<i32, Calls>,
    /// Of those that were delivered, by webhook.
    pub latency: BTreeMap<i32, Buckets>,
}

/// Ended calls, and those of them that failed for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    pub ended: i64,
    pub failed: i64,
}

impl Calls {
    /// Nothing failed where nothing was measured: for a pass the most that can be asked.
    pub fn rate(&self) -> f64 {
        self.failed as f64 / self.ended.max(1) as f64
    }
}

impl Counts {
    /// Adds the arm of a webhook; each once.
    pub fn add(&mut self, arm: ArmCounts) {
        match arm.prefers {
            Path::Nats => self.nats_arm.add(&arm),
            Path::Queue => self.queue_arm.add(&arm),
        }
        self.arms.push(arm);
    }

    /// In place of those that were added before.
    pub fn set_arms(&mut self, arms: impl IntoIterator<Item = ArmCounts>) {
        self.arms.clear();
        (self.nats_arm, self.queue_arm) = Default::default();
        for arm in arms {
            self.add(arm);
        }
    }

    pub fn add_block(&mut self, webhook_id: i32, block: i32, prefers: Path, more: BlockArm) {
        let of_webhook = self.of_webhooks.entry(webhook_id).or_default();
        for blocks in [&mut self.blocks, of_webhook] {
            blocks.entry(block).or_default().arm(prefers).add(more);
        }
    }

    pub fn latency(&mut self, prefers: Path) -> &mut Latency {
        match prefers {
            Path::Nats => &mut self.nats_latency,
            Path::Queue => &mut self.queue_latency,
        }
    }

    /// Both arms of each webhook that has both: NATS, queue.
    pub fn pairs(&self) -> impl Iterator<Item = (&ArmCounts, &ArmCounts)> {
        let queue = self.queue_arms();
        let nats = self.arms.iter().filter(|arm| arm.prefers == Path::Nats);
        nats.filter_map(move |nats| Some((nats, *queue.get(&nats.webhook_id)?)))
    }

    fn queue_arms(&self) -> BTreeMap<Option<i32>, &ArmCounts> {
        let queue = self.arms.iter().filter(|arm| arm.prefers == Path::Queue);
        queue.map(|arm| (arm.webhook_id, arm)).collect()
    }

    /// At share 100 and in `nats` there is no queue arm: what is counted there was born in transactions that began before the
    /// flip, too few and too few for ever to compare with.
    #[must_use]
    pub fn of_nats_alone(&self) -> Counts {
        let mut counts = self.clone();
        counts.queue_arm = ArmCounts::default();
        counts.arms.retain(|arm| arm.prefers == Path::Nats);
        let all = std::iter::once(&mut counts.blocks).chain(counts.of_webhooks.values_mut());
        for block in all.flat_map(BTreeMap::values_mut) {
            block.queue = BlockArm::default();
        }
        counts.close_queue();
        counts.queue_latency = Latency::default();
        counts
    }

    pub fn events(&self) -> i64 {
        self.queue_arm.events + self.nats_arm.events
    }

    /// Sum of a count over both arms.
    pub fn both(&self, count: impl Fn(&ArmCounts) -> i64) -> i64 {
        count(&self.queue_arm) + count(&self.nats_arm)
    }
}

impl Recent {
    /// The newest error in one line, if one was recorded.
    pub fn error(&self) -> Option<String> {
        self.newest_error
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
