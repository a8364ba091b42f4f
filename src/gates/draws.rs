//! What events draw for one question, and how strong the evidence is that it gives.

use serde::{Deserialize, Serialize};

use super::{ArmCounts, explain::number_or_nan, kernel::Sample};

/// The evidence for one question, in natural logarithms, and the bounds that agree with it (differences of failure rates).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Strength {
    /// That the difference is below the margin.
    #[serde(rename = "ln_below", deserialize_with = "number_or_nan")]
    pub below: f64,
    /// That it is above.
    #[serde(rename = "ln_above", deserialize_with = "number_or_nan")]
    pub above: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub upper: f64,
    #[serde(deserialize_with = "number_or_nan")]
    pub lower: f64,
}

impl Strength {
    /// What is still under way may end either way: for a pass NATS's counts as failed, for a fail the queue's does.
    pub fn new(for_pass: &Sample, for_fail: &Sample, margin: f64, pass: f64, fail: f64) -> Self {
        Strength {
            below: for_pass.below(margin),
            above: for_fail.above(margin),
            upper: for_pass.upper(pass),
            lower: for_fail.lower(fail),
        }
    }
}

/// The draws of split delivery. `for_pass`: what is under way counts against NATS, else for it. `clean` more good events.
pub fn split(
    nats: &ArmCounts,
    queue: &ArmCounts,
    share: f64,
    for_pass: bool,
    clean: u64,
) -> Sample {
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

pub fn by_events(
    nats: &ArmCounts,
    queue: &ArmCounts,
    share: f64,
    margin: f64,
    (pass, fail): (f64, f64),
) -> Strength {
    let for_pass = split(nats, queue, share, true, 0);
    let for_fail = split(nats, queue, share, false, 0);
    Strength::new(&for_pass, &for_fail, margin, pass, fail)
}

/// Could a webhook with so many events pass by itself, if all were good?
pub fn large(nats: &ArmCounts, queue: &ArmCounts, share: f64, margin: f64, pass: f64) -> bool {
    let judged = (nats.judged + queue.judged).unsigned_abs();
    Sample::split(share, 0, judged, 0).below(margin) >= -pass.ln()
}

/// A difference of rates in percentage points.
pub fn points(rate: f64) -> String {
    format!("{:.2}", rate * 100.0)
}

/// A rate as people write it.
pub fn percent(rate: f64) -> String {
    format!("{:.2} %", rate * 100.0)
}
