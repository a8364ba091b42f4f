//! When steps may be taken: weekly slots, freezes, a time zone.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc, Weekday};

use super::{
    fault::did_you_mean,
    units::{Wrong, text_type},
};

/// The permitted times of a plan. Without slots every time is permitted that is not frozen.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    pub allow: Vec<Slot>,
    pub freeze: Vec<Freeze>,
    pub timezone: Zone,
}

impl Windows {
    /// Is this moment permitted? A slot that passes midnight belongs to the day on which it begins.
    pub fn permit(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&self.timezone.0).naive_local();
        let (date, minute) = (local.date(), local.hour() * 60 + local.minute());
        !self.frozen(now)
            && (self.allow.is_empty() || self.allow.iter().any(|slot| slot.holds(date, minute)))
    }
}

impl Windows {
    /// Is today one of the days on which nothing moves?
    pub fn frozen(&self, now: DateTime<Utc>) -> bool {
        let date = now.with_timezone(&self.timezone.0).date_naive();
        self.freeze.iter().any(|freeze| freeze.holds(date))
    }

    /// When permission next begins or ends; `None` where it does not within a year. Walks along the time, since clocks that are
    /// set forward or back can begin and end a slot too.
    pub fn changes(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        const AHEAD: TimeDelta = TimeDelta::days(400);
        if self.allow.is_empty() && self.freeze.is_empty() {
            return None;
        }
        let permitted = self.permit(now);
        let mut at = DateTime::from_timestamp(now.timestamp() / 900 * 900, 0)?;
        while at < now + AHEAD {
            // Days begin at whole quarters of an hour everywhere, slots at any minute.
            let coarse = self.allow.is_empty() || self.frozen(at);
            at += TimeDelta::minutes(if coarse { 15 } else { 1 });
            if at > now && self.permit(at) != permitted {
                return Some(at);
            }
        }
        None
    }

    /// The time as the clocks of the zone show it: `Mon 2026-11-23 02:30 CET`.
    pub fn shown(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.timezone.0);
        local.format("%a %Y-%m-%d %H:%M %Z").to_string()
    }
}

/// A weekly slot: `Mon-Thu 02:00-05:00`, `Sat,Sun 00:00-24:00`, or `02:00-05:00` for every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// From Monday.
    days: [bool; 7],
    /// Minutes of the day; `to` is excluded and at most 1440.
    from: u32,
    to: u32,
}

impl Slot {
    fn holds(&self, date: NaiveDate, minute: u32) -> bool {
        let on = |date: NaiveDate| self.days[date.weekday().num_days_from_monday() as usize];
        if self.from < self.to {
            return on(date) && (self.from..self.to).contains(&minute);
        }
        let yesterday = date.checked_sub_days(Days::new(1));
        (on(date) && minute >= self.from) || (yesterday.is_some_and(on) && minute < self.to)
    }
}

impl FromStr for Slot {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        const WANTED: &str =
            "days and hours such as `Mon-Thu 02:00-05:00`, `Sat,Sun 00:00-24:00` or `02:00-05:00`";
        let wrong = |why: &str| Wrong::new(format!("`{text}`{why}"), WANTED);
        let (days, hours) = match text.trim_matches(' ').split_once(' ') {
            Some((days, hours)) => (Some(days), hours.trim_matches(' ')),
            None => (None, text.trim_matches(' ')),
        };
        let (from, to) = hours.split_once('-').ok_or_else(|| wrong(""))?;
        let minutes = |time: &str| {
            minutes(time).ok_or_else(|| wrong(&format!(", where `{time}` is no time of day")))
        };
        let (from, to) = (minutes(from)?, minutes(to)?);
        if from == to || from == 1440 {
            return Err(wrong(", which is empty"));
        }
        let days = match days {
            Some(days) => {
                self::days(days).map_err(|day| wrong(&format!(", where `{day}` is no day")))?
            }
            None => [true; 7],
        };
        Ok(Slot { days, from, to })
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The pattern of slots; the lookahead refuses one that ends when it begins.
fn slot_pattern() -> String {
    let letter = |c: char| format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase());
    let names = DAYS.map(|day| day.chars().map(letter).collect::<String>());
    let day = format!("(?:{})", names.join("|"));
    let days = format!("{day}(?:-{day})?(?:,{day}(?:-{day})?)*");
    let time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    format!("^(?!.*([0-9]{{2}}:[0-9]{{2}})-\\1) *(?:{days} +)?{time}-(?:{time}|24:00) *$")
}
text_type!(
    Slot,
    "wavegate-slot",
    slot_pattern(),
    "Days and hours: Mon-Thu 02:00-05:00."
);

/// `02:00` as minutes; 24:00 is the end of the day.
fn minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let fine = (hours < 24 && minutes < 60) || (hours, minutes) == (24, 0);
    fine.then_some(hours * 60 + minutes)
}

/// A number of so many digits, no more and no less.
fn digits(text: &str, length: usize) -> Option<u32> {
    let plain = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `Mon-Thu`, `Sat,Sun`, `Fri-Mon`; the error is what is no day.
fn days(text: &str) -> Result<[bool; 7], String> {
    let day = |name: &str| {
        let three = name.len() == 3;
        let found = name.parse::<Weekday>().ok().filter(|_| three);
        found
            .map(|day| day.num_days_from_monday() as usize)
            .ok_or_else(|| name.to_string())
    };
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut at, last) = (day(first)?, day(last)?);
        days[at] = true;
        while at != last {
            at = (at + 1) % 7;
            days[at] = true;
        }
    }
    Ok(days)
}

/// Days on which nothing moves: `2026-12-20/2027-01-03`, both included, or one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    from: NaiveDate,
    to: NaiveDate,
}

impl Freeze {
    fn holds(&self, date: NaiveDate) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

impl FromStr for Freeze {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        const WANTED: &str = "a date or two, such as 2026-12-24 or 2026-12-20/2027-01-03";
        let wrong = |why: &str| Wrong::new(format!("`{text}`{why}"), WANTED);
        let date =
            |text: &str| date(text).ok_or_else(|| wrong(&format!(", where `{text}` is no date")));
        let (from, to) = text.split_once('/').unwrap_or((text, text));
        let (from, to) = (date(from)?, date(to)?);
        if to < from {
            return Err(wrong(", which ends before it begins"));
        }
        Ok(Freeze { from, to })
    }
}

/// `2026-12-24`, if there is such a day.
fn date(text: &str) -> Option<NaiveDate> {
    let (year, day) = text.split_once('-')?;
    let (month, day) = day.split_once('-')?;
    let year = i32::try_from(digits(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?)
}

/// The pattern of dates that there are; that the second is not before the first is beyond patterns.
fn freeze_pattern() -> String {
    let leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    let date = format!(
        "(?:[0-9]{{4}}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|{leap}-02-29)"
    );
    format!("^{date}(?:/{date})?$")
}
text_type!(
    Freeze,
    "wavegate-dates",
    freeze_pattern(),
    "A date, or the first and the last: 2026-12-20/2027-01-03."
);

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub chrono_tz::Tz);

impl FromStr for Zone {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        text.parse().map(Zone).map_err(|_| {
            let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let near = did_you_mean(text, known);
            Wrong::new(
                format!("`{text}`"),
                &format!("a time zone of the IANA database, such as Europe/Berlin or UTC{near}"),
            )
        })
    }
}
text_type!(Zone, "wavegate-timezone", {
    "type": "string",
    "format": "wavegate-timezone",
    "enum": chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect::<Vec<_>>(),
    "description": "A time zone of the IANA database: Europe/Berlin, UTC."
});

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn windows(allow: &str, freeze: &str) -> Windows {
        Windows {
            allow: vec![allow.parse().unwrap()],
            freeze: vec![freeze.parse().unwrap()],
            timezone: "Europe/Berlin".parse().unwrap(),
        }
    }

    #[test]
    fn a_slot_is_local_time() {
        let windows = windows("Mon-Thu 02:00-05:00", "2026-12-20/2027-01-03");
        for (now, wanted) in [
            ("2026-11-23T01:30:00Z", true),  // Monday 02:30 in Berlin
            ("2026-11-23T04:00:00Z", false), // 05:00: the end is outside
            ("2026-11-27T01:30:00Z", false), // Friday
            ("2026-07-06T00:30:00Z", true),  // Monday 02:30, summer time
            ("2026-12-21T01:30:00Z", false), // frozen
            ("2027-01-04T01:30:00Z", true),  // the day after the freeze
        ] {
            assert_eq!(windows.permit(now.parse().unwrap()), wanted, "{now}");
        }
    }

    #[test]
    fn when_it_changes() {
        let night = windows("Sun 02:30-03:30", "2026-12-20/2027-01-03");
        for (now, wanted) in [
            ("2026-11-21T12:00:00Z", "2026-11-22T01:30:00Z"),
            ("2026-11-22T01:30:00Z", "2026-11-22T02:30:00Z"),
            // The slots within the freeze are passed over.
            ("2026-12-14T00:00:00Z", "2027-01-10T01:30:00Z"),
            // Clocks skip 02:30: what is left of the slot is 03:00 to 03:30.
            ("2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("2026-03-29T01:10:00Z", "2026-03-29T01:30:00Z"),
            // Clocks show 02:00 to 03:00 twice: the slot is cut in two.
            ("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
            ("2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-25T01:40:00Z", "2026-10-25T02:30:00Z"),
        ] {
            let changes = night.changes(now.parse().unwrap());
            assert_eq!(changes, Some(wanted.parse().unwrap()), "{now}");
        }
        let never = windows("Mon 00:00-24:00", "2026-01-01/2036-01-01");
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!((never.changes(now), never.frozen(now)), (None, true));
        assert_eq!(never.shown(now), "Sat 2026-11-21 13:00 CET");
    }

    #[test]
    fn a_slot_may_pass_midnight() {
        let windows = windows("Fri 22:00-02:00", "2020-01-01");
        for (now, wanted) in [
            ("2026-11-27T22:30:00Z", true),  // Friday 23:30
            ("2026-11-28T00:30:00Z", true),  // Saturday 01:30
            ("2026-11-27T00:30:00Z", false), // Friday 01:30
            ("2026-11-28T21:30:00Z", false), // Saturday 22:30
        ] {
            assert_eq!(windows.permit(now.parse().unwrap()), wanted, "{now}");
        }
    }

    #[test]
    fn what_is_wrong() {
        for (text, wanted) in [
            ("Mon-Thu 2-5", "`2` is no time of day"),
            ("Mon-Tho 02:00-05:00", "`Tho` is no day"),
            ("02:00-02:00", "is empty"),
            ("25:00-26:00", "`25:00` is no time"),
            ("always", "`always`"),
        ] {
            let wrong = text.parse::<Slot>().unwrap_err();
            assert!(wrong.found.contains(wanted), "{text}: {}", wrong.found);
        }
        assert!("Fri-Mon 00:00-24:00".parse::<Slot>().is_ok());
        assert!(
            "2027-01-03/2026-12-20"
                .parse::<Freeze>()
                .unwrap_err()
                .found
                .contains("before it begins")
        );
        assert!(
            "2026-02-30"
                .parse::<Freeze>()
                .unwrap_err()
                .found
                .contains("no date")
        );
        assert!(
            "Europe/Berlni"
                .parse::<Zone>()
                .unwrap_err()
                .wanted
                .contains("Europe/Berlin`?")
        );
    }
}
