//! Failures by blocks of time: those of a burst are one piece of evidence, not many. One draw for each block, from -1 to 1.

use std::collections::BTreeMap;

use super::{
    Block, BlockArm,
    kernel::Sample,
    outlook::newest_errors,
    past::{self, Cell},
};
use crate::model::{duration::of_ms, grouped};

/// By number of the block since the step began.
pub type Blocks = BTreeMap<i32, Block>;

/// What is still under way may end either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// It counts against NATS and for the queue.
    Pass,
    /// The other way round.
    Fail,
}

/// A block of a single webhook lasts until each arm has so many events.
const EVENTS_OF_WEBHOOK: i64 = 2;

/// A burst is rarely cut at a block's edge: for a fail, what fails in a block beyond so many events and beyond half of them does not
/// count. It never makes a fail likelier, and a block of few events is not cut.
const UNCUT: i64 = 2;

/// One draw for each block in which both arms were judged: the difference of their failure rates.
pub fn of_both<'a>(blocks: impl IntoIterator<Item = &'a Block>, side: For) -> Sample {
    let both = |block: &&Block| block.nats.judged > 0 && block.queue.judged > 0;
    let blocks = blocks.into_iter().filter(both);
    sample(blocks.map(|block| draw(block, side)))
}

/// One draw for each block in which NATS was judged: by how much its failure rate is above that of before, with the mix of webhooks
/// that the block had. Of each webhook its blocks and its rate of before. The range is that of differences: bets on a narrower one
/// would let two blocks in which all fails decide.
pub fn of_nats<'a>(webhooks: impl Iterator<Item = (&'a Blocks, f64)>, side: For) -> Sample {
    let mut all: BTreeMap<i32, (Block, f64)> = BTreeMap::new();
    for (blocks, rate) in webhooks {
        for (number, block) in blocks {
            let (sum, expected) = all.entry(*number).or_default();
            sum.nats.add(block.nats);
            *expected += rate * block.nats.judged as f64;
        }
    }
    let judged = all.values().filter(|(block, _)| block.nats.judged > 0);
    sample(judged.map(|(block, expected)| draw(block, side) - expected / block.nats.judged as f64))
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

/// The blocks of one webhook, each long enough for a few events of each arm; of NATS alone where the queue has none.
pub fn of_webhook(blocks: &Blocks) -> Blocks {
    let both = blocks.values().any(|block| block.queue.judged > 0);
    let enough = |block: &Block| {
        let fewest = match both {
            true => block.nats.judged.min(block.queue.judged),
            false => block.nats.judged,
        };
        fewest >= EVENTS_OF_WEBHOOK
    };
    let mut whole = Blocks::new();
    let mut begun = Block::default();
    for (number, block) in blocks {
        begun.add(block);
        if enough(&begun) {
            whole.insert(*number, std::mem::take(&mut begun));
        }
    }
    // What is left at the end is no block of its own.
    match whole.values_mut().next_back() {
        Some(last) => last.add(&begun),
        None => drop(whole.insert(0, begun)),
    }
    whole
}

/// How many blocks the longest burst of one path lasted: of one webhook, beyond what the other path failed at the time.
pub fn longest_burst(webhooks: &BTreeMap<i32, Blocks>) -> u32 {
    let lengths = webhooks.values().flat_map(|blocks| {
        let beyond = |one: fn(&Block) -> BlockArm, other: fn(&Block) -> BlockArm| {
            let cell = |block: &Block| {
                let (one, other) = (one(block), other(block));
                let alike = one.judged * other.failed / other.judged.max(1);
                Cell {
                    ended: one.judged.unsigned_abs() as u32,
                    failed: (one.failed - alike).max(0).unsigned_abs() as u32,
                }
            };
            let cells = blocks.iter().map(|(number, block)| (*number, cell(block)));
            past::lengths(&cells.filter(|(_, cell)| cell.ended > 0).collect())
        };
        let mut lengths = beyond(|block| block.nats, |block| block.queue);
        lengths.extend(beyond(|block| block.queue, |block| block.nats));
        lengths
    });
    lengths.max().unwrap_or(0)
}

/// Blocks alike are counted together: most of them have no failure, and every bound asks all cells.
fn sample(draws: impl Iterator<Item = f64>) -> Sample {
    let mut draws: Vec<f64> = draws.collect();
    draws.sort_by(f64::total_cmp);
    let alike = draws.chunk_by(|a, b| a == b);
    Sample::new(-1.0, 1.0, alike.map(|cells| (cells[0], cells.len() as u64)))
}

/// What to do while it may have been a burst.
pub fn after_burst(wave: &str) -> String {
    format!("if it goes on it will fail: {}", newest_errors(wave))
}

/// Events alone would fail it; whether it was a burst, only more time tells.
pub fn burst(reason: String, blocks: u64, block_ms: i64) -> String {
    format!(
        "{reason}; it may be a burst, so it holds until blocks of time say so too: {} blocks of {}",
        grouped(blocks.cast_signed()),
        of_ms(block_ms as f64),
    )
}

/// What is said beside a pass where bursts lasted longer than a block.
pub fn too_short(burst_blocks: u32, block_ms: i64) -> String {
    match burst_blocks {
        0 | 1 => String::new(),
        n => format!(
            "; warning: a burst lasted {n} blocks of {}, and a pass by blocks shorter than the bursts is less sure: `wavegate gate calibrate`",
            of_ms(block_ms as f64)
        ),
    }
}
