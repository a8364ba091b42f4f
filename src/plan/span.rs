//! Durations, on the command line and in a plan: one grammar, and the bounds that some keys have.

use std::{fmt, ops::RangeInclusive, str::FromStr, time::Duration};

use super::units::{Wrong, text_type};
use crate::model::milliseconds;

/// A duration: `48h`, `7d`, `30s`, `100ms`, `1h30m`; at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

const WANTED: &str = "a duration with its unit, such as 30s, 2m, 48h, 7d, 100ms or 1h30m";
/// Units in the order in which they may follow each other, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", DAY),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
const DAY: u64 = 86_400_000;
/// Ten years: whatever is longer is a slip of the unit.
const LONGEST: u64 = 3650 * DAY;

impl FromStr for Span {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("`{text}`{why}"), WANTED);
        let mut rest = text;
        let mut total: u64 = 0;
        let mut next_unit = 0;
        if text.is_empty() {
            return Err(wrong(""));
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, behind) = rest.split_at(digits);
            if number.is_empty() {
                return Err(wrong(""));
            }
            let letters = behind.len() - behind.trim_start_matches(char::is_alphabetic).len();
            let (unit, behind) = behind.split_at(letters);
            if unit.is_empty() && !behind.is_empty() {
                return Err(wrong(""));
            }
            if unit.is_empty() {
                return Err(wrong(", a number without a unit"));
            }
            let Some(place) = UNITS.iter().position(|(name, _)| *name == unit) else {
                return Err(wrong(&format!(", with the unknown unit `{unit}`")));
            };
            if place < next_unit {
                return Err(wrong(", with its units out of order"));
            }
            next_unit = place + 1;
            let part = number
                .parse::<u64>()
                .ok()
                .and_then(|n| n.checked_mul(UNITS[place].1));
            total = part
                .and_then(|part| total.checked_add(part))
                .filter(|sum| *sum <= LONGEST)
                .ok_or_else(|| wrong(", longer than ten years"))?;
            rest = behind;
        }
        Ok(Span(Duration::from_millis(total)))
    }
}

impl fmt::Display for Span {
    /// As a plan would write it: `2d`, `1h30m`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = milliseconds(self.0);
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, length) in UNITS {
            if rest >= length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
            }
        }
        Ok(())
    }
}

/// The pattern of durations whose parts are `most` milliseconds at most, each for itself: what they add up to is beyond patterns.
fn pattern(condition: &str, most: u64) -> String {
    let parts: String = UNITS
        .iter()
        .map(|(unit, length)| format!("(?:{}{unit})?", at_most(most / length)))
        .collect();
    format!("^(?=[0-9]){condition}{parts}$")
}

/// The pattern of whole numbers from 0 to `most`.
fn at_most(most: u64) -> String {
    let digits = most.to_string();
    let mut choices = vec![digits.clone()];
    if digits.len() > 1 {
        choices.push(format!("[0-9]{{1,{}}}", digits.len() - 1));
    }
    for (at, digit) in digits
        .bytes()
        .enumerate()
        .filter(|(_, digit)| *digit > b'0')
    {
        let least = if at == 0 && digits.len() > 1 {
            '1'
        } else {
            '0'
        };
        let below = char::from(digit - 1);
        let behind = match digits.len() - at - 1 {
            0 => String::new(),
            more => format!("[0-9]{{{more}}}"),
        };
        if least <= below {
            choices.push(format!("{}[{least}-{below}]{behind}", &digits[..at]));
        }
    }
    format!("0*(?:{})", choices.join("|"))
}

text_type!(
    Span,
    "wavegate-duration",
    pattern("", LONGEST),
    "A duration with its unit, at most ten years: 30s, 2m, 48h, 7d, 100ms, 1h30m."
);

/// A duration with bounds of its own, in milliseconds.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident, $format:literal, $range:expr, $condition:literal, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub Duration);

        impl FromStr for $name {
            type Err = Wrong;

            fn from_str(text: &str) -> Result<Self, Wrong> {
                within(text, $range, $wanted).map($name)
            }
        }

        text_type!($name, $format, pattern($condition, *$range.end()), concat!("A duration: ", $wanted, "."));
    };
}

/// Reads a duration and holds it against its bounds.
fn within(text: &str, range: RangeInclusive<u64>, wanted: &str) -> Result<Duration, Wrong> {
    let Span(span) = text.parse()?;
    let milliseconds = milliseconds(span);
    match range.contains(&milliseconds) {
        true => Ok(span),
        false => Err(Wrong::new(format!("`{text}`"), wanted)),
    }
}

bounded!(
    /// A duration that is not nothing.
    Time,
    "wavegate-time",
    1..=LONGEST,
    "(?=.*[1-9])",
    "more than no time at all, such as 30s"
);
bounded!(
    /// Until the other path takes over. The column that holds it is an integer of milliseconds; a day is more than any takeover needs.
    Takeover,
    "wavegate-takeover",
    1..=DAY,
    "(?=.*[1-9])",
    "more than no time at all and at most 24h, such as 30s"
);
bounded!(
    /// Between two looks.
    Interval,
    "wavegate-interval",
    1_000..=LONGEST,
    "(?=.*(?:[1-9][0-9]*(?:d|h|m(?!s)|s)|[1-9][0-9]{3,}ms))",
    "at least 1s, such as 30s"
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("48h", 172_800.0),
            ("7d", 604_800.0),
            ("1h30m", 5400.0),
            ("100ms", 0.1),
            ("2m", 120.0),
            ("0s", 0.0),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.to_string().parse(), Ok(span));
            assert_eq!(span.0.as_secs_f64(), seconds, "{text}");
        }
        for (text, wanted) in [
            ("30", "a number without a unit"),
            ("2min", "unknown unit `min`"),
            ("1w", "unknown unit `w`"),
            ("30m1h", "out of order"),
            ("1h1h", "out of order"),
            ("99999999999999999999d", "ten years"),
            ("4000d", "ten years"),
            ("1.5h", "`1.5h`"),
            ("-1h", "`-1h`"),
            ("48 h", "`48 h`"),
            ("", "``"),
        ] {
            let wrong = text.parse::<Span>().unwrap_err();
            assert!(wrong.found.contains(wanted), "{text}: {}", wrong.found);
        }
    }

    #[test]
    fn bounds() {
        for (text, time, takeover, interval) in [
            ("0s", false, false, false),
            ("0d0ms", false, false, false),
            ("1ms", true, true, false),
            ("999ms", true, true, false),
            ("1000ms", true, true, true),
            ("0s500ms", true, true, false),
            ("24h", true, true, true),
            ("24h1ms", true, false, true),
            ("3650d", true, false, true),
        ] {
            let read = (
                text.parse::<Time>().is_ok(),
                text.parse::<Takeover>().is_ok(),
                text.parse::<Interval>().is_ok(),
            );
            assert_eq!(read, (time, takeover, interval), "{text}");
        }
    }
}
