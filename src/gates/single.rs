//! One webhook of a split delivery by itself: by events, and by its blocks of time.

use super::{
    ArmCounts, Counts,
    blocks::{self, For},
    draws::{Strength, by_events, large},
    kernel::Sample,
    success::{Arm, Decider, OfBlocks, OfWebhook},
};

pub struct Single {
    pub webhook_id: i32,
    pub nats: Arm,
    pub queue: Arm,
    pub events: Strength,
    pub blocks: Strength,
    pub block_count: u64,
    /// It has enough events, and blocks, to pass by itself.
    pub large: bool,
    pub long: bool,
}

impl Single {
    pub fn new(
        counts: &Counts,
        (nats, queue): (&ArmCounts, &ArmCounts),
        share: f64,
        margin: f64,
        (pass, fail): (f64, f64),
    ) -> Self {
        let webhook_id = nats.webhook_id.unwrap_or_default();
        let whole = counts.of_webhooks.get(&webhook_id);
        let whole = whole.map(blocks::of_webhook).unwrap_or_default();
        let for_pass = blocks::of_both(whole.values(), For::Pass);
        let for_fail = blocks::of_both(whole.values(), For::Fail);
        let clean = Sample::new(-1.0, 1.0, [(0.0, for_pass.draws())]);
        Single {
            webhook_id,
            nats: Arm::of(nats),
            queue: Arm::of(queue),
            events: by_events(nats, queue, share, margin, (pass, fail)),
            blocks: Strength::new(&for_pass, &for_fail, margin, pass, fail),
            block_count: for_pass.draws(),
            large: large(nats, queue, share, margin, pass),
            long: clean.below(margin) >= -pass.ln(),
        }
    }

    pub fn decides(&self, name: String, alpha_fail: f64) -> Decider {
        Decider {
            name,
            alpha_fail,
            nats: self.nats,
            queue: self.queue,
            events: self.events,
            blocks: self.blocks,
            block_count: self.block_count,
        }
    }

    pub fn told(&self) -> OfWebhook {
        OfWebhook {
            webhook_id: self.webhook_id,
            evidence: self.events,
            blocks: Some(OfBlocks {
                ln_above: self.blocks.above,
                lower: self.blocks.lower,
            }),
        }
    }
}
