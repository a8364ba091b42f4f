//! By how much NATS's failures are above the queue's of before, weighed to the webhooks' present shares. What is uncertain about the
//! rate of before has a part of each level.

use super::{
    ArmCounts, Calls,
    draws::percent,
    kernel::{Sample, Standardised, Stratum},
};
use crate::model::grouped;

/// Of a level, for what is uncertain about the rate of before. A small one: the past is as a rule much the larger sample.
pub const PART_OF_PAST: f64 = 0.2;
/// Without a margin of the plan's own: half the rate, but not less and not more than these.
const LEAST_MARGIN: f64 = 0.001;
const MOST_MARGIN: f64 = 0.01;

/// One webhook: what NATS did since the step began, and what the queue did before.
pub struct Measured<'a> {
    pub nats: &'a ArmCounts,
    pub before: Calls,
}

impl Measured<'_> {
    /// Its part of so many events.
    fn stratum(&self, of: i64) -> Stratum {
        Stratum {
            share: self.nats.judged as f64 / of.max(1) as f64,
            ended: self.before.ended.unsigned_abs(),
            failed: self.before.failed.unsigned_abs(),
        }
    }
}

/// NATS against the rate of before, for some webhooks together.
pub struct Excess {
    webhooks: usize,
    pub nats: ArmCounts,
    /// Of the webhooks that were measured before: for a fail the others say nothing.
    nats_measured: ArmCounts,
    pub before: Calls,
    /// With the present mix of webhooks.
    pub rate: f64,
    /// What NATS may fail for a pass, and for a fail.
    pub pass_at: f64,
    pub fail_at: f64,
    pub blocks_for_pass: Sample,
    pub blocks_for_fail: Sample,
    /// What blocks of time must show, above the rate of before. They cannot tell less than a point apart within a step, so a pass is never
    /// asked for less.
    pub blocks_pass_at: f64,
    pub blocks_fail_at: f64,
    /// The levels without the part of the past.
    pub pass: f64,
    pub fail: f64,
}

impl Excess {
    /// `blocks`: for a pass, and for a fail.
    pub fn new<'a>(
        webhooks: impl Iterator<Item = &'a Measured<'a>> + Clone,
        [blocks_for_pass, blocks_for_fail]: [Sample; 2],
        margin: Option<f64>,
        (pass, fail): (f64, f64),
    ) -> Self {
        let all = || webhooks.clone();
        let measured = || all().filter(|one| one.before.ended > 0);
        let (nats, nats_measured) = (sum(all()), sum(measured()));
        let [pass_before, fail_before] = [pass, fail].map(|alpha| alpha * PART_OF_PAST);
        let (pass, fail) = (pass - pass_before, fail - fail_before);
        let among_all = Standardised::of(all().map(|one| one.stratum(nats.judged)));
        let among_measured =
            Standardised::of(measured().map(|one| one.stratum(nats_measured.judged)));
        let rate = among_all.rate;
        let margin = margin.unwrap_or((rate / 2.0).clamp(LEAST_MARGIN, MOST_MARGIN));
        let (low, high) = (
            among_all.lower(pass_before),
            among_measured.upper(fail_before),
        );
        Excess {
            before: all().fold(Calls::default(), |sum, one| Calls {
                ended: sum.ended + one.before.ended,
                failed: sum.failed + one.before.failed,
            }),
            rate,
            pass_at: (low + margin).min(1.0),
            fail_at: (high + margin).min(1.0),
            blocks_for_pass,
            blocks_for_fail,
            blocks_pass_at: low - rate + margin.max(MOST_MARGIN),
            blocks_fail_at: high - among_measured.rate + margin,
            webhooks: all().count(),
            pass,
            fail,
            nats,
            nats_measured,
        }
    }

    /// What is under way counts as failed for a pass; `clean` more good events.
    pub fn for_pass(&self, clean: u64) -> Sample {
        let failed = self.nats.failed() + self.nats.undelivered;
        sample(self.nats.judged, failed).and(0.0, clean)
    }

    pub fn for_fail(&self) -> Sample {
        sample(self.nats_measured.judged, self.nats_measured.failed())
    }

    pub fn passes(&self, clean: u64) -> bool {
        self.for_pass(clean).below(self.pass_at) >= -self.pass.ln()
    }

    pub fn fails_by_events(&self) -> bool {
        self.fail_at < 1.0 && self.for_fail().above(self.fail_at) >= -self.fail.ln()
    }

    /// By events and by blocks of time: the events of a burst are one piece of evidence.
    pub fn fails(&self) -> bool {
        self.fails_by_events() && self.blocks_for_fail.above(self.blocks_fail_at) >= -self.fail.ln()
    }

    /// `clean` more blocks of time in which as much failed as before.
    pub fn passes_by_blocks(&self, clean: u64) -> bool {
        let blocks = self.blocks_for_pass.clone().and(0.0, clean);
        blocks.below(self.blocks_pass_at) >= -self.pass.ln()
    }

    /// Could it pass by itself, by events, if NATS failed as often as the queue did?
    pub fn large(&self) -> bool {
        let judged = self.nats.judged;
        let as_before = sample(judged, (self.rate * judged as f64).round() as i64);
        as_before.below(self.pass_at) >= -self.pass.ln()
    }

    /// And by blocks of time?
    pub fn long(&self) -> bool {
        let as_before = Sample::new(-1.0, 1.0, [(0.0, self.blocks_for_pass.draws())]);
        as_before.below(self.blocks_pass_at) >= -self.pass.ln()
    }

    /// No number of events would be enough, if NATS failed as often as the queue did: too few calls were measured before.
    pub fn blind(&self) -> bool {
        self.rate >= self.pass_at || self.blocks_pass_at <= 0.0
    }

    pub fn line(&self) -> String {
        let Calls { ended, failed } = self.before;
        let mix = match self.webhooks {
            1 => String::new(),
            _ => format!(" ({} with the present mix)", percent(self.rate)),
        };
        let before = format!("before {} of {}{mix}", grouped(failed), grouped(ended));
        format!(
            "NATS failed {} of {}, {before}",
            grouped(self.nats.failed()),
            grouped(self.nats.judged)
        )
    }
}

fn sum<'a>(webhooks: impl Iterator<Item = &'a Measured<'a>>) -> ArmCounts {
    webhooks.fold(ArmCounts::default(), |mut sum, one| {
        sum.add(one.nats);
        sum
    })
}

fn sample(judged: i64, failed: i64) -> Sample {
    let good = (judged - failed).max(0).unsigned_abs();
    Sample::new(0.0, 1.0, [(1.0, failed.unsigned_abs()), (0.0, good)])
}
