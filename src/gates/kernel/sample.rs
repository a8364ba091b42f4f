//! Draws by value, and what they say about their mean.

/// Largest fraction that is bet; the others halve it.
const LARGEST: f64 = 0.95;
const FRACTIONS: usize = 8;
/// 1 + 1/2 + ... + 1/8: makes the weights 1/((j+1) H8) add up to one.
const H8: f64 = 2.717_857_142_857_143;
/// Bounds are found to this part of the range.
const PRECISION: f64 = 1e-12;

/// The bets that the mean of draws is below a margin, as they stand: one draw after the other, without keeping any.
#[derive(Debug, Clone, PartialEq)]
pub struct Bets {
    hi: f64,
    m: f64,
    terms: [f64; FRACTIONS],
}

impl Bets {
    /// No draw yet. `hi`: the largest value that a draw can have.
    pub fn below(hi: f64, m: f64) -> Self {
        let mut terms = [0.0; FRACTIONS];
        for (j, term) in terms.iter_mut().enumerate() {
            *term = -((j + 1) as f64 * H8).ln();
        }
        Bets { hi, m, terms }
    }

    /// `count` more draws of `x`.
    pub fn add(&mut self, x: f64, count: u64) {
        let room = self.hi - self.m;
        let gain = if x >= self.hi {
            -1.0
        } else if room <= 0.0 {
            f64::INFINITY
        } else {
            (self.hi - x) / room - 1.0
        };
        for (j, term) in self.terms.iter_mut().enumerate() {
            let fraction = LARGEST / f64::from(1_u32 << j);
            *term += count as f64 * (fraction * gain).ln_1p();
        }
    }

    /// Natural logarithm of the evidence.
    pub fn evidence(&self) -> f64 {
        log_sum_exp(&self.terms)
    }
}

/// Draws from [lo, hi], counted by value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    lo: f64,
    hi: f64,
    cells: Vec<(f64, u64)>,
}

impl Sample {
    /// Values outside [lo, hi] count as its nearer end; what is no number is left out.
    pub fn new(lo: f64, hi: f64, cells: impl IntoIterator<Item = (f64, u64)>) -> Self {
        let cells = cells
            .into_iter()
            .filter(|(value, count)| *count > 0 && !value.is_nan())
            .map(|(value, count)| (value.clamp(lo, hi), count))
            .collect();
        Sample { lo, hi, cells }
    }

    /// Pairs: two outcomes of the same unit. `worse`: NATS failed alone; `better`: the queue did.
    pub fn pairs(worse: u64, same: u64, better: u64) -> Self {
        Sample::new(-1.0, 1.0, [(1.0, worse), (0.0, same), (-1.0, better)])
    }

    /// Events split by their hash, the part `share` (within 0 and 1) to NATS: a random assignment, so that each event is a draw
    /// whose mean is the difference of the failure rates.
    pub fn split(share: f64, nats_failed: u64, good: u64, queue_failed: u64) -> Self {
        let (hi, lo) = (1.0 / share, -1.0 / (1.0 - share));
        Sample::new(lo, hi, [(hi, nats_failed), (0.0, good), (lo, queue_failed)])
    }

    /// The same and `count` more draws of `value`.
    #[must_use]
    pub fn and(mut self, value: f64, count: u64) -> Self {
        self.cells.push((value.clamp(self.lo, self.hi), count));
        self
    }

    pub fn draws(&self) -> u64 {
        self.cells
            .iter()
            .fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Natural logarithm of the evidence that the mean is below `m`. Rises with `m`.
    pub fn below(&self, m: f64) -> f64 {
        let mut bets = Bets::below(self.hi, m);
        for (x, count) in &self.cells {
            bets.add(*x, *count);
        }
        bets.evidence()
    }

    /// Natural logarithm of the evidence that the mean is above `m`. Falls with `m`.
    pub fn above(&self, m: f64) -> f64 {
        self.mirror().below(-m)
    }

    /// The mean is below this, at level `alpha`, however often one looks; `hi` where nothing is known. Agrees with `below`.
    pub fn upper(&self, alpha: f64) -> f64 {
        let beyond = |m: f64| self.below(m) + alpha.ln();
        let precision = PRECISION * (self.hi - self.lo);
        let (mut no, mut yes) = (self.lo, self.hi);
        let (mut at_no, mut at_yes) = (beyond(no), f64::INFINITY);
        if at_no >= 0.0 {
            return no;
        }
        // Where a straight line from one end to the other would cross, a little towards the middle, so that both ends close in; the
        // middle where that is not soon enough (Oliveira and Takahashi, "An enhancement of the bisection method average performance
        // preserving minmax optimality", 2021).
        let mut room = yes - no;
        while yes - no > precision {
            let (middle, reach) = (f64::midpoint(no, yes), room - (yes - no) / 2.0);
            let line = (at_yes * no - at_no * yes) / (at_yes - at_no);
            let line = if line.is_finite() { line } else { middle };
            let towards = (middle - line).signum();
            let shift = (0.2 / (self.hi - self.lo)) * (yes - no).powi(2);
            let at = line + towards * shift.min((middle - line).abs());
            let at = at.clamp(middle - reach.max(0.0), middle + reach.max(0.0));
            let value = beyond(at);
            if value >= 0.0 {
                (yes, at_yes) = (at, value);
            } else {
                (no, at_no) = (at, value);
            }
            room /= 2.0;
        }
        yes
    }

    /// The mean is above this, at level `alpha`, however often one looks; `lo` where nothing is known. Agrees with `above`.
    pub fn lower(&self, alpha: f64) -> f64 {
        -self.mirror().upper(alpha)
    }

    fn mirror(&self) -> Sample {
        Sample {
            lo: -self.hi,
            hi: -self.lo,
            cells: self.cells.iter().map(|(x, count)| (-x, *count)).collect(),
        }
    }
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    largest + terms.iter().map(|t| (t - largest).exp()).sum::<f64>().ln()
}
