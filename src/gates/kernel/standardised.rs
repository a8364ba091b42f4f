//! A rate that was measured in strata, weighed to another mix of them, with bounds for one look.
//!
//! Direct standardisation with gamma intervals (Fay and Feuer, "Confidence intervals for directly standardized rates", Statistics in
//! Medicine 16, 1997). With one stratum it is the exact interval of a Poisson count.

use statrs::distribution::{ContinuousCDF, Gamma};

/// What was measured of one stratum, and which part of the mix it is.
#[derive(Debug, Clone, Copy)]
pub struct Stratum {
    pub share: f64,
    pub ended: u64,
    pub failed: u64,
}

/// The rate that the strata would have had together in that mix; a stratum without a measurement adds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standardised {
    pub rate: f64,
    variance: f64,
    /// What one more failure would have weighed at most.
    heaviest: f64,
}

impl Standardised {
    pub fn of(strata: impl IntoIterator<Item = Stratum>) -> Self {
        let mut sum = Standardised::default();
        for stratum in strata {
            if stratum.ended == 0 || stratum.share <= 0.0 {
                continue;
            }
            let weight = stratum.share / stratum.ended as f64;
            let failed = stratum.failed.min(stratum.ended) as f64;
            sum.rate += weight * failed;
            sum.variance += weight * weight * failed;
            sum.heaviest = sum.heaviest.max(weight);
        }
        sum
    }

    /// Below this the true rate lies with probability `alpha` at most.
    pub fn lower(&self, alpha: f64) -> f64 {
        quantile(self.rate, self.variance, alpha).unwrap_or(0.0)
    }

    /// Above this the true rate lies with probability `alpha` at most.
    pub fn upper(&self, alpha: f64) -> f64 {
        if self.heaviest <= 0.0 {
            return 1.0;
        }
        let rate = self.rate + self.heaviest;
        let variance = self.variance + self.heaviest * self.heaviest;
        quantile(rate, variance, 1.0 - alpha).map_or(1.0, |upper| upper.min(1.0))
    }
}

/// Of the gamma distribution with this mean and variance.
fn quantile(mean: f64, variance: f64, probability: f64) -> Option<f64> {
    let shape = mean * mean / variance;
    // The quantile of the standard one is finite where that of a narrow one would not be found.
    let standard = Gamma::new(shape, 1.0).ok()?;
    Some(standard.inverse_cdf(probability) * variance / mean)
}
