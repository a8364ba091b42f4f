//! The screen of `init`: the drafted plan itself, or what was written to which file.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title},
};
use crate::{
    model::{grouped, typed},
    plan::{Draft, DraftWave},
};

#[derive(Debug)]
pub struct InitScreen {
    pub draft: Draft,
    /// The file that was written; without it the plan is the screen.
    pub file: Option<String>,
}

impl Screen for InitScreen {
    const KIND: &'static str = "init";

    fn draw(&self, style: &Style) -> String {
        let Some(file) = &self.file else {
            return self.draft.text.clone();
        };
        let mut table = Table::new(["Wave", "Webhooks", "Calls 7d"])
            .keep(0)
            .right(1)
            .right(2);
        for wave in &self.draft.waves {
            table.row([
                Cell::new(&wave.name),
                Cell::new(wave.members.len().to_string()),
                Cell::new(grouped(wave.calls_7d)),
            ]);
        }
        let mut text = title(style, "Plan drafted", file);
        text.push_str(&table.draw(style));
        text.push_str(&summary(
            style,
            Tone::Good,
            &format!(
                "read it, change it, then: wavegate plan{}",
                typed::plan(file)
            ),
        ));
        text
    }

    fn json(&self) -> Value {
        let wave = |wave: &DraftWave| json!({ "name": wave.name, "webhooks": wave.members.len(), "calls_7d": wave.calls_7d });
        json!({
            "file": self.file,
            "text": self.draft.text,
            "waves": self.draft.waves.iter().map(wave).collect::<Vec<_>>(),
        })
    }

    fn markdown(&self) -> String {
        match self.file {
            Some(_) => format!("```\n{}```\n", self.draw(&Style::plain(120))),
            None => format!("```yaml\n{}```\n", self.draft.text),
        }
    }
}
