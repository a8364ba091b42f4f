//! What would change a verdict: how much more clean data, and how long that takes at today's rate.

use std::time::Duration;

use crate::model::{counted, grouped};

/// What would change a verdict: in words, and how long that takes at the present pace, where it is known.
#[derive(Debug, Clone, Default)]
pub struct Remedy {
    pub words: String,
    pub wait: Option<Duration>,
}

impl From<&str> for Remedy {
    fn from(words: &str) -> Self {
        Remedy::from(words.to_string())
    }
}

impl From<String> for Remedy {
    fn from(words: String) -> Self {
        Remedy { words, wait: None }
    }
}

impl Remedy {
    fn within(words: String, seconds: Option<f64>) -> Self {
        Remedy {
            words,
            wait: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        }
    }

    /// And in what case.
    #[must_use]
    pub fn and(mut self, words: &str) -> Self {
        self.words.push_str(words);
        self
    }
}

/// What to do where NATS fails more than it may.
pub fn newest_errors(wave: &str) -> String {
    format!(
        "look at the newest errors (`errors` gate); `wavegate rollback --wave {wave}` takes the wave back"
    )
}

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

    pub fn events(&self, missing: u64) -> Remedy {
        self.more(missing, "event")
    }

    /// Of so many out of all events.
    #[must_use]
    pub fn part(self, events: i64, all: i64) -> Pace {
        Pace {
            events_per_second: self.events_per_second * events as f64 / all.max(1) as f64,
        }
    }

    pub fn clean_events(&self, missing: Option<u64>) -> Remedy {
        match missing {
            Some(n) => self.more(n, "clean event"),
            None => "no number of clean events would be enough soon: look at what fails".into(),
        }
    }

    fn more(&self, events: u64, noun: &str) -> Remedy {
        let seconds = match self.events_per_second > 0.0 {
            true => events as f64 / self.events_per_second,
            false => {
                return Remedy::from(format!("{} more; none come in now", plural(events, noun)));
            }
        };
        let words = format!(
            "{} more, about {} at today's rate",
            plural(events, noun),
            long(seconds)
        );
        Remedy::within(words, Some(seconds))
    }

    /// Blocks in which `who` deliver; `block_ms` each.
    pub fn clean_blocks(&self, missing: Option<u64>, block_ms: i64, who: &str) -> Remedy {
        let Some(n) = missing else {
            return "no number of clean blocks would be enough soon: look at what fails".into();
        };
        let seconds = n as f64 * block_ms as f64 / 1000.0;
        let blocks = plural(n, "clean block");
        let words = format!("{blocks} more in which {who}, at least {}", long(seconds));
        Remedy::within(words, Some(seconds))
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
