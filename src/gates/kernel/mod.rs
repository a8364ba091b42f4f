//! Evidence about the mean of bounded draws that stays valid however often one looks. Pure mathematics, knows no gate.
//!
//! Bets with eight fixed fractions, mixed (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting"). By
//! Ville's inequality the chance that the evidence against a true statement ever reaches 1/alpha is at most alpha.

mod buckets;
mod sample;
mod standardised;

pub use buckets::{Buckets, LAST, first, quantile_bounds};
pub use sample::{Bets, Sample};
pub use standardised::{Standardised, Stratum};

/// A pass may be wrong with this probability over the whole life of a gate, a fail with the other.
pub const ALPHA_PASS: f64 = 0.05;
pub const ALPHA_FAIL: f64 = 0.01;

/// The level of attempt `attempt` (from 1) at the same step: further ones get less, so that trying again and again does not
/// pass by luck. All together stay below one and a half times `alpha`.
pub fn of_attempt(alpha: f64, attempt: u32) -> f64 {
    let r = f64::from(attempt);
    if attempt <= 1 {
        alpha
    } else {
        alpha / (r * (r + 1.0))
    }
}

/// Highest loss rate that `n` events without a loss leave possible, at `alpha`.
pub fn loss_rate_below(n: u64, alpha: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    -(alpha.ln() / n as f64).exp_m1()
}
