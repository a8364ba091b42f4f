//! The gates that compare NATS with the queue: what could still be true, and what of it the plan allows.

use serde_json::Value;

use super::{Told, count, list, number};
use crate::{
    gates::{GateResult, Verdict, kernel, latency::duration},
    model::grouped,
};

/// The evidence that a mean is below m, as `docs/gates.md` has it.
const KERNEL: &str = "E(m) = sum over j = 0..7 of w_j * product over the values x of (1 - f_j + f_j * (hi - x) / (hi - m))^n_x, \
     with f_j = 0.95 / 2^j, w_j = 1 / ((j + 1) * 2.717857)";

pub(super) fn success(result: &GateResult) -> Told {
    let inputs = &result.inputs;
    let (nats, queue) = (&inputs["nats"], &inputs["queue"]);
    let (Some(share), Some(margin)) = (number(inputs, "/share"), number(inputs, "/margin")) else {
        return Told::default();
    };
    if count(nats, "/judged") + count(queue, "/judged") == 0 {
        return none_yet();
    }
    let mut plainly = vec![
        format!(
            "For each event, chance decides who delivers it: {} of 100 go to NATS, the rest stays with the queue. A bad hour hits \
             both alike, so what differs between them is due to the path.",
            trim(share * 100.0)
        ),
        format!("NATS failed {}, the queue {}.", rate(nats), rate(queue)),
    ];
    under_way(nats, "/undelivered", &mut plainly);
    let (upper, lower) = (
        number(inputs, "/events/upper"),
        number(inputs, "/events/lower"),
    );
    plainly.push(difference(lower, upper, margin));
    let blocks = number(inputs, "/blocks/upper");
    plainly.push(match (result.verdict, upper, blocks) {
        (Verdict::Pass, _, _) => pass(inputs),
        (Verdict::Fail, _, _) => fail(inputs),
        (_, Some(events), Some(blocks)) if events < margin && blocks >= margin => format!(
            "Event by event that would pass. But failures come in bursts: a hundred that fail in one bad minute are one piece of evidence, \
             not a hundred. So time is cut into blocks of {}, and each block in which both paths delivered counts once. {} such \
             blocks are known; judged by them, NATS may still fail up to {} more out of 100. What is missing is time, not events.",
            duration(number(inputs, "/block_ms").unwrap_or_default()),
            grouped(count(inputs, "/block_count")),
            points(blocks)
        ),
        _ if lower.is_some_and(|lower| lower > margin) => burst(inputs),
        (_, Some(events), _) if events < margin => {
            "All webhooks together would pass; what is still missing stands in the line at the top.".to_string()
        }
        _ => undecided(),
    });
    webhooks(inputs, &mut plainly);
    Told {
        plainly,
        formula: success_formula(inputs, share, margin),
    }
}

fn success_formula(inputs: &Value, share: f64, margin: f64) -> Vec<String> {
    let (hi, lo) = (1.0 / share, -1.0 / (1.0 - share));
    let webhooks = list(inputs, "/webhooks").len() + list(inputs, "/pooled_only").len();
    let halves = if webhooks > 1 { 2.0 } else { 1.0 };
    let mut lines = vec![
        format!(
            "draws: x = 1/p = {} where NATS failed, x = -1/(1-p) = {} where the queue failed, 0 otherwise; p = {}",
            trim(hi),
            trim(lo),
            trim(share)
        ),
        format!(
            "their mean is the difference of the failure rates; margin m = {}",
            trim(margin)
        ),
        format!("{KERNEL}; hi = {}", trim(hi)),
    ];
    lines.extend(evidence(inputs, "/events", "events", halves));
    lines.extend(evidence(inputs, "/blocks", "blocks of time", halves));
    lines.push(
        "pass: both sums reach their level; fail: both do, of all or of one webhook with blocks of its own. In a block, what fails beyond \
         half of it and beyond two does not count for a fail. Valid however often one looks (Ville's inequality)"
            .to_string(),
    );
    lines
}

fn evidence(inputs: &Value, at: &str, what: &str, halves: f64) -> Vec<String> {
    let part = inputs.pointer(at).unwrap_or(&Value::Null);
    let levels = (number(inputs, "/alpha_pass"), number(inputs, "/alpha_fail"));
    let mut lines = Vec::new();
    if let (Some(below), Some(above), (Some(pass), Some(fail))) =
        (number(part, "/ln_below"), number(part, "/ln_above"), levels)
    {
        let fail = fail / halves;
        lines.push(format!(
            "{what}: ln E(below m) = {below:.2}, a pass needs ln(1/{}) = {:.2}; ln E(above m) = {above:.2}, a fail needs ln(1/{}) = {:.2}",
            trim(pass),
            -pass.ln(),
            trim(fail),
            -fail.ln()
        ));
    }
    if let (Some(lower), Some(upper)) = (number(part, "/lower"), number(part, "/upper")) {
        lines.push(format!(
            "{what}: the difference lies between {} and {} points, where E reaches these levels",
            points(lower),
            points(upper)
        ));
    }
    lines
}

pub(super) fn baseline(result: &GateResult) -> Told {
    let all = &result.inputs["all"];
    if count(all, "/judged") == 0 {
        return none_yet();
    }
    let before = &all["before"];
    let (Some(allowed), Some(over)) = (number(all, "/pass_below"), number(all, "/fail_above"))
    else {
        return Told::default();
    };
    let mut plainly = vec!["NATS alone delivers now, so there is no queue beside it to compare with. It is held against what the \
                            queue did before: in the week before the migration, and in the earlier steps of this wave."
        .to_string()];
    if count(before, "/ended") == 0 {
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
        rate_of(count(all, "/failed"), count(all, "/judged")),
        rate_of(count(before, "/failed"), count(before, "/ended"))
    ));
    under_way(all, "/undelivered", &mut plainly);
    let (lower, upper) = (number(all, "/lower"), number(all, "/upper"));
    if let (Some(lower), Some(upper)) = (lower, upper) {
        plainly.push(format!(
            "As far as one can tell from so many, NATS fails in truth between {} and {} out of 100 deliveries. Allowed are {}.",
            points(lower),
            points(upper),
            points(allowed)
        ));
    }
    plainly.push(match result.verdict {
        Verdict::Pass => pass(&result.inputs),
        Verdict::Fail => fail(&result.inputs),
        Verdict::Inconclusive if lower.is_some_and(|lower| lower > over) => {
            burst(&result.inputs["blocks"])
        }
        Verdict::Inconclusive => undecided(),
    });
    webhooks(&result.inputs, &mut plainly);
    let mut formula = vec![
        format!(
            "rate before, with its Wilson bounds (95 %), and the margin: pass below {} %, fail above {} %",
            points(allowed),
            points(over)
        ),
        format!("draws: 1 where NATS failed, 0 where it did not. {KERNEL}; hi = 1"),
    ];
    if let (Some(lower), Some(upper)) = (lower, upper) {
        formula.push(format!(
            "bounds of NATS's rate: {} to {} %; pass: upper < {} %, fail: lower > {} %",
            points(lower),
            points(upper),
            points(allowed),
            points(over)
        ));
    }
    Told { plainly, formula }
}

pub(super) fn latency(result: &GateResult) -> Told {
    let inputs = &result.inputs;
    let (nats, queue) = (&inputs["nats"], &inputs["queue"]);
    let (Some(quantile), Some(ratio)) = (number(inputs, "/quantile"), number(inputs, "/ratio"))
    else {
        return Told::default();
    };
    let name = format!("p{}", trim(quantile * 100.0));
    let mut plainly = vec![format!(
        "Measured is the time from an event's creation to its delivery. {name} is the time within which {} of 100 events arrive; the \
         slowest ones are what people notice.",
        trim(quantile * 100.0)
    )];
    for (who, arm) in [("NATS", nats), ("the queue", queue)] {
        let Some(found) = number(arm, "/quantile_ms") else {
            plainly.push(format!("No delivery by {who} has been timed yet."));
            continue;
        };
        plainly.push(format!(
            "{}: {} in {} deliveries; in truth {}.",
            if who == "NATS" { "NATS" } else { "The queue" },
            duration(found),
            grouped(count(arm, "/delivered")),
            span(arm)
        ));
    }
    if inputs["before"] == Value::Bool(true) {
        plainly.push("NATS alone delivers now; the queue's times are those of before.".to_string());
    }
    let wanted = if ratio <= 1.0 {
        format!(
            "The plan asks that NATS takes at most {} times as long as the queue",
            trim(1.0 / ratio)
        )
    } else {
        format!(
            "The plan asks that NATS is at least {} times as fast as the queue",
            trim(ratio)
        )
    };
    plainly.push(match result.verdict {
        Verdict::Pass => format!("{wanted}: it holds even if NATS is as slow, and the queue as fast, as is still possible."),
        Verdict::Fail => format!("{wanted}: it does not hold even if NATS is as fast, and the queue as slow, as is still possible."),
        Verdict::Inconclusive => format!("{wanted}. What is still possible lies on both sides of that: more events narrow it down."),
    });
    let mut formula = vec![
        format!(
            "for each edge e of the buckets (4.5 % apart): draws 1 where an event took at most e, else 0. {KERNEL}; hi = 1"
        ),
        format!(
            "lower and upper bound of {name}: the edges where E(share at most {quantile}) reaches its level"
        ),
    ];
    if let (Some(slow), Some(fast)) = (number(nats, "/upper_ms"), number(queue, "/lower_ms")) {
        formula.push(format!(
            "pass: lower(queue) >= {} * upper(NATS), now {} >= {}: {}",
            trim(ratio),
            duration(fast),
            duration(ratio * slow),
            if fast >= ratio * slow { "yes" } else { "no" }
        ));
    } else {
        formula.push(format!(
            "pass: lower(queue) >= {} * upper(NATS); upper(NATS) is not known yet",
            trim(ratio)
        ));
    }
    if let Some(limit) = number(inputs, "/max_p99_ms") {
        formula.push(format!("and p99 of NATS at most {}", duration(limit)));
    }
    Told { plainly, formula }
}

fn none_yet() -> Told {
    Told {
        plainly: vec![
            "No event has come to its end yet that is old enough to be judged, so there is nothing to compare. If traffic is expected: are \
             callers calling, and is a relay running?"
                .to_string(),
        ],
        formula: vec!["no draws: E = 1 for every margin".to_string()],
    }
}

/// What one can still believe about the difference.
fn difference(lower: Option<f64>, upper: Option<f64>, margin: f64) -> String {
    let allowed = format!("The plan allows {} more.", points(margin));
    match (lower, upper) {
        (Some(lower), Some(upper)) if lower > -1.0 || upper < 1.0 => format!(
            "From so many one cannot know the difference exactly. Out of 100 deliveries NATS fails in truth {}. {allowed}",
            match (lower > 0.0, upper < 0.0) {
                (true, _) => format!(
                    "at least {} and at most {} more than the queue",
                    points(lower),
                    points(upper)
                ),
                (_, true) => format!(
                    "at least {} and at most {} fewer than the queue",
                    points(-upper),
                    points(-lower)
                ),
                _ => format!(
                    "anything from {} fewer to {} more than the queue",
                    points(-lower),
                    points(upper)
                ),
            }
        ),
        _ => format!("From so few nothing can be said about the difference yet. {allowed}"),
    }
}

fn pass(inputs: &Value) -> String {
    format!(
        "Even the worst that is still possible is within what the plan allows: pass. A path that is truly worse would get this far \
         by luck in at most {} of 100 migrations, however often one looks.",
        trim(number(inputs, "/alpha_pass").unwrap_or(kernel::ALPHA_PASS) * 100.0)
    )
}

fn fail(inputs: &Value) -> String {
    format!(
        "Even the best that is still possible is worse than the plan allows: fail. A path that is in truth within the limit would be \
         called worse in at most {} of 100 migrations. Waiting does not help; find what fails.",
        trim(number(inputs, "/alpha_fail").unwrap_or(kernel::ALPHA_FAIL) * 100.0)
    )
}

fn burst(blocks: &Value) -> String {
    format!(
        "Event by event that would be a fail. But a burst of a few bad minutes looks the same, and says little about the path: so blocks \
         of time of {} must say so, too, and do not yet. It does not pass meanwhile. If it goes on it will fail: look at what fails \
         now, rather than wait.",
        duration(number(blocks, "/block_ms").unwrap_or_default())
    )
}

fn undecided() -> String {
    "What is still possible reaches from allowed to not allowed. Nothing is wrong; there is only too little to go by. Each further event that \
     arrives narrows it down."
        .to_string()
}

fn under_way(arm: &Value, at: &str, plainly: &mut Vec<String>) {
    let open = count(arm, at);
    if open > 0 {
        plainly.push(format!(
            "{} of NATS's are still under way: until they arrive they count as failed, so that a path that hangs cannot pass.",
            grouped(open)
        ));
    }
}

/// Those with enough events of their own, and those without.
fn webhooks(inputs: &Value, plainly: &mut Vec<String>) {
    let large = list(inputs, "/webhooks").len();
    let small = list(inputs, "/pooled_only").len();
    if large + small > 1 {
        plainly.push(format!(
            "Each of the {} webhooks is looked at by itself, too: {large} have enough events to pass alone and must, {small} count \
             in the sum only. One that is clearly worse fails the wave.",
            large + small
        ));
    }
}

fn rate(arm: &Value) -> String {
    rate_of(count(arm, "/failed"), count(arm, "/judged"))
}

fn rate_of(failed: i64, of: i64) -> String {
    if of <= 0 {
        return "none of none".to_string();
    }
    format!(
        "{} of {} ({} out of 100)",
        grouped(failed),
        grouped(of),
        points(failed as f64 / of as f64)
    )
}

fn span(arm: &Value) -> String {
    let lower = duration(number(arm, "/lower_ms").unwrap_or_default());
    match number(arm, "/upper_ms") {
        Some(upper) => format!("between {lower} and {}", duration(upper)),
        None => format!("at least {lower}"),
    }
}

fn points(rate: f64) -> String {
    let text = format!("{:.2}", rate * 100.0);
    if text == "-0.00" {
        "0.00".to_string()
    } else {
        text
    }
}

/// Up to four decimals, without zeros at the end.
pub(super) fn trim(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
