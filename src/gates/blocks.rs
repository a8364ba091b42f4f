//! Failures by blocks of time: those of a burst are one piece of evidence, not many. One draw for each block, from -1 to 1.

use std::collections::BTreeMap;

use super::{ArmCounts, Block, BlockArm, Counts, kernel::Sample};

/// What is still under way may end either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// It counts against NATS and for the queue.
    Pass,
    /// The other way round.
    Fail,
}

/// A block of a single webhook lasts until its smaller arm has so many events, on average.
const EVENTS_OF_WEBHOOK: f64 = 2.0;

/// A burst is rarely cut at a block's edge: for a fail, what fails in a block beyond so many events and beyond half of them does not
/// count. It never makes a fail likelier, and a block of few events is not cut.
const UNCUT: i64 = 2;

/// One draw for each block in which both arms were judged: the difference of their failure rates.
pub fn of_both(blocks: &BTreeMap<i32, Block>, side: For) -> Sample {
    let both = |block: &&Block| block.nats.judged > 0 && block.queue.judged > 0;
    sample(blocks.values().filter(both).map(|block| draw(block, side)))
}

/// One draw for each block in which NATS was judged: its failure rate. The range is that of differences, though no rate is below
/// 0: bets on so narrow a range would let two blocks in which all fails decide.
pub fn of_nats(blocks: &BTreeMap<i32, Block>, side: For) -> Sample {
    let judged = |block: &&Block| block.nats.judged > 0;
    let alone = |block: &Block| Block {
        nats: block.nats,
        queue: BlockArm::default(),
    };
    let blocks = blocks.values().filter(judged);
    sample(blocks.map(|block| draw(&alone(block), side)))
}

/// How much worse NATS did in this block, from -1 to 1; an arm without events failed none.
pub fn draw(block: &Block, side: For) -> f64 {
    let (nats, queue) = (block.nats, block.queue);
    let (worse, better) = match side {
        For::Pass => (nats.failed + nats.undelivered, queue.failed),
        For::Fail => (
            nats.failed.min(UNCUT.max(nats.judged / 2)),
            queue.failed + queue.undelivered,
        ),
    };
    let rate = |failed: i64, judged: i64| failed as f64 / judged.max(1) as f64;
    rate(worse, nats.judged) - rate(better, queue.judged)
}

/// The blocks of one webhook, for a fail. Of these only the failures are kept, not how many events each block had: a draw is the
/// difference of failures, each arm's weighed by its share, in units of the mean block's events. `share` is NATS's; 1: it is alone.
pub fn of_webhook(counts: &Counts, nats: &ArmCounts, queue: &ArmCounts, share: f64) -> Sample {
    let judged = (nats.judged + queue.judged) as f64;
    let smaller = if share < 1.0 {
        share.min(1.0 - share)
    } else {
        1.0
    };
    let all = blocks_of_time(&counts.blocks, share);
    let wanted = (judged * smaller / EVENTS_OF_WEBHOOK).floor();
    if all == 0 || wanted < 1.0 {
        return Sample::new(-1.0, 1.0, []);
    }
    let merged = (all as f64 / wanted).ceil().max(1.0);
    let number = (all as f64 / merged).ceil();
    let events = judged / number;
    let mut draws: BTreeMap<i64, f64> = BTreeMap::new();
    let failures = nats.webhook_id.and_then(|id| counts.failures.get(&id));
    for (block, (worse, better)) in failures.into_iter().flatten() {
        let mut weight = *worse as f64 / share;
        if share < 1.0 {
            weight -= *better as f64 / (1.0 - share);
        }
        *draws
            .entry((f64::from(*block) / merged).floor() as i64)
            .or_default() += weight / events;
    }
    let clean = (number as u64).saturating_sub(draws.len() as u64);
    // The queue's that are under way count as failed, wherever they lie.
    let open = queue.undelivered as f64 / (1.0 - share).max(f64::EPSILON) / events;
    let rest = [(0.0, clean), (-1.0, open.ceil() as u64)];
    Sample::new(-1.0, 1.0, draws.into_values().map(|d| (d, 1)).chain(rest))
}

/// Blocks alike are counted together: most of them have no failure, and every bound asks all cells.
fn sample(draws: impl Iterator<Item = f64>) -> Sample {
    let mut draws: Vec<f64> = draws.collect();
    draws.sort_by(f64::total_cmp);
    let alike = draws.chunk_by(|a, b| a == b);
    Sample::new(-1.0, 1.0, alike.map(|cells| (cells[0], cells.len() as u64)))
}

/// In which the webhooks of the wave had traffic.
fn blocks_of_time(blocks: &BTreeMap<i32, Block>, share: f64) -> usize {
    blocks
        .values()
        .filter(|block| block.nats.judged > 0 && (share >= 1.0 || block.queue.judged > 0))
        .count()
}
