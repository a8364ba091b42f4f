//! `baseline`: is NATS's failure rate at most the margin above what the queue's was before? Decides where there is no other arm.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Calls, Counts, GateResult, Verdict,
    blocks::{self, For},
    explain::{Explains, Figure, Told, Unit, known, number_or_nan, words},
    kernel::{ALPHA_FAIL, ALPHA_PASS, Sample, of_attempt, wilson},
    outlook::{Pace, clean_needed},
    success::{AFTER_BURST, burst, percent},
};
use crate::model::{Gate, GateLimits, Path, duration::of_ms, grouped};

/// Without a margin of the plan's own: half the rate, but not less and not more than these.
pub(super) const LEAST_MARGIN: f64 = 0.001;
const MOST_MARGIN: f64 = 0.01;

/// NATS against the rate of before, for one webhook or for all.
struct Test {
    webhook_id: Option<i32>,
    judged: i64,
    failed: i64,
    undelivered: i64,
    before: Calls,
    pass_at: f64,
    fail_at: f64,
    /// What blocks of time must show for a pass. They cannot tell less than a point apart within a step, so this is never less than
    /// a point above the rate of before.
    blocks_pass_at: f64,
}

impl Test {
    fn new(arm: &ArmCounts, before: Calls, margin: Option<f64>) -> Self {
        let (low, high) = wilson(before.failed.unsigned_abs(), before.ended.unsigned_abs());
        let rate = before.failed as f64 / before.ended.max(1) as f64;
        let margin = margin.unwrap_or((rate / 2.0).clamp(LEAST_MARGIN, MOST_MARGIN));
        Test {
            webhook_id: arm.webhook_id,
            judged: arm.judged,
            failed: arm.failed(),
            undelivered: arm.undelivered,
            before,
            pass_at: (low + margin).min(1.0),
            fail_at: (high + margin).min(1.0),
            blocks_pass_at: (low + margin.max(MOST_MARGIN)).min(1.0),
        }
    }

    /// What is under way counts as failed for a pass; `clean` more good events.
    fn for_pass(&self, clean: u64) -> Sample {
        self.sample(self.failed + self.undelivered, clean)
    }

    fn for_fail(&self) -> Sample {
        self.sample(self.failed, 0)
    }

    fn sample(&self, failed: i64, clean: u64) -> Sample {
        let good = (self.judged - failed).max(0).unsigned_abs();
        Sample::new(
            0.0,
            1.0,
            [
                (1.0, failed.unsigned_abs()),
                (0.0, good.saturating_add(clean)),
            ],
        )
    }

    fn passes(&self, alpha: f64, clean: u64) -> bool {
        self.for_pass(clean).below(self.pass_at) >= -alpha.ln()
    }

    fn fails_by_events(&self, alpha: f64) -> bool {
        self.fail_at < 1.0 && self.for_fail().above(self.fail_at) >= -alpha.ln()
    }

    /// By events and by blocks of time: the events of a burst are one piece of evidence.
    fn fails(&self, alpha: f64, blocks: &Sample) -> bool {
        self.fails_by_events(alpha) && blocks.above(self.fail_at) >= -alpha.ln()
    }

    /// Could it pass by itself, if all were good?
    fn large(&self, alpha: f64) -> bool {
        Sample::new(0.0, 1.0, [(0.0, self.judged.unsigned_abs())]).below(self.pass_at)
            >= -alpha.ln()
    }

    fn told(&self, alpha_pass: f64, alpha_fail: f64) -> Arm {
        Arm {
            webhook_id: self.webhook_id,
            judged: self.judged,
            failed: self.failed,
            undelivered: self.undelivered,
            before: self.before,
            pass_below: self.pass_at,
            fail_above: self.fail_at,
            upper: self.for_pass(0).upper(alpha_pass),
            lower: self.for_fail().lower(alpha_fail),
        }
    }
}

/// NATS and what the queue did before, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub attempt: u32,
    pub alpha_pass: f64,
    pub alpha_fail: f64,
    pub all: Arm,
    pub blocks: OfBlocks,
    pub webhooks: Vec<Arm>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arm {
    pub webhook_id: Option<i32>,
    pub judged: i64,
    pub failed: i64,
    pub undelivered: i64,
    pub before: Calls,
    pub pass_below: f64,
    pub fail_above: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub upper: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub lower: f64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct OfBlocks {
    pub count: u64,
    pub block_ms: i64,
    pub pass_below: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub upper: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub lower: f64,
}

impl Explains for Compared {
    fn told(&self, verdict: Verdict) -> Told {
        let all = &self.all;
        if all.judged == 0 {
            return words::none_yet();
        }
        let (allowed, over) = (words::points(all.pass_below), words::points(all.fail_above));
        let mut plainly = vec!["NATS alone delivers now, so there is no queue beside it to compare with. It is held against what the \
                                queue did before: in the week before the migration, and in the earlier steps of this wave."
            .to_string()];
        if all.before.ended == 0 {
            plainly.push(
                "But the queue delivered nothing before: there is nothing to compare with, and waiting does not change that."
                    .to_string(),
            );
            return Told {
                plainly,
                formula: Vec::new(),
            };
        }
        plainly.push(format!(
            "NATS failed {}; before, the queue failed {}.",
            words::rate(all.failed, all.judged),
            words::rate(all.before.failed, all.before.ended)
        ));
        plainly.extend(words::under_way(all.undelivered));
        let bounds = known(all.lower).zip(known(all.upper));
        if let Some((lower, upper)) = bounds {
            plainly.push(format!(
                "As far as one can tell from so many, NATS fails in truth between {} and {} out of 100 deliveries. Allowed are {allowed}.",
                words::points(lower),
                words::points(upper),
            ));
        }
        plainly.push(match verdict {
            Verdict::Pass => words::pass(self.alpha_pass),
            Verdict::Fail => words::fail(self.alpha_fail),
            Verdict::Inconclusive if all.lower > all.fail_above => {
                words::burst(self.blocks.block_ms)
            }
            Verdict::Inconclusive => words::undecided(),
        });
        plainly.extend(words::webhooks(self.webhooks.len(), 0));
        let mut formula = vec![
            format!(
                "rate before, with its Wilson bounds (95 %), and the margin: pass below {allowed} %, fail above {over} %"
            ),
            format!(
                "draws: 1 where NATS failed, 0 where it did not. {}; hi = 1",
                words::KERNEL
            ),
        ];
        if let Some((lower, upper)) = bounds {
            formula.push(format!(
                "bounds of NATS's rate: {} to {} %; pass: upper < {allowed} %, fail: lower > {over} %",
                words::points(lower),
                words::points(upper),
            ));
        }
        Told { plainly, formula }
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "how many of 100 NATS may fail; a pass needs it left of the mark",
            unit: Unit::Points,
            // A bound beyond all of them says nothing: unknown.
            value: known(self.all.upper * 100.0).filter(|points| *points < 100.0),
            limit: Some(self.all.pass_below * 100.0),
        }]
    }
}

/// Pooled, and each webhook that has enough events to pass by itself and was measured before.
pub fn verdict(counts: &Counts, attempt: u32, pace: Pace, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Baseline;
    let (pass, fail) = (
        of_attempt(ALPHA_PASS, attempt),
        of_attempt(ALPHA_FAIL, attempt),
    );
    let known: &BTreeMap<i32, Calls> = &counts.baseline.calls;
    let single: Vec<(Test, Sample)> = counts
        .arms
        .iter()
        .filter(|arm| arm.prefers == Path::Nats)
        .filter_map(|arm| {
            let before = known.get(&arm.webhook_id?)?;
            (before.ended > 0).then(|| {
                let blocks = blocks::of_webhook(counts, arm, &ArmCounts::default(), 1.0);
                (Test::new(arm, *before, limits.baseline_margin), blocks)
            })
        })
        .collect();
    let before = single
        .iter()
        .fold(Calls::default(), |sum, (test, _)| Calls {
            ended: sum.ended + test.before.ended,
            failed: sum.failed + test.before.failed,
        });
    let nats = &counts.nats_arm;
    let pooled = Test::new(nats, before, limits.baseline_margin);
    let blocks = blocks::of_nats(&counts.blocks, For::Pass);
    let blocks_for_fail = blocks::of_nats(&counts.blocks, For::Fail);
    let fail_one = fail / 2.0 / single.len().max(1) as f64;
    let fail_all = if single.len() > 1 { fail / 2.0 } else { fail };
    let by_itself =
        |(test, _): &&(Test, Sample)| test.large(pass) || test.fails_by_events(fail_one);
    let inputs = Compared {
        attempt,
        alpha_pass: pass,
        alpha_fail: fail,
        all: pooled.told(pass, fail_all),
        blocks: OfBlocks {
            count: blocks.draws(),
            block_ms: counts.block_ms,
            pass_below: pooled.blocks_pass_at,
            upper: blocks.upper(pass),
            lower: blocks_for_fail.lower(fail_all),
        },
        webhooks: single
            .iter()
            .filter(by_itself)
            .map(|(test, _)| test.told(pass, fail_one))
            .collect(),
    };
    if nats.judged == 0 {
        let reason = "no event is old enough to be judged";
        return GateResult::inconclusive(gate, reason, "wait for traffic", inputs);
    }
    if before.ended == 0 {
        return GateResult::inconclusive(
            gate,
            "nothing was delivered by the queue before this step: there is no rate to compare with",
            "go back to a smaller share, where both paths deliver; or `gates: { baseline: { advisory: true } }` and a sign-off",
            inputs,
        );
    }
    let reason = format!(
        "NATS failed {} of {}, before {} of {}: NATS at most {} (95 %, any time), allowed {}",
        grouped(nats.failed()),
        grouped(nats.judged),
        grouped(before.failed),
        grouped(before.ended),
        percent(pooled.for_pass(0).upper(pass)),
        percent(pooled.pass_at),
    );
    let remedy = "look at the newest errors (`errors` gate); `wavegate rollback --wave WAVE` takes the wave back";
    let many = single.len() > 1;
    let named = |worst: &Test| {
        format!(
            "webhook {}: NATS failed {} of {}, at least {}; before {} of {}, allowed {}",
            worst.webhook_id.unwrap_or_default(),
            grouped(worst.failed),
            grouped(worst.judged),
            percent(worst.for_fail().lower(fail_one)),
            grouped(worst.before.failed),
            grouped(worst.before.ended),
            percent(worst.fail_at),
        )
    };
    let fails = |(test, blocks): &&(Test, Sample)| many && test.fails(fail_one, blocks);
    if let Some((worst, _)) = single.iter().find(fails) {
        return GateResult::fail(gate, named(worst), remedy, inputs);
    }
    if pooled.fails(fail_all, &blocks_for_fail) {
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    let worst = single
        .iter()
        .find(|(test, _)| many && test.fails_by_events(fail_one));
    if pooled.fails_by_events(fail_all) || worst.is_some() {
        let reason = worst.map_or(reason, |(test, _)| named(test));
        let reason = burst(reason, &blocks, counts);
        return GateResult::inconclusive(gate, reason, AFTER_BURST, inputs);
    }
    if nats.judged < i64::try_from(limits.min_events).unwrap_or(i64::MAX) {
        let missing = limits.min_events.saturating_sub(nats.judged.unsigned_abs());
        let reason = format!(
            "too few: {} of {} events",
            grouped(nats.judged),
            limits.min_events
        );
        return GateResult::inconclusive(gate, reason, pace.events(missing), inputs);
    }
    if !pooled.passes(pass, 0) {
        let clean = clean_needed(|more| pooled.passes(pass, more));
        return GateResult::inconclusive(gate, reason, pace.clean_events(clean), inputs);
    }
    let slow = |(test, _): &&(Test, Sample)| test.large(pass) && !test.passes(pass, 0);
    if let Some((slow, _)) = single.iter().find(slow) {
        let reason = format!(
            "all pass; webhook {}: NATS failed {} of {}, not yet known to be below the allowed {}",
            slow.webhook_id.unwrap_or_default(),
            grouped(slow.failed),
            grouped(slow.judged),
            percent(slow.pass_at),
        );
        return GateResult::inconclusive(
            gate,
            reason,
            "wait for more events of this webhook",
            inputs,
        );
    }
    if blocks.below(pooled.blocks_pass_at) < -pass.ln() {
        let enough =
            |more| blocks.clone().and(0.0, more).below(pooled.blocks_pass_at) >= -pass.ln();
        let reason = format!(
            "by events it passes; failures come in bursts, so blocks of time decide too: {} blocks of {}, NATS at most {}, allowed {}",
            grouped(blocks.draws().cast_signed()),
            of_ms(counts.block_ms as f64),
            percent(blocks.upper(pass)),
            percent(pooled.blocks_pass_at),
        );
        let remedy = pace.clean_blocks(clean_needed(enough), counts.block_ms, "NATS delivers");
        return GateResult::inconclusive(gate, reason, remedy, inputs);
    }
    GateResult::pass(gate, reason, inputs)
}
