//! Failures by blocks of time: those of a burst are one piece of evidence, not many. One draw for each block, from -1 to 1.

use std::collections::BTreeMap;

use super::{Block, kernel::Sample, outlook::newest_errors};
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

/// A burst is rarely cut at a block's edge: for a fail, what fails in a block beyond so many events and beyond half of them does not
/// count. It never makes a fail likelier, and a block of few events is not cut.
const UNCUT: i64 = 2;

/// One draw for each block in which both arms were judged: the difference of their failure rates.
pub fn of_both<'a>(blocks: impl IntoIterator<Item = &'a Block>, side: For) -> Sample {
    let both = |block: &&Block| block.nats.judged > 0 && block.queue.judged > 0;
    let blocks = blocks.into_iter().filter(both);
    sample(blocks.map(|block| (draw(block, side), 1)))
}

/// One draw for each block in which NATS was judged: by how much its failure rate is above that of before, with the mix of webhooks
/// that the block had. Of each webhook its blocks and its rate of before. The range is that of differences: bets on a narrower one
/// would let two blocks in which all fails decide.
pub fn beyond_before<'a>(webhooks: impl Iterator<Item = (&'a Blocks, f64)>, side: For) -> Vec<f64> {
    let mut all: BTreeMap<i32, (Block, f64)> = BTreeMap::new();
    for (blocks, rate) in webhooks {
        for (number, block) in blocks {
            let (sum, expected) = all.entry(*number).or_default();
            sum.nats.add(block.nats);
            *expected += rate * block.nats.judged as f64;
        }
    }
    let judged = all.values().filter(|(block, _)| block.nats.judged > 0);
    judged
        .map(|(block, expected)| draw(block, side) - expected / block.nats.judged as f64)
        .collect()
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

/// Blocks alike are counted together: most of them have no failure, and every bound asks all cells.
pub fn sample(draws: impl Iterator<Item = (f64, u64)>) -> Sample {
    let mut draws: Vec<(f64, u64)> = draws.collect();
    draws.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let alike = draws.chunk_by(|(a, _), (b, _)| a == b);
    let counted = alike.map(|cells| (cells[0].0, cells.iter().map(|(_, count)| count).sum()));
    Sample::new(-1.0, 1.0, counted)
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
