//! `same_bytes`: was every event sent with the bytes that it was born with? A census of digests, whoever sent them.

use serde::{Deserialize, Serialize};

use super::{
    Counts, GateResult, Names, Verdict,
    explain::{Explains, Told},
};
use crate::model::{Gate, grouped};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bytes {
    /// Events of which both digests are known.
    pub compared: i64,
    pub altered: i64,
    pub ids: Vec<String>,
}

impl Explains for Bytes {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let (compared, altered) = (grouped(self.compared), grouped(self.altered));
        Told::plain(
            format!(
                "When an event is born, PostgreSQL keeps a digest (sha256) of its payload; whoever sends it keeps the digest of what was sent. Of {compared} \
                 events that were sent in this step {altered} differ."
            ),
            &format!("pass: {altered} = 0, with at least one event"),
            verdict,
        )
    }
}

pub fn verdict(counts: &Counts) -> GateResult {
    let gate = &Gate::SameBytes;
    let compared = counts.both(|arm| arm.compared);
    let altered = counts.both(|arm| arm.altered);
    let inputs = Bytes {
        compared,
        altered,
        ids: counts.altered.clone(),
    };
    if altered > 0 {
        let named: Vec<&str> = counts.altered.iter().take(3).map(String::as_str).collect();
        let reason = format!(
            "{} of {} events were sent with other bytes than they were born with: {}",
            grouped(altered),
            grouped(compared),
            named.join(", ")
        );
        let remedy = "who changes payloads in the queue or the outbox? `wavegate dead inspect EVENT` shows both digests";
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if compared == 0 {
        let reason = "no event of this step was sent yet";
        return GateResult::inconclusive(gate, reason, "wait for traffic", inputs);
    }
    let reason = format!(
        "all {} events were sent as they were born",
        grouped(compared)
    );
    GateResult::pass(gate, reason, inputs)
}
