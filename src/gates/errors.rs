//! `errors`: failures per minute of the NATS arm beyond what the queue arm's rate explains, lately.

use serde_json::json;

use super::{ArmCounts, Counts, GateResult};
use crate::model::{GateLimits, grouped};

/// Both arms failing alike at one endpoint is the endpoint's doing: inconclusive, not the path's fault.
pub fn verdict(counts: &Counts, limits: &GateLimits) -> GateResult {
    let gate = "errors";
    let (nats, queue) = (&counts.nats_recent, &counts.queue_recent);
    let minutes = counts.recent_minutes.max(1.0);
    let plain = nats.failures as f64 / minutes;
    let explained = if queue.events == 0 {
        0.0
    } else {
        queue.failures as f64 / queue.events as f64 * nats.events as f64 / minutes
    };
    let excess = plain - explained;
    let newest = nats.error().or_else(|| queue.error());
    let inputs = json!({
        "minutes": minutes, "limit": limits.errors_per_minute, "per_minute": plain, "explained": explained,
        "nats": { "events": nats.events, "failures": nats.failures, "dead": counts.nats_arm.dead },
        "queue": { "events": queue.events, "failures": queue.failures, "dead": counts.queue_arm.dead },
        "newest": newest,
    });
    let tail = newest.map_or(String::new(), |text| {
        format!("; newest: {}", shorten(&text, 120))
    });
    if excess > limits.errors_per_minute {
        return GateResult::fail(
            gate,
            format!(
                "{plain:.1} failures/min by NATS, {excess:.1} beyond the queue's rate; limit {:.1}{tail}",
                limits.errors_per_minute
            ),
            "repair what the newest error says, or `wavegate rollback --wave`",
            inputs,
        );
    }
    if plain > limits.errors_per_minute {
        return GateResult::inconclusive(
            gate,
            format!("endpoint: both paths fail alike, NATS {plain:.1}/min{tail}"),
            "the endpoint fails for everybody: repair it, then look again",
            inputs,
        );
    }
    if counts.events() == 0 {
        return GateResult::inconclusive(
            gate,
            "no event since the step began",
            "wait for traffic",
            inputs,
        );
    }
    if nats.events + queue.events == 0 {
        return GateResult::pass(
            gate,
            format!(
                "quiet for {minutes:.0} min; {} events since the step began, {} failed",
                grouped(counts.events()),
                grouped(counts.both(ArmCounts::failed))
            ),
            inputs,
        );
    }
    GateResult::pass(
        gate,
        format!(
            "{plain:.1} failures/min by NATS over {minutes:.0} min; limit {:.1}{tail}",
            limits.errors_per_minute
        ),
        inputs,
    )
}

/// At most `most` characters, with an ellipsis where something was cut.
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{cut}…")
}
