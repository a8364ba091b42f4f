//! What a fault costs: deliveries that fail because of NATS until `success` and `broken` together stop the wave. `errors`, which counts
//! minutes, would stop the larger ones sooner; what it does depends on how many calls come in a minute, and it is left out.

use std::collections::BTreeMap;

use wavegate::{
    gates::{
        ArmCounts, Block, BlockArm, Counts, Pace, Verdict,
        blocks::{self, For},
        broken,
        kernel::ALPHA_FAIL,
        success::{self, Trial},
    },
    model::{GateLimits, Path},
};

use crate::{BLOCK, each};

const WEBHOOKS: i32 = 50;
const EVENTS: u64 = 100_000;
const LOOK: u64 = 500;
/// What fails anyway.
const BASE: f64 = 0.01;
/// Events of a block where bursts are shorter than that, as `gate calibrate` finds it.
const SHORT: u64 = 50;
/// Blocks from which the floor is worked out.
const DRAWN: u64 = 50_000;

struct Fault {
    share: f64,
    /// Of NATS's deliveries fail so many more.
    worse: f64,
    /// Of the first webhook alone, or of all.
    one: bool,
    /// Events of a block.
    block: u64,
}

impl Fault {
    /// One event: whether NATS is to deliver it, whether the fault hits it, and whether it fails.
    fn event(&self, id: i32, random: &mut fastrand::Rng) -> (bool, bool, bool) {
        let to_nats = random.f64() < self.share;
        let hit = to_nats && (!self.one || id == 0) && random.f64() < self.worse;
        (to_nats, hit, hit || random.f64() < BASE)
    }
}

/// What no test by blocks can do without, on average, that is wrong in at most 1 of 200 runs whatever the draws of -1 to 1 may be:
/// ln 200 over the growth of the best bet on these draws (Kelly's; Wald's bound), as deliveries that fail for the fault.
fn floor(fault: &Fault, random: &mut fastrand::Rng) -> Option<f64> {
    let margin = GateLimits::default().success_margin;
    let draws: Vec<f64> = (0..DRAWN)
        .map(|_| {
            let mut block = Block::default();
            for _ in 0..fault.block {
                let (to_nats, _, failed) = fault.event(0, random);
                let arm = if to_nats {
                    &mut block.nats
                } else {
                    &mut block.queue
                };
                arm.judged += 1;
                arm.failed += i64::from(failed);
            }
            match block.nats.judged.min(block.queue.judged) {
                0 => 0.0,
                _ => blocks::draw(&block, For::Fail) - margin,
            }
        })
        .collect();
    let growth =
        |bet: f64| draws.iter().map(|x| (bet * x).ln_1p()).sum::<f64>() / draws.len() as f64;
    // The growth is concave in the bet, and a draw of -1 may not take all.
    let (mut low, mut high) = (0.0, 1.0 / (1.0 + margin));
    for _ in 0..60 {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        match growth(left) < growth(right) {
            true => low = left,
            false => high = right,
        }
    }
    let growth = growth(low);
    let blocks = -(ALPHA_FAIL / 2.0).ln() / growth;
    let hits = fault.block as f64 * fault.share * fault.worse;
    (growth > 1e-6).then_some(blocks.max(1.0) * hits)
}

/// Deliveries that failed for the fault, until it was stopped; and whether it was.
fn run(fault: &Fault, random: &mut fastrand::Rng) -> (u64, bool) {
    let limits = GateLimits::default();
    let trial = Trial {
        share: fault.share,
        attempt: 1,
        pace: Pace::default(),
    };
    let mut counts = Counts {
        block_ms: 1000,
        ..Counts::default()
    };
    let mut arms: BTreeMap<(i32, Path), ArmCounts> = BTreeMap::new();
    let mut cost = 0;
    for n in 0..EVENTS {
        let id = random.i32(0..WEBHOOKS);
        let (to_nats, hit, failed) = fault.event(id, random);
        let prefers = if to_nats { Path::Nats } else { Path::Queue };
        cost += u64::from(hit);
        let failed = i64::from(failed);
        let arm = arms.entry((id, prefers)).or_insert_with(|| ArmCounts {
            webhook_id: Some(id),
            prefers,
            ..ArmCounts::default()
        });
        arm.events += 1;
        arm.judged += 1;
        arm.dead += failed;
        arm.delivered += 1 - failed;
        let event = BlockArm {
            judged: 1,
            failed,
            undelivered: 0,
        };
        counts.add_block(id, (n / fault.block) as i32, prefers, event);
        if n % LOOK != LOOK - 1 {
            continue;
        }
        counts.set_arms(arms.values().cloned());
        let fails = |verdict| verdict == Verdict::Fail;
        if fails(success::verdict(&counts, &trial, &limits).verdict)
            || fails(broken::verdict(&counts, fault.share, 1).verdict)
        {
            return (cost, true);
        }
    }
    (cost, false)
}

/// Prints the rows.
pub fn rows(runs: u64, seed: u64) {
    println!(
        "\nWhat a fault costs, in deliveries that fail for it until `success` or `broken` stops the wave: {runs} runs a row, {EVENTS} events at \
         most, {WEBHOOKS} webhooks alike, a look every {LOOK} events; the queue fails 1 %, the margin is 1 point. Median and 95th percentile of \
         the runs that were stopped. The floor is what any test by such blocks needs on average, with looks after each.\n"
    );
    println!(
        "| fault of | points | share | events a block | stopped | cost, median | 95 % | floor |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (one, block, faults) in [
        (false, BLOCK, &[0.01, 0.02, 0.03, 0.1, 1.0][..]),
        (false, SHORT, &[0.02, 0.03, 0.1]),
        (true, BLOCK, &[0.01, 0.02, 0.03, 0.1, 1.0]),
    ] {
        for &worse in faults {
            for share in [0.1, 0.5, 0.9] {
                let fault = Fault {
                    share,
                    worse,
                    one,
                    block,
                };
                row(&fault, runs, seed);
            }
        }
    }
}

fn row(fault: &Fault, runs: u64, seed: u64) {
    let ends = each(runs, seed, |random| run(fault, random));
    let mut costs: Vec<u64> = (ends.iter().filter(|(_, stopped)| *stopped))
        .map(|(cost, _)| *cost)
        .collect();
    costs.sort_unstable();
    let at = |part: f64| {
        let place = ((costs.len() as f64 * part) as usize).min(costs.len().saturating_sub(1));
        costs.get(place).map_or("-".to_string(), u64::to_string)
    };
    // The floor of one webhook among many depends on how its own blocks are made.
    let least = match fault.one {
        true => None,
        false => floor(fault, &mut fastrand::Rng::with_seed(seed)),
    };
    println!(
        "| {} | {:.0} | {:.0} % | {} | {} of {runs} | {} | {} | {} |",
        if fault.one { "one webhook" } else { "all" },
        fault.worse * 100.0,
        fault.share * 100.0,
        fault.block,
        costs.len(),
        at(0.5),
        at(0.95),
        least.map_or("-".to_string(), |least| format!("{least:.0}"))
    );
}
