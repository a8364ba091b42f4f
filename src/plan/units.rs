//! What a plan writes as text with a unit: durations, percentages, quantiles, names. Each parser is the one place that
//! knows its notation; typed plan, JSON Schema and fault messages all come from here.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    SubjectTemplate,
    window::{Freeze, Slot, Zone},
};
use crate::model::Decimal;

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub found: String,
    pub wanted: String,
}

impl Wrong {
    pub(super) fn new(found: impl Into<String>, wanted: &str) -> Wrong {
        Wrong {
            found: found.into(),
            wanted: wanted.to_string(),
        }
    }
}

/// Reading from YAML and the JSON Schema of a type that is written as text.
macro_rules! text_type {
    ($name:ty, $format:literal, $pattern:literal, $description:literal) => {
        impl $name {
            pub(super) const FORMAT: &'static str = $format;
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(|wrong: $crate::plan::units::Wrong| {
                    serde::de::Error::custom(format!("found {}; wanted {}", wrong.found, wrong.wanted))
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "format": $format,
                    "pattern": $pattern,
                    "description": $description,
                })
            }
        }
    };
}
pub(super) use text_type;

/// Reads `text` as the named format would; `None` when it is fine or the format is none of ours.
pub(super) fn wrong(format: &str, text: &str) -> Option<Wrong> {
    fn read<T: FromStr<Err = Wrong>>(text: &str) -> Option<Wrong> {
        text.parse::<T>().err()
    }
    match format {
        Span::FORMAT => read::<Span>(text),
        Percent::FORMAT => read::<Percent>(text),
        Quantile::FORMAT => read::<Quantile>(text),
        Label::FORMAT => read::<Label>(text),
        Number::FORMAT => read::<Number>(text),
        StreamName::FORMAT => read::<StreamName>(text),
        SubjectTemplate::FORMAT => read::<SubjectTemplate>(text),
        Slot::FORMAT => read::<Slot>(text),
        Freeze::FORMAT => read::<Freeze>(text),
        Zone::FORMAT => read::<Zone>(text),
        _ => None,
    }
}

/// Is this format one of ours, so that `wrong` judges every scalar of it?
pub(super) fn is_ours(format: &str) -> bool {
    format.starts_with("wavegate-")
}

/// A duration: `48h`, `7d`, `30s`, `100ms`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

const SPAN: &str = "a duration with its unit, such as 30s, 2m, 48h, 7d, 100ms or 1h30m";
/// Units in the order in which they may follow each other, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];
/// Ten years: whatever is longer is a slip of the unit.
const LONGEST: u64 = 3650 * 86_400_000;

impl FromStr for Span {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("`{text}`{why}"), SPAN);
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
        let mut rest = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
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
text_type!(
    Span,
    "wavegate-duration",
    "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
    "A duration with its unit: 30s, 2m, 48h, 7d, 100ms, 1h30m."
);

/// A percentage, kept as a fraction: `1%` is 0.01.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl FromStr for Percent {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        const WANTED: &str = "a percentage from 0% to 100%, such as 1% or 0.5%";
        let Some(number) = text.strip_suffix('%') else {
            let why = match text.parse::<f64>() {
                Ok(_) => ", a number without `%`",
                Err(_) => "",
            };
            return Err(Wrong::new(format!("`{text}`{why}"), WANTED));
        };
        plain_number(number.trim_end())
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent| Percent(percent / 100.0))
            .ok_or_else(|| Wrong::new(format!("`{text}`"), WANTED))
    }
}
text_type!(
    Percent,
    "wavegate-percent",
    "^[0-9]+(\\.[0-9]+)? ?%$",
    "A percentage with its sign: 1%, 0.5%."
);

/// A quantile, kept as a fraction: `p95` is 0.95.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Quantile(pub f64);

impl FromStr for Quantile {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        text.strip_prefix('p')
            .and_then(plain_number)
            .filter(|percent| *percent > 0.0 && *percent < 100.0)
            .map(|percent| Quantile(percent / 100.0))
            .ok_or_else(|| Wrong::new(format!("`{text}`"), "a quantile such as p50, p95 or p99.9"))
    }
}
text_type!(
    Quantile,
    "wavegate-quantile",
    "^p[0-9]{1,2}(\\.[0-9]+)?$",
    "A quantile: p50, p95, p99.9."
);

/// Digits and at most one point: no sign, no exponent, no `inf`.
fn plain_number(text: &str) -> Option<f64> {
    let plain = text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| text.parse().ok()).flatten()
}

/// A bound of a query, with every digit that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl Number {
    pub(super) const FORMAT: &'static str = "wavegate-number";
}

impl FromStr for Number {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let wrong = |()| Wrong::new(format!("`{text}`"), "a number, such as 100, -1.5 or 1e6");
        text.parse().map(Number).map_err(wrong)
    }
}

impl<'de> serde::Deserialize<'de> for Number {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|wrong: Wrong| {
            serde::de::Error::custom(format!("found {}; wanted {}", wrong.found, wrong.wanted))
        })
    }
}

/// A number to editors; here its text is kept, which a binary number would round.
impl schemars::JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "format": Number::FORMAT })
    }
}

/// The name of a plan or a wave: something that can be typed on a command line without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(pub String);

impl FromStr for Label {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.len() <= 64
            && text.chars().all(fine)
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return Ok(Label(text.to_string()));
        }
        Err(Wrong::new(
            format!("{text:?}"),
            "a name of at most 64 letters, digits, `-`, `_` and `.` that begins with a letter or digit",
        ))
    }
}
text_type!(
    Label,
    "wavegate-name",
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
    "A name that needs no quotes on a command line."
);

/// The name of a JetStream stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamName(pub String);

impl FromStr for StreamName {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let fine = |c: char| c.is_ascii_graphic() && !matches!(c, '.' | '*' | '>' | '/' | '\\');
        if !text.is_empty() && text.len() <= 255 && text.chars().all(fine) {
            return Ok(StreamName(text.to_string()));
        }
        Err(Wrong::new(
            format!("{text:?}"),
            "the name of a stream: up to 255 printable ASCII characters without white space, `.`, `*`, `>`, `/` and `\\`",
        ))
    }
}
text_type!(
    StreamName,
    "wavegate-stream",
    "^[^\\s.*>/\\\\]{1,255}$",
    "The name of a JetStream stream."
);

impl FromStr for SubjectTemplate {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        SubjectTemplate::new(text).map_err(|why| {
            Wrong::new(
                format!("`{text}`: {why}"),
                "a subject with {id}, {name} or {tag} in it, such as webhooks.{id}",
            )
        })
    }
}
text_type!(
    SubjectTemplate,
    "wavegate-subject",
    "\\{(id|name|tag)\\}",
    "Template of the subjects: {id}, {name} and {tag} are filled in per webhook."
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
            assert_eq!(
                text.parse::<Span>().unwrap().0.as_secs_f64(),
                seconds,
                "{text}"
            );
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
    fn percentages_and_quantiles() {
        assert_eq!("1%".parse::<Percent>().unwrap().0, 0.01);
        assert_eq!("0.5 %".parse::<Percent>().unwrap().0, 0.005);
        let wrong = "0.01".parse::<Percent>().unwrap_err();
        assert!(wrong.found.contains("without `%`"));
        for text in ["101%", "-1%", "%", "x%", "inf%", "NaN%", "1e1%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        assert_eq!("p95".parse::<Quantile>().unwrap().0, 0.95);
        for text in ["95", "p0", "p100", "P95", "p", "p1.2.3"] {
            assert!(text.parse::<Quantile>().is_err(), "{text}");
        }
    }

    #[test]
    fn names() {
        for text in ["", "-x", "a b", "a\nb", "é", &"x".repeat(65)] {
            assert!(text.parse::<Label>().is_err(), "{text}");
        }
        assert!("prod-2026q4".parse::<Label>().is_ok());
        for text in ["", "A.B", "A*", "a b", "a/b", "a\\b", "ä"] {
            assert!(text.parse::<StreamName>().is_err(), "{text}");
        }
    }
}
