//! The screen of `hold`: what stands still, why, by whom and until when.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title},
};
use crate::{model::counted, store::hold::Standstill};

#[derive(Debug)]
pub struct HoldScreen {
    pub holds: Vec<Standstill>,
}

impl Screen for HoldScreen {
    const KIND: &'static str = "hold";

    fn draw(&self, style: &Style) -> String {
        if self.holds.is_empty() {
            return summary(style, Tone::Good, "Nothing is held.");
        }
        let mut text = title(style, "Holds", "times are UTC");
        let mut table = Table::new(["Hold", "What", "Since", "Until", "Who", "Why"])
            .right(0)
            .keep(0)
            .keep(1)
            .keep(2);
        for hold in &self.holds {
            table.row([
                Cell::new(hold.id.to_string()),
                Cell::new(&hold.scope),
                Cell::new(hold.at.format("%m-%d %H:%M").to_string()),
                Cell::new(hold.until.map_or("released".to_string(), |until| {
                    until.format("%m-%d %H:%M").to_string()
                })),
                Cell::new(&hold.who),
                Cell::new(&hold.why),
            ]);
        }
        text.push_str(&table.draw(style));
        let end = format!(
            "{}; steps forward wait, a rollback does not. `wavegate release HOLD` ends one.",
            counted(self.holds.len(), "hold")
        );
        text.push_str(&summary(style, Tone::Warn, &end));
        text
    }

    fn json(&self) -> Value {
        json!({ "holds": self.holds })
    }
}
