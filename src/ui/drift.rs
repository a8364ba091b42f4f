//! The screens of `restore` and `adopt`: what somebody changed by hand, before it is put back or stands, and that it is done.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    apply::barrier_line,
    table::{Cell, Table, summary, title, wrap},
};
use crate::model::{Passed, counted, drift::Drift};

#[derive(Debug)]
pub struct DriftScreen {
    /// `restore` or `adopt`.
    pub act: &'static str,
    pub scope: String,
    pub drifts: Vec<Drift>,
    /// What it leads to, in sentences.
    pub follows: Vec<String>,
    pub done: bool,
    /// Behind what was put back.
    pub barrier: Option<Passed>,
}

impl Screen for DriftScreen {
    const KIND: &'static str = "drift";

    fn draw(&self, style: &Style) -> String {
        let restores = self.act == "restore";
        let count = counted(self.drifts.len(), "webhook");
        if self.done {
            let mut text = String::new();
            if let Some(barrier) = &self.barrier {
                text.push_str(&wrap(&barrier_line(barrier), style.width.into(), "  "));
            }
            let one = self.drifts.len() == 1;
            let done = match restores {
                true if one => format!("{count} is as wavegate wrote it."),
                true => format!("{count} are as wavegate wrote them."),
                false if one => format!("{count} stands as it is."),
                false => format!("{count} stand as they are."),
            };
            text.push_str(&summary(style, Tone::Good, &done));
            return text;
        }
        let about = format!("{}: {count} changed by hand", self.scope);
        let act = if restores { "Restore" } else { "Adopt" };
        let mut text = title(style, act, &about);
        if !self.drifts.is_empty() {
            text.push_str(&table(&self.drifts).draw(style));
        }
        for line in &self.follows {
            text.push_str(&wrap(line, style.width.into(), "  "));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "act": self.act, "scope": self.scope, "changed": values(&self.drifts), "follows": self.follows, "done": self.done,
            "barrier": self.barrier,
        })
    }
}

/// Column by column what wavegate wrote, and what is there.
pub(super) fn table(drifts: &[Drift]) -> Table {
    let header = ["Webhook", "Id", "Wave", "Column", "Written", "By hand"];
    let mut table = Table::new(header).keep(0).right(1).keep(2);
    for one in drifts {
        for (number, column) in one.columns().into_iter().enumerate() {
            let first = |text: &str| match number {
                0 => Cell::new(text),
                _ => Cell::new(""),
            };
            let fenced = if one.fenced { ", fenced" } else { "" };
            table.row([
                first(&format!("{}{fenced}", one.now.name)),
                first(&one.now.webhook_id.to_string()),
                first(&one.wave),
                Cell::new(column.column),
                Cell::new(column.wrote),
                Cell::toned(Tone::Warn, column.now),
            ]);
        }
    }
    table
}

pub(super) fn values(drifts: &[Drift]) -> Vec<Value> {
    let each = drifts.iter().map(|one| {
        json!({
            "webhook_id": one.now.webhook_id, "name": one.now.name, "wave": one.wave, "epoch": one.now.epoch, "fenced": one.fenced,
            "columns": one.columns(),
        })
    });
    each.collect()
}
