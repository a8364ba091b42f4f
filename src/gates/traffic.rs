//! `traffic`: does what was counted tell of today? A pass rests on events, and old ones do not speak for the path as it is now.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Counts, GateResult, Names, Verdict,
    explain::{Explains, Told},
    outlook::long,
};
use crate::model::{Gate, counted, grouped};

/// Without a limit of the plan's own: a tenth of the step, but not less than this.
const LEAST: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newest {
    /// Webhooks of the wave that are enabled.
    pub webhooks: usize,
    /// Since the newest event of the step.
    pub age_s: Option<i64>,
    pub within_s: u64,
    /// No event since the step began.
    pub unseen: Vec<i32>,
}

impl Explains for Newest {
    fn told(&self, verdict: Verdict, names: &Names) -> Told {
        let newest = match self.age_s {
            Some(age) => format!(
                "The newest event of the step came {} ago.",
                long(age as f64)
            ),
            None => "No event came since the step began.".to_string(),
        };
        let unseen = match self.unseen.len() {
            0 => String::new(),
            n => format!(
                " Of {} there was none yet, and nobody knows how they fare: {}.",
                counted(n, "webhook"),
                names.list(&self.unseen)
            ),
        };
        Told::plain(
            format!("Whether NATS does well is judged by the events that came. {newest}{unseen}"),
            &format!(
                "pass: the newest event is at most {} old",
                long(self.within_s as f64)
            ),
            verdict,
        )
    }
}

/// How old the newest event may be.
pub fn within(planned: Option<Duration>, step: Duration) -> Duration {
    planned.unwrap_or((step / 10).max(LEAST))
}

/// `newest`: of each enabled webhook the time of its newest event since the step began.
pub fn verdict(counts: &Counts, within: Duration, now: DateTime<Utc>) -> GateResult {
    let gate = &Gate::Traffic;
    let newest = counts.newest.values().flatten().max();
    let age = newest.map(|newest| now.signed_duration_since(*newest).max(TimeDelta::zero()));
    let unseen: Vec<i32> = counts
        .newest
        .iter()
        .filter(|(_, newest)| newest.is_none())
        .map(|(id, _)| *id)
        .collect();
    let named = match unseen.len() {
        0 => String::new(),
        n => format!(
            "; none yet of {} of {}: {}",
            grouped(n as i64),
            grouped(counts.newest.len() as i64),
            counts.names.list(&unseen)
        ),
    };
    let inputs = Newest {
        webhooks: counts.newest.len(),
        age_s: age.map(|age| age.num_seconds()),
        within_s: within.as_secs(),
        unseen,
    };
    let limit = long(within.as_secs_f64());
    let Some(age) = age else {
        let reason = "no event since the step began";
        return GateResult::inconclusive(
            gate,
            reason,
            "wait for traffic: are callers calling?",
            inputs,
        );
    };
    let old = long(age.num_seconds() as f64);
    if age.to_std().unwrap_or(Duration::MAX) > within {
        let reason = format!(
            "the newest event came {old} ago, longer than {limit}: what was counted is not of today{named}"
        );
        let remedy = "wait for traffic: are callers calling? Where none is to be expected, `gates: { traffic: { within: 7d } }` in the plan";
        return GateResult::inconclusive(gate, reason, remedy, inputs);
    }
    GateResult::pass(
        gate,
        format!("the newest event came {old} ago{named}"),
        inputs,
    )
}
