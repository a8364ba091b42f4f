//! Points in time on the command line: so long ago (90s, 30m, 2h, 7d), a UTC date, a UTC date with a time, or RFC 3339.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    Ago(Duration),
    At(DateTime<Utc>),
}

impl Instant {
    /// By the database's clock.
    pub fn before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Instant::At(at) => at,
            Instant::Ago(ago) => TimeDelta::from_std(ago)
                .ok()
                .and_then(|ago| now.checked_sub_signed(ago))
                .unwrap_or(DateTime::UNIX_EPOCH),
        }
    }
}

pub fn parse(text: &str) -> Result<Instant, String> {
    if let Ok(ago) = duration::parse(text) {
        return Ok(Instant::Ago(ago));
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Instant::At(at.to_utc()));
    }
    let plain = text.replace('T', " ");
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(&plain, format) {
            return Ok(Instant::At(at.and_utc()));
        }
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map(|day| Instant::At(day.and_time(chrono::NaiveTime::MIN).and_utc()))
        .map_err(|_| format!("`{text}`; wanted so long ago (30m, 2h, 7d) or a time in UTC (2026-11-21 14:00, or RFC 3339)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_ages_have_a_unit() {
        let noon = DateTime::parse_from_rfc3339("2026-11-21T12:00:00Z").map(|at| at.to_utc());
        for text in [
            "2026-11-21T12:00:00Z",
            "2026-11-21T13:00:00+01:00",
            "2026-11-21 12:00",
            "2026-11-21T12:00:00.000",
        ] {
            assert_eq!(parse(text).ok(), noon.ok().map(Instant::At), "{text}");
        }
        let day = parse("2026-11-21").map(|day| day.before(DateTime::UNIX_EPOCH).to_rfc3339());
        assert_eq!(day.as_deref(), Ok("2026-11-21T00:00:00+00:00"));
        assert_eq!(parse("2h"), Ok(Instant::Ago(Duration::from_secs(7200))));
        for wrong in ["", "yesterday", "12:00", "2026-13-01", "2"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
