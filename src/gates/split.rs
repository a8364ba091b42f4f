//! `split`: do the lots fall as the share says? Where they do not, the arms are not alike, and comparing them says nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Counts, GateResult, Names, Verdict,
    draws::percent,
    explain::{Explains, Told, number_or_nan, trim},
    kernel::{ALPHA_FAIL, Sample, of_attempt},
    success::Trial,
};
use crate::model::{Gate, GateLimits, Path, grouped};

/// How often NATS was drawn.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lots {
    /// The part of NATS that was asked for.
    pub share: f64,
    pub events: i64,
    pub nats: i64,
    /// Evidence that they do not fall so, in natural logarithms: of all, and what is wanted.
    #[serde(deserialize_with = "number_or_nan")]
    pub ln_evidence: f64,
    pub ln_wanted: f64,
    /// Of one webhook more is wanted, since there are so many that could look odd by chance.
    pub ln_wanted_one: f64,
    pub alpha: f64,
    /// The webhook with the strongest evidence.
    pub oddest: Option<Odd>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Odd {
    pub webhook_id: i32,
    pub events: i64,
    pub nats: i64,
    #[serde(deserialize_with = "number_or_nan")]
    pub ln_evidence: f64,
}

impl Explains for Lots {
    fn told(&self, verdict: Verdict, names: &Names) -> Told {
        let lots = format!(
            "Each event draws by the hash of its id which path should deliver it. Of {} events {} drew NATS, {}; the share says {}.",
            grouped(self.events),
            grouped(self.nats),
            drawn(self.nats, self.events),
            percent(self.share)
        );
        let oddest = self.oddest.map_or_else(String::new, |odd| {
            format!(
                " The oddest webhook is {}: {} of {}.",
                names.of(odd.webhook_id),
                grouped(odd.nats),
                grouped(odd.events)
            )
        });
        let formula = format!(
            "E is the mean of E(above share) and E(below share), each draw 1 for NATS and 0 for the queue. fail: ln E >= {} of all, found {}; or >= {} of one webhook. A false alarm \
             in at most {} of 100 steps, however often one looks",
            trim(self.ln_wanted),
            trim(self.ln_evidence),
            trim(self.ln_wanted_one),
            trim(self.alpha * 100.0)
        );
        Told::plain(lots + &oddest, &formula, verdict)
    }
}

/// Half of the level is for all events together, the other half for each webhook by itself.
pub fn verdict(counts: &Counts, trial: &Trial, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Split;
    let share = trial.share;
    let alpha = of_attempt(ALPHA_FAIL, trial.attempt);
    let (nats, queue) = (counts.nats_arm.two_route, counts.queue_arm.two_route);
    let events = nats + queue;
    let mut lots = BTreeMap::<i32, (i64, i64)>::new();
    for arm in &counts.arms {
        let (drew_nats, all) = lots.entry(arm.webhook_id.unwrap_or_default()).or_default();
        *all += arm.two_route;
        if arm.prefers == Path::Nats {
            *drew_nats += arm.two_route;
        }
    }
    let odd = |(id, (nats, events)): (&i32, &(i64, i64))| Odd {
        webhook_id: *id,
        events: *events,
        nats: *nats,
        ln_evidence: evidence(*nats, events - nats, share),
    };
    let oddest = lots
        .iter()
        .map(odd)
        .max_by(|a, b| a.ln_evidence.total_cmp(&b.ln_evidence));
    let inputs = Lots {
        share,
        events,
        nats,
        ln_evidence: evidence(nats, queue, share),
        ln_wanted: (2.0 / alpha).ln(),
        ln_wanted_one: (2.0 * lots.len().max(1) as f64 / alpha).ln(),
        alpha,
        oddest,
    };
    let one = oddest.filter(|odd| odd.ln_evidence >= inputs.ln_wanted_one);
    if let Some(odd) = one.filter(|_| inputs.ln_evidence < inputs.ln_wanted) {
        let reason = format!(
            "webhook {}: {} of {} events drew NATS, {}, not {}",
            counts.names.of(odd.webhook_id),
            grouped(odd.nats),
            grouped(odd.events),
            drawn(odd.nats, odd.events),
            percent(share)
        );
        return GateResult::fail(gate, reason, REMEDY, inputs);
    }
    let reason = format!(
        "{} of {} events drew NATS, {}",
        grouped(nats),
        grouped(events),
        drawn(nats, events)
    );
    if inputs.ln_evidence >= inputs.ln_wanted {
        let reason = format!("{reason}, not {}", percent(share));
        return GateResult::fail(gate, reason, REMEDY, inputs);
    }
    let missing = (limits.min_events.max(1)).saturating_sub(events.unsigned_abs());
    if missing > 0 {
        let reason = format!("{reason}: fewer than {} events", limits.min_events);
        return GateResult::inconclusive(gate, reason, trial.pace.events(missing), inputs);
    }
    GateResult::pass(
        gate,
        format!("{reason}, as share {} says", percent(share)),
        inputs,
    )
}

const REMEDY: &str = "do callers choose their ids by what the event is, or does somebody write `nats_share` or `prefers`? Until that is mended the two paths cannot be compared";

/// That NATS is drawn more often than the share says, or less often.
fn evidence(nats: i64, queue: i64, share: f64) -> f64 {
    let draws = Sample::new(
        0.0,
        1.0,
        [(1.0, nats.unsigned_abs()), (0.0, queue.unsigned_abs())],
    );
    let (below, above) = (draws.below(share), draws.above(share));
    let (more, less) = (below.max(above), below.min(above));
    more + (less - more).exp().ln_1p() - std::f64::consts::LN_2
}

fn drawn(nats: i64, events: i64) -> String {
    percent(nats as f64 / events.max(1) as f64)
}
