//! The screen of `gate`: every gate of every next step, why it says so and what would change it.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    junit::{Case, Outcome, suite},
    table::{Cell, Table, summary, title},
};
use crate::gates::{GateResult, Report, Verdict, combine};

#[derive(Debug)]
pub struct GateScreen {
    pub plan: String,
    pub reports: Vec<Report>,
}

impl Screen for GateScreen {
    const KIND: &'static str = "gate";

    fn draw(&self, style: &Style) -> String {
        let mut text = String::new();
        for report in &self.reports {
            if !text.is_empty() {
                text.push('\n');
            }
            let about = format!("wave {} of {}: {}", report.wave, self.plan, report.step);
            text.push_str(&title(style, "Gates", &about));
            let mut table = Table::new(["Gate", "Verdict", "Reason"]).keep(0).keep(1);
            for result in &report.results {
                table.row([
                    Cell::new(&result.gate),
                    Cell::toned(tone(result.verdict), result.verdict.as_str()),
                    Cell::lines(&reason(result)),
                ]);
            }
            text.push_str(&table.draw(style));
            text.push_str(&summary(
                style,
                tone(report.verdict()),
                &verdict_line(report),
            ));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan,
            "verdict": combine(self.reports.iter().map(Report::verdict)),
            "waves": self.reports.iter().map(|report| json!({
                "wave": report.wave, "step": report.step, "at": report.at,
                "verdict": report.verdict(), "gates": report.results,
            })).collect::<Vec<_>>(),
        })
    }

    fn markdown(&self) -> String {
        let mut text = String::new();
        for report in &self.reports {
            text.push_str(&format!(
                "### wave {}: {} — {}\n\n| gate | verdict | reason | remedy |\n| --- | --- | --- | --- |\n",
                report.wave,
                report.step,
                report.verdict()
            ));
            for result in &report.results {
                text.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    result.gate,
                    result.verdict,
                    cell(&result.reason),
                    cell(&result.remedy)
                ));
            }
            text.push('\n');
        }
        text
    }

    fn junit(&self) -> Option<String> {
        let suites: Vec<(String, Vec<Case>)> = self
            .reports
            .iter()
            .map(|report| {
                let cases = report
                    .results
                    .iter()
                    .map(|result| Case {
                        name: result.gate.clone(),
                        text: reason(result).join("\n"),
                        outcome: match result.verdict {
                            Verdict::Pass => Outcome::Passed,
                            Verdict::Inconclusive => Outcome::Skipped,
                            Verdict::Fail => Outcome::Failed,
                        },
                    })
                    .collect();
                (format!("{}: {}", report.wave, report.step), cases)
            })
            .collect();
        Some(suite("wavegate gate", &suites))
    }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Pass => Tone::Good,
        Verdict::Inconclusive => Tone::Warn,
        Verdict::Fail => Tone::Bad,
    }
}

/// The reason, and below it what to do.
fn reason(result: &GateResult) -> Vec<String> {
    let mut lines = vec![result.reason.clone()];
    if !result.remedy.is_empty() {
        lines.push(format!("→ {}", result.remedy));
    }
    lines
}

fn verdict_line(report: &Report) -> String {
    let named = |verdict| {
        let gates: Vec<&str> = report
            .results
            .iter()
            .filter(|r| r.verdict == verdict)
            .map(|r| r.gate.as_str())
            .collect();
        gates.join(", ")
    };
    let at = report.at.format("%Y-%m-%d %H:%M:%S UTC");
    match report.verdict() {
        Verdict::Pass => format!(
            "PASS at {at}: {} of {} gates, the step may be taken",
            report.results.len(),
            report.results.len()
        ),
        Verdict::Fail => format!("FAIL at {at}: {}", named(Verdict::Fail)),
        Verdict::Inconclusive => format!("NOT YET at {at}: {}", named(Verdict::Inconclusive)),
    }
}

/// Text inside a Markdown table.
pub(super) fn cell(text: &str) -> String {
    super::table::clean(text).replace('|', "\\|")
}
