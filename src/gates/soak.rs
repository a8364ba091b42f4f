//! `soak`: has this step lasted its time? The start is stored, so no process need run meanwhile.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    GateResult, Names, Verdict,
    explain::{Explains, Figure, Told, Unit, trim},
    outlook::Remedy,
};
use crate::model::{Gate, duration::words};

/// A wave's soak covers its whole hybrid time; each share gets its part.
pub fn per_share(soak: Duration, shares: usize) -> Duration {
    soak / u32::try_from(shares.max(1)).unwrap_or(u32::MAX)
}

/// Length of the blocks of time that a step of this length is judged by, milliseconds: a nine-hundredth of it, within a second
/// and a quarter of an hour, or what the plan says.
pub fn block_ms(planned: Option<Duration>, step: Duration) -> i64 {
    let length =
        planned.unwrap_or((step / 900).clamp(Duration::from_secs(1), Duration::from_secs(15 * 60)));
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1)
}

/// How long the step has lasted; nothing but what is wanted where its start is not on record.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Passed {
    pub wanted_s: f64,
    #[serde(flatten)]
    pub since: Option<Since>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Since {
    pub entered_at: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub passed_s: f64,
}

impl Explains for Passed {
    fn told(&self, verdict: Verdict, _: &Names) -> Told {
        let said =
            |seconds| Duration::try_from_secs_f64(seconds).map_or_else(|_| trim(seconds), words);
        let wanted = said(self.wanted_s);
        let passed = said(self.since.map_or(0.0, |since| since.passed_s));
        Told::plain(
            format!(
                "Some faults show only with time: at night, at the end of the month, when a token runs out. So each step lasts at least as long as the plan says: {wanted}. \
                 {passed} have passed; nothing need run for it but relay and workers."
            ),
            &format!("pass: {passed} at least {wanted}"),
            verdict,
        )
    }

    fn figures(&self) -> Vec<Figure> {
        vec![Figure {
            what: "time in this step; it is over at the mark",
            unit: Unit::Seconds,
            value: self.since.map(|since| since.passed_s),
            limit: Some(self.wanted_s),
        }]
    }
}

/// `entered` is when the wave took its present step.
pub fn verdict(entered: Option<DateTime<Utc>>, wanted: Duration, now: DateTime<Utc>) -> GateResult {
    let gate = &Gate::Soak;
    let Some(entered) = entered else {
        return GateResult::inconclusive(
            gate,
            "the wave's step has no start on record",
            "take the wave back and go forward again with --resume: that begins the step anew, on record",
            Passed {
                wanted_s: wanted.as_secs_f64(),
                since: None,
            },
        );
    };
    let wanted_delta = TimeDelta::from_std(wanted).unwrap_or(TimeDelta::MAX);
    let passed = (now - entered).max(TimeDelta::zero());
    let until = entered.checked_add_signed(wanted_delta);
    let inputs = Passed {
        wanted_s: wanted.as_secs_f64(),
        since: Some(Since {
            entered_at: entered,
            until,
            passed_s: passed.num_milliseconds() as f64 / 1_000.0,
        }),
    };
    let reason = format!(
        "{} of {} in this step",
        words(passed.to_std().unwrap_or_default()),
        words(wanted)
    );
    if passed >= wanted_delta {
        return GateResult::pass(gate, reason, inputs);
    }
    let until = until.map_or("the far future".to_string(), |t| {
        t.format("%Y-%m-%d %H:%M:%S UTC").to_string()
    });
    let remedy = Remedy {
        words: "wait; nothing need run meanwhile but relay and workers".to_string(),
        wait: (wanted_delta - passed).to_std().ok(),
    };
    GateResult::inconclusive(gate, format!("{reason}, until {until}"), remedy, inputs)
}
