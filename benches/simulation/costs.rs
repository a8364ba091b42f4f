//! What a fault costs: deliveries that fail because of NATS until `success` and `broken` together stop the wave. `errors`, which counts
//! minutes, would stop the larger ones sooner; what it does depends on how many calls come in a minute, and it is left out.

use std::collections::BTreeMap;

use wavegate::{
    gates::{
        ArmCounts, BlockArm, Counts, Pace, Verdict, broken,
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

struct Fault {
    share: f64,
    /// Of NATS's deliveries fail so many more.
    worse: f64,
    /// Of the first webhook alone, or of all.
    one: bool,
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
        let to_nats = random.f64() < fault.share;
        let prefers = if to_nats { Path::Nats } else { Path::Queue };
        let hit = to_nats && (!fault.one || id == 0) && random.f64() < fault.worse;
        cost += u64::from(hit);
        let failed = i64::from(hit || random.f64() < BASE);
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
        counts.add_block(id, (n / BLOCK) as i32, prefers, event);
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
         the runs that were stopped.\n"
    );
    println!("| fault of | points | share | stopped | cost, median | 95 % |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for one in [false, true] {
        for worse in [0.01, 0.02, 0.03, 0.1, 1.0] {
            for share in [0.1, 0.5, 0.9] {
                let fault = Fault { share, worse, one };
                let ends = each(runs, seed, |random| run(&fault, random));
                let mut costs: Vec<u64> = ends
                    .iter()
                    .filter(|(_, stopped)| *stopped)
                    .map(|(cost, _)| *cost)
                    .collect();
                costs.sort_unstable();
                let at = |part: f64| {
                    let place =
                        ((costs.len() as f64 * part) as usize).min(costs.len().saturating_sub(1));
                    costs.get(place).map_or("-".to_string(), u64::to_string)
                };
                println!(
                    "| {} | {:.0} | {:.0} % | {} of {runs} | {} | {} |",
                    if one { "one webhook" } else { "all" },
                    worse * 100.0,
                    share * 100.0,
                    costs.len(),
                    at(0.5),
                    at(0.95)
                );
            }
        }
    }
}
