//! `success`: is the NATS arm's failure rate at most the margin above the queue arm's? By events and by blocks of time.

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Counts, GateResult, Names, Verdict,
    blocks::{self, For, after_burst, burst, too_short},
    draws::{Strength, by_events, points, split},
    explain::{Explains, Figure, Told, Unit, known, number_or_nan, trim, words},
    kernel::{ALPHA_FAIL, ALPHA_PASS, of_attempt},
    outlook::{Pace, Remedy, clean_needed, newest_errors},
    single::Single,
};
use crate::model::{Gate, GateLimits, duration::of_ms, grouped};

/// What the test needs beside the counts.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The part of the events that the hash gives to NATS, between 0 and 1, both excluded.
    pub share: f64,
    /// From 1; every further attempt at the same step is held to a stricter level.
    pub attempt: u32,
    pub pace: Pace,
}

/// NATS and the queue, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub margin: f64,
    pub share: f64,
    pub attempt: u32,
    pub alpha_pass: f64,
    pub alpha_fail: f64,
    pub nats: Arm,
    pub queue: Arm,
    pub events: Strength,
    pub blocks: Strength,
    pub block_count: u64,
    pub block_ms: i64,
    /// The longest burst of one path that was seen in this step, in blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst_blocks: Option<u32>,
    /// Webhooks with enough events of their own, and those that look suspect.
    pub webhooks: Vec<OfWebhook>,
    /// The others, which count in the sum only.
    pub pooled_only: Vec<i32>,
    /// The webhook that decided, where not all of them together did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Decider>,
}

/// One webhook's numbers, as `Compared` has those of all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Decider {
    pub name: String,
    pub alpha_fail: f64,
    pub nats: Arm,
    pub queue: Arm,
    pub events: Strength,
    pub blocks: Strength,
    pub block_count: u64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arm {
    pub judged: i64,
    pub delivered: i64,
    pub failed: i64,
    pub dead: i64,
    pub taken_over: i64,
    pub undelivered: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OfWebhook {
    pub webhook_id: i32,
    pub evidence: Strength,
    pub blocks: Option<OfBlocks>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct OfBlocks {
    #[serde(deserialize_with = "number_or_nan")]
    pub ln_above: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub lower: f64,
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
    let blocks = blocks::of_both(counts.blocks.values(), For::Pass);
    let by_blocks = Strength::new(
        &blocks,
        &blocks::of_both(counts.blocks.values(), For::Fail),
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
    let burst_blocks = counts.longest_burst();
    let (wanted, wanted_all, wanted_one) = (-pass.ln(), -fail_all.ln(), -fail_one.ln());
    let by_itself = |one: &&Single| one.large || one.worse() >= wanted_one;
    let inputs = Compared {
        margin,
        share: trial.share,
        attempt: trial.attempt,
        alpha_pass: pass,
        alpha_fail: fail,
        nats: Arm::of(nats),
        queue: Arm::of(queue),
        events,
        blocks: by_blocks,
        block_count: blocks.draws(),
        block_ms: counts.block_ms,
        burst_blocks: Some(burst_blocks),
        webhooks: single.iter().filter(by_itself).map(Single::told).collect(),
        pooled_only: single
            .iter()
            .filter(|one| !by_itself(one))
            .map(|one| one.webhook_id)
            .collect(),
        decided_by: None,
    };
    let name = |one: &Single| counts.names.of(one.webhook_id);
    let decided_by = |one: &Single| Compared {
        decided_by: Some(one.decides(name(one), fail_one)),
        ..inputs.clone()
    };
    if judged == 0 {
        let reason = "no event is old enough to be judged";
        let remedy = trial.pace.events(limits.min_events);
        return GateResult::inconclusive(gate, reason, remedy, inputs);
    }
    let line = |verdict: Verdict| line(counts, &events, margin, verdict);
    let remedy = newest_errors(&counts.wave);
    let fails = |one: &&Single| one.fails(wanted_one);
    let worst = single
        .iter()
        .filter(fails)
        .max_by(|a, b| a.worse().total_cmp(&b.worse()));
    if let Some(one) = worst {
        let reason = format!(
            "webhook {} fails more often by NATS, by more than {} points; all: {}",
            name(one),
            points(one.by_events().lower),
            line(Verdict::Fail)
        );
        return GateResult::fail(gate, reason, remedy, decided_by(one));
    }
    if events.above >= wanted_all && by_blocks.above >= wanted_all {
        return GateResult::fail(gate, line(Verdict::Fail), remedy, inputs);
    }
    let hold = |reason: String, remedy: Remedy| {
        GateResult::inconclusive(gate, reason, remedy, inputs.clone())
    };
    // Before too few: who signs for those signs for silence, not for what was seen to fail.
    if events.above >= wanted_all {
        return hold(
            burst(line(Verdict::Fail), blocks.draws(), counts.block_ms),
            after_burst(&counts.wave).into(),
        );
    }
    if let Some(one) = single.iter().find(|one| one.worse() >= wanted_one) {
        let reason = format!(
            "webhook {} fails more often by NATS, by more than {} points",
            name(one),
            points(one.by_events().lower)
        );
        let reason = burst(reason, one.block_count, counts.block_ms);
        let remedy = after_burst(&counts.wave);
        return GateResult::inconclusive(gate, reason, remedy, decided_by(one));
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
    let behind = |one: &&Single| one.behind_by_events(wanted);
    if let Some(one) = single.iter().find(behind) {
        let reason = format!(
            "all together pass; webhook {}: NATS up to {} points worse, margin {}",
            name(one),
            points(one.by_events().upper),
            points(margin)
        );
        let remedy = one.more_events(trial.pace.part(one.judged(), judged));
        return GateResult::inconclusive(gate, reason, remedy, decided_by(one));
    }
    let few = |count: u64, upper: f64| {
        format!(
            "by events it passes; failures come in bursts, so blocks of time decide too: {} blocks of {}, NATS up to {} points worse",
            grouped(count.cast_signed()),
            of_ms(counts.block_ms as f64),
            points(upper)
        )
    };
    let more = |clean| {
        let who = "both paths deliver";
        trial.pace.clean_blocks(clean, counts.block_ms, who)
    };
    if by_blocks.below < wanted {
        let clean = clean_needed(|more| blocks.clone().and(0.0, more).below(margin) >= wanted);
        return hold(few(blocks.draws(), by_blocks.upper), more(clean));
    }
    if let Some(one) = single.iter().find(|one| one.behind_by_blocks(wanted)) {
        let reason = format!(
            "all together pass; webhook {}: {}",
            name(one),
            few(one.block_count, one.by_blocks().upper)
        );
        let remedy = one.more_blocks(trial.pace, counts.block_ms);
        return GateResult::inconclusive(gate, reason, remedy, decided_by(one));
    }
    let warning = too_short(burst_blocks, counts.block_ms);
    GateResult::pass(gate, line(Verdict::Pass) + &warning, inputs)
}

fn line(counts: &Counts, evidence: &Strength, margin: f64, verdict: Verdict) -> String {
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

impl Arm {
    pub(super) fn of(arm: &ArmCounts) -> Arm {
        Arm {
            judged: arm.judged,
            delivered: arm.delivered,
            failed: arm.failed(),
            dead: arm.dead,
            taken_over: arm.taken_over,
            undelivered: arm.undelivered,
        }
    }
}

impl Explains for Compared {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let Compared { share, margin, .. } = *self;
        let Decider {
            nats,
            queue,
            events,
            blocks,
            block_count,
            ..
        } = self.decisive();
        if nats.judged + queue.judged == 0 {
            return words::none_yet();
        }
        let mut plainly = vec![format!(
            "For each event, chance decides who delivers it: {} of 100 go to NATS, the rest stays with the queue. A bad hour hits \
                 both alike, so what differs between them is due to the path.",
            trim(share * 100.0)
        )];
        plainly.extend(
            self.decided_by
                .as_ref()
                .map(|one| words::decided_by(&one.name)),
        );
        plainly.push(format!(
            "NATS failed {}, the queue {}.",
            words::rate(nats.failed, nats.judged),
            words::rate(queue.failed, queue.judged)
        ));
        plainly.extend(words::under_way(nats.undelivered));
        let (upper, lower) = (known(events.upper), known(events.lower));
        plainly.push(words::difference(lower, upper, margin));
        plainly.push(match (verdict, upper, known(blocks.upper)) {
            (Verdict::Pass, _, _) => words::pass(self.alpha_pass),
            (Verdict::Fail, _, _) => words::fail(self.alpha_fail),
            (_, Some(events), Some(blocks)) if events < margin && blocks >= margin => format!(
                "Event by event that would pass. But failures come in bursts: a hundred that fail in one bad minute are one piece of evidence, \
                 not a hundred. So time is cut into blocks of {}, and each block in which both paths delivered counts once. {} such \
                 blocks are known; judged by them, NATS may still fail up to {} more out of 100. What is missing is time, not events.",
                of_ms(self.block_ms as f64),
                grouped(block_count.cast_signed()),
                words::points(blocks)
            ),
            _ if lower.is_some_and(|lower| lower > margin) => words::burst(self.block_ms),
            (_, Some(events), _) if events < margin && self.decided_by.is_none() => {
                "All webhooks together would pass; what is still missing stands in the line at the top.".to_string()
            }
            _ => words::undecided(),
        });
        plainly.extend(self.burst_blocks.filter(|blocks| *blocks > 1).map(|blocks| {
            format!(
                "A burst of failures of one path lasted {blocks} blocks: they are shorter than the bursts, so both a pass and a fail are less sure than \
                 said. `wavegate gate calibrate` says how long they should be; the length is the plan's, and fixed for this step."
            )
        }));
        plainly.extend(words::webhooks(self.webhooks.len(), self.pooled_only.len()));
        Told {
            plainly,
            formula: self.formula(),
        }
    }

    fn speaks_against(&self) -> bool {
        self.decisive().events.lower > self.margin
    }

    fn figures(&self) -> Vec<Figure> {
        // A bound beyond all of them says nothing: unknown.
        let out_of_100 = |rate: f64| known(rate * 100.0).filter(|points| *points < 100.0);
        let figure = |what, strength: &Strength| Figure {
            what,
            unit: Unit::Points,
            value: out_of_100(strength.upper),
            limit: Some(self.margin * 100.0),
        };
        let mut figures = vec![
            figure(
                "by how many of 100 NATS may fail more, judged by events; a pass needs it left of the mark",
                &self.events,
            ),
            figure("the same, judged by blocks of time", &self.blocks),
        ];
        if let Some(one) = &self.decided_by {
            figures.push(figure(
                "of the webhook that decides, by events",
                &one.events,
            ));
            figures.push(figure("and by blocks of time", &one.blocks));
        }
        figures
    }
}

impl Compared {
    /// The numbers that the verdict rests on.
    fn decisive(&self) -> Decider {
        self.decided_by.clone().unwrap_or(Decider {
            name: String::new(),
            alpha_fail: match self.webhooks.len() + self.pooled_only.len() {
                0 | 1 => self.alpha_fail,
                _ => self.alpha_fail / 2.0,
            },
            nats: self.nats,
            queue: self.queue,
            events: self.events,
            blocks: self.blocks,
            block_count: self.block_count,
        })
    }

    fn formula(&self) -> Vec<String> {
        let decisive = self.decisive();
        let (hi, lo) = (1.0 / self.share, -1.0 / (1.0 - self.share));
        let mut lines = vec![
            format!(
                "draws: x = 1/p = {} where NATS failed, x = -1/(1-p) = {} where the queue failed, 0 otherwise; p = {}",
                trim(hi),
                trim(lo),
                trim(self.share)
            ),
            format!(
                "their mean is the difference of the failure rates; margin m = {}",
                trim(self.margin)
            ),
            format!("{}; hi = {}", words::KERNEL, trim(hi)),
        ];
        lines.extend(self.evidence(&decisive.events, "events", decisive.alpha_fail));
        lines.extend(self.evidence(&decisive.blocks, "blocks of time", decisive.alpha_fail));
        lines.push(
            "pass: both sums reach their level; fail: both do, of all or of one webhook with blocks of its own. In a block, what fails beyond \
             half of it and beyond two does not count for a fail. Valid however often one looks (Ville's inequality)"
                .to_string(),
        );
        lines
    }

    fn evidence(&self, part: &Strength, what: &str, fail: f64) -> Vec<String> {
        let mut lines = Vec::new();
        if let (Some(below), Some(above)) = (known(part.below), known(part.above)) {
            let pass = self.alpha_pass;
            lines.push(format!(
                "{what}: ln E(below m) = {below:.2}, a pass needs ln(1/{}) = {:.2}; ln E(above m) = {above:.2}, a fail needs ln(1/{}) = {:.2}",
                trim(pass),
                -pass.ln(),
                trim(fail),
                -fail.ln()
            ));
        }
        if let (Some(lower), Some(upper)) = (known(part.lower), known(part.upper)) {
            lines.push(format!(
                "{what}: the difference lies between {} and {} points, where E reaches these levels",
                words::points(lower),
                words::points(upper)
            ));
        }
        lines
    }
}
