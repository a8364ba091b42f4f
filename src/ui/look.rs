//! What needs a look, as lines of a screen and as JSON.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Style, Tone,
    table::{clean, wrap},
};
use crate::model::Look;

/// Text and age of each, and below it what to type, in one line however narrow the terminal is; nothing where there is nothing.
pub fn list(looks: &[Look], now: DateTime<Utc>, style: &Style) -> String {
    let mut text = String::new();
    for look in looks {
        let lines = wrap(
            &clean(&look.told(now)),
            style.width.saturating_sub(2).into(),
            "",
        );
        for (number, line) in lines.lines().enumerate() {
            let mark = if number == 0 { "! " } else { "  " };
            text.push_str(&style.paint(Tone::Warn, mark));
            text.push_str(line);
            text.push('\n');
        }
        if let Some(command) = &look.command {
            text.push_str(&format!("    {}\n", clean(command)));
        }
    }
    text
}

pub fn values(looks: &[Look], now: DateTime<Utc>) -> Vec<Value> {
    let one = |look: &Look| {
        json!({
            "cause": look.cause, "text": look.text, "since": look.since,
            "age_seconds": look.since.map(|since| (now - since).num_seconds().max(0)), "command": look.command,
        })
    };
    looks.iter().map(one).collect()
}
