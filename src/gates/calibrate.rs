//! What a wave's own past advises: length of blocks, shares, soak and margin, each with its reason.

use std::time::Duration;

use serde::Serialize;

use super::{
    Past,
    kernel::{ALPHA_PASS, Sample},
    outlook::{clean_needed, long},
    past::Bursts,
    replay::{Ends, Rules, play},
    soak,
};
use crate::model::{GateLimits, grouped};

/// What the plan says of a wave, as far as it is advised about.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    pub wave: &'a str,
    pub limits: &'a GateLimits,
    /// In percent, rising.
    pub shares: &'a [u8],
    pub soak: Duration,
}

impl Planned<'_> {
    pub fn step(&self) -> Duration {
        soak::per_share(self.soak, self.shares.len())
    }

    pub fn block_ms(&self) -> i64 {
        soak::block_ms(self.limits.block, self.step())
    }

    /// A quarter of a block, so that shorter ones can be tried too; of a second at least.
    pub fn cell_ms(&self) -> i64 {
        let block = self.block_ms();
        if block < 4_000 { block } else { block / 4 }
    }

    /// How many cells of this past a block has.
    fn cells_of_block(&self, past: &Past) -> i32 {
        let cells = self.block_ms() / past.cell_ms.max(1);
        i32::try_from(cells).unwrap_or(i32::MAX).max(1)
    }

    /// The smallest share at which both paths deliver: there is least to go by.
    fn share(&self) -> Option<u8> {
        self.shares
            .iter()
            .copied()
            .find(|share| (1..100).contains(share))
    }
}

/// How often the gate was wrong or right in the runs that were played, in percent.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rates {
    pub block_ms: i64,
    /// Both paths alike: passed, and failed wrongly.
    pub passes: f64,
    pub false_fails: f64,
    /// NATS worse by the margin: passed wrongly.
    pub false_passes: f64,
    /// NATS worse by the margin and three points more: failed.
    pub power: f64,
}

/// One setting of the plan.
#[derive(Debug, Clone, Serialize)]
pub struct Advice {
    pub setting: &'static str,
    pub planned: String,
    pub advised: String,
    pub why: String,
}

/// What was measured of a wave, and what follows.
#[derive(Debug, Clone, Serialize)]
pub struct Calibrated {
    pub wave: String,
    pub webhooks: usize,
    pub calls: u64,
    pub days: f64,
    pub failed: u64,
    pub p95_ms: Option<f64>,
    pub bursts: usize,
    pub median_burst_ms: i64,
    pub longest_burst_ms: i64,
    /// Of which share the runs are, percent.
    pub share: Option<u8>,
    pub runs: u32,
    /// By length of block, the shortest first.
    pub rates: Vec<Rates>,
    pub advice: Vec<Advice>,
    /// The same in figures, where they differ from what is planned.
    #[serde(skip)]
    pub block: Option<Duration>,
    #[serde(skip)]
    pub soak: Option<Duration>,
}

/// A cell and doublings of it: so many beyond the planned block at least, and until one holds two of the longest bursts.
const BEYOND: u32 = 5;
const MOST_LENGTHS: u32 = 18;

/// In cells; the planned block has `planned` of them, and bursts are counted in blocks.
fn lengths(planned: i32, bursts: Bursts) -> Vec<i32> {
    let (planned, longest) = (i64::from(planned), i64::from(bursts.longest));
    let short = |length: &i64| *length <= planned << BEYOND || length / 2 < 2 * longest * planned;
    (0..MOST_LENGTHS)
        .map(|exponent| 1 << exponent)
        .take_while(short)
        .filter_map(|length: i64| i32::try_from(length).ok())
        .collect()
}

/// As much worse as the field calls a broken path.
const BROKEN: f64 = 0.03;
/// Of what a pass needs by blocks, for those in which a path has no event.
const SLACK: f64 = 1.1;
const DAY: f64 = 86_400.0;

/// Each truth is played as often as `runs` says of the bursts that were measured.
pub fn calibrate(
    past: &Past,
    p95_ms: Option<f64>,
    planned: Planned<'_>,
    runs: impl FnOnce(Bursts) -> u32,
    seed: u64,
) -> Calibrated {
    // As long as a block, so that a burst of few calls is one.
    let blocks = past.coarser(planned.cells_of_block(past));
    let bursts = blocks.bursts();
    let runs = runs(bursts);
    let days = past.cell_ms as f64 * f64::from(past.cells) / 1000.0 / DAY;
    let (calls, failed) = (past.calls(), past.failed());
    let rates = match planned.share() {
        Some(share) if calls > 0 && runs > 0 => rates(past, planned, bursts, share, runs, seed),
        _ => Vec::new(),
    };
    let block = fitting(&rates, planned, i64::from(bursts.longest) * blocks.cell_ms);
    let block_ms = block.map_or(planned.block_ms(), |rates| rates.block_ms);
    let soak = soak_for(planned, planned.limits.success_margin, block_ms);
    Calibrated {
        block: (block_ms != planned.block_ms())
            .then(|| Duration::from_millis(block_ms.unsigned_abs())),
        soak: Some(soak).filter(|soak| calls > 0 && *soak > planned.soak),
        wave: planned.wave.to_string(),
        webhooks: past.webhooks.len(),
        calls,
        days,
        failed,
        p95_ms,
        bursts: bursts.count,
        median_burst_ms: i64::from(bursts.median) * blocks.cell_ms,
        longest_burst_ms: i64::from(bursts.longest) * blocks.cell_ms,
        share: planned.share(),
        runs,
        advice: vec![
            of_block(&blocks, planned, bursts, &rates, block),
            of_soak(planned, block_ms, block),
            of_shares(planned, calls as f64 / days / DAY),
            of_margin(planned, block_ms),
        ],
        rates,
    }
}

fn rates(
    past: &Past,
    planned: Planned<'_>,
    bursts: Bursts,
    share: u8,
    runs: u32,
    seed: u64,
) -> Vec<Rates> {
    let block = planned.cells_of_block(past);
    let lengths = lengths(block, bursts);
    let step_ms = planned.step().as_millis() as i64;
    let rules = |worse| Rules {
        limits: planned.limits,
        share: f64::from(share) / 100.0,
        cells: i32::try_from(step_ms / past.cell_ms)
            .unwrap_or(i32::MAX)
            .clamp(1, past.cells),
        runs,
        seed,
        worse,
    };
    let margin = planned.limits.success_margin;
    let [equal, at_margin, broken] =
        [0.0, margin, margin + BROKEN].map(|worse| play(past, rules(worse), &lengths));
    let percent = |count: u32| 100.0 * f64::from(count) / f64::from(runs.max(1));
    let together = lengths
        .iter()
        .zip(equal)
        .zip(at_margin.into_iter().zip(broken));
    together
        .map(
            |((length, equal), (at_margin, broken)): ((&i32, Ends), (Ends, Ends))| Rates {
                block_ms: match *length == block {
                    true => planned.block_ms(),
                    false => past.cell_ms * i64::from(*length),
                },
                passes: percent(equal.passes),
                false_fails: percent(equal.fails),
                false_passes: percent(at_margin.passes),
                power: percent(broken.fails),
            },
        )
        .collect()
}

/// The shortest block that keeps what the gate promises: 1 % false fails, 5 % false passes, and holds the longest burst, whatever the few
/// runs say: they do not show how rarely one is cut, and in long blocks they decide nothing. One that is shorter than planned tells more
/// of the same time; it must do as well by the paths that are alike, and by the broken one.
fn fitting<'a>(rates: &'a [Rates], of: Planned<'_>, longest_ms: i64) -> Option<&'a Rates> {
    let planned = planned(rates, of)?;
    rates.iter().find(|rates| {
        let keeps = rates.false_fails <= 1.0 && rates.false_passes <= 5.0;
        let longer = rates.block_ms >= planned.block_ms;
        let holds = rates.block_ms >= longest_ms;
        keeps && holds && (longer || rates.passes >= planned.passes && rates.power >= planned.power)
    })
}

fn planned<'a>(rates: &'a [Rates], planned: Planned<'_>) -> Option<&'a Rates> {
    rates
        .iter()
        .find(|rates| rates.block_ms == planned.block_ms())
}

fn of_block(
    past: &Past,
    planned: Planned<'_>,
    bursts: Bursts,
    rates: &[Rates],
    block: Option<&Rates>,
) -> Advice {
    let shown = |ms: i64| long(ms as f64 / 1000.0);
    let (advised, why) = match (self::planned(rates, planned), block) {
        (None, _) => (
            planned.block_ms(),
            "nothing to play: no call in these days, or no share at which both paths deliver".to_string(),
        ),
        (Some(first), Some(block)) if first.block_ms == block.block_ms => (
            block.block_ms,
            format!(
                "the longest of {} bursts lasted {}; played again, equal paths fail in {:.1} % of the runs",
                bursts.count,
                shown(i64::from(bursts.longest) * past.cell_ms),
                block.false_fails
            ),
        ),
        (Some(first), Some(block)) if block.block_ms < first.block_ms => (
            block.block_ms,
            format!(
                "the longest of {} bursts lasted {}: with shorter blocks the same traffic decides sooner; played again, equal paths fail in \
                 {:.1} % of the runs, and a path at the margin passes in {:.1} %",
                bursts.count,
                shown(i64::from(bursts.longest) * past.cell_ms),
                block.false_fails,
                block.false_passes
            ),
        ),
        (Some(first), Some(block)) => (
            block.block_ms,
            format!(
                "bursts last up to {}: with the planned block equal paths fail in {:.1} % of the runs and a path at the margin passes in {:.1} %, \
                 with this one in {:.1} and {:.1} %",
                shown(i64::from(bursts.longest) * past.cell_ms),
                first.false_fails,
                first.false_passes,
                block.false_fails,
                block.false_passes
            ),
        ),
        (Some(first), None) => (
            rates.last().unwrap_or(first).block_ms,
            "no length that was tried keeps the promise; this is the longest. A longer step, or a person who looks".to_string(),
        ),
    };
    Advice {
        setting: "gates.success.block",
        planned: shown(planned.block_ms()),
        advised: shown(advised),
        why,
    }
}

/// So long a soak must be that a pass within the margin fits into each of its shares.
fn soak_for(planned: Planned<'_>, margin: f64, block_ms: i64) -> Duration {
    let blocks = blocks_needed(margin) as f64 * SLACK * planned.shares.len() as f64;
    Duration::try_from_secs_f64(blocks * block_ms as f64 / 1000.0).unwrap_or(Duration::MAX)
}

/// Blocks without a failure until a pass.
fn blocks_needed(margin: f64) -> u64 {
    let enough = |blocks| Sample::new(-1.0, 1.0, [(0.0, blocks)]).below(margin) >= -ALPHA_PASS.ln();
    clean_needed(enough).unwrap_or(u64::MAX)
}

fn of_soak(planned: Planned<'_>, block_ms: i64, rates: Option<&Rates>) -> Advice {
    let passes = rates.map_or(String::new(), |rates| {
        format!(
            "; played again, equal paths pass within a step of now in {:.0} % of the runs",
            rates.passes
        )
    });
    let blocks = blocks_needed(planned.limits.success_margin) as f64 * SLACK;
    let step = blocks * block_ms as f64 / 1000.0;
    let wanted = soak_for(planned, planned.limits.success_margin, block_ms).as_secs_f64();
    let soak = planned.soak.as_secs_f64();
    Advice {
        setting: "waves[].soak",
        planned: long(soak),
        advised: long(wanted.max(soak)),
        why: format!(
            "a pass needs about {} clean blocks of {}: {} for each of {} shares{passes}",
            grouped(blocks as i64),
            long(block_ms as f64 / 1000.0),
            long(step),
            planned.shares.len()
        ),
    }
}

fn of_shares(planned: Planned<'_>, calls_per_second: f64) -> Advice {
    let step = planned.step().as_secs_f64();
    let margin = planned.limits.success_margin;
    let time = |share: u8| {
        let share = f64::from(share) / 100.0;
        let enough = |clean| Sample::split(share, 0, clean, 0).below(margin) >= -ALPHA_PASS.ln();
        clean_needed(enough).map_or(f64::INFINITY, |events| events as f64 / calls_per_second)
    };
    let fits = |share: &u8| !(1..100).contains(share) || time(*share) <= step;
    let advised: Vec<u8> = planned.shares.iter().copied().filter(fits).collect();
    let slow = planned.shares.iter().copied().find(|share| !fits(share));
    let list = |shares: &[u8]| format!("{shares:?}");
    Advice {
        setting: "waves[].shares",
        planned: list(planned.shares),
        advised: list(&advised),
        why: match slow {
            None => format!(
                "at {:.2} calls a second each share has enough events within its step",
                calls_per_second
            ),
            Some(share) => format!(
                "at {:.2} calls a second a pass at {share} % would take {}, longer than the step of {}",
                calls_per_second,
                long(time(share)),
                long(step)
            ),
        },
    }
}

/// Beyond this nobody waits.
const LONGEST_SOAK: f64 = 28.0 * DAY;

fn of_margin(planned: Planned<'_>, block_ms: i64) -> Advice {
    let margin = planned.limits.success_margin;
    let soak = |margin: f64| soak_for(planned, margin, block_ms).as_secs_f64();
    let advised = [margin, 0.02, 0.05]
        .into_iter()
        .filter(|m| *m >= margin)
        .find(|m| soak(*m) <= LONGEST_SOAK);
    let shown = |margin: f64| format!("{}%", super::explain::trim(margin * 100.0));
    Advice {
        setting: "gates.success.margin",
        planned: shown(margin),
        advised: shown(advised.unwrap_or(0.05)),
        why: match advised {
            Some(advised) if advised <= margin => {
                format!("a pass within it takes {} in all", long(soak(margin)))
            }
            Some(advised) => format!(
                "within {} a pass would take {} in all, within this {}",
                shown(margin),
                long(soak(margin)),
                long(soak(advised))
            ),
            None => format!(
                "even so a pass takes {} in all: let a person decide (`signoff`)",
                long(soak(0.05))
            ),
        },
    }
}
