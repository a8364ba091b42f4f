//! The screen of `preflight`: check, found, wanted, remedy.

use serde_json::{Value, json};

use super::{
    Cell, Screen, Style, Table, Tone,
    gate::cell,
    junit::{Case, CaseOutcome, suite},
    summary, title,
};
use crate::gates::{Finding, Status, worst};

/// From this width on every answer has a column of its own.
const WIDE: u16 = 110;

#[derive(Debug)]
pub struct PreflightScreen {
    pub plan: String,
    pub findings: Vec<Finding>,
}

impl PreflightScreen {
    fn count(&self, status: Status) -> usize {
        let of = |f: &&Finding| f.status == status;
        self.findings.iter().filter(of).count()
    }
}

impl Screen for PreflightScreen {
    const KIND: &'static str = "preflight";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(style, "Preflight", &self.plan);
        let wide = style.width >= WIDE;
        let mut table = if wide {
            Table::new(["Status", "Check", "Found", "Wanted", "Remedy"])
        } else {
            Table::new(["Status", "Check", "Found, wanted, remedy"])
        }
        .keep(0)
        .keep(1);
        for finding in &together(&self.findings) {
            let status = Cell::toned(tone(finding.status), finding.status.as_str());
            let check = Cell::new(&finding.check);
            if wide {
                table.row([
                    status,
                    check,
                    Cell::new(&finding.found),
                    Cell::new(&finding.wanted),
                    Cell::new(&finding.remedy),
                ]);
            } else {
                table.row([status, check, Cell::lines(&stacked(finding))]);
            }
        }
        text.push_str(&table.draw(style));
        let worst = worst(&self.findings);
        text.push_str(&summary(style, tone(worst), &self.conclusion()));
        text
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan, "status": worst(&self.findings),
            "ok": self.count(Status::Ok), "warn": self.count(Status::Warn), "block": self.count(Status::Block),
            "findings": self.findings,
        })
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "### preflight of {}\n\n{}\n\n| status | check | found | wanted | remedy |\n| --- | --- | --- | --- | --- |\n",
            cell(&self.plan),
            self.conclusion()
        );
        for f in &self.findings {
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                f.status.as_str(),
                cell(&f.check),
                cell(&f.found),
                cell(&f.wanted),
                cell(&f.remedy)
            ));
        }
        text
    }

    fn junit(&self) -> Option<String> {
        let cases = self
            .findings
            .iter()
            .map(|f| Case {
                name: f.check.clone(),
                text: stacked(f).join("\n"),
                outcome: match f.status {
                    Status::Ok => CaseOutcome::Passed,
                    Status::Warn => CaseOutcome::Skipped,
                    Status::Block => CaseOutcome::Failed,
                },
            })
            .collect();
        Some(suite("wavegate preflight", &[(self.plan.clone(), cases)]))
    }
}

impl PreflightScreen {
    fn conclusion(&self) -> String {
        let (ok, warn, block) = (
            self.count(Status::Ok),
            self.count(Status::Warn),
            self.count(Status::Block),
        );
        let word = match worst(&self.findings) {
            Status::Ok => "READY",
            Status::Warn => "READY, with warnings to read",
            Status::Block => "NOT READY",
        };
        format!("{word}: {ok} ok, {warn} to look at, {block} in the way")
    }
}

fn tone(status: Status) -> Tone {
    match status {
        Status::Ok => Tone::Good,
        Status::Warn => Tone::Warn,
        Status::Block => Tone::Bad,
    }
}

/// Checks that could not run for the same reason stand in one row: the reason matters, once.
fn together(findings: &[Finding]) -> Vec<Finding> {
    let mut rows: Vec<Finding> = Vec::new();
    for finding in findings {
        let same: Vec<&str> = findings
            .iter()
            .filter(|other| finding.is_unknown() && other.found == finding.found)
            .map(|other| other.check.as_str())
            .collect();
        if same.len() < 2 {
            rows.push(finding.clone());
        } else if same.first() == Some(&finding.check.as_str()) {
            rows.push(Finding {
                check: format!("{} checks", same.len()),
                found: format!("{}: {}", same.join(", "), finding.found),
                ..finding.clone()
            });
        }
    }
    rows
}

/// What was found, and where it matters what was wanted and what to do.
fn stacked(finding: &Finding) -> Vec<String> {
    let mut lines = vec![finding.found.clone()];
    if finding.status != Status::Ok {
        lines.push(format!("wanted: {}", finding.wanted));
        lines.push(format!("→ {}", finding.remedy));
    }
    lines
}
