//! `gate --watch`: one look after the other, as a frame of a terminal or as lines of a log.

use crate::model::duration::words;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{GateScreen, Screen, Style, Tone, clean, gate::Rows, table::wrap};
use crate::gates::{Report, Verdict};

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
                    words(self.every)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gates::{Evidence, GateResult},
        model::Gate,
    };
    use dialoguer::console::{measure_text_width, strip_ansi_codes};

    fn nothing() -> Evidence {
        Evidence::read(&Gate::Schema, serde_json::Value::Null)
    }

    fn watch(trouble: Option<&str>) -> GateWatch {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_778);
        let mut results: Vec<GateResult> = (0..12)
            .map(|n| GateResult::pass(format!("gate_{n}"), "as it should be", nothing()))
            .collect();
        let reason = "NATS failed 3 of 412, queue 12 of 3,708: between 0.41 better and 1.43 worse";
        results.push(GateResult::inconclusive(
            "success",
            reason,
            "412 more clean events, about 3 h at today's rate",
            nothing(),
        ));
        GateWatch {
            screen: GateScreen {
                plan: "prod".into(),
                file: Some("plan.yaml".into()),
                reports: vec![Report {
                    wave: "pilot".into(),
                    step: "hybrid 10 % -> hybrid 50 %".into(),
                    since: None,
                    at,
                    results,
                }],
                ..GateScreen::default()
            },
            at,
            every: Duration::from_secs(30),
            trouble: trouble.map(str::to_string),
        }
    }

    #[test]
    fn a_frame_fits_every_window_and_says_what_it_leaves_out() {
        for colour in [false, true] {
            for width in [50, 80, 120] {
                for rows in [8, 12, 18, 24, 60] {
                    let style = Style { colour, width };
                    let text = watch(None).frame(&style, rows);
                    assert!(text.lines().count() <= rows, "{width}x{rows}:\n{text}");
                    for line in text.lines() {
                        let seen = strip_ansi_codes(line);
                        assert!(
                            measure_text_width(&seen) <= width.into(),
                            "{width}: {line:?}"
                        );
                    }
                    assert!(text.contains("Looked at"), "{text}");
                    let whole = text.contains("gate_11  ") || text.contains("gate_11\n");
                    assert!(
                        whole || text.contains("12 more") || text.contains("more lines"),
                        "{text}"
                    );
                }
            }
        }
        // What is open comes before what passes where there is no room for both.
        let small = watch(None).frame(&Style::plain(80), 14);
        assert!(
            small.contains("412 more clean events") && !small.contains("gate_3 "),
            "{small}"
        );
    }

    #[test]
    fn what_is_old_is_called_old() {
        let text = watch(Some("the server went away\u{1b}[2J")).frame(&Style::plain(250), 40);
        assert!(
            text.contains("not now. Looking again fails: the server went away"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
        let lines = watch(Some("the server went away")).lines();
        assert!(
            lines.contains("could not look") && !lines.contains("PASS"),
            "{lines}"
        );
        assert_eq!(watch(None).lines().lines().count(), 1);
    }
}
