//! What a plan writes as text with a grammar of its own. Each parser is the one place that knows its notation; typed plan, JSON
//! Schema and fault messages all come from here, and a test holds parser and pattern against each other.

use std::str::FromStr;

use super::{
    SubjectTemplate,
    span::{Interval, Span, Takeover, Time},
    window::{Freeze, Slot, Zone},
    words::{GateName, Label, Program, Role, StreamName, Watched, Word},
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
    ($name:ty, $format:literal, { $($schema:tt)* }) => {
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
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ $($schema)* })
            }
        }
    };
    ($name:ty, $format:literal, $pattern:expr, $description:expr) => {
        $crate::plan::units::text_type!($name, $format, {
            "type": "string",
            "format": $format,
            "pattern": $pattern,
            "description": $description,
        });
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
        Time::FORMAT => read::<Time>(text),
        Takeover::FORMAT => read::<Takeover>(text),
        Interval::FORMAT => read::<Interval>(text),
        Percent::FORMAT => read::<Percent>(text),
        Margin::FORMAT => read::<Margin>(text),
        Quantile::FORMAT => read::<Quantile>(text),
        Number::FORMAT => read::<Number>(text),
        Label::FORMAT => read::<Label>(text),
        GateName::FORMAT => read::<GateName>(text),
        Watched::FORMAT => read::<Watched>(text),
        Role::FORMAT => read::<Role>(text),
        Word::FORMAT => read::<Word>(text),
        Program::FORMAT => read::<Program>(text),
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

/// A percentage, kept as a fraction: `1%` is 0.01.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

impl FromStr for Percent {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        percent(text, "a percentage from 0% to 100%, such as 1% or 0.5%").map(Percent)
    }
}
text_type!(
    Percent,
    "wavegate-percent",
    "^(?:100(?:\\.0{1,10})?|[0-9]{1,2}(?:\\.[0-9]{1,10})?) ?%$",
    "A percentage with its sign: 1%, 0.5%."
);

/// A percentage between nothing and all, kept as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Margin(pub f64);

impl FromStr for Margin {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        const WANTED: &str = "a percentage of more than 0% and less than 100%, such as 1% or 0.5%";
        let margin = percent(text, WANTED)?;
        match margin > 0.0 && margin < 1.0 {
            true => Ok(Margin(margin)),
            false => Err(Wrong::new(format!("`{text}`"), WANTED)),
        }
    }
}
text_type!(
    Margin,
    "wavegate-margin",
    "^(?=.*[1-9])[0-9]{1,2}(?:\\.[0-9]{1,10})? ?%$",
    "A percentage of more than 0% and less than 100%: 1%, 0.5%."
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
    "^p(?=.*[1-9])[0-9]{1,2}(?:\\.[0-9]{1,10})?$",
    "A quantile: p50, p95, p99.9."
);

fn percent(text: &str, wanted: &str) -> Result<f64, Wrong> {
    let Some(number) = text.strip_suffix('%') else {
        let why = match text.parse::<f64>() {
            Ok(_) => ", a number without `%`",
            Err(_) => "",
        };
        return Err(Wrong::new(format!("`{text}`{why}"), wanted));
    };
    plain_number(number.strip_suffix(' ').unwrap_or(number))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| Wrong::new(format!("`{text}`"), wanted))
}

/// From 0 to 100, as digits and at most one point with digits behind it: no sign, no exponent, no `inf`.
fn plain_number(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let hundred = whole == "100" && fraction.bytes().all(|byte| byte == b'0');
    let plain = digits(fraction, 10) && (digits(whole, 2) || hundred);
    plain.then(|| text.parse().ok()).flatten()
}

/// A bound of a query, with every digit that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl FromStr for Number {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let wrong = |()| Wrong::new(format!("`{text}`"), "a number, such as 100, -1.5 or 1e6");
        text.parse().map(Number).map_err(wrong)
    }
}
// A number to editors; here its text is kept, which a binary number would round.
text_type!(Number, "wavegate-number", {
    "type": "number",
    "format": "wavegate-number",
    "description": "A number; every digit counts."
});

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn percentages_and_quantiles() {
        assert_eq!("1%".parse::<Percent>().unwrap().0, 0.01);
        assert_eq!("0.5 %".parse::<Percent>().unwrap().0, 0.005);
        assert_eq!("100.0%".parse::<Percent>().unwrap().0, 1.0);
        let wrong = "0.01".parse::<Percent>().unwrap_err();
        assert!(wrong.found.contains("without `%`"));
        for text in [
            "101%", "-1%", "%", "x%", "inf%", "NaN%", "1e1%", "1.%", ".5%", "1  %", "100.1%",
            "007%",
        ] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
        for text in ["0%", "100%", "0.0%"] {
            assert!(text.parse::<Margin>().is_err(), "{text}");
        }
        assert_eq!(
            "99.9999999999%".parse::<Margin>().unwrap().0,
            0.999_999_999_999
        );
        assert_eq!("p95".parse::<Quantile>().unwrap().0, 0.95);
        for text in ["95", "p0", "p100", "P95", "p", "p1.2.3", "p95.", "p0.0"] {
            assert!(text.parse::<Quantile>().is_err(), "{text}");
        }
    }
}
