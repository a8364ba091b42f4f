//! `success`: is the NATS arm's failure rate at most the margin above the queue arm's? By events and by blocks of time.

use serde_json::{Value, json};

use super::{
    ArmCounts, Block, Counts, GateResult, Verdict,
    kernel::{ALPHA_FAIL, ALPHA_PASS, Sample, of_attempt},
    outlook::{Pace, clean_needed},
};
use crate::model::{GateLimits, grouped};

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

/// Pooled by events, pooled by blocks, and each webhook that has enough events to pass by itself.
pub fn verdict(counts: &Counts, trial: &Trial, limits: &GateLimits) -> GateResult {
    let gate = "success";
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
    let blocks = blocks(counts.blocks.values());
    let by_blocks = Evidence::new(&blocks, &blocks, margin, pass, fail_all);
    let single: Vec<(i32, Evidence, bool)> = webhooks
        .iter()
        .map(|(n, q)| {
            let evidence = by_events(n, q, trial.share, margin, (pass, fail_one));
            (
                n.webhook_id.unwrap_or_default(),
                evidence,
                large(n, q, trial.share, margin, pass),
            )
        })
        .collect();
    let inputs = json!({
        "margin": margin, "share": trial.share, "attempt": trial.attempt, "alpha_pass": pass, "alpha_fail": fail,
        "nats": arm_inputs(nats), "queue": arm_inputs(queue),
        "events": events.json(), "blocks": by_blocks.json(), "block_count": blocks.draws(), "block_ms": counts.block_ms,
        "webhooks": single.iter().filter(|(_, _, large)| *large)
            .map(|(id, evidence, _)| json!({ "webhook_id": id, "evidence": evidence.json() })).collect::<Vec<_>>(),
        "pooled_only": single.iter().filter(|(_, _, large)| !*large).map(|(id, _, _)| id).collect::<Vec<_>>(),
    });
    if judged == 0 {
        let reason = "no event is old enough to be judged";
        return GateResult::inconclusive(gate, reason, "wait for traffic", inputs);
    }
    let line = |verdict: Verdict| line(counts, &events, margin, verdict);
    let remedy =
        "look at the newest errors (`errors` gate); `wavegate rollback --wave` takes the wave back";
    let worst = single
        .iter()
        .filter(|(_, evidence, _)| evidence.above >= -fail_one.ln())
        .max_by(|a, b| a.1.above.total_cmp(&b.1.above));
    if let (Some((id, evidence, _)), true) = (worst, webhooks.len() > 1) {
        let reason = format!(
            "webhook {id} fails more often by NATS, by more than {} points; all: {}",
            points(evidence.lower),
            line(Verdict::Fail)
        );
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if events.above >= -fail_all.ln() {
        return GateResult::fail(gate, line(Verdict::Fail), remedy, inputs);
    }
    let wanted = -pass.ln();
    let hold = |reason: String, remedy: String| {
        GateResult::inconclusive(gate, reason, remedy, inputs.clone())
    };
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
    if let Some((id, evidence, _)) = single
        .iter()
        .find(|(_, evidence, large)| *large && evidence.below < wanted)
    {
        let reason = format!(
            "all pass; webhook {id}: NATS up to {} points worse, margin {}",
            points(evidence.upper),
            points(margin)
        );
        return hold(reason, "wait for more events of this webhook".to_string());
    }
    if by_blocks.below < wanted {
        let clean = clean_needed(|more| blocks.clone().and(0.0, more).below(margin) >= wanted);
        let reason = format!(
            "by events it passes; failures come in bursts, so blocks of time decide too: {} blocks of {}, NATS up to {} points worse",
            grouped(blocks.draws().cast_signed()),
            super::latency::duration(counts.block_ms as f64),
            points(by_blocks.upper)
        );
        return hold(reason, trial.pace.clean_blocks(clean, counts.block_ms));
    }
    GateResult::pass(gate, line(Verdict::Pass), inputs)
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

/// One draw for each block in which both arms were judged: the difference of their failure rates, what is under way counted
/// against NATS: blocks only decide about a pass.
fn blocks<'b>(blocks: impl IntoIterator<Item = &'b Block>) -> Sample {
    let draws = blocks
        .into_iter()
        .filter(|block| block.nats.judged > 0 && block.queue.judged > 0)
        .map(|block| {
            let nats = (block.nats.failed + block.nats.undelivered) as f64;
            let queue = block.queue.failed as f64;
            let difference = nats / block.nats.judged as f64 - queue / block.queue.judged as f64;
            (difference, 1)
        });
    Sample::new(-1.0, 1.0, draws)
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
