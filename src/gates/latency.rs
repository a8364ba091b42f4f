//! `latency`: is the NATS arm at least `ratio` times as fast as the queue arm, from creation to delivery? Bounds of one quantile,
//! valid however often one looks. Means do not gate.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Counts, GateResult, Latency, Names, Verdict,
    explain::{Explains, Figure, Told, Unit, known, trim, words},
    kernel::{
        ALPHA_FAIL, ALPHA_PASS, Buckets, LAST, Standardised, Stratum, first, of_attempt,
        quantile_bounds,
    },
    outlook::{Pace, clean_needed},
};
use crate::model::{Gate, GateLimits, Path, duration::of_ms, grouped};

/// So many times as many events as were seen can be told of in advance.
const FORESEEN: u64 = 20;

/// Between which milliseconds the quantile of one arm lies.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    lower: f64,
    upper: f64,
}

impl Bounds {
    /// What is under way counts as endless for the upper bound and as done at once for the lower one.
    fn of(latency: &Latency, q: f64, alpha: f64) -> Self {
        let (mut slow, mut fast) = (latency.delivered.clone(), latency.delivered.clone());
        slow.add(LAST, latency.undelivered);
        fast.add(0, latency.undelivered);
        Bounds {
            lower: quantile_bounds(&fast, q, alpha).0,
            upper: quantile_bounds(&slow, q, alpha).1,
        }
    }
}

/// How long the queue took before, webhook by webhook, weighed by their present shares of NATS's events.
struct Before<'a> {
    /// Of each webhook that was timed: its share, and its times.
    timed: Vec<(f64, &'a Buckets)>,
    /// The share of the others.
    untimed: f64,
    webhooks_untimed: Vec<i32>,
}

impl<'a> Before<'a> {
    fn of(counts: &'a Counts) -> Self {
        let all = counts.nats_arm.judged.max(1) as f64;
        let mut before = Before {
            timed: Vec::new(),
            untimed: 0.0,
            webhooks_untimed: Vec::new(),
        };
        let nats = counts.arms.iter().filter(|arm| arm.prefers == Path::Nats);
        for (id, arm) in nats.filter_map(|arm| Some((arm.webhook_id?, arm))) {
            let share = arm.judged as f64 / all;
            match counts
                .baseline
                .latency
                .get(&id)
                .filter(|times| times.count() > 0)
            {
                Some(times) => before.timed.push((share, times)),
                None if arm.judged > 0 => {
                    before.untimed += share;
                    before.webhooks_untimed.push(id);
                }
                None => {}
            }
        }
        before
    }

    fn count(&self) -> u64 {
        self.timed.iter().map(|(_, times)| times.count()).sum()
    }

    /// Which part was slower than the edge of this bucket.
    fn slower(&self, bucket: i16) -> Standardised {
        Standardised::of(self.timed.iter().map(|(share, times)| Stratum {
            share: *share,
            ended: times.count(),
            failed: times.count() - times.up_to(bucket),
        }))
    }

    /// Of those that were timed.
    fn quantile(&self, q: f64) -> Option<f64> {
        let may_be_slower = (1.0 - q) * (1.0 - self.untimed);
        let reached = |bucket| self.slower(bucket).rate <= may_be_slower;
        (self.count() > 0).then(|| first(reached).map_or(f64::INFINITY, Buckets::edge))
    }

    /// Each for one look. Who was not timed counts as done at once for the lower one, and as endless for the upper one.
    fn bounds(&self, q: f64, alpha: f64) -> Bounds {
        let surely_slower = |bucket| self.slower(bucket).lower(alpha) > 1.0 - q;
        let surely_faster = |bucket| self.slower(bucket).upper(alpha) + self.untimed <= 1.0 - q;
        let lower = first(|bucket| !surely_slower(bucket)).unwrap_or(LAST);
        Bounds {
            lower: if lower > 0 {
                Buckets::edge(lower - 1)
            } else {
                0.0
            },
            upper: first(surely_faster).map_or(f64::INFINITY, Buckets::edge),
        }
    }

    fn arm(&self, bounds: Bounds, q: f64) -> Arm {
        let of = |q| self.quantile(q).and_then(known);
        Arm {
            delivered: self.count(),
            undelivered: 0,
            quantile_ms: of(q),
            p50_ms: of(0.5),
            p99_ms: of(0.99),
            lower_ms: known(bounds.lower),
            upper_ms: known(bounds.upper),
        }
    }
}

/// Compares the quantile of both arms, and NATS's p99 with a limit of its own where there is one. At share 100 the queue's
/// buckets from before the migration stand in.
pub fn verdict(counts: &Counts, attempt: u32, pace: Pace, limits: &GateLimits) -> GateResult {
    let gate = &Gate::Latency;
    let (nats, queue) = (&counts.nats_latency, &counts.queue_latency);
    let before = (counts.queue_arm.judged == 0).then(|| Before::of(counts));
    // Two bounds, each with half of the level.
    let (pass, fail) = (
        of_attempt(ALPHA_PASS, attempt) / 2.0,
        of_attempt(ALPHA_FAIL, attempt) / 2.0,
    );
    let q = limits.latency_quantile;
    let of_queue = |alpha| match &before {
        Some(before) => before.bounds(q, alpha),
        None => Bounds::of(queue, q, alpha),
    };
    let (nats_pass, queue_pass) = (Bounds::of(nats, q, pass), of_queue(pass));
    let (nats_fail, queue_fail) = (Bounds::of(nats, q, fail), of_queue(fail));
    let timed = match &before {
        Some(before) => before.count(),
        None => queue.delivered.count(),
    };
    let p99 = limits
        .latency_max_p99
        .map(|limit| P99::of(nats, limit, pass, fail));
    let name = format!("p{}", q * 100.0);
    let inputs = Compared {
        quantile: q,
        ratio: limits.latency_ratio,
        attempt,
        alpha_pass: pass,
        alpha_fail: fail,
        before: before.is_some(),
        untimed: before
            .iter()
            .flat_map(|before| before.webhooks_untimed.clone())
            .collect(),
        nats: Arm::of(nats, nats_pass, q),
        queue: match &before {
            Some(before) => before.arm(queue_pass, q),
            None => Arm::of(queue, queue_pass, q),
        },
        max_p99_ms: limits
            .latency_max_p99
            .map(|limit| limit.as_secs_f64() * 1000.0),
    };
    if nats.delivered.count() == 0 || timed == 0 {
        return GateResult::inconclusive(
            gate,
            "one arm has no delivery to time, and none was timed before the migration",
            "wait for deliveries",
            inputs,
        );
    }
    let reason = format!(
        "{name} from creation to delivery: NATS {} ({}), queue {} ({}{}); wanted at least {} times as fast{}",
        span(nats_pass),
        deliveries(nats.delivered.count()),
        span(queue_pass),
        deliveries(timed),
        if before.is_some() { " before" } else { "" },
        limits.latency_ratio,
        left_out(&inputs.untimed, &counts.names),
    );
    let remedy = "more NATS workers or a higher --concurrency; look at the relay's lag; or lower gates.latency.ratio in the plan on purpose";
    if let Some(p99) = p99.as_ref().filter(|p99| p99.over) {
        let reason = format!("{}; {reason}", p99.words);
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    if queue_fail.upper < limits.latency_ratio * nats_fail.lower {
        return GateResult::fail(gate, reason, remedy, inputs);
    }
    let fast = queue_pass.lower >= limits.latency_ratio * nats_pass.upper;
    let more = || {
        let frozen = before.is_some().then_some(queue_pass.lower);
        let wanted = |more| would_pass(nats, queue, frozen, more, pass, limits);
        let known = nats.delivered.count().saturating_add(timed);
        match clean_needed(wanted) {
            // Beyond that the estimate swings with every event: it is at the limit.
            Some(more) if more <= known.saturating_mul(FORESEEN) => pace.events(more).and(", if they are as fast as those so far"),
            _ => "more events alone will hardly settle it, NATS is about as slow as is allowed, or slower: more NATS workers, or a \
                  higher --concurrency"
                .into(),
        }
    };
    match p99 {
        Some(p99) if !p99.under => {
            GateResult::inconclusive(gate, format!("{}; {reason}", p99.words), more(), inputs)
        }
        _ if fast => GateResult::pass(gate, reason, inputs),
        _ => GateResult::inconclusive(gate, reason, more(), inputs),
    }
}

/// Would it pass with so many more events, timed like those so far and none under way? `frozen`: the queue's lower bound, where it does
/// not grow.
fn would_pass(
    nats: &Latency,
    queue: &Latency,
    frozen: Option<f64>,
    more: u64,
    alpha: f64,
    limits: &GateLimits,
) -> bool {
    let growing = if frozen.is_some() {
        0
    } else {
        queue.delivered.count()
    };
    let known = nats.delivered.count() + growing;
    let factor = 1.0 + more as f64 / known.max(1) as f64;
    let grown = |arm: &Latency| Latency {
        delivered: arm.delivered.times(factor),
        undelivered: 0,
    };
    let nats = grown(nats);
    let q = limits.latency_quantile;
    let fast = frozen.unwrap_or_else(|| Bounds::of(&grown(queue), q, alpha).lower);
    let slow = Bounds::of(&nats, q, alpha).upper;
    let under =
        |limit: Duration| Bounds::of(&nats, 0.99, alpha).upper <= limit.as_secs_f64() * 1000.0;
    fast >= limits.latency_ratio * slow && limits.latency_max_p99.is_none_or(under)
}

fn deliveries(count: u64) -> String {
    match count.cast_signed() {
        1 => "1 delivery".to_string(),
        count => format!("{} deliveries", grouped(count)),
    }
}

/// Webhooks that the queue's times say nothing about.
fn left_out(webhooks: &[i32], names: &Names) -> String {
    match webhooks {
        [] => String::new(),
        webhooks => format!("; not timed before: {}", names.list(webhooks)),
    }
}

/// The 99th percentile of NATS against a plain limit.
struct P99 {
    over: bool,
    under: bool,
    words: String,
}

impl P99 {
    fn of(nats: &Latency, limit: Duration, pass: f64, fail: f64) -> Self {
        let limit = limit.as_secs_f64() * 1000.0;
        let (known, surely) = (Bounds::of(nats, 0.99, pass), Bounds::of(nats, 0.99, fail));
        P99 {
            over: surely.lower > limit,
            under: known.upper <= limit,
            words: format!("p99 of NATS {}, limit {}", span(known), of_ms(limit)),
        }
    }
}

/// One quantile of both arms, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    pub quantile: f64,
    pub ratio: f64,
    pub attempt: u32,
    pub alpha_pass: f64,
    pub alpha_fail: f64,
    /// The queue's times are those of before the migration.
    pub before: bool,
    /// With events now, and without a time before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untimed: Vec<i32>,
    pub nats: Arm,
    pub queue: Arm,
    pub max_p99_ms: Option<f64>,
}

/// `None` is: not known, or without an end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arm {
    pub delivered: u64,
    pub undelivered: u64,
    pub quantile_ms: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub lower_ms: Option<f64>,
    pub upper_ms: Option<f64>,
}

impl Arm {
    fn of(latency: &Latency, bounds: Bounds, q: f64) -> Arm {
        let of = |buckets: &Buckets, q| buckets.quantile(q).and_then(known);
        Arm {
            delivered: latency.delivered.count(),
            undelivered: latency.undelivered,
            quantile_ms: of(&latency.delivered, q),
            p50_ms: of(&latency.delivered, 0.5),
            p99_ms: of(&latency.delivered, 0.99),
            lower_ms: known(bounds.lower),
            upper_ms: known(bounds.upper),
        }
    }

    fn span(&self) -> String {
        let lower = of_ms(self.lower_ms.unwrap_or_default());
        match self.upper_ms {
            Some(upper) => format!("between {lower} and {}", of_ms(upper)),
            None => format!("at least {lower}"),
        }
    }
}

impl Explains for Compared {
    fn told(&self, verdict: Verdict, names: &Names) -> Told {
        let Compared {
            quantile, ratio, ..
        } = *self;
        let name = format!("p{}", trim(quantile * 100.0));
        let mut plainly = vec![format!(
            "Measured is the time from an event's creation to its delivery. {name} is the time within which {} of 100 events arrive; the \
             slowest ones are what people notice.",
            trim(quantile * 100.0)
        )];
        for (who, arm) in [("NATS", &self.nats), ("the queue", &self.queue)] {
            let Some(found) = arm.quantile_ms else {
                plainly.push(format!("No delivery by {who} has been timed yet."));
                continue;
            };
            plainly.push(format!(
                "{}: {} in {} deliveries; in truth {}.",
                if who == "NATS" { "NATS" } else { "The queue" },
                of_ms(found),
                grouped(arm.delivered.cast_signed()),
                arm.span()
            ));
        }
        if self.before {
            plainly.push(
                "NATS alone delivers now; the queue's times are those of before, each webhook's weighed by its share of the events now."
                    .to_string(),
            );
            plainly.extend(words::unmeasured(&self.untimed, names));
        }
        let wanted = if ratio <= 1.0 {
            format!(
                "The plan asks that NATS takes at most {} times as long as the queue",
                trim(1.0 / ratio)
            )
        } else {
            format!(
                "The plan asks that NATS is at least {} times as fast as the queue",
                trim(ratio)
            )
        };
        plainly.push(match verdict {
            Verdict::Pass => format!("{wanted}: it holds even if NATS is as slow, and the queue as fast, as is still possible."),
            Verdict::Fail => format!("{wanted}: it does not hold even if NATS is as fast, and the queue as slow, as is still possible."),
            Verdict::Inconclusive => format!("{wanted}. What is still possible lies on both sides of that: more events narrow it down."),
        });
        let mut formula = vec![
            format!(
                "for each edge e of the buckets (4.5 % apart): draws 1 where an event took at most e, else 0. {}; hi = 1",
                words::KERNEL
            ),
            format!(
                "lower and upper bound of {name}: the edges where E(share at most {quantile}) reaches its level"
            ),
        ];
        if let (Some(slow), Some(fast)) = (self.nats.upper_ms, self.queue.lower_ms) {
            formula.push(format!(
                "pass: lower(queue) >= {} * upper(NATS), now {} >= {}: {}",
                trim(ratio),
                of_ms(fast),
                of_ms(ratio * slow),
                if fast >= ratio * slow { "yes" } else { "no" }
            ));
        } else {
            formula.push(format!(
                "pass: lower(queue) >= {} * upper(NATS); upper(NATS) is not known yet",
                trim(ratio)
            ));
        }
        if let Some(limit) = self.max_p99_ms {
            formula.push(format!("and p99 of NATS at most {}", of_ms(limit)));
        }
        Told { plainly, formula }
    }

    fn figures(&self) -> Vec<Figure> {
        let fast = self.queue.lower_ms.filter(|_| self.ratio > 0.0);
        vec![Figure {
            what: "how slow NATS may be; a pass needs it left of the mark, the queue's own time as far as the plan allows",
            unit: Unit::Milliseconds,
            value: self.nats.upper_ms,
            limit: fast.map(|fast| fast / self.ratio),
        }]
    }
}

fn span(bounds: Bounds) -> String {
    if bounds.upper.is_finite() {
        format!("{} to {}", of_ms(bounds.lower), of_ms(bounds.upper))
    } else {
        format!("at least {}", of_ms(bounds.lower))
    }
}
