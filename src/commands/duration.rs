//! Durations on the command line, in the grammar of the plan: 500ms, 30s, 1h30m, 7d.

use std::time::Duration;

use crate::plan::Span;

/// A number without a unit is refused, since nobody agrees on what it would mean; so is what is longer than ten years.
pub fn parse(text: &str) -> Result<Duration, String> {
    let span: Result<Span, _> = text.parse();
    span.map(|Span(span)| span)
        .map_err(|wrong| format!("found {}; wanted {}", wrong.found, wrong.wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_wanted() {
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("1h30m"), Ok(Duration::from_secs(5400)));
        for wrong in [
            "",
            "5",
            "s",
            "5 s",
            "-1s",
            "99999999999999999999d",
            "999999999999h",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
