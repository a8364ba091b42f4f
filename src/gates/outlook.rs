//! What would change a verdict: how much more clean data, and how long that takes at today's rate.

use std::time::Duration;

use crate::model::{counted, grouped};

/// How fast events come in, measured over the step.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pace {
    pub events_per_second: f64,
}

impl Pace {
    /// `count` events in `time`.
    pub fn of(count: i64, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        Pace {
            events_per_second: if seconds > 0.0 {
                count as f64 / seconds
            } else {
                0.0
            },
        }
    }

    pub fn events(&self, missing: u64) -> String {
        format!("{} more{}", plural(missing, "event"), self.time(missing))
    }

    pub fn clean_events(&self, missing: Option<u64>) -> String {
        match missing {
            Some(n) => format!("{} more{}", plural(n, "clean event"), self.time(n)),
            None => {
                "no number of clean events would be enough soon: look at what fails".to_string()
            }
        }
    }

    /// Blocks in which `who` deliver; `block_ms` each.
    pub fn clean_blocks(&self, missing: Option<u64>, block_ms: i64, who: &str) -> String {
        match missing {
            Some(n) => format!(
                "{} more in which {who}, at least {}",
                plural(n, "clean block"),
                long(n as f64 * block_ms as f64 / 1000.0)
            ),
            None => {
                "no number of clean blocks would be enough soon: look at what fails".to_string()
            }
        }
    }

    fn time(&self, events: u64) -> String {
        if self.events_per_second <= 0.0 {
            return "; none come in now".to_string();
        }
        let seconds = events as f64 / self.events_per_second;
        format!(", about {} at today's rate", long(seconds))
    }
}

fn plural(count: u64, noun: &str) -> String {
    match i64::try_from(count) {
        Ok(count) if count < 10_000 => counted(usize::try_from(count).unwrap_or_default(), noun),
        count => format!("{} {noun}s", grouped(count.unwrap_or(i64::MAX))),
    }
}

/// The least number for which `enough` holds; it holds from there on. `None` beyond a thousand million.
pub fn clean_needed(enough: impl Fn(u64) -> bool) -> Option<u64> {
    const MOST: u64 = 1_000_000_000;
    let mut high = 1;
    while !enough(high) {
        if high >= MOST {
            return None;
        }
        high *= 2;
    }
    let mut low = high / 2;
    while low < high {
        let middle = u64::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

/// A time as people say it; `seconds`.
pub fn long(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3_600.0, "h"),
        s => (s / 86_400.0, "days"),
    };
    format!("{value:.0} {unit}")
}
