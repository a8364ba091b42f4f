//! The screen of `plan --amend`: what another text changes, before it is agreed to, and that it holds.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title, wrap},
};
use crate::model::{
    amendment::{Amendment, WaveChange},
    counted,
};

#[derive(Debug)]
pub struct AmendScreen {
    pub plan: String,
    pub amendment: Amendment,
    /// It is done.
    pub amended: bool,
}

impl Screen for AmendScreen {
    const KIND: &'static str = "amendment";

    fn draw(&self, style: &Style) -> String {
        if self.amended {
            let done = format!(
                "The plan of {} is amended. A `wavegate run` without a plan file goes on by it; one that has the old file ends.",
                self.plan
            );
            return summary(style, Tone::Good, &done);
        }
        let mut text = title(style, "Amend", &self.plan);
        for line in &self.amendment.lines {
            text.push_str(&wrap(line, style.width.into(), "  "));
        }
        text.push('\n');
        if !self.amendment.waves.is_empty() {
            let mut table = Table::new(["Wave", "Change", "Webhooks"]).keep(0).keep(1);
            for wave in &self.amendment.waves {
                let change = match wave.change {
                    WaveChange::New => "new",
                    WaveChange::Gone => "gone",
                    WaveChange::Members => "members",
                };
                let signed = |sign: char, names: &[String]| -> Vec<String> {
                    names.iter().map(|name| format!("{sign} {name}")).collect()
                };
                let mut webhooks = signed('+', &wave.gained);
                webhooks.extend(signed('-', &wave.lost));
                table.row([
                    Cell::new(&wave.wave),
                    Cell::new(change),
                    Cell::new(webhooks.join(", ")),
                ]);
            }
            text.push_str(&table.draw(style));
        }
        for one in &self.amendment.left_out {
            let line = format!(
                "! {} is made since, and its wave {} has moved: it stays in the queue; name it in a wave that comes later",
                one.webhook, one.wave
            );
            text.push_str(&wrap(&line, style.width.into(), "  "));
        }
        let changed = match self.amendment.waves.len() {
            0 => "No webhook changes its wave".to_string(),
            some => format!("{} changed", counted(some, "wave")),
        };
        let verdict = format!("{changed}; no webhook that has moved is touched.");
        text.push_str(&summary(style, Tone::Warn, &verdict));
        text
    }

    fn json(&self) -> Value {
        json!({ "plan": self.plan, "amended": self.amended, "amendment": self.amendment })
    }
}
