//! The screen of `close`: what ends, before it is asked for, and that it has ended.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title, wrap},
};
use crate::{model::counted, store::state::Migration};

#[derive(Debug)]
pub struct CloseScreen {
    pub migration: Migration,
    /// `finished` or `abandoned`.
    pub ending: &'static str,
    /// It is done.
    pub closed: bool,
    /// Whose fences went with it.
    pub unfenced: Vec<i32>,
    /// The statement that lets webhooks made later begin in NATS.
    pub default_mode: Option<String>,
}

impl Screen for CloseScreen {
    const KIND: &'static str = "close";

    fn draw(&self, style: &Style) -> String {
        let name = &self.migration.name;
        if self.closed {
            let fences = match self.unfenced.len() {
                0 => String::new(),
                some => format!("; the fences of {} went with it", counted(some, "webhook")),
            };
            let done = format!(
                "Migration {name} is closed: {}{fences}. Its history stays (wavegate history); another plan may begin.",
                self.ending
            );
            let mut text = summary(style, Tone::Good, &done);
            if let Some(statement) = &self.default_mode {
                let about = "Webhooks made later begin in the queue, and want a queue worker. To let them begin in NATS, the owner of the \
                             tables runs (`wavegate schema revert` takes it back):";
                text.push_str(&wrap(about, style.width.into(), ""));
                text.push_str(&wrap(&format!("  {statement};"), style.width.into(), "  "));
            }
            return text;
        }
        let about = format!("{name}, as {}", self.ending);
        let mut text = title(style, "Close", &about);
        let mut table = Table::new(["Wave", "Step", "Webhooks"]).keep(0).right(2);
        for wave in &self.migration.waves {
            table.row([
                Cell::new(&wave.name),
                Cell::new(wave.step.to_string()),
                Cell::new(wave.members.to_string()),
            ]);
        }
        text.push_str(&table.draw(style));
        text
    }

    fn json(&self) -> Value {
        json!({
            "migration": self.migration.name, "status": self.ending, "closed": self.closed, "unfenced": self.unfenced,
            "default_mode": self.default_mode,
            "waves": self.migration.waves,
        })
    }
}
