//! The screen of `gate history`: what the gates said, when, for how long, and by what evidence.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    gate::cell,
    table::{Cell, Table, summary, title},
    verdict::{sign, tone, word},
};
use crate::{
    gates::Said,
    model::{duration::words, grouped},
};

#[derive(Debug)]
pub struct GateHistoryScreen {
    pub plan: String,
    /// Oldest first.
    pub lines: Vec<Said>,
}

impl Screen for GateHistoryScreen {
    const KIND: &'static str = "gate_history";

    fn draw(&self, style: &Style) -> String {
        if self.lines.is_empty() {
            let mut text = title(style, "Verdicts", &self.plan);
            text.push_str(&summary(
                style,
                Tone::Dim,
                "No gate has said anything of this kind yet: `wavegate gate` and `wavegate apply` keep what they find.",
            ));
            return text;
        }
        let wide = style.width >= 100;
        let mut text = String::new();
        for (wave, step, lines) in self.steps() {
            if !text.is_empty() {
                text.push('\n');
            }
            let about = format!("wave {wave} of {}: {step}; times are UTC", self.plan);
            text.push_str(&title(style, "Verdicts", &about));
            let mut table = if wide {
                Table::new(["From", "For", "Looks", "Gate", "Verdict", "Evidence"]).right(2)
            } else {
                Table::new(["From", "For", "Gate", "Verdict", "Evidence"])
            };
            for column in 0..if wide { 5 } else { 4 } {
                table = table.keep(column);
            }
            for said in lines {
                let mut cells = vec![
                    Cell::new(said.at.format("%m-%d %H:%M:%S").to_string()),
                    Cell::new(lasted(said)),
                ];
                if wide {
                    cells.push(Cell::new(grouped(said.looks)));
                }
                cells.extend([
                    Cell::new(said.gate.as_str()),
                    Cell::toned(tone(said.verdict), word(said.verdict)),
                    Cell::new(&said.reason),
                ]);
                table.row(cells);
            }
            text.push_str(&table.draw(style));
        }
        text
    }

    fn json(&self) -> Value {
        json!({ "plan": self.plan, "lines": self.lines })
    }

    fn markdown(&self) -> String {
        let mut text = format!("## Verdicts of {}\n\n", cell(&self.plan));
        for (wave, step, lines) in self.steps() {
            text.push_str(&format!(
                "### Wave {}, {}\n\n| from (UTC) | for | looks | gate | verdict | evidence |\n| --- | --- | --- | --- | --- | --- |\n",
                cell(wave),
                cell(step)
            ));
            for said in lines {
                text.push_str(&format!(
                    "| {} | {} | {} | {} | {} | {} |\n",
                    said.at.format("%Y-%m-%d %H:%M:%S"),
                    lasted(said),
                    grouped(said.looks),
                    cell(said.gate.as_str()),
                    sign(said.verdict),
                    cell(&said.reason)
                ));
            }
            text.push('\n');
        }
        text
    }
}

impl GateHistoryScreen {
    /// The lines by wave and step, in the order in which these first appear.
    fn steps(&self) -> Vec<(&str, &str, Vec<&Said>)> {
        let mut steps: Vec<(&str, &str, Vec<&Said>)> = Vec::new();
        for said in &self.lines {
            match steps
                .iter_mut()
                .find(|(wave, step, _)| *wave == said.wave && *step == said.step)
            {
                Some((_, _, lines)) => lines.push(said),
                None => steps.push((&said.wave, &said.step, vec![said])),
            }
        }
        steps
    }
}

/// How long it said so, as far as was looked.
fn lasted(said: &Said) -> String {
    match said.until - said.at {
        none if none <= TimeDelta::zero() => "once".to_string(),
        time => words(time.to_std().unwrap_or_default()),
    }
}
