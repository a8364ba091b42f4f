//! Plain limits of the plan: `dead`, `duplicates`, `min_rate`. Counted, compared, and inconclusive without traffic.

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Counts, GateResult, Names, Verdict,
    draws::percent,
    evidence::Evidence,
    explain::{Explains, Told, trim},
    outlook::{Pace, newest_errors},
};
use crate::model::{Gate, counted, grouped};

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dead {
    pub dead: i64,
    pub limit: u64,
    pub events: i64,
    pub nats: i64,
    pub queue: i64,
}

impl Explains for Dead {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (found, limit) = (self.dead, self.limit);
        Told::plain(
            format!(
                "Of {} events of this step {} have spent all their attempts, {} of them by NATS and {} by the queue.",
                grouped(self.events),
                grouped(found),
                grouped(self.nats),
                grouped(self.queue)
            ),
            &format!("pass: {found} <= {limit}, with at least one event"),
            verdict,
        )
    }
}

/// Events of the step that are out of attempts, by both arms: what an operator has to look after.
pub fn dead(counts: &Counts, most: u64) -> GateResult {
    let gate = &Gate::Dead;
    let dead = counts.both(|arm| arm.dead);
    let inputs = Dead {
        dead,
        limit: most,
        events: counts.events(),
        nats: counts.nats_arm.dead,
        queue: counts.queue_arm.dead,
    };
    let reason = format!(
        "{} of {} dead ({} of NATS, {} of the queue), limit {}",
        grouped(dead),
        counted(
            usize::try_from(counts.events()).unwrap_or_default(),
            "event"
        ),
        grouped(counts.nats_arm.dead),
        grouped(counts.queue_arm.dead),
        grouped(i64::try_from(most).unwrap_or(i64::MAX)),
    );
    if over(dead, most) {
        let remedy = "`wavegate dead list` says why; repair it, or roll back";
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    with_traffic(counts, gate, reason, inputs)
}

/// Attempts that ended without a result, by the path that made them: the endpoint may have had the event, and it was sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Ambiguous {
    pub nats: i64,
    pub queue: i64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    pub attempts: i64,
    pub limit: u64,
    pub events: i64,
    pub by: Ambiguous,
    pub rate: f64,
}

impl Explains for Duplicates {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (found, limit) = (self.attempts, self.limit);
        Told::plain(
            format!(
                "{} attempts of this step ended without anybody knowing their result (a worker died, or a connection closed), and the event was \
                 sent again: its endpoint may have had it twice, under the same webhook-id.",
                grouped(found)
            ),
            &format!("pass: {found} <= {limit}, with at least one event"),
            verdict,
        )
    }
}

/// What the ledger knows of doubled deliveries. With foreign NATS workers it knows nothing of theirs.
pub fn duplicates(
    counts: &Counts,
    ambiguous: Ambiguous,
    most: u64,
    independent: bool,
) -> GateResult {
    let gate = &Gate::Duplicates;
    let doubled = ambiguous.nats + ambiguous.queue;
    let events = counts.events();
    let inputs = Duplicates {
        attempts: doubled,
        limit: most,
        events,
        by: ambiguous,
        rate: doubled as f64 / events.max(1) as f64,
    };
    let reason = format!(
        "{} without a result ({} by NATS, {} by the queue), {} of the events: each may have doubled a delivery; limit {}",
        counted(usize::try_from(doubled).unwrap_or_default(), "attempt"),
        grouped(ambiguous.nats),
        grouped(ambiguous.queue),
        percent(doubled as f64 / events.max(1) as f64),
        grouped(i64::try_from(most).unwrap_or(i64::MAX)),
    );
    if over(doubled, most) {
        let remedy = "`wavegate audit` names them; find out why workers died or lost their claims, or raise duplicates.max on purpose";
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if independent {
        return GateResult::inconclusive(
            gate,
            "foreign NATS workers deliver: hybrid events are sent twice by design, and what they repeat is not seen here",
            "leave duplicates out of this plan",
            inputs,
        );
    }
    with_traffic(counts, gate, reason, inputs)
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinRate {
    pub least: f64,
    pub judged: i64,
    pub failed: i64,
    pub undelivered: i64,
    pub at_best: f64,
    pub at_worst: f64,
    pub min_events: u64,
}

impl Explains for MinRate {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        Told::plain(
            format!(
                "{} of {} events that NATS was to deliver have failed, and {} have no end yet. What has none counts once as good and once as bad.",
                grouped(self.failed),
                grouped(self.judged),
                grouped(self.undelivered)
            ),
            &format!(
                "pass: at worst {} >= {}; fail: at best {} < it; fewer than {} events prove nothing",
                trim(self.at_worst),
                trim(self.least),
                trim(self.at_best),
                self.min_events
            ),
            verdict,
        )
    }
}

/// The success rate of the NATS arm itself; `pace` is its own, too. What is under way counts against it for a pass, and for it for a fail.
pub fn min_rate(counts: &Counts, least: f64, min_events: u64, pace: Pace) -> GateResult {
    let gate = &Gate::MinRate;
    let arm = &counts.nats_arm;
    let judged = arm.judged.max(1) as f64;
    let at_best = 1.0 - arm.failed() as f64 / judged;
    let at_worst = 1.0 - (arm.failed() + arm.undelivered) as f64 / judged;
    let inputs = MinRate {
        least,
        judged: arm.judged,
        failed: arm.failed(),
        undelivered: arm.undelivered,
        at_best,
        at_worst,
        min_events,
    };
    let missing = (min_events.max(1)).saturating_sub(arm.judged.unsigned_abs());
    if missing > 0 {
        let reason = format!(
            "too few: {} of {min_events} events of NATS",
            grouped(arm.judged)
        );
        return GateResult::inconclusive(gate, reason, pace.events(missing), inputs);
    }
    let reason = format!(
        "NATS delivered {} of {}, {}; wanted at least {}",
        grouped(arm.judged - arm.failed() - arm.undelivered),
        grouped(arm.judged),
        percent(at_worst),
        percent(least)
    );
    if at_best < least {
        return GateResult::fail(gate, reason, newest_errors(&counts.wave), inputs);
    }
    if at_worst < least {
        let reason = format!("{reason}; {} under way", grouped(arm.undelivered));
        return GateResult::inconclusive(
            gate,
            reason,
            "wait until they have come to an end",
            inputs,
        );
    }
    GateResult::pass(gate, reason, inputs)
}

fn over(found: i64, most: u64) -> bool {
    u64::try_from(found).is_ok_and(|found| found > most)
}

fn with_traffic(
    counts: &Counts,
    gate: &Gate,
    reason: String,
    inputs: impl Into<Evidence>,
) -> GateResult {
    if counts.both(|arm: &ArmCounts| arm.events) == 0 {
        return GateResult::inconclusive(
            gate,
            "no event since the step began",
            "wait for traffic",
            inputs,
        );
    }
    GateResult::pass(gate, reason, inputs)
}
