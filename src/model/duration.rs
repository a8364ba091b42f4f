//! Durations, as people read them.

use std::time::Duration;

use chrono::TimeDelta;

/// The two largest units that are not zero.
pub fn words(duration: Duration) -> String {
    if duration < Duration::from_secs(10) && duration.subsec_millis() > 0 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if shown.is_empty() {
        "0 s".to_string()
    } else {
        shown.join(" ")
    }
}

/// Whole seconds of what has passed or is left; nothing where it is over.
pub fn age(time: TimeDelta) -> String {
    words(Duration::from_secs(
        time.num_seconds().max(0).unsigned_abs(),
    ))
}

/// Milliseconds as people write them.
pub fn of_ms(ms: f64) -> String {
    if ms < 1_000.0 {
        format!("{ms:.0} ms")
    } else if ms < 120_000.0 {
        format!("{:.1} s", ms / 1_000.0)
    } else {
        format!("{:.0} min", ms / 60_000.0)
    }
}
