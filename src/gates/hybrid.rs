//! `hybrid_complete`: every enabled webhook of the wave is in the expected mode. `routed`: all traffic comes through the unified functions.

use serde_json::json;

use super::{Counts, GateResult, QueueCounts};
use crate::model::{Gate, PublishMode, Webhook, counted, grouped};

/// What the wave's webhooks should be now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub mode: PublishMode,
    /// `None` outside of hybrid mode, where the share means nothing.
    pub share: Option<u8>,
}

/// `webhooks` are the wave's members as the database has them now; `members` the ids that were fixed at the start.
pub fn complete(expected: Expected, members: &[i32], webhooks: &[Webhook]) -> GateResult {
    let gate = &Gate::HybridComplete;
    let enabled: Vec<&Webhook> = webhooks.iter().filter(|w| w.enabled).collect();
    let wrong: Vec<String> = enabled
        .iter()
        .filter_map(|w| difference(expected, w))
        .collect();
    let inputs = json!({
        "members": members.len(), "enabled": enabled.len(), "wrong": wrong,
        "expected": { "mode": expected.mode, "share": expected.share },
    });
    if let Some(first) = wrong.first() {
        return GateResult::fail(
            gate,
            format!(
                "{} of {} enabled webhooks differ: {first}",
                wrong.len(),
                enabled.len()
            ),
            "somebody changed them: `wavegate history` names ours; repeat the wave's step to bring them back",
            inputs,
        );
    }
    if enabled.is_empty() {
        return GateResult::inconclusive(
            gate,
            format!("none of the wave's {} webhooks is enabled", members.len()),
            "enable one",
            inputs,
        );
    }
    let share = expected
        .share
        .map_or(String::new(), |share| format!(" at share {share} %"));
    GateResult::pass(
        gate,
        format!(
            "{} in {}{share}, none elsewhere",
            counted(enabled.len(), "enabled webhook"),
            expected.mode
        ),
        inputs,
    )
}

fn difference(expected: Expected, webhook: &Webhook) -> Option<String> {
    let name = format!("{} ({})", webhook.name, webhook.id);
    if webhook.mode != expected.mode {
        return Some(format!(
            "{name} is in {}, wanted {}",
            webhook.mode, expected.mode
        ));
    }
    if webhook.fenced {
        return Some(format!("{name} is fenced: NATS may not deliver it"));
    }
    match expected.share {
        Some(share) if share != webhook.share => Some(format!(
            "{name} has share {} %, wanted {share} %",
            webhook.share
        )),
        _ => None,
    }
}

/// Queue rows without an event id were written by somebody who goes around the unified functions.
pub fn routed(counts: &Counts, queue: &[QueueCounts]) -> GateResult {
    let gate = &Gate::Routed;
    let unrouted: i64 = queue.iter().map(|q| q.unrouted).sum();
    let events = counts.events();
    let worst = queue.iter().max_by_key(|q| q.unrouted);
    let inputs = json!({ "events": events, "unrouted": unrouted });
    match worst {
        Some(worst) if unrouted > 0 => GateResult::fail(
            gate,
            format!(
                "queue rows without event id: {unrouted}, most of webhook {} ({})",
                worst.webhook_id, worst.unrouted
            ),
            "some caller INSERTs into the queue itself; `wavegate preflight` names writers; let it call rule_webhook_enqueue",
            inputs,
        ),
        _ if events == 0 => GateResult::inconclusive(
            gate,
            "no event of these webhooks since the step began",
            "wait for traffic",
            inputs,
        ),
        _ => GateResult::pass(
            gate,
            format!(
                "all {} events went through the unified functions",
                grouped(events)
            ),
            inputs,
        ),
    }
}
