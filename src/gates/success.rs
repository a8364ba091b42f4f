//! `success`: is the NATS arm's failure rate at most the margin above the queue arm's? By events and by blocks of time.

use serde_json::{Value, json};

use super::{
    ArmCounts, Counts, GateResult, Verdict,
    blocks::{self, For},
    kernel::{ALPHA_FAIL, ALPHA_PASS, Sample, of_attempt},
    latency::duration,
    outlook::{Pace, clean_needed},
};
use crate::model::{Gate, GateLimits, grouped};

/// What the test needs beside the counts.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The part of the events that the hash gives to NATS, between 0 and 1, both excluded.
    pub share: f64,
    /// From 1; every further attempt at the same step is held to a stricter level.
    pub attempt: u32,
    pub pace: Pace,
}

/// The evidence for one question, in natural logarithms, and the bounds that agree with it (differences of failure rates).
struct Evidence {
    /// That the difference is below the margin.
    below: f64,
    /// That it is above.
    above: f64,
    upper: f64,
    lower: f64,
}

impl Evidence {
    /// What is still under way may end either way: for a pass NATS's counts as failed, for a fail the queue's does.
    fn new(for_pass: &Sample, for_fail: &Sample, margin: f64, pass: f64, fail: f64) -> Self {
        Evidence {
            below: for_pass.below(margin),
            above: for_fail.above(margin),
            upper: for_pass.upper(pass),
            lower: for_fail.lower(fail),
        }
    }

    fn json(&self) -> Value {
        json!({ "ln_below": self.below, "ln_above": self.above, "upper": self.upper, "lower": self.lower })
    }
}

/// One webhook by itself: by events, and by its blocks of time.
struct Single {
    webhook_id: i32,
    events: Evidence,
    /// In blocks, that it is above the margin: logarithm, and the bound.
    blocks_above: f64,
    blocks_lower: f64,
    /// Its failures were looked into, block by block.
    suspect: bool,
    /// It has enough events to pass by itself.
    large: bool,
}

impl Single {
    fn new(
        counts: &Counts,
        (nats, queue): (&ArmCounts, &ArmCounts),
        share: f64,
        margin: f64,
        (pass, fail): (f64, f64),
    ) -> Self {
        let blocks = blocks::of_webhook(counts, nats, queue, share);
        Single {
            webhook_id: nats.webhook_id.unwrap_or_default(),
            events: by_events(nats, queue, share, margin, (pass, fail)),
            blocks_above: blocks.above(margin),
            blocks_lower: blocks.lower(fail),
            suspect: nats
                .webhook_id
                .is_some_and(|id| counts.failures.contains_key(&id)),
            large: large(nats, queue, share, margin, pass),
        }
    }

    fn json(&self) -> Value {
        json!({
            "webhook_id": self.webhook_id, "evidence": self.events.json(),
            "blocks": self.suspect.then(|| json!({ "ln_above": self.blocks_above, "lower": self.blocks_lower })),
        })
    }
}

/// Pooled by events and by blocks of time, and each webhook. A pass needs both, and so does a fail: the events of a burst are one
/// piece of evidence.
pub fn verdict(counts: &Counts, trial: &Trial, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Success;
    let margin = limits.success_margin;
    let (nats, queue) = (&counts.nats_arm, &counts.queue_arm);
    let judged = nats.judged + queue.judged;
    let (pass, fail) = (
        of_attempt(ALPHA_PASS, trial.attempt),
        of_attempt(ALPHA_FAIL, trial.attempt),
    );
    let webhooks: Vec<(&ArmCounts, &ArmCounts)> = counts.pairs().collect();
    // Half of the fail level is for all together, half is divided among the webhooks; a single webhook is all together.
    let (fail_all, fail_one) = match webhooks.len() {
        0 | 1 => (fail, fail),
        k => (fail / 2.0, fail / 2.0 / k as f64),
    };
    let events = by_events(nats, queue, trial.share, margin, (pass, fail_all));
    let blocks = blocks::of_both(&counts.blocks, For::Pass);
    let by_blocks = Evidence::new(
        &blocks,
        &blocks::of_both(&counts.blocks, For::Fail),
        margin,
        pass,
        fail_all,
    );
    // What is one webhook alone is in the evidence of all.
    let single: Vec<Single> = webhooks
        .iter()
        .filter(|_| webhooks.len() > 1)
        .map(|pair| Single::new(counts, *pair, trial.share, margin, (pass, fail_one)))
        .collect();
    let (wanted, wanted_all, wanted_one) = (-pass.ln(), -fail_all.ln(), -fail_one.ln());
    let inputs = json!({
        "margin": margin, "share": trial.share, "attempt": trial.attempt, "alpha_pass": pass, "alpha_fail": fail,
        "nats": arm_inputs(nats), "queue": arm_inputs(queue),
        "events": events.json(), "blocks": by_blocks.json(), "block_count": blocks.draws(), "block_ms": counts.block_ms,
        "webhooks": single.iter().filter(|one| one.large || one.events.above >= wanted_one)
            .map(Single::json).collect::<Vec<_>>(),
        "pooled_only": single.iter().filter(|one| !one.large && one.events.above < wanted_one)
            .map(|one| one.webhook_id).collect::<Vec<_>>(),
    });
    if judged == 0 {
        let reason = "no event is old enough to be judged";
        return GateResult::inconclusive(gate, reason, "wait for traffic", inputs);
    }
    let line = |verdict: Verdict| line(counts, &events, margin, verdict);
    let remedy = "look at the newest errors (`errors` gate); `wavegate rollback --wave WAVE` takes the wave back";
    let fails = |one: &&Single| one.events.above >= wanted_one && one.blocks_above >= wanted_one;
    let worst = single
        .iter()
        .filter(fails)
        .max_by(|a, b| a.events.above.total_cmp(&b.events.above));
    if let Some(one) = worst {
        let reason = format!(
            "webhook {} fails more often by NATS, by more than {} points; all: {}",
            one.webhook_id,
            points(one.events.lower),
            line(Verdict::Fail)
        );
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if events.above >= wanted_all && by_blocks.above >= wanted_all {
        return GateResult::fail(gate, line(Verdict::Fail), remedy, inputs);
    }
    let hold = |reason: String, remedy: String| {
        GateResult::inconclusive(gate, reason, remedy, inputs.clone())
    };
    // Before too few: who signs for those signs for silence, not for what was seen to fail.
    if events.above >= wanted_all {
        return hold(
            burst(line(Verdict::Fail), &blocks, counts),
            AFTER_BURST.into(),
        );
    }
    if let Some(one) = single.iter().find(|one| one.events.above >= wanted_one) {
        let reason = format!(
            "webhook {} fails more often by NATS, by more than {} points",
            one.webhook_id,
            points(one.events.lower)
        );
        return hold(burst(reason, &blocks, counts), AFTER_BURST.into());
    }
    if judged < i64::try_from(limits.min_events).unwrap_or(i64::MAX) {
        let missing = limits.min_events.saturating_sub(judged.unsigned_abs());
        let reason = format!(
            "too few: {} of {} events",
            grouped(judged),
            limits.min_events
        );
        return hold(reason, trial.pace.events(missing));
    }
    if events.below < wanted {
        let clean = clean_needed(|more| {
            split(nats, queue, trial.share, true, more).below(margin) >= wanted
        });
        return hold(line(Verdict::Inconclusive), trial.pace.clean_events(clean));
    }
    let behind = |one: &&Single| one.large && one.events.below < wanted;
    if let Some(one) = single.iter().find(behind) {
        let reason = format!(
            "all pass; webhook {}: NATS up to {} points worse, margin {}",
            one.webhook_id,
            points(one.events.upper),
            points(margin)
        );
        return hold(reason, "wait for more events of this webhook".to_string());
    }
    if by_blocks.below < wanted {
        let clean = clean_needed(|more| blocks.clone().and(0.0, more).below(margin) >= wanted);
        let reason = format!(
            "by events it passes; failures come in bursts, so blocks of time decide too: {} blocks of {}, NATS up to {} points worse",
            grouped(blocks.draws().cast_signed()),
            duration(counts.block_ms as f64),
            points(by_blocks.upper)
        );
        return hold(
            reason,
            trial
                .pace
                .clean_blocks(clean, counts.block_ms, "both paths deliver"),
        );
    }
    GateResult::pass(gate, line(Verdict::Pass), inputs)
}

/// What to do while it may have been a burst.
pub(super) const AFTER_BURST: &str = "if it goes on it will fail: look at the newest errors (`errors` gate); `wavegate rollback --wave WAVE` takes the wave back";

/// Events alone would fail it; whether it was a burst, only more time tells.
pub(super) fn burst(reason: String, blocks: &Sample, counts: &Counts) -> String {
    format!(
        "{reason}; it may be a burst, so it holds until blocks of time say so too: {} blocks of {}",
        grouped(blocks.draws().cast_signed()),
        duration(counts.block_ms as f64),
    )
}

/// The draws of split delivery. `for_pass`: what is under way counts against NATS, else for it. `clean` more good events.
fn split(nats: &ArmCounts, queue: &ArmCounts, share: f64, for_pass: bool, clean: u64) -> Sample {
    let (nats_open, queue_open) = if for_pass {
        (nats.undelivered, 0)
    } else {
        (0, queue.undelivered)
    };
    let worse = nats.failed() + nats_open;
    let better = queue.failed() + queue_open;
    let good = (nats.judged + queue.judged - worse - better).max(0);
    Sample::split(
        share,
        worse.unsigned_abs(),
        good.unsigned_abs().saturating_add(clean),
        better.unsigned_abs(),
    )
}

fn by_events(
    nats: &ArmCounts,
    queue: &ArmCounts,
    share: f64,
    margin: f64,
    (pass, fail): (f64, f64),
) -> Evidence {
    let for_pass = split(nats, queue, share, true, 0);
    let for_fail = split(nats, queue, share, false, 0);
    Evidence::new(&for_pass, &for_fail, margin, pass, fail)
}

/// Could a webhook with so many events pass by itself, if all were good?
fn large(nats: &ArmCounts, queue: &ArmCounts, share: f64, margin: f64, pass: f64) -> bool {
    let judged = (nats.judged + queue.judged).unsigned_abs();
    Sample::split(share, 0, judged, 0).below(margin) >= -pass.ln()
}

fn line(counts: &Counts, evidence: &Evidence, margin: f64, verdict: Verdict) -> String {
    let (nats, queue) = (&counts.nats_arm, &counts.queue_arm);
    let head = format!(
        "NATS failed {} of {}, queue {} of {}",
        grouped(nats.failed()),
        grouped(nats.judged),
        grouped(queue.failed()),
        grouped(queue.judged)
    );
    match verdict {
        Verdict::Pass => format!(
            "{head}: NATS at most {} points worse (95 %, any time), margin {}",
            points(evidence.upper),
            points(margin)
        ),
        Verdict::Fail => format!(
            "{head}: NATS at least {} points worse (99 %, any time), margin {}",
            points(evidence.lower),
            points(margin)
        ),
        Verdict::Inconclusive => format!(
            "{head}: NATS between {} better and {} worse, in points; margin {}",
            points(-evidence.lower),
            points(evidence.upper),
            points(margin)
        ),
    }
}

fn arm_inputs(arm: &ArmCounts) -> Value {
    json!({
        "judged": arm.judged, "delivered": arm.delivered, "failed": arm.failed(),
        "dead": arm.dead, "taken_over": arm.taken_over, "undelivered": arm.undelivered,
    })
}

/// A difference of rates in percentage points.
pub fn points(rate: f64) -> String {
    format!("{:.2}", rate * 100.0)
}

/// A rate as people write it.
pub fn percent(rate: f64) -> String {
    format!("{:.2} %", rate * 100.0)
}
