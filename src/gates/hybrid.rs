//! `hybrid_complete`: every enabled webhook of the wave is in the expected mode. `routed`: all traffic comes through the unified functions.

use serde::{Deserialize, Serialize};

use super::{
    Counts, GateResult, Names, QueueCounts, Verdict,
    explain::{Explains, Figure, Told, Unit},
};
use crate::model::{Gate, PublishMode, Webhook, counted, grouped};

/// What the wave's webhooks should be now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub mode: PublishMode,
    /// `None` outside of hybrid mode, where the share means nothing.
    pub share: Option<u8>,
}

/// Who is where he should be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    pub members: usize,
    pub enabled: usize,
    pub wrong: Vec<String>,
    pub expected: Expected,
}

impl Explains for Complete {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (enabled, wrong) = (self.enabled, self.wrong.len());
        let number = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
        Told::plain(
            format!(
                "Of the wave's {} webhooks {} are enabled; {wrong} of these are not where they should be. Disabled ones deliver nothing and do not count.",
                number(self.members),
                number(enabled)
            ),
            &format!("pass: at least one enabled, none wrong; found {enabled} and {wrong}"),
            verdict,
        )
    }
}

/// `webhooks` are the wave's members as the database has them now; `members` the ids that were fixed at the start.
pub fn complete(expected: Expected, members: &[i32], webhooks: &[Webhook]) -> GateResult {
    let gate = &Gate::HybridComplete;
    let enabled: Vec<&Webhook> = webhooks.iter().filter(|w| w.enabled).collect();
    let wrong: Vec<String> = enabled
        .iter()
        .filter_map(|w| difference(expected, w))
        .collect();
    let inputs = Complete {
        members: members.len(),
        enabled: enabled.len(),
        wrong: wrong.clone(),
        expected,
    };
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

/// What came through the functions, and what past them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routed {
    pub events: i64,
    pub unrouted: i64,
}

impl Explains for Routed {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (events, past) = (grouped(self.events), grouped(self.unrouted));
        Told::plain(
            format!(
                "Since the step began {events} events came through the functions, and past them into the queue: {past}. A row that comes past them is \
                 never offered to NATS: those who write it would not notice the migration until the queue workers are gone."
            ),
            &format!("pass: rows without event id = 0 and events > 0; found {past} and {events}"),
            verdict,
        )
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "queue rows that came past the functions",
            unit: Unit::Count,
            value: Some(self.unrouted as f64),
            limit: Some(0.0),
        }]
    }
}

/// Queue rows without an event id were written by somebody who goes around the unified functions.
pub fn routed(counts: &Counts, queue: &[QueueCounts]) -> GateResult {
    let gate = &Gate::Routed;
    let unrouted: i64 = queue.iter().map(|q| q.unrouted).sum();
    let events = counts.events();
    let worst = queue.iter().max_by_key(|q| q.unrouted);
    let inputs = Routed { events, unrouted };
    match worst {
        Some(worst) if unrouted > 0 => GateResult::fail(
            gate,
            format!(
                "queue rows without event id: {unrouted}, of them {} of webhook {}",
                worst.unrouted,
                counts.names.of(worst.webhook_id)
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
