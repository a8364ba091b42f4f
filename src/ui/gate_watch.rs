//! `gate --watch`: one look after the other, as a frame of a terminal or as lines of a log.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{GateScreen, Screen, Style, Tone, clean, gate::Rows, table::wrap};
use crate::gates::{Report, Verdict, soak};

/// The newest look that succeeded, and how the newest one went.
#[derive(Debug, Clone)]
pub struct GateWatch {
    pub screen: GateScreen,
    pub at: DateTime<Utc>,
    pub every: Duration,
    /// Why the look after that one failed.
    pub trouble: Option<String>,
}

impl GateWatch {
    /// Not more than `rows` lines: first the gates that pass share a line, then the end is cut off, and says so.
    pub(super) fn frame(&self, style: &Style, rows: usize) -> String {
        let foot = self.foot(style);
        let room = rows.saturating_sub(foot.lines().count() + 1).max(1);
        let mut text = self.screen.draw(style);
        if text.lines().count() > room {
            text = self.screen.draw_with(style, Rows::Open);
        }
        let lines = text.lines().count();
        if lines > room {
            let kept: Vec<&str> = text.lines().take(room - 1).collect();
            let more = lines - kept.len();
            let hint = format!("... {more} more lines: a taller window, or --wave NAME");
            text = format!("{}\n{}\n", kept.join("\n"), style.paint(Tone::Dim, &hint));
        }
        format!("{text}\n{foot}")
    }

    fn foot(&self, style: &Style) -> String {
        let next = TimeDelta::from_std(self.every)
            .ok()
            .and_then(|every| self.at.checked_add_signed(every));
        let at = self.at.format("%H:%M:%S UTC");
        let (tone, text) = match (&self.trouble, next) {
            (Some(trouble), _) => (
                Tone::Bad,
                format!(
                    "This is what was seen at {at}, not now. Looking again fails: {trouble}. It goes on every {}; Ctrl-C ends.",
                    soak::words(self.every)
                ),
            ),
            (None, Some(next)) => (
                Tone::Dim,
                format!(
                    "Looked at {at}, again at {}; Ctrl-C ends",
                    next.format("%H:%M:%S")
                ),
            ),
            (None, None) => (Tone::Dim, format!("Looked at {at}; Ctrl-C ends")),
        };
        let lines = wrap(&clean(&text), style.width.into(), "  ");
        lines
            .lines()
            .map(|line| format!("{}\n", style.paint(tone, line)))
            .collect()
    }

    /// For a log: one line a wave, everything that does not pass with its reason.
    pub fn lines(&self) -> String {
        if let Some(trouble) = &self.trouble {
            return format!("{} could not look: {}\n", time(Utc::now()), clean(trouble));
        }
        let judged = self.screen.reports.iter().map(line);
        let held =
            self.screen.held.iter().map(|(wave, why)| {
                format!("{} wave {}: {}\n", time(self.at), clean(wave), clean(why))
            });
        judged.chain(held).collect()
    }
}

fn line(report: &Report) -> String {
    let verdict = report.verdict();
    let head = format!(
        "{} wave {} ({})",
        time(report.at),
        clean(&report.wave),
        clean(&report.step)
    );
    match verdict {
        Verdict::Pass => format!("{head}: PASS {} gates\n", report.results.len()),
        _ => {
            let reasons: Vec<String> = report
                .saying(verdict)
                .map(|result| clean(&format!("{}: {}", result.gate, result.reason)))
                .collect();
            let word = match verdict {
                Verdict::Fail => "FAIL",
                _ => "NOT YET",
            };
            format!("{head}: {word} {}\n", reasons.join("; "))
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
