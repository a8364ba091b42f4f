//! `success`: is the NATS arm's failure rate at most the margin above the queue arm's?
//! Deterministic for now: `verdict` is the seam where the statistical kernel goes in.

use serde_json::json;

use super::{ArmCounts, Counts, GateResult, Verdict};
use crate::model::{GateLimits, grouped};

/// With fewer events than `min_events`, this many failures beyond what the queue's rate explains are evidence enough to stop.
pub const EARLY_FAILURES: f64 = 10.0;

/// Lowest and highest failure rate that the arm may turn out to have: what is still under way may end either way.
fn rates(arm: &ArmCounts) -> (f64, f64) {
    let judged = arm.judged.max(1) as f64;
    (
        arm.failed as f64 / judged,
        (arm.failed + arm.undelivered) as f64 / judged,
    )
}

/// The rule for one pair of arms. `queue` is the range of the other arm's rate.
fn compare(nats: &ArmCounts, queue: (f64, f64), judged: i64, limits: &GateLimits) -> Verdict {
    let (low, high) = rates(nats);
    let excess = (low - queue.1) * nats.judged as f64;
    let enough = judged >= i64::try_from(limits.min_events).unwrap_or(i64::MAX);
    if low - queue.1 > limits.success_margin && (enough || excess >= EARLY_FAILURES) {
        Verdict::Fail
    } else if enough && high - queue.0 <= limits.success_margin {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    }
}

/// Pooled, and each webhook with enough events in both arms. At share 100 the queue's last measured rate (`counts.baseline`) stands in.
pub fn verdict(counts: &Counts, limits: &GateLimits) -> GateResult {
    let gate = "success";
    let (nats, queue) = (&counts.nats_arm, &counts.queue_arm);
    let alone = queue.judged == 0;
    let other = if alone {
        counts.baseline.failure_rate.map(|rate| (rate, rate))
    } else {
        Some(rates(queue))
    };
    let inputs = json!({
        "nats": arm_inputs(nats), "queue": arm_inputs(queue), "margin": limits.success_margin,
        "baseline": if alone { counts.baseline.failure_rate } else { Some(rates(queue).0) },
    });
    if nats.judged == 0 {
        return GateResult::inconclusive(
            gate,
            "no event of the NATS arm is old enough to be judged",
            "wait for traffic",
            inputs,
        );
    }
    let judged = nats.judged + queue.judged;
    let pooled = match other {
        Some(other) => compare(nats, other, judged, limits),
        // Nothing to compare with: a clean arm passes, another one decides nothing.
        None => compare(nats, (0.0, 1.0), judged, limits),
    };
    let worst = counts
        .pairs()
        .filter(|(n, q)| n.judged > 0 && q.judged > 0 && enough(n.judged + q.judged, limits))
        .map(|(n, q)| {
            (
                compare(n, rates(q), n.judged + q.judged, limits),
                n.webhook_id,
            )
        })
        .filter(|(verdict, _)| *verdict == Verdict::Fail)
        .min_by_key(|(_, id)| *id);
    let (low, high) = rates(nats);
    let other_text = match other {
        Some((queue_low, _)) if alone => format!("queue {} before", percent(queue_low)),
        Some((queue_low, queue_high)) => {
            format!(
                "queue {} of {}",
                span(queue_low, queue_high),
                grouped(queue.judged)
            )
        }
        None => "no queue arm".to_string(),
    };
    let reason = format!(
        "failed: NATS {} of {}, {other_text}; margin {}",
        span(low, high),
        grouped(nats.judged),
        percent(limits.success_margin)
    );
    let remedy_fail =
        "look at the newest errors (`errors` gate); `wavegate rollback --wave` takes the wave back";
    match (pooled, worst) {
        (_, Some((_, id))) => GateResult::fail(
            gate,
            format!(
                "webhook {} fails more often by NATS; all: {reason}",
                id.unwrap_or(0)
            ),
            remedy_fail,
            inputs,
        ),
        (Verdict::Fail, None) => GateResult::fail(gate, reason, remedy_fail, inputs),
        (Verdict::Pass, None) => GateResult::pass(gate, reason, inputs),
        (Verdict::Inconclusive, None) if !enough(judged, limits) => GateResult::inconclusive(
            gate,
            format!(
                "too few: {} of {} events; {reason}",
                grouped(judged),
                limits.min_events
            ),
            "wait for more events",
            inputs,
        ),
        (Verdict::Inconclusive, None) => GateResult::inconclusive(
            gate,
            format!(
                "{reason}; {} under way",
                grouped(nats.undelivered + queue.undelivered)
            ),
            "wait until events under way have ended",
            inputs,
        ),
    }
}

fn enough(judged: i64, limits: &GateLimits) -> bool {
    judged >= i64::try_from(limits.min_events).unwrap_or(i64::MAX)
}

fn arm_inputs(arm: &ArmCounts) -> serde_json::Value {
    json!({
        "judged": arm.judged, "delivered": arm.delivered, "failed": arm.failed,
        "dead": arm.dead, "taken_over": arm.taken_over, "undelivered": arm.undelivered,
    })
}

/// A rate as people write it.
pub fn percent(rate: f64) -> String {
    format!("{:.2} %", rate * 100.0)
}

fn span(low: f64, high: f64) -> String {
    if low == high {
        percent(low)
    } else {
        format!("{:.2} to {}", low * 100.0, percent(high))
    }
}
