//! The blocks of one webhook, joined until each is long enough for a few events of each arm; of NATS alone where the queue has none.

use serde::{Deserialize, Serialize};

use super::{
    Block, BlockArm,
    blocks::{For, draw, sample},
    kernel::Sample,
};

/// A block of a single webhook lasts until each arm has so many events.
const EVENTS: i64 = 2;

/// Of NATS and of the queue: judged, failed, undelivered.
type Six = [i64; 6];

/// In the order of time. What is left at the end is no block of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// Of both arms; else of NATS alone.
    both: bool,
    /// All but the last, and how many are alike.
    long: Vec<(Six, u64)>,
    last: Option<Six>,
    begun: Six,
}

impl Joined {
    pub fn new(both: bool) -> Joined {
        Joined {
            both,
            ..Joined::default()
        }
    }

    /// The next block in time.
    pub fn add(&mut self, block: &Block) {
        add(&mut self.begun, &six(block, self.both));
        let [nats, .., queue, _, _] = self.begun;
        let fewest = if self.both { nats.min(queue) } else { nats };
        if fewest >= EVENTS {
            let begun = std::mem::take(&mut self.begun);
            self.long
                .extend(self.last.replace(begun).map(|one| (one, 1)));
        }
    }

    /// Counts together what draws alike. Where both arms are compared, it does not matter of how many none failed; above the rate of
    /// before it does.
    #[must_use]
    pub fn packed(mut self) -> Joined {
        if self.both {
            for (one, _) in &mut self.long {
                for arm in one.as_chunks_mut::<3>().0 {
                    if arm[1..] == [0, 0] {
                        arm[0] = 0;
                    }
                }
            }
        }
        self.long.sort_unstable();
        self.long.dedup_by(|one, kept| {
            let alike = one.0 == kept.0;
            kept.1 += if alike { one.1 } else { 0 };
            alike
        });
        self
    }

    /// One draw for each: the difference of the failure rates.
    pub fn of_both(&self, side: For) -> Sample {
        let long = self.long.iter().filter(|_| self.both);
        let end = self.end();
        let judged = end.nats.judged > 0 && end.queue.judged > 0;
        let end = judged.then(|| (draw(&end, side), 1));
        sample(
            long.map(|(one, count)| (draw(&block(one), side), *count))
                .chain(end),
        )
    }

    /// One draw for each: by how much NATS's failure rate is above that of before.
    pub fn of_nats(&self, rate: f64, side: For) -> Sample {
        let above = |block: &Block| {
            let judged = block.nats.judged as f64;
            draw(block, side) - rate * judged / judged
        };
        let end = self.end();
        let end = (end.nats.judged > 0).then(|| (above(&end), 1));
        sample(
            (self.long.iter())
                .map(|(one, count)| (above(&block(one)), *count))
                .chain(end),
        )
    }

    /// The last one, with what is left.
    fn end(&self) -> Block {
        let mut end = self.last.unwrap_or_default();
        add(&mut end, &self.begun);
        block(&end)
    }
}

fn six(block: &Block, both: bool) -> Six {
    let arm = |arm: BlockArm| [arm.judged, arm.failed, arm.undelivered];
    let [judged, failed, undelivered] = arm(block.nats);
    let queue = if both { arm(block.queue) } else { [0; 3] };
    [judged, failed, undelivered, queue[0], queue[1], queue[2]]
}

fn block(six: &Six) -> Block {
    let arm = |at: usize| BlockArm {
        judged: six[at],
        failed: six[at + 1],
        undelivered: six[at + 2],
    };
    Block {
        nats: arm(0),
        queue: arm(3),
    }
}

fn add(sum: &mut Six, more: &Six) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum += more;
    }
}
