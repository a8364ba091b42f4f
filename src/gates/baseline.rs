//! `baseline`: is NATS's failure rate at most the margin above what the queue's was before? Decides where there is no other arm.
//! The rate of before is weighed to the webhooks' present shares, and what is uncertain about it has a part of each level.

use serde::{Deserialize, Serialize};

use super::{
    Calls, Counts, GateResult, Names, Verdict,
    blocks::{For, after_burst, burst},
    draws::{percent, points},
    excess::{Excess, Measured, PART_OF_PAST},
    explain::{Explains, Figure, Told, Unit, known, number_or_nan, trim, words},
    kernel::{ALPHA_FAIL, ALPHA_PASS, of_attempt},
    outlook::{Pace, clean_needed, newest_errors},
};
use crate::model::{Gate, GateLimits, Path, duration::of_ms, grouped};

/// NATS and what the queue did before, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub attempt: u32,
    pub alpha_pass: f64,
    pub alpha_fail: f64,
    pub all: Arm,
    pub blocks: OfBlocks,
    /// Those that failed, and have enough events to pass by themselves or fail.
    pub webhooks: Vec<Arm>,
    /// Webhooks with a call before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<usize>,
    /// With events now, and without a call before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmeasured: Vec<i32>,
    /// The webhook that decided, where not all of them together did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Decider>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arm {
    pub webhook_id: Option<i32>,
    pub judged: i64,
    pub failed: i64,
    pub undelivered: i64,
    pub before: Calls,
    /// With the present mix of webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_before: Option<f64>,
    pub pass_below: f64,
    pub fail_above: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub upper: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub lower: f64,
}

/// One webhook's numbers, as `Compared` has those of all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Decider {
    pub name: String,
    pub events: Arm,
    pub blocks: OfBlocks,
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

impl Arm {
    fn of(test: &Excess, webhook_id: Option<i32>) -> Arm {
        Arm {
            webhook_id,
            judged: test.nats.judged,
            failed: test.nats.failed(),
            undelivered: test.nats.undelivered,
            before: test.before,
            rate_before: Some(test.rate),
            pass_below: test.pass_at,
            fail_above: test.fail_at,
            upper: test.for_pass(0).upper(test.pass),
            lower: test.for_fail().lower(test.fail),
        }
    }
}

impl OfBlocks {
    fn of(test: &Excess, block_ms: i64) -> OfBlocks {
        OfBlocks {
            count: test.blocks_for_pass.draws(),
            block_ms,
            pass_below: test.blocks_pass_at,
            upper: test.blocks_for_pass.upper(test.pass),
            lower: test.blocks_for_fail.lower(test.fail),
        }
    }
}

impl Explains for Compared {
    fn told(&self, verdict: Verdict, names: &Names) -> Told {
        let decided_by = self.decided_by.as_ref();
        let (all, blocks) =
            decided_by.map_or((self.all, self.blocks), |one| (one.events, one.blocks));
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
        plainly.extend(decided_by.map(|one| words::decided_by(&one.name)));
        plainly.push(format!(
            "NATS failed {}; before, the queue failed {}.",
            words::rate(all.failed, all.judged),
            words::rate(all.before.failed, all.before.ended)
        ));
        let weighed = all
            .rate_before
            .filter(|_| self.webhooks.len() > 1 && all.webhook_id.is_none());
        plainly.extend(weighed.map(|rate| format!(
            "Webhooks fail unequally often, and have other shares of the traffic now: with those of now, the queue would have failed {} out \
             of 100.",
            words::points(rate)
        )));
        plainly.extend(words::unmeasured(&self.unmeasured, names));
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
            Verdict::Inconclusive if all.lower > all.fail_above => words::burst(blocks.block_ms),
            Verdict::Inconclusive => words::undecided(),
        });
        plainly.extend(self.measured.filter(|measured| *measured > 1).map(|measured| {
            format!(
                "Each of the {} webhooks that were measured before is looked at by itself, too: one that is clearly worse fails the wave.",
                grouped(measured as i64)
            )
        }));
        let mut formula = vec![
            format!(
                "lower and upper bound of the rate before, plus the margin: pass below {allowed} %, fail above {over} %"
            ),
            format!(
                "bounds of the rate before: each webhook's, weighed by its share of the events now, gamma intervals (Fay and Feuer 1997); \
                 they have a fifth of each level: {} for a pass, {} for a fail of all",
                trim(self.alpha_pass * PART_OF_PAST),
                trim(self.alpha_fail * PART_OF_PAST)
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

    fn speaks_against(&self) -> bool {
        let decisive = self.decided_by.as_ref().map_or(self.all, |one| one.events);
        decisive.lower > decisive.fail_above
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

/// All together, and each webhook that was measured before: it may fail by itself, and must pass by itself where it has enough events.
pub fn verdict(counts: &Counts, attempt: u32, pace: Pace, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Baseline;
    let (pass, fail) = (
        of_attempt(ALPHA_PASS, attempt),
        of_attempt(ALPHA_FAIL, attempt),
    );
    let all: Vec<(i32, Measured)> = counts
        .arms
        .iter()
        .filter(|arm| arm.prefers == Path::Nats)
        .filter_map(|nats| {
            let id = nats.webhook_id?;
            let one = Measured {
                nats,
                before: counts.baseline.calls.get(&id).copied().unwrap_or_default(),
            };
            Some((id, one))
        })
        .collect();
    let measured = || all.iter().filter(|(_, one)| one.before.ended > 0);
    // Half of the fail level is for all together, half is divided among the webhooks; a single webhook is all together.
    let (fail_all, fail_one) = match measured().count() {
        0 | 1 => (fail, fail),
        k => (fail / 2.0, fail / 2.0 / k as f64),
    };
    let margin = limits.baseline_margin;
    let blocks = counts.beyond_before(all.iter().map(|(id, one)| (*id, one.before)));
    let pooled = Excess::new(
        all.iter().map(|(_, one)| one),
        blocks,
        margin,
        (pass, fail_all),
    );
    let single: Vec<(i32, Excess)> = measured()
        // Without a failure it neither fails nor holds.
        .filter(|(_, one)| fail_one < fail_all && one.nats.failed() + one.nats.undelivered > 0)
        .map(|(id, one)| {
            let (blocks, rate) = (counts.joined(*id), one.before.rate());
            let blocks = [For::Pass, For::Fail].map(|side| blocks.of_nats(rate, side));
            let test = Excess::new(std::iter::once(one), blocks, margin, (pass, fail_one));
            (*id, test)
        })
        .collect();
    let inputs = Compared {
        attempt,
        alpha_pass: pass,
        alpha_fail: fail,
        all: Arm::of(&pooled, None),
        blocks: OfBlocks::of(&pooled, counts.block_ms),
        webhooks: single
            .iter()
            .filter(|(_, test)| test.large() || test.fails_by_events())
            .map(|(id, test)| Arm::of(test, Some(*id)))
            .collect(),
        measured: Some(measured().count()),
        unmeasured: all
            .iter()
            .filter(|(_, one)| one.before.ended == 0 && one.nats.judged > 0)
            .map(|(id, _)| *id)
            .collect(),
        decided_by: None,
    };
    let name = |id: &i32| counts.names.of(*id);
    let decided_by = |(id, test): &(i32, Excess)| Compared {
        decided_by: Some(Decider {
            name: name(id),
            events: Arm::of(test, Some(*id)),
            blocks: OfBlocks::of(test, counts.block_ms),
        }),
        ..inputs.clone()
    };
    let nats = &pooled.nats;
    if nats.judged == 0 {
        let reason = "no event is old enough to be judged";
        return GateResult::inconclusive(gate, reason, pace.events(limits.min_events), inputs);
    }
    if pooled.before.ended == 0 {
        let reason =
            "nothing was delivered by the queue before this step: there is no rate to compare with";
        return GateResult::inconclusive(gate, reason, NO_PAST, inputs);
    }
    let reason = format!(
        "{}: NATS at most {} (95 %, any time), allowed {}",
        pooled.line(),
        percent(pooled.for_pass(0).upper(pooled.pass)),
        percent(pooled.pass_at),
    );
    let remedy = newest_errors(&counts.wave);
    let named = |(id, test): &(i32, Excess)| {
        format!(
            "webhook {}: {}: NATS at least {} (99 %, any time), allowed {}",
            name(id),
            test.line(),
            percent(test.for_fail().lower(test.fail)),
            percent(test.fail_at),
        )
    };
    if let Some(worst) = single.iter().find(|(_, test)| test.fails()) {
        return GateResult::fail(gate, named(worst), remedy, decided_by(worst));
    }
    if pooled.fails() {
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if pooled.fails_by_events() {
        let reason = burst(reason, pooled.blocks_for_pass.draws(), counts.block_ms);
        return GateResult::inconclusive(gate, reason, after_burst(&counts.wave), inputs);
    }
    if let Some(worst) = single.iter().find(|(_, test)| test.fails_by_events()) {
        let blocks = worst.1.blocks_for_pass.draws();
        let reason = burst(named(worst), blocks, counts.block_ms);
        return GateResult::inconclusive(
            gate,
            reason,
            after_burst(&counts.wave),
            decided_by(worst),
        );
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
    if !pooled.passes(0) || !pooled.passes_by_blocks(0) {
        if pooled.blind() {
            let reason = format!(
                "{reason}; too few calls were measured before to tell a rate as theirs from a worse one"
            );
            return GateResult::inconclusive(gate, reason, NO_PAST, inputs);
        }
        if !pooled.passes(0) {
            let clean = clean_needed(|more| pooled.passes(more));
            return GateResult::inconclusive(gate, reason, pace.clean_events(clean), inputs);
        }
        let blocks = &pooled.blocks_for_pass;
        let reason = format!(
            "by events it passes; failures come in bursts, so blocks of time decide too: {} blocks of {}, NATS up to {} points worse, \
             allowed {}",
            grouped(blocks.draws().cast_signed()),
            of_ms(counts.block_ms as f64),
            points(blocks.upper(pooled.pass)),
            points(pooled.blocks_pass_at),
        );
        let clean = clean_needed(|more| pooled.passes_by_blocks(more));
        let remedy = pace.clean_blocks(clean, counts.block_ms, "NATS delivers");
        return GateResult::inconclusive(gate, reason, remedy, inputs);
    }
    let behind = |(_, test): &&(i32, Excess)| {
        test.large() && !test.passes(0) || test.long() && !test.passes_by_blocks(0)
    };
    if let Some(one) = single.iter().find(behind) {
        let (id, test) = one;
        let reason = format!(
            "all together pass; webhook {}: {}: not yet known to be below the allowed {}",
            name(id),
            test.line(),
            percent(test.pass_at),
        );
        let remedy = match test.passes(0) {
            true => {
                let clean = clean_needed(|more| test.passes_by_blocks(more));
                pace.clean_blocks(clean, counts.block_ms, "NATS delivers for this webhook")
            }
            false => {
                let pace = pace.part(test.nats.judged, nats.judged);
                let clean = clean_needed(|more| test.passes(more));
                pace.clean_events(clean).and(", of this webhook")
            }
        };
        return GateResult::inconclusive(gate, reason, remedy, decided_by(one));
    }
    GateResult::pass(gate, reason, inputs)
}

const NO_PAST: &str = "go back to a smaller share, where both paths deliver and are compared; or `gates: { baseline: { advisory: true } }` and a \
                       sign-off";
