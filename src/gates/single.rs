//! One webhook of a split delivery by itself: by events, and by its blocks of time.

use super::{
    ArmCounts, Counts,
    blocks::For,
    draws::{Strength, large, split},
    kernel::Sample,
    outlook::{Pace, Remedy, clean_needed},
    success::{Arm, Decider, OfBlocks, OfWebhook},
};

pub struct Single {
    pub webhook_id: i32,
    nats: Arm,
    queue: Arm,
    events: Question,
    blocks: Question,
    pub block_count: u64,
    /// It has enough events, and blocks, to pass by itself.
    pub large: bool,
    long: bool,
}

/// One question, and how strong the evidence is for either answer. Bounds are dear, and asked of few.
struct Question {
    for_pass: Sample,
    for_fail: Sample,
    margin: f64,
    levels: (f64, f64),
    below: f64,
    above: f64,
}

impl Question {
    fn new(for_pass: Sample, for_fail: Sample, margin: f64, levels: (f64, f64)) -> Self {
        Question {
            below: for_pass.below(margin),
            above: for_fail.above(margin),
            for_pass,
            for_fail,
            margin,
            levels,
        }
    }

    /// So many more clean draws would be enough for a pass.
    fn clean_needed(&self) -> Option<u64> {
        let passes = |sample: Sample| sample.below(self.margin) >= -self.levels.0.ln();
        clean_needed(|more| passes(self.for_pass.clone().and(0.0, more)))
    }

    fn lower(&self) -> f64 {
        self.for_fail.lower(self.levels.1)
    }

    fn strength(&self) -> Strength {
        let (pass, fail) = self.levels;
        Strength::new(&self.for_pass, &self.for_fail, self.margin, pass, fail)
    }
}

impl Single {
    pub fn new(
        counts: &Counts,
        (nats, queue): (&ArmCounts, &ArmCounts),
        share: f64,
        margin: f64,
        levels: (f64, f64),
    ) -> Self {
        let webhook_id = nats.webhook_id.unwrap_or_default();
        let blocks = counts.joined(webhook_id);
        let [for_pass, for_fail] = [For::Pass, For::Fail].map(|side| blocks.of_both(side));
        let clean = Sample::new(-1.0, 1.0, [(0.0, for_pass.draws())]);
        let events = [true, false].map(|for_pass| split(nats, queue, share, for_pass, 0));
        let [events_for_pass, events_for_fail] = events;
        Single {
            webhook_id,
            nats: Arm::of(nats),
            queue: Arm::of(queue),
            events: Question::new(events_for_pass, events_for_fail, margin, levels),
            block_count: for_pass.draws(),
            blocks: Question::new(for_pass, for_fail, margin, levels),
            large: large(nats, queue, share, margin, levels.0),
            long: clean.below(margin) >= -levels.0.ln(),
        }
    }

    /// Worse by events, whatever its blocks say: natural logarithm of the evidence.
    pub fn worse(&self) -> f64 {
        self.events.above
    }

    /// By events and by blocks.
    pub fn fails(&self, wanted: f64) -> bool {
        self.events.above >= wanted && self.blocks.above >= wanted
    }

    /// It could pass by events, and does not.
    pub fn behind_by_events(&self, wanted: f64) -> bool {
        self.large && self.events.below < wanted
    }

    pub fn behind_by_blocks(&self, wanted: f64) -> bool {
        self.long && self.blocks.below < wanted
    }

    /// `pace`: of its own events.
    pub fn more_events(&self, pace: Pace) -> Remedy {
        let clean = self.events.clean_needed();
        pace.clean_events(clean).and(", of this webhook")
    }

    pub fn more_blocks(&self, pace: Pace, block_ms: i64) -> Remedy {
        let who = "both paths deliver for this webhook";
        pace.clean_blocks(self.blocks.clean_needed(), block_ms, who)
    }

    pub fn judged(&self) -> i64 {
        self.nats.judged + self.queue.judged
    }

    pub fn by_events(&self) -> Strength {
        self.events.strength()
    }

    pub fn by_blocks(&self) -> Strength {
        self.blocks.strength()
    }

    pub fn decides(&self, name: String, alpha_fail: f64) -> Decider {
        Decider {
            name,
            alpha_fail,
            nats: self.nats,
            queue: self.queue,
            events: self.by_events(),
            blocks: self.by_blocks(),
            block_count: self.block_count,
        }
    }

    pub fn told(&self) -> OfWebhook {
        OfWebhook {
            webhook_id: self.webhook_id,
            evidence: self.by_events(),
            blocks: Some(OfBlocks {
                ln_above: self.blocks.above,
                lower: self.blocks.lower(),
            }),
        }
    }
}
