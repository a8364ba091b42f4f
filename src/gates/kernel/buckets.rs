//! Latencies in log-spaced buckets: two of them add up, and bound a quantile without keeping the values.

use std::collections::BTreeMap;

use super::Sample;

/// Buckets for each doubling: neighbouring edges differ by less than 4.5 %.
const PER_DOUBLING: f64 = 16.0;
/// The largest bucket; its upper edge is about 12 days.
pub const LAST: i16 = 479;

/// How many events took how long.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets(BTreeMap<i16, u64>);

impl Buckets {
    /// The bucket of a latency: the first whose upper edge is not below it. SQL does the same (`sql/gates/`).
    pub fn of(ms: f64) -> i16 {
        if ms.is_nan() || ms <= 1.0 {
            return 0;
        }
        let bucket = (ms.log2() * PER_DOUBLING).ceil();
        if bucket >= f64::from(LAST) {
            LAST
        } else {
            bucket as i16
        }
    }

    /// Its upper edge, milliseconds; the last bucket has none.
    pub fn edge(bucket: i16) -> f64 {
        if bucket >= LAST {
            f64::INFINITY
        } else {
            (f64::from(bucket.max(0)) / PER_DOUBLING).exp2()
        }
    }

    pub fn add(&mut self, bucket: i16, count: u64) {
        let cell = self.0.entry(bucket.clamp(0, LAST)).or_default();
        *cell = cell.saturating_add(count);
    }

    /// Each bucket that holds any, and how many.
    pub fn cells(&self) -> impl Iterator<Item = (i16, u64)> {
        let held = |(bucket, count): (&i16, &u64)| (*count > 0).then_some((*bucket, *count));
        self.0.iter().filter_map(held)
    }

    pub fn merge(&mut self, other: &Buckets) {
        for (bucket, count) in &other.0 {
            self.add(*bucket, *count);
        }
    }

    /// As if so many times as many had been counted.
    #[must_use]
    pub fn times(&self, factor: f64) -> Buckets {
        let grown = |count: &u64| (*count as f64 * factor).round() as u64;
        Buckets(
            self.0
                .iter()
                .map(|(bucket, n)| (*bucket, grown(n)))
                .collect(),
        )
    }

    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Upper edge of the bucket where the quantile lies; `None` without events.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let wanted = (q * self.count() as f64).ceil().max(1.0);
        let mut sum = 0_u64;
        for (bucket, count) in &self.0 {
            sum = sum.saturating_add(*count);
            if sum as f64 >= wanted {
                return Some(Buckets::edge(*bucket));
            }
        }
        None
    }

    /// Events at or below the edge of `bucket`.
    pub fn up_to(&self, bucket: i16) -> u64 {
        self.0
            .range(..=bucket)
            .fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }
}

/// Between which latencies (milliseconds) the quantile lies, each side at level `alpha`, however often one looks: the kernel on
/// "was the event at or below this edge". 0 and infinity where nothing is known.
pub fn quantile_bounds(buckets: &Buckets, q: f64, alpha: f64) -> (f64, f64) {
    let n = buckets.count();
    let share = |bucket: i16| {
        let fast = buckets.up_to(bucket);
        Sample::new(0.0, 1.0, [(1.0, fast), (0.0, n - fast)])
    };
    let wanted = -alpha.ln();
    // The share at or below an edge rises with it, and so does the evidence that it is above q: the first edge where it suffices.
    let upper =
        first(|bucket| share(bucket).above(q) >= wanted).map_or(f64::INFINITY, Buckets::edge);
    // Below an edge where evidence says that less than q is that fast, the quantile is larger.
    let lower = first(|bucket| share(bucket).below(q) < wanted)
        .and_then(|bucket| (bucket > 0).then(|| Buckets::edge(bucket - 1)))
        .unwrap_or(0.0);
    (lower, upper)
}

/// The first bucket at which a condition holds that holds from there on.
pub fn first(holds: impl Fn(i16) -> bool) -> Option<i16> {
    let (mut low, mut high) = (0, LAST + 1);
    while low < high {
        let middle = i16::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    (low <= LAST).then_some(low)
}
