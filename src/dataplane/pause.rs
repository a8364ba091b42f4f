//! How long to rest after a look that cost something: a multiple of its cost, within bounds. Touches nothing.
//!
//! The bound matters most. A statement may have waited for somebody's lock, and then its time says nothing about what it cost.

use std::time::Duration;

/// A rest that grows with what it follows, but never beyond its cap.
#[derive(Debug, Clone, Copy)]
pub struct Pause {
    least: Duration,
    /// The rest lasts so many times as long as the look before it.
    factor: u32,
    cap: Duration,
}

/// A person may notice a rest that is longer than this: it is told of.
pub const NOTICEABLE: Duration = Duration::from_secs(2);

/// No rest of relay or worker may be longer, whatever happened.
const LONGEST: Duration = Duration::from_secs(10);

impl Pause {
    /// `cap` in seconds, 10 at most: nothing that waits may wait longer for a rest.
    pub const fn new(least: Duration, factor: u32, cap_s: u64) -> Pause {
        let cap = Duration::from_secs(cap_s);
        assert!(cap.as_millis() <= LONGEST.as_millis());
        Pause { least, factor, cap }
    }

    /// The rest after a look that took so long.
    pub fn after(&self, cost: Duration) -> Duration {
        cost.saturating_mul(self.factor)
            .min(self.cap)
            .max(self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_grows_with_its_look_and_never_beyond_its_cap() {
        let pause = Pause::new(Duration::from_millis(50), 4, 2);
        for (cost_ms, rest_ms) in [(0, 50), (10, 50), (100, 400), (500, 2000), (45_000, 2000)] {
            assert_eq!(
                pause.after(Duration::from_millis(cost_ms)),
                Duration::from_millis(rest_ms),
                "after {cost_ms} ms"
            );
        }
        assert_eq!(pause.after(Duration::MAX), Duration::from_secs(2));
    }
}
