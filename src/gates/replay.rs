//! The past, played again as a canary in which both paths are the same: how often would `success` be wrong?

use std::collections::BTreeMap;

use super::{
    ArmCounts, Block, BlockArm, Counts, Pace, Past, Verdict,
    success::{self, Trial},
};
use crate::model::{GateLimits, Path};

/// How a step is played.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub limits: &'a GateLimits,
    pub share: f64,
    /// How many cells the step lasts.
    pub cells: i32,
    pub runs: u32,
    pub seed: u64,
    /// NATS fails so many more of its events.
    pub worse: f64,
}

/// How many runs ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    pub passes: u32,
    pub fails: u32,
}

/// A step is looked at so often.
const LOOKS: i32 = 6;

/// By length of a block in cells. Each path has a stretch of the past of its own, so that a burst is one path's, as bad as it can be.
pub fn play(past: &Past, rules: Rules<'_>, lengths: &[i32]) -> Vec<Ends> {
    let mut ends = vec![Ends::default(); lengths.len()];
    for run in 0..rules.runs {
        let mut random = fastrand::Rng::with_seed(rules.seed + u64::from(run));
        let step = drawn(past, rules, &mut random);
        for (length, ends) in lengths.iter().zip(&mut ends) {
            match judged(&step, rules, *length) {
                Verdict::Pass => ends.passes += 1,
                Verdict::Fail => ends.fails += 1,
                Verdict::Inconclusive => {}
            }
        }
    }
    ends
}

/// What each webhook had in each cell of the step.
type Step = BTreeMap<(i32, i32), Block>;

fn drawn(past: &Past, rules: Rules<'_>, random: &mut fastrand::Rng) -> Step {
    let mut step = Step::new();
    for (path, share, worse) in [
        (Path::Nats, rules.share, rules.worse),
        (Path::Queue, 1.0 - rules.share, 0.0),
    ] {
        let all = past.cells.max(1);
        let begins = random.i32(0..all);
        // The past is a circle.
        let (end, over) = ((begins + rules.cells).min(all), begins + rules.cells - all);
        for (webhook, cells) in &past.webhooks {
            let stretch = cells.range(begins..end).chain(cells.range(..over.max(0)));
            for (number, cell) in stretch {
                let at = (number - begins).rem_euclid(all);
                let block = step.entry((at, *webhook)).or_default();
                let arm = block.arm(path);
                for call in 0..cell.ended {
                    if random.f64() < share {
                        arm.judged += 1;
                        arm.failed += i64::from(call < cell.failed || random.f64() < worse);
                    }
                }
            }
        }
    }
    step
}

/// How the gate decides first.
fn judged(step: &Step, rules: Rules<'_>, length: i32) -> Verdict {
    let trial = Trial {
        share: rules.share,
        attempt: 1,
        pace: Pace::default(),
    };
    let mut counts = Counts {
        block_ms: 1,
        ..Counts::default()
    };
    let mut arms: BTreeMap<(i32, Path), ArmCounts> = BTreeMap::new();
    let mut cells = step.iter().peekable();
    for look in 1..=LOOKS {
        let until = i64::from(rules.cells) * i64::from(look) / i64::from(LOOKS);
        while let Some(((at, webhook), block)) =
            cells.next_if(|((at, _), _)| i64::from(*at) < until)
        {
            for (path, arm) in [(Path::Nats, block.nats), (Path::Queue, block.queue)] {
                counts.add_block(*webhook, at / length, path, arm);
                let sum = arms.entry((*webhook, path)).or_default();
                sum.add(&counted(*webhook, path, arm));
                (sum.webhook_id, sum.prefers) = (Some(*webhook), path);
            }
        }
        counts.set_arms(arms.values().cloned());
        let verdict = success::verdict(&counts, &trial, rules.limits).verdict;
        if verdict != Verdict::Inconclusive {
            return verdict;
        }
    }
    Verdict::Inconclusive
}

fn counted(webhook: i32, prefers: Path, arm: BlockArm) -> ArmCounts {
    ArmCounts {
        webhook_id: Some(webhook),
        prefers,
        events: arm.judged,
        judged: arm.judged,
        dead: arm.failed,
        delivered: arm.judged - arm.failed,
        ..ArmCounts::default()
    }
}
