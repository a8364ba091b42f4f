//! `soak`: has this step lasted its time? The start is stored, so no process need run meanwhile.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::GateResult;
use crate::model::Gate;

/// A wave's soak covers its whole hybrid time; each share gets its part.
pub fn per_share(soak: Duration, shares: usize) -> Duration {
    soak / u32::try_from(shares.max(1)).unwrap_or(u32::MAX)
}

/// Length of the blocks of time that a step of this length is judged by, milliseconds: a nine-hundredth of it, within a second
/// and a quarter of an hour, or what the plan says.
pub fn block_ms(planned: Option<Duration>, step: Duration) -> i64 {
    let length =
        planned.unwrap_or((step / 900).clamp(Duration::from_secs(1), Duration::from_secs(15 * 60)));
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1)
}

/// `entered` is when the wave took its present step.
pub fn verdict(entered: Option<DateTime<Utc>>, wanted: Duration, now: DateTime<Utc>) -> GateResult {
    let gate = &Gate::Soak;
    let Some(entered) = entered else {
        return GateResult::inconclusive(
            gate,
            "the wave's step has no start on record",
            "take the wave back and go forward again with --resume: that begins the step anew, on record",
            json!({ "wanted_s": wanted.as_secs_f64() }),
        );
    };
    let wanted_delta = TimeDelta::from_std(wanted).unwrap_or(TimeDelta::MAX);
    let passed = (now - entered).max(TimeDelta::zero());
    let until = entered.checked_add_signed(wanted_delta);
    let inputs = json!({
        "entered_at": entered, "wanted_s": wanted.as_secs_f64(), "until": until,
        "passed_s": passed.num_milliseconds() as f64 / 1_000.0,
    });
    let reason = format!(
        "{} of {} in this step",
        words(passed.to_std().unwrap_or_default()),
        words(wanted)
    );
    if passed >= wanted_delta {
        return GateResult::pass(gate, reason, inputs);
    }
    let until = until.map_or("the far future".to_string(), |t| {
        t.format("%Y-%m-%d %H:%M:%S UTC").to_string()
    });
    GateResult::inconclusive(
        gate,
        format!("{reason}, until {until}"),
        "wait; nothing need run meanwhile but relay and workers",
        inputs,
    )
}

/// The two largest units that are not zero.
pub fn words(duration: Duration) -> String {
    if duration < Duration::from_secs(10) && duration.subsec_millis() > 0 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if shown.is_empty() {
        "0 s".to_string()
    } else {
        shown.join(" ")
    }
}
