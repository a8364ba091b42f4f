//! `parity`: is every two-route event of the step published, seen by the NATS worker, and delivered or dead? A census, not a test.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Counts, GateResult, MissingEvent, Names, Verdict,
    draws::percent,
    explain::{Explains, Figure, Told, Unit},
    kernel::{ALPHA_PASS, loss_rate_below},
};
use crate::model::{Gate, duration, grouped};

/// Every event of the step, looked up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Census {
    pub events: i64,
    pub missing: i64,
    /// Of these, more than late.
    #[serde(default)]
    pub lost: i64,
    /// Where none is missing: a loss rate above this is ruled out.
    pub loss_rate_below: Option<f64>,
    pub alpha: f64,
    pub parts: Vec<Part>,
    pub ids: Vec<MissingEvent>,
}

/// Events that are missing for one reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    pub what: String,
    pub count: i64,
}

impl Explains for Census {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (events, missing) = (grouped(self.events), grouped(self.missing));
        let lost = grouped(self.lost);
        let ruled_out = loss_rate_below(self.events.unsigned_abs(), ALPHA_PASS);
        let mut plainly = format!(
            "Every event of this step that should have come to its end by now was looked up, one by one: {events} events, {missing} missing, {lost} of them \
             lost: NATS refused them for good, they were set aside, or were due long ago. The others are late, and may still come. Events that are not \
             due yet, and retries that wait their turn, are left in peace."
        );
        if self.events > 0 && self.missing == 0 {
            plainly.push_str(&format!(
                " So many without a loss rule out (95 %) that more than {} of 1,000,000 get lost.",
                grouped((ruled_out * 1e6).ceil() as i64)
            ));
        }
        let formula = format!(
            "a census, not a sample. pass: missing = 0 and events > 0; found {missing} and {events}. Loss rate ruled out: 1 - 0.05^(1/{events}) = {ruled_out:.6}"
        );
        Told::plain(plainly, &formula, verdict)
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "events that are missing",
            unit: Unit::Count,
            value: Some(self.missing as f64),
            limit: Some(0.0),
        }]
    }
}

/// In hybrid mode: two-route events due before the horizon.
pub fn verdict(counts: &Counts) -> GateResult {
    let ripe = counts.both(|arm| arm.ripe);
    let missing = counts.both(|arm| arm.missing);
    let parts = [
        (counts.both(|arm| arm.unpublished), "not published"),
        (counts.both(|arm| arm.void), "refused by NATS for good"),
        (counts.both(|arm| arm.unseen), "not seen by a NATS worker"),
        (
            counts.both(|arm| arm.unfinished),
            "neither delivered nor dead",
        ),
    ];
    judge(counts, ripe, missing, &parts, "two-route events")
}

/// In `nats`: every event of the step must come to its end.
pub fn single(counts: &Counts) -> GateResult {
    let late = counts.both(|arm| arm.late_single);
    let missing = late + counts.both(|arm| arm.missing);
    let parts = [
        (late, "neither delivered nor dead"),
        (
            counts.both(|arm| arm.missing),
            "hybrid events without an end",
        ),
    ];
    let events = counts.both(ArmCounts::single) + counts.both(|arm| arm.ripe);
    judge(counts, events, missing, &parts, "events")
}

fn judge(
    counts: &Counts,
    events: i64,
    missing: i64,
    parts: &[(i64, &str)],
    what: &str,
) -> GateResult {
    let gate = &Gate::Parity;
    // What no census can say: how often the next event may be lost, when so many were not.
    let ruled_out = (missing == 0).then(|| loss_rate_below(events.unsigned_abs(), ALPHA_PASS));
    let part = |(count, what): &(i64, &str)| Part {
        what: (*what).to_string(),
        count: *count,
    };
    let lost = counts.both(|arm| arm.lost);
    let inputs = Census {
        events,
        missing,
        lost,
        loss_rate_below: ruled_out,
        alpha: ALPHA_PASS,
        parts: parts.iter().map(part).collect(),
        ids: counts.missing.clone(),
    };
    if missing > 0 {
        let parts: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{} {what}", grouped(*n)))
            .collect();
        let parts = parts.join(", ");
        let of = format!("of {} {what}", grouped(events));
        let remedy = "not published: look at the relay; not seen: at the NATS workers (do they share their consumer with another database?); no end: at the endpoint and the workers of both paths";
        if lost == 0 {
            let oldest = counts.missing.first().map_or_else(String::new, |oldest| {
                let late = duration::words(Duration::from_secs(oldest.late_s.unsigned_abs()));
                format!("; the oldest for {late}: {}", oldest.event_id)
            });
            let reason = format!("{} {of} are late ({parts}){oldest}", grouped(missing));
            return GateResult::inconclusive(gate, reason, remedy, inputs);
        }
        let ids: Vec<&str> = counts
            .missing
            .iter()
            .take(3)
            .map(|m| m.event_id.as_str())
            .collect();
        let named = match ids.as_slice() {
            [] => String::new(),
            ids => format!(": {}", ids.join(", ")),
        };
        let late = match missing - lost {
            0 => String::new(),
            late => format!(", and {} late", grouped(late)),
        };
        let reason = format!("{} {of} are missing{late} ({parts}){named}", grouped(lost));
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    let ahead = counts.both(|arm| arm.ahead);
    if ahead > 0 {
        return GateResult::inconclusive(
            gate,
            format!(
                "{} events are dated later than now: PostgreSQL's clock was set back",
                grouped(ahead)
            ),
            "wait until the clock has passed them, then look again",
            inputs,
        );
    }
    if events == 0 {
        return GateResult::inconclusive(
            gate,
            format!("no {what} older than the horizon since the step began"),
            "wait for traffic",
            inputs,
        );
    }
    GateResult::pass(
        gate,
        format!(
            "all {} {what} accounted for: a loss rate above {} is ruled out (95 %)",
            grouped(events),
            rate(ruled_out.unwrap_or(1.0))
        ),
        inputs,
    )
}

/// Two digits that say something, however small the rate is.
fn rate(rate: f64) -> String {
    if rate >= 0.001 {
        return percent(rate);
    }
    format!("1 in {}", grouped((1.0 / rate.max(1e-15)) as i64))
}
