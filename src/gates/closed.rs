//! What blocks of time that no longer change come to, as far as a gate asks: a look need not go through a week's blocks again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Block, BlockArm, Calls, Counts,
    blocks::{Blocks, For, beyond_before, sample},
    joined::Joined,
    kernel::Sample,
    past::{Cell, Trail},
};

/// All before `border`. The blocks of all webhooks together are not in it: they are kept as they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Closed {
    /// The first block that is not closed.
    pub border: i32,
    pub webhooks: BTreeMap<i32, ClosedBlocks>,
    /// Where NATS alone is judged.
    pub beyond_before: Option<Beyond>,
    /// Of NATS alone.
    alone: bool,
}

impl Closed {
    pub fn new(
        border: i32,
        webhooks: BTreeMap<i32, ClosedBlocks>,
        beyond_before: Option<Beyond>,
    ) -> Closed {
        Closed {
            border,
            webhooks,
            beyond_before,
            alone: false,
        }
    }
}

/// All webhooks together above the rate of before, a draw for each block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beyond {
    pub for_pass: Vec<f64>,
    pub for_fail: Vec<f64>,
}

/// What the closed blocks of one webhook come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosedBlocks {
    both: Joined,
    alone: Joined,
    bursts: Trails,
}

impl ClosedBlocks {
    fn of(blocks: &Blocks) -> ClosedBlocks {
        let joined = |both: bool| {
            let mut joined = Joined::new(both);
            blocks.values().for_each(|block| joined.add(block));
            joined.packed()
        };
        let mut bursts = Trails::default();
        bursts.add(blocks);
        ClosedBlocks {
            both: joined(true),
            alone: joined(false),
            bursts,
        }
    }
}

/// What each arm failed beyond what the other failed at the time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Trails {
    nats: Trail,
    queue: Trail,
}

impl Trails {
    fn add(&mut self, blocks: &Blocks) {
        let beyond = |one: BlockArm, other: BlockArm| {
            let alike = one.judged * other.failed / other.judged.max(1);
            Cell {
                ended: one.judged.unsigned_abs() as u32,
                failed: (one.failed - alike).max(0).unsigned_abs() as u32,
            }
        };
        for (number, Block { nats, queue }) in blocks {
            for (trail, cell) in [
                (&mut self.nats, beyond(*nats, *queue)),
                (&mut self.queue, beyond(*queue, *nats)),
            ] {
                if cell.ended > 0 {
                    trail.add(*number, cell);
                }
            }
        }
    }

    fn longest(&self) -> u32 {
        let lengths = [&self.nats, &self.queue].map(Trail::bursts);
        lengths.into_iter().flatten().max().unwrap_or(0)
    }
}

impl Counts {
    /// Closes all blocks before `border`, where none is closed yet. `before`: what the queue did before this step, where NATS alone is
    /// judged.
    pub fn close(&mut self, border: i32, before: Option<&BTreeMap<i32, Calls>>) {
        let mut closed = BTreeMap::new();
        for (id, blocks) in &mut self.of_webhooks {
            let open = blocks.split_off(&border);
            closed.insert(*id, std::mem::replace(blocks, open));
        }
        self.of_webhooks.retain(|_, blocks| !blocks.is_empty());
        closed.retain(|_, blocks| !blocks.is_empty());
        let beyond = |before: &BTreeMap<i32, Calls>| {
            let of = |id: &i32| before.get(id).copied().unwrap_or_default();
            let all = closed.iter().map(|(id, blocks)| (blocks, of(id)));
            let [for_pass, for_fail] = draws(all);
            Beyond { for_pass, for_fail }
        };
        let webhooks = closed
            .iter()
            .map(|(id, blocks)| (*id, ClosedBlocks::of(blocks)));
        self.closed = Closed::new(border, webhooks.collect(), before.map(beyond));
    }

    /// For `of_nats_alone`.
    pub(super) fn close_queue(&mut self) {
        self.closed.alone = true;
    }

    /// The blocks of one webhook, each long enough.
    pub(super) fn joined(&self, webhook_id: i32) -> Joined {
        let nothing = Blocks::new();
        let open = self.of_webhooks.get(&webhook_id).unwrap_or(&nothing);
        let closed = self.closed.webhooks.get(&webhook_id);
        let queue_before = closed.is_some_and(|closed| !closed.bursts.queue.is_empty());
        let both =
            queue_before && !self.closed.alone || open.values().any(|block| block.queue.judged > 0);
        let mut joined = match closed {
            None => Joined::new(both),
            Some(closed) if both => closed.both.clone(),
            Some(closed) => closed.alone.clone(),
        };
        open.values().for_each(|block| joined.add(block));
        joined
    }

    /// How many blocks the longest burst of one path lasted: of one webhook, beyond what the other path failed at the time.
    pub(super) fn longest_burst(&self) -> u32 {
        let nothing = Blocks::new();
        let mut trails: BTreeMap<i32, Trails> = (self.closed.webhooks.iter())
            .map(|(id, course)| (*id, course.bursts.clone()))
            .collect();
        for id in self.of_webhooks.keys() {
            trails.entry(*id).or_default();
        }
        let longest = trails.into_iter().map(|(id, mut trails)| {
            trails.add(self.of_webhooks.get(&id).unwrap_or(&nothing));
            trails.longest()
        });
        longest.max().unwrap_or(0)
    }

    /// These webhooks together above the rates of before: for a pass, and for a fail. Whoever closed blocks knew these rates.
    pub(super) fn beyond_before(
        &self,
        webhooks: impl Iterator<Item = (i32, Calls)> + Clone,
    ) -> [Sample; 2] {
        let nothing = Blocks::new();
        let blocks = |id: &i32| self.of_webhooks.get(id).unwrap_or(&nothing);
        let open = draws(webhooks.map(|(id, before)| (blocks(&id), before)));
        let closed = self.closed.beyond_before.clone().unwrap_or_default();
        let [closed_for_pass, closed_for_fail] = [closed.for_pass, closed.for_fail];
        let [for_pass, for_fail] = open;
        [(closed_for_pass, for_pass), (closed_for_fail, for_fail)]
            .map(|(closed, open)| sample(closed.into_iter().chain(open).map(|draw| (draw, 1))))
    }
}

/// For a pass and for a fail. To the latter those that were not measured before say nothing.
fn draws<'a>(webhooks: impl Iterator<Item = (&'a Blocks, Calls)> + Clone) -> [Vec<f64>; 2] {
    let rated = |(blocks, before): (&'a Blocks, Calls)| (blocks, before.rate());
    let measured = webhooks.clone().filter(|(_, before)| before.ended > 0);
    [
        beyond_before(webhooks.map(rated), For::Pass),
        beyond_before(measured.map(rated), For::Fail),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{gates::blocks, model::Path};

    /// A step of three webhooks with lulls, bursts, events under way, and arms that begin late or not at all.
    fn step(random: &mut fastrand::Rng) -> Counts {
        let mut counts = Counts::default();
        let length = random.i32(1..400);
        for id in 1..=3 {
            let (busy, most) = (random.f64(), random.i64(1..9));
            let from = [0, 0, length / 2, length].map(|from| (random.u32(..), from));
            let [queue_from, nats_from] = [0, 1].map(|at| from[(from[at].0 % 4) as usize].1);
            let mut bad = [0.01, 0.01];
            for number in 0..length {
                for bad in &mut bad {
                    if random.u8(..) < 10 {
                        *bad = [0.0, 0.02, 0.5, 1.0][random.usize(..4)];
                    }
                }
                for (path, from, bad) in [
                    (Path::Nats, nats_from, bad[0]),
                    (Path::Queue, queue_from, bad[1]),
                ] {
                    if number < from || random.f64() > busy {
                        continue;
                    }
                    let judged = random.i64(0..=most);
                    let failed = (0..judged).filter(|_| random.f64() < bad).count() as i64;
                    let arm = BlockArm {
                        judged,
                        failed,
                        undelivered: i64::from(judged > failed && random.u8(..) < 5),
                    };
                    counts.add_block(id, number, path, arm);
                }
            }
        }
        counts
    }

    /// The blocks of one webhook, joined; as it is plain to write where nothing is closed.
    fn joined(blocks: &Blocks) -> Blocks {
        let both = blocks.values().any(|block| block.queue.judged > 0);
        let mut joined = Blocks::new();
        let mut begun = Block::default();
        for (number, block) in blocks {
            begun.add(block);
            let fewest = match both {
                true => begun.nats.judged.min(begun.queue.judged),
                false => begun.nats.judged,
            };
            if fewest >= 2 {
                joined.insert(*number, std::mem::take(&mut begun));
            }
        }
        match joined.values_mut().next_back() {
            Some(last) => last.add(&begun),
            None => drop(joined.insert(0, begun)),
        }
        joined
    }

    /// The lengths of the bursts of `one` beyond `other`, every sum taken anew.
    fn bursts(blocks: &Blocks, of: fn(&Block) -> [BlockArm; 2]) -> Vec<u32> {
        let mut cells = Vec::new();
        for (number, block) in blocks {
            let [one, other] = of(block);
            let alike = one.judged * other.failed / other.judged.max(1);
            if one.judged > 0 {
                let failed = (one.failed - alike).max(0);
                cells.push((*number, one.judged as f64, failed as f64));
            }
        }
        let sum = |cells: &[(i32, f64, f64)]| {
            cells.iter().fold((0.0, 0.0), |sum: (f64, f64), cell| {
                (sum.0 + cell.1, sum.1 + cell.2)
            })
        };
        let (ended, failed) = sum(&cells);
        let rate = failed / f64::max(ended, 1.0);
        let beyond_chance = |(ended, failed): (f64, f64)| {
            let expected = ended * rate;
            failed >= 3.0 && failed > expected + 4.0 * (expected * (1.0 - rate)).sqrt()
        };
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (place, (_, ended, failed)) in cells.iter().enumerate() {
            let most = *failed > 0.0 && 2.0 * failed >= *ended;
            if most || beyond_chance((*ended, *failed)) {
                match runs.last_mut() {
                    Some((_, last)) if place - *last <= 2 => *last = place,
                    _ => runs.push((place, place)),
                }
            }
        }
        runs.retain(|(first, last)| beyond_chance(sum(&cells[*first..=*last])));
        let length = |(first, last): (usize, usize)| cells[last].0 - cells[first].0 + 1;
        runs.into_iter()
            .map(|run| length(run).unsigned_abs())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// To the last bit.
        #[test]
        fn closed_blocks_and_open_ones_come_to_what_all_come_to(seed: u64) {
            let mut random = fastrand::Rng::with_seed(seed);
            let whole = step(&mut random);
            let before = |id: i32| Calls { ended: (id % 3).into(), failed: (id % 2).into() };
            let rates = BTreeMap::from([(1, before(1)), (2, before(2))]);
            let border = random.i32(0..500);
            let mut counts = whole.clone();
            counts.close(border, Some(&rates));
            for course in counts.closed.webhooks.values_mut() {
                *course = serde_json::from_str(&serde_json::to_string(course).unwrap()).unwrap();
            }
            let longest = whole.of_webhooks.values().flat_map(|blocks| {
                let nats = bursts(blocks, |block| [block.nats, block.queue]);
                [nats, bursts(blocks, |block| [block.queue, block.nats])].concat()
            });
            prop_assert_eq!(counts.longest_burst(), longest.max().unwrap_or(0));
            let (counts_alone, whole_alone) = (counts.of_nats_alone(), whole.of_nats_alone());
            let one = |draw: f64| (draw, 1);
            for (at, side) in [For::Pass, For::Fail].into_iter().enumerate() {
                for (id, blocks) in &whole.of_webhooks {
                    let plain = blocks::of_both(joined(blocks).values(), side);
                    prop_assert_eq!(counts.joined(*id).of_both(side), plain);
                }
                for (id, blocks) in &whole_alone.of_webhooks {
                    let (blocks, rate) = (joined(blocks), before(*id).rate());
                    let plain = beyond_before([(&blocks, rate)].into_iter(), side);
                    let plain = sample(plain.into_iter().map(one));
                    prop_assert_eq!(counts_alone.joined(*id).of_nats(rate, side), plain);
                }
                let rated = |id: &i32| rates.get(id).copied().unwrap_or_default();
                let all = whole_alone.of_webhooks.iter().map(|(id, blocks)| (blocks, rated(id)));
                let asked = all.filter(|(_, before)| side == For::Pass || before.ended > 0);
                let plain = beyond_before(asked.map(|(blocks, calls)| (blocks, calls.rate())), side);
                let plain = sample(plain.into_iter().map(one));
                let webhooks = [1, 2, 3].map(|id| (id, rated(&id)));
                let samples = counts_alone.beyond_before(webhooks.into_iter());
                prop_assert_eq!(&samples[at], &plain);
            }
        }
    }
}
