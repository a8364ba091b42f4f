//! `broken`: does one arm of a webhook deliver nothing while the other one delivers? In a wave of many such a webhook drowns.

use serde::{Deserialize, Serialize};

use super::{
    ArmCounts, Counts, GateResult, Names, Verdict,
    explain::{Explains, Told, number_or_nan, trim},
    kernel::{ALPHA_FAIL, of_attempt},
};
use crate::model::{Gate, Path, counted, grouped};

/// How often an event may fare otherwise, where an arm is taken for broken, and the part of the stake that is put on it.
const OTHERWISE: [(f64, f64); 3] = [(0.002, 0.5), (0.05, 0.25), (0.2, 0.25)];
/// Evidence from which on a webhook is in doubt: 1 of 20 that nothing ails.
const DOUBT: f64 = 20.0;

/// The webhooks one arm of which delivered nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneArmed {
    /// With events of both arms.
    pub webhooks: usize,
    pub ln_wanted: f64,
    pub alpha: f64,
    /// In doubt or beyond it, the strongest evidence first.
    pub found: Vec<Arms>,
}

/// Both arms of one webhook.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arms {
    pub webhook_id: i32,
    /// The silent one, by name.
    pub arm: Path,
    /// Of its events none was delivered by itself.
    pub judged: i64,
    pub other_judged: i64,
    pub other_delivered: i64,
    #[serde(deserialize_with = "number_or_nan")]
    pub ln_evidence: f64,
}

impl Arms {
    fn words(&self, names: &Names) -> String {
        let (arm, other) = match self.arm {
            Path::Nats => ("NATS", "the queue"),
            Path::Queue => ("the queue", "NATS"),
        };
        format!(
            "webhook {}: {arm} delivered none of {}, {other} {} of {}",
            names.of(self.webhook_id),
            grouped(self.judged),
            grouped(self.other_delivered),
            grouped(self.other_judged)
        )
    }
}

impl Explains for OneArmed {
    fn speaks_against(&self) -> bool {
        !self.found.is_empty()
    }

    fn told(&self, verdict: Verdict, names: &Names) -> Told {
        let found = match self.found.first() {
            None => format!(
                "Of {} with events of both paths there is none of which one path delivers nothing while the other delivers.",
                counted(self.webhooks, "webhook")
            ),
            Some(first) => format!(
                "{}. By chance alone that is one of {} cases.",
                first.words(names),
                grouped(first.ln_evidence.exp().min(1e15) as i64)
            ),
        };
        let formula = format!(
            "each event's path was drawn: E = the mean over e = 0.002, 0.05, 0.2 (by 1/2, 1/4, 1/4) of the product over all events of (what the path would have been drawn with if this arm were broken) / \
             (the share). fail: ln E >= {}, divided among {}; in doubt from ln E = {} on",
            trim(self.ln_wanted),
            counted(self.webhooks, "webhook"),
            trim(DOUBT.ln())
        );
        Told::plain(found, &formula, verdict)
    }
}

/// `share`: the part of NATS. A broken NATS fails the step; a broken queue only holds it, since going back would be no help.
pub fn verdict(counts: &Counts, share: f64, attempt: u32) -> GateResult {
    let gate = &Gate::Broken;
    let alpha = of_attempt(ALPHA_FAIL, attempt);
    let (mut webhooks, mut found) = (0, Vec::new());
    for (nats, queue) in counts.pairs() {
        if nats.judged == 0 || queue.judged == 0 {
            continue;
        }
        webhooks += 1;
        found.extend(silent(nats, queue, share));
        found.extend(silent(queue, nats, 1.0 - share));
    }
    found.sort_by(|a, b| b.ln_evidence.total_cmp(&a.ln_evidence));
    let inputs = OneArmed {
        webhooks,
        ln_wanted: (webhooks.max(1) as f64 / alpha).ln(),
        alpha,
        found,
    };
    let Some(first) = inputs.found.first() else {
        if webhooks == 0 {
            let reason = "no webhook has events of both paths";
            return GateResult::inconclusive(gate, reason, "wait for traffic", inputs);
        }
        let reason = format!(
            "of {} none has a path that is silent beyond chance",
            counted(webhooks, "webhook")
        );
        return GateResult::pass(gate, reason, inputs);
    };
    let nats = inputs.found.iter().find(|arms| arms.arm == Path::Nats);
    let more = match inputs.found.len() {
        1 => String::new(),
        n => format!("; and {} more", n - 1),
    };
    if let Some(worst) = nats.filter(|arms| arms.ln_evidence >= inputs.ln_wanted) {
        let id = worst.webhook_id;
        let remedy = format!(
            "`wavegate rollback --webhook id:{id}` takes it back alone; `wavegate dead list` says why it fails"
        );
        return GateResult::fail(
            gate,
            format!("{}{more}", worst.words(&counts.names)),
            remedy,
            inputs.clone(),
        );
    }
    let remedy = match nats {
        Some(_) => "wait for its next events, or look at it now: `wavegate status`",
        None => {
            "start queue workers: while the queue delivers nothing, the paths cannot be compared, and there is no way back"
        }
    };
    GateResult::inconclusive(
        gate,
        format!("{}{more}", first.words(&counts.names)),
        remedy,
        inputs.clone(),
    )
}

/// The webhook, if `one` is silent while `other` delivers, and that is hardly chance. `share`: of `one`. What is under way speaks
/// for neither.
fn silent(one: &ArmCounts, other: &ArmCounts, share: f64) -> Option<Arms> {
    if one.delivered > 0 || other.delivered == 0 {
        return None;
    }
    let ln_evidence = evidence(one, other, share);
    (ln_evidence >= DOUBT.ln()).then_some(Arms {
        webhook_id: one.webhook_id.unwrap_or_default(),
        arm: one.prefers,
        judged: one.judged,
        other_judged: other.judged,
        other_delivered: other.delivered,
        ln_evidence,
    })
}

/// An event that failed drew `one` with probability `share`, whatever happened at the time, and so did one that was delivered: if the
/// paths are alike. If `one` is broken, it was drawn by nearly all that failed, and by hardly any that was delivered.
fn evidence(one: &ArmCounts, other: &ArmCounts, share: f64) -> f64 {
    let bets = OTHERWISE.map(|(otherwise, stake)| {
        let (nearly_all, hardly_any) = (1.0 - otherwise, otherwise);
        stake.ln()
            + one.failed() as f64 * (nearly_all / share).ln()
            + other.failed() as f64 * (hardly_any / (1.0 - share)).ln()
            + one.delivered as f64 * (hardly_any / share).ln()
            + other.delivered as f64 * (nearly_all / (1.0 - share)).ln()
    });
    let most = bets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + bets.iter().map(|bet| (bet - most).exp()).sum::<f64>().ln()
}
