//! How long to pause between tries: twice as long each time, up to a cap. Tries are counted, and nothing is measured: no server
//! that is slow makes a pause longer.

use std::time::Duration;

/// The pauses after one failure, two, three and so on.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    pub first: Duration,
    pub cap: Duration,
}

impl Backoff {
    /// Both in milliseconds.
    pub const fn new(first: u64, cap: u64) -> Backoff {
        Backoff {
            first: Duration::from_millis(first),
            cap: Duration::from_millis(cap),
        }
    }

    /// The pause after so many failures; the first pause after none, too.
    pub fn after(self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.cap)
    }

    /// Shorter by up to a quarter: not at the same moment as others.
    pub fn jittered(self, failures: u32) -> Duration {
        self.after(failures).mul_f64(0.75 + fastrand::f64() / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_double() {
        let pauses: Vec<Duration> = (0..6).map(|n| Backoff::new(200, 1000).after(n)).collect();
        assert_eq!(
            pauses,
            [200, 200, 400, 800, 1000, 1000].map(Duration::from_millis)
        );
    }

    proptest! {
        #[test]
        fn no_number_of_failures_lifts_the_cap(first: u64, cap: u64, failures: u32) {
            let backoff = Backoff::new(first, cap);
            let (pause, jittered) = (backoff.after(failures), backoff.jittered(failures));
            let least = Duration::from_millis(first.min(cap));
            prop_assert!(least <= pause && pause <= Duration::from_millis(cap));
            prop_assert!(pause.mul_f64(0.74) <= jittered && jittered <= pause.mul_f64(1.001));
        }
    }
}
