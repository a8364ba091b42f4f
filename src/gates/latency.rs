//! `latency`: is the NATS arm at least `ratio` times as fast as the queue arm, from creation to delivery?
//! Deterministic for now: `verdict` is the seam where the statistical kernel goes in.

use serde_json::json;

use super::{Counts, GateResult};
use crate::model::{GateLimits, grouped};

/// Below this many events the quantile is only the slowest event; a plan that asks for few events gets along with fewer.
fn least(limits: &GateLimits) -> i64 {
    let meaningful = (1.0 / (1.0 - limits.latency_quantile).max(0.001)).ceil() as i64;
    meaningful.min(
        i64::try_from(limits.min_events / 5)
            .unwrap_or(i64::MAX)
            .max(1),
    )
}

/// Compares the quantile of both arms; at share 100 the queue's last measured quantile stands in.
pub fn verdict(counts: &Counts, limits: &GateLimits) -> GateResult {
    let gate = "latency";
    let (nats, queue) = (&counts.nats_arm, &counts.queue_arm);
    let alone = queue.judged == 0;
    let queue_ms = if alone {
        counts.baseline.quantile_ms
    } else {
        queue.quantile_ms
    };
    let name = format!("p{:.0}", limits.latency_quantile * 100.0);
    let inputs = json!({
        "quantile": limits.latency_quantile, "ratio": limits.latency_ratio,
        "nats": { "judged": nats.judged, "quantile_ms": nats.quantile_ms, "p50_ms": nats.p50_ms, "p99_ms": nats.p99_ms },
        "queue": { "judged": queue.judged, "quantile_ms": queue.quantile_ms, "p50_ms": queue.p50_ms, "p99_ms": queue.p99_ms },
        "baseline": queue_ms,
    });
    let least = least(limits);
    let few = nats.judged < least || (!alone && queue.judged < least);
    let min_events = i64::try_from(limits.min_events).unwrap_or(i64::MAX);
    if few || nats.judged + queue.judged < min_events {
        return GateResult::inconclusive(
            gate,
            format!(
                "too few: {} events by NATS, {} by the queue; wanted {} in all, {least} each",
                grouped(nats.judged),
                grouped(queue.judged),
                limits.min_events
            ),
            "wait for more events",
            inputs,
        );
    }
    let (Some(nats_ms), Some(queue_ms)) = (nats.quantile_ms, queue_ms) else {
        return GateResult::inconclusive(
            gate,
            "one arm has no delivery to time, and no earlier step measured the queue",
            "wait for deliveries",
            inputs,
        );
    };
    let before = if alone { " before" } else { "" };
    let reason = format!(
        "{name} from creation to delivery: NATS {}, queue {}{before}; ratio {:.2}, wanted {:.2}",
        duration(nats_ms),
        duration(queue_ms),
        queue_ms / nats_ms.max(0.001),
        limits.latency_ratio
    );
    if queue_ms >= limits.latency_ratio * nats_ms {
        GateResult::pass(gate, reason, inputs)
    } else {
        GateResult::fail(
            gate,
            reason,
            "more NATS workers or a higher --concurrency; look at the relay's lag; or lower gates.latency.ratio in the plan on purpose",
            inputs,
        )
    }
}

/// Milliseconds as people write them.
pub fn duration(ms: f64) -> String {
    if ms < 1_000.0 {
        format!("{ms:.0} ms")
    } else if ms < 120_000.0 {
        format!("{:.1} s", ms / 1_000.0)
    } else {
        format!("{:.0} min", ms / 60_000.0)
    }
}
