//! Words that the comparing gates share.

use super::{super::Names, Told};
use crate::model::{duration::of_ms, grouped};

/// The evidence that a mean is below m, as `docs/gates.md` has it.
pub const KERNEL: &str = "E(m) = sum over j = 0..7 of w_j * product over the values x of (1 - f_j + f_j * (hi - x) / (hi - m))^n_x, \
     with f_j = 0.95 / 2^j, w_j = 1 / ((j + 1) * 2.717857)";

pub fn none_yet() -> Told {
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
pub fn difference(lower: Option<f64>, upper: Option<f64>, margin: f64) -> String {
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

pub fn pass(alpha: f64) -> String {
    format!(
        "Even the worst that is still possible is within what the plan allows: pass. A path that is truly worse would get this far \
         by luck in at most {} of 100 migrations, however often one looks.",
        trim(alpha * 100.0)
    )
}

pub fn fail(alpha: f64) -> String {
    format!(
        "Even the best that is still possible is worse than the plan allows: fail. A path that is in truth within the limit would be \
         called worse in at most {} of 100 migrations. Waiting does not help; find what fails.",
        trim(alpha * 100.0)
    )
}

pub fn burst(block_ms: i64) -> String {
    format!(
        "Event by event that would be a fail. But a burst of a few bad minutes looks the same, and says little about the path: so blocks \
         of time of {} must say so, too, and do not yet. It does not pass meanwhile. If it goes on it will fail: look at what fails \
         now, rather than wait.",
        of_ms(block_ms as f64)
    )
}

pub fn undecided() -> String {
    "What is still possible reaches from allowed to not allowed. Nothing is wrong; there is only too little to go by. Each further event that \
     arrives narrows it down."
        .to_string()
}

pub fn under_way(open: i64) -> Option<String> {
    (open > 0).then(|| {
        format!(
            "{} of NATS's are still under way: until they arrive they count as failed, so that a path that hangs cannot pass.",
            grouped(open)
        )
    })
}

pub fn decided_by(name: &str) -> String {
    format!("What decides is webhook {name}; the numbers from here on are its own.")
}

/// What was not measured before.
pub fn unmeasured(webhooks: &[i32], names: &Names) -> Option<String> {
    (!webhooks.is_empty()).then(|| {
        format!(
            "Not measured before: of the webhooks {}. Of these nobody knows how the queue did, so a pass asks as much as if it had done everything right.",
            names.list(webhooks)
        )
    })
}

/// Those with enough events of their own, and those without.
pub fn webhooks(large: usize, small: usize) -> Option<String> {
    (large + small > 1).then(|| {
        format!(
            "Each of the {} webhooks is looked at by itself, too: {large} have enough events to pass alone and must, {small} count \
             in the sum only. One that is clearly worse fails the wave.",
            large + small
        )
    })
}

pub fn rate(failed: i64, of: i64) -> String {
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

pub fn points(rate: f64) -> String {
    let text = format!("{:.2}", rate * 100.0);
    if text == "-0.00" {
        "0.00".to_string()
    } else {
        text
    }
}

/// Up to four decimals, without zeros at the end.
pub fn trim(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
