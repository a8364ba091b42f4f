//! The screen of `gate`: every gate of every next step, why it says so, what would change it, and what to do now.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    junit::{Case, CaseOutcome, suite},
    look,
    table::{Cell, Table, summary, title, wrap},
    verdict::{sign, tone, word},
};
use crate::{
    gates::{GateResult, Report, Verdict, combine},
    model::{Look, typed},
};

#[derive(Debug, Clone, Default)]
pub struct GateScreen {
    pub plan: String,
    /// The plan's file, for the commands to type next; `None` where the caller goes on by itself.
    pub file: Option<String>,
    pub reports: Vec<Report>,
    /// Waves that have no step to judge, and why.
    pub held: Vec<(String, String)>,
    /// Waves with members that were taken back alone: no gate looks at these.
    pub left_out: Vec<(String, Vec<String>)>,
    /// What was judged is the way forward again (`--resume`).
    pub resume: bool,
    /// What needs a look beside the gates, and when it was looked at.
    pub looks: Vec<Look>,
    pub at: DateTime<Utc>,
}

impl Screen for GateScreen {
    const KIND: &'static str = "gate";

    fn draw(&self, style: &Style) -> String {
        self.draw_with(style, Rows::All) + &look::list(&self.looks, self.at, style)
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan,
            "verdict": self.verdict(),
            "waves": self.reports.iter().map(|report| json!({
                "wave": report.wave, "step": report.step, "since": report.since, "at": report.at,
                "verdict": report.verdict(), "gates": report.results,
            })).collect::<Vec<_>>(),
            "held": self.held.iter().map(|(wave, why)| json!({ "wave": wave, "why": why })).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(|(wave, names)| json!({ "wave": wave, "webhooks": names })).collect::<Vec<_>>(),
            "attention": look::values(&self.looks, self.at),
        })
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "## Gates of {}: {}\n\n",
            cell(&self.plan),
            sign(self.verdict())
        );
        if self.waves() > 1 {
            text.push_str("| wave | step | verdict | next |\n| --- | --- | --- | --- |\n");
            for [wave, step, verdict, next] in self.overview(sign) {
                text.push_str(&format!(
                    "| {} | {} | {verdict} | {} |\n",
                    cell(&wave),
                    cell(&step),
                    cell(&next)
                ));
            }
            text.push('\n');
        }
        for report in &self.reports {
            text.push_str(&format!(
                "### Wave {}, {}: {}\n\n| gate | verdict | why | what would change it |\n| --- | --- | --- | --- |\n",
                cell(&report.wave),
                cell(&report.step),
                sign(report.verdict())
            ));
            for result in &report.results {
                text.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    cell(result.gate.as_str()),
                    said(result, sign),
                    cell(&result.reason),
                    cell(&result.remedy)
                ));
            }
            text.push_str(&format!("\n{}\n\n", cell(&self.next(report))));
        }
        text
    }

    fn junit(&self) -> Option<String> {
        let mut suites: Vec<(String, Vec<Case>)> = self
            .reports
            .iter()
            .map(|report| {
                let cases = report.results.iter().map(|result| Case {
                    name: result.gate.to_string(),
                    text: lines(result).join("\n"),
                    outcome: match result.verdict {
                        Verdict::Pass => CaseOutcome::Passed,
                        Verdict::Fail if result.decides() => CaseOutcome::Failed,
                        Verdict::Inconclusive | Verdict::Fail => CaseOutcome::Skipped,
                    },
                });
                (format!("{}: {}", report.wave, report.step), cases.collect())
            })
            .collect();
        // A wave that has no step to judge must not look as if all of it had passed.
        suites.extend(self.held.iter().map(|(wave, why)| {
            let case = Case {
                name: "next step".to_string(),
                text: why.clone(),
                outcome: CaseOutcome::Skipped,
            };
            (wave.clone(), vec![case])
        }));
        Some(suite("wavegate gate", &suites))
    }
}

/// Which gates get a row of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    All,
    /// Those that pass share one line.
    Open,
}

impl GateScreen {
    /// Of everything that could be judged; nothing at all is inconclusive.
    pub fn verdict(&self) -> Verdict {
        combine(self.reports.iter().map(Report::verdict))
    }

    fn waves(&self) -> usize {
        self.reports.len() + self.held.len()
    }

    pub(super) fn draw_with(&self, style: &Style, rows: Rows) -> String {
        let mut text = String::new();
        for report in &self.reports {
            if !text.is_empty() {
                text.push('\n');
            }
            let about = format!("wave {} of {}: {}", report.wave, self.plan, report.step);
            text.push_str(&title(style, "Gates", &about));
            text.push_str(&table(report, rows).draw(style));
            text.push_str(&summary(
                style,
                tone(report.verdict()),
                &verdict_line(report),
            ));
            if self.file.is_some() {
                let next = format!("→ {}", self.next(report));
                text.push_str(&wrap(&super::clean(&next), style.width.into(), "  "));
            }
        }
        for (wave, names) in self.left_out.iter().filter(|_| !self.resume) {
            let line = format!(
                "Wave {wave}: left out, since taken back alone: {}. `wavegate apply {} --wave {wave} --resume` brings them back.",
                names.join(", "),
                self.file.as_deref().unwrap_or("PLAN")
            );
            text.push_str(&wrap(&super::clean(&line), style.width.into(), "  "));
        }
        if self.waves() > 1 || self.reports.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&self.draw_overview(style));
        }
        text
    }

    /// All waves, one line each.
    fn draw_overview(&self, style: &Style) -> String {
        let about = match self.verdict() {
            _ if self.reports.is_empty() => format!("{}: no wave has a step to judge", self.plan),
            verdict => format!("{}: {}", self.plan, word(verdict)),
        };
        let mut text = title(style, "Migration", &about);
        let mut table = Table::new(["Wave", "Step", "Verdict", "What next"])
            .keep(0)
            .keep(2);
        let verdicts = self.reports.iter().map(|report| Some(report.verdict()));
        let verdicts = verdicts.chain(self.held.iter().map(|_| None));
        for ([wave, step, word, next], verdict) in self.overview(word).into_iter().zip(verdicts) {
            let word = match verdict {
                Some(verdict) => Cell::toned(tone(verdict), word),
                None => Cell::new(word),
            };
            table.row([Cell::new(wave), Cell::new(step), word, Cell::new(next)]);
        }
        text.push_str(&table.draw(style));
        text
    }

    fn overview(&self, word: fn(Verdict) -> &'static str) -> Vec<[String; 4]> {
        let judged = self.reports.iter().map(|report| {
            let verdict = report.verdict();
            let next = match verdict {
                Verdict::Pass => "may take its step".to_string(),
                Verdict::Fail => format!("repair: {}", named(report, Verdict::Fail)),
                Verdict::Inconclusive => format!("waits for: {}", named(report, verdict)),
            };
            [
                report.wave.clone(),
                report.step.clone(),
                word(verdict).to_string(),
                next,
            ]
        });
        let held = self
            .held
            .iter()
            .map(|(wave, why)| [wave.clone(), "-".to_string(), "-".to_string(), why.clone()]);
        judged.chain(held).collect()
    }

    /// One sentence: what a person does now.
    fn next(&self, report: &Report) -> String {
        let plan = typed::plan(self.file.as_deref().unwrap_or("PLAN"));
        let wave = &report.wave;
        let first = |verdict| {
            let mut saying = report.saying(verdict);
            saying.next().map_or("", |r| r.gate.as_str())
        };
        match report.verdict() {
            Verdict::Pass if self.resume => {
                format!("next: `wavegate apply{plan} --wave {wave} --resume`")
            }
            Verdict::Pass => format!("next: `wavegate apply{plan} --wave {wave}`"),
            Verdict::Fail => format!(
                "do what stands below the failed gate; why: `wavegate gate{plan} --wave {wave} --explain {}`",
                first(Verdict::Fail)
            ),
            Verdict::Inconclusive if report.saying(Verdict::Inconclusive).any(unmeasured) => {
                "something could not be asked: waiting alone does not help, repair that first"
                    .to_string()
            }
            Verdict::Inconclusive => format!(
                "nothing failed: wait, `wavegate gate{plan} --wave {wave} --watch` ends when it is decided; \
                 why: `--explain {}`",
                first(Verdict::Inconclusive)
            ),
        }
    }
}

fn unmeasured(result: &GateResult) -> bool {
    result.inputs.error().is_some()
}

fn table(report: &Report, rows: Rows) -> Table {
    let mut table = Table::new(["Gate", "Verdict", "Why"]).keep(0).keep(1);
    let own = |result: &&GateResult| rows == Rows::All || result.verdict != Verdict::Pass;
    for result in report.results.iter().filter(own) {
        table.row([
            Cell::new(result.gate.as_str()),
            Cell::toned(weight(result), said(result, word)),
            Cell::lines(&lines(result)),
        ]);
    }
    let passed: Vec<&str> = report
        .results
        .iter()
        .filter(|result| !own(result))
        .map(|result| result.gate.as_str())
        .collect();
    if !passed.is_empty() {
        table.row([
            Cell::new(format!("{} more", passed.len())),
            Cell::toned(tone(Verdict::Pass), word(Verdict::Pass)),
            Cell::new(passed.join(", ")),
        ]);
    }
    table
}

/// The verdict, and whether it counts.
fn said(result: &GateResult, word: fn(Verdict) -> &'static str) -> String {
    let advice = if result.decides() { "" } else { " (advisory)" };
    format!("{}{advice}", word(result.verdict))
}

fn weight(result: &GateResult) -> Tone {
    match result.decides() {
        true => tone(result.verdict),
        false => Tone::Dim,
    }
}

/// The reason, and below it what would change the verdict.
fn lines(result: &GateResult) -> Vec<String> {
    let mut lines = vec![result.reason.clone()];
    if !result.remedy.is_empty() {
        lines.push(format!("→ {}", result.remedy));
    }
    lines
}

fn named(report: &Report, verdict: Verdict) -> String {
    let gates: Vec<&str> = report.saying(verdict).map(|r| r.gate.as_str()).collect();
    gates.join(", ")
}

fn verdict_line(report: &Report) -> String {
    let at = report.at.format("%Y-%m-%d %H:%M:%S UTC");
    match report.verdict() {
        Verdict::Pass => format!(
            "PASS at {at}: {} of {} gates, the step may be taken",
            report.saying(Verdict::Pass).count(),
            report.results.len()
        ),
        Verdict::Fail => format!("FAIL at {at}: {}", named(report, Verdict::Fail)),
        Verdict::Inconclusive => {
            format!("NOT YET at {at}: {}", named(report, Verdict::Inconclusive))
        }
    }
}

/// Text inside a Markdown table: it can neither end its cell nor open a tag.
pub(super) fn cell(text: &str) -> String {
    super::table::clean(text)
        .replace('|', "\\|")
        .replace('<', "&lt;")
}
