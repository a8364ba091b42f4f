//! A decimal number of any length, compared digit by digit: what a binary number would round.

use std::{cmp::Ordering, fmt, str::FromStr};

/// A number as it was written, and what it is.
#[derive(Debug, Clone)]
pub struct Decimal {
    text: String,
    negative: bool,
    /// Without zeros at either end; empty is zero. The number is 0.DIGITS times ten to `point`.
    digits: String,
    point: i64,
}

impl FromStr for Decimal {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(drop)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(());
        }
        let zeros = all.len() - all.trim_start_matches('0').len();
        let digits = all.trim_matches('0').to_string();
        let point = if digits.is_empty() {
            0
        } else {
            i64::try_from(whole.len()).map_err(drop)? - i64::try_from(zeros).map_err(drop)?
                + i64::from(exponent)
        };
        Ok(Decimal {
            text: text.to_string(),
            negative: negative && !digits.is_empty(),
            digits,
            point,
        })
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Decimal| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = (self.point, &self.digits).cmp(&(other.point, &other.digits));
        sign(self).cmp(&sign(other)).then(match self.negative {
            true => size.reverse(),
            false => size,
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A number where that keeps every digit, else its text.
impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let rounded = self.text.parse::<f64>().ok().filter(|number| {
            number.is_finite() && number.to_string().parse::<Decimal>().as_ref() == Ok(self)
        });
        match rounded {
            Some(number) => to.serialize_f64(number),
            None => to.serialize_str(&self.text),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(serde_json::Number),
            Text(String),
        }
        let text = match Written::deserialize(from)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no number")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_digit_is_lost() {
        let order = [
            "-1e3",
            "-9.5",
            "-9",
            "-0.1",
            "0",
            "1e-30",
            "0.09",
            ".1",
            "1",
            "9.99",
            "10",
            "10.00000000000000000001",
            "9007199254740992",
            "9007199254740993",
            "1e+300",
        ];
        for pair in order.windows(2) {
            let [one, two] = [pair[0], pair[1]].map(|text| text.parse::<Decimal>().unwrap());
            assert!(one < two, "{pair:?}");
        }
        for (one, two) in [
            ("1", "1.000"),
            ("-0", "0"),
            ("+5", "0.05e2"),
            ("100", "1e2"),
            ("0.0e9", "0"),
        ] {
            assert_eq!(one.parse::<Decimal>(), two.parse());
        }
        for wrong in [
            "",
            ".",
            "-",
            "1e",
            "e1",
            "NaN",
            "Infinity",
            "1 ",
            " 1",
            "0x1",
            "1_0",
            "--1",
            "1.2.3",
            "1e99999999999",
        ] {
            assert!(wrong.parse::<Decimal>().is_err(), "{wrong}");
        }
        let json = |text: &str| serde_json::to_string(&text.parse::<Decimal>().unwrap()).unwrap();
        assert_eq!(json("2.50"), "2.5");
        assert_eq!(json("9007199254740993"), "\"9007199254740993\"");
    }
}
