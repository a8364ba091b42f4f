//! The screen of `history`: the journal, one line an entry, what it changed in words.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title},
};
use crate::model::{JournalEntry, counted};

#[derive(Debug)]
pub struct HistoryScreen {
    /// Oldest first.
    pub lines: Vec<JournalEntry>,
    /// Show the commands too.
    pub commands: bool,
}

impl Screen for HistoryScreen {
    const KIND: &'static str = "history";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(style, "History", "times are UTC");
        if self.lines.is_empty() {
            text.push_str(&summary(
                style,
                Tone::Dim,
                "The journal has no such line yet.",
            ));
            return text;
        }
        let wide = style.width >= 100;
        let mut header = vec!["Time", "Who", "Step", "Wave", "What"];
        if self.commands {
            header.push("Command");
        }
        let mut table = Table::new(header).keep(0).keep(2);
        for line in &self.lines {
            let format = if wide {
                "%Y-%m-%d %H:%M:%S"
            } else {
                "%m-%d %H:%M:%S"
            };
            let mut cells = vec![
                Cell::new(line.at.format(format).to_string()),
                Cell::new(if wide {
                    format!("{}@{}", line.who, line.host)
                } else {
                    line.who.clone()
                }),
                Cell::toned(tone(&line.step), &line.step),
                Cell::new(line.wave.as_deref().unwrap_or("")),
                Cell::new(what(line)),
            ];
            if self.commands {
                cells.push(Cell::new(&line.command));
            }
            table.row(cells);
        }
        text.push_str(&table.draw(style));
        text
    }

    fn json(&self) -> Value {
        json!({ "lines": self.lines })
    }
}

fn tone(step: &str) -> Tone {
    match step.split('.').next() {
        Some("rollback") => Tone::Bad,
        Some("flip") => Tone::Strong,
        _ => Tone::Dim,
    }
}

/// The change in words; what has no words of its own is told by its keys.
fn what(line: &JournalEntry) -> String {
    let (before, after) = (&line.before, &line.after);
    let length = |value: &Value| value.as_array().map_or(0, Vec::len);
    let webhooks = |list: &Value| counted(length(list), "webhook");
    let many = |number: &Value, noun: &str| counted(number.as_i64().unwrap_or_default(), noun);
    match line.step.as_str() {
        "migration.start" => format!(
            "{}: {} in {}",
            word(&after["name"]),
            many(&after["webhooks"], "webhook"),
            many(&after["waves"], "wave")
        ),
        "flip.intent" | "flip.done" => format!(
            "{}: {} -> {}",
            webhooks(&after["ids"]),
            step(&before["step"]),
            mode(&after["to"])
        ),
        "flip.barrier" | "rollback.barrier" => {
            let barrier = if before["barrier"].is_null() {
                &after["barrier"]
            } else {
                &before["barrier"]
            };
            format!("passed in {} ms", barrier["waited_ms"])
        }
        "flip.checked" => match before["drain"].as_object() {
            Some(drain) => {
                let left: i64 = ["pending", "processing", "retrying"]
                    .iter()
                    .filter_map(|key| drain.get(*key)?.as_i64())
                    .sum();
                format!("in nats; {} left in the queue", counted(left, "call"))
            }
            None => format!(
                "{} with both routes",
                many(&before["routes"]["both_routes"], "event")
            ),
        },
        "flip.webhook" | "rollback.webhook" => columns(line),
        "schema.step" => format!("{}, {} made", word(&after["step"]), length(&after["made"])),
        "fence.cleared" => webhooks(&before["fenced"]),
        "rollback.intent" => format!(
            "{} to {}, {}",
            word(&after["scope"]),
            word(&after["goal"]),
            webhooks(&after["ids"])
        ),
        "rollback.fence" => format!("{} fenced", webhooks(&after["fenced"])),
        "rollback.flip" | "rollback.settled" => {
            format!("{} to {}", word(&after["scope"]), word(&after["goal"]))
        }
        "rollback.done" => format!(
            "{}; {} got a queue row, {} made due",
            many(&after["webhooks"], "webhook"),
            many(&after["enqueued"], "event"),
            many(&after["pulled"], "row")
        ),
        "dead.requeue" | "dead.discard" => format!(
            "{}: {}",
            word(&after["scope"]),
            counted(
                after["events"].as_i64().unwrap_or_default()
                    + after["calls"].as_i64().unwrap_or_default(),
                "event"
            )
        ),
        "signoff.signed" => format!(
            "{} signs: it may leave `{}`{}",
            word(&after["role"]),
            word(&after["from"]),
            note(after)
        ),
        "signoff.refused" => format!(
            "{} refuses: it stays in `{}`{}",
            word(&after["role"]),
            word(&after["from"]),
            note(after)
        ),
        "wave.finished" => "watched long enough in nats".to_string(),
        _ => keys(before, after),
    }
}

/// `nats_share 0 -> 10, publish_mode queue -> both` of one webhook.
fn columns(line: &JournalEntry) -> String {
    let id = line
        .webhook_id
        .map_or_else(String::new, |id| format!("webhook {id}: "));
    let moved: Vec<String> = line
        .after
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| line.before[key.as_str()] != **value)
        .map(|(key, value)| {
            format!(
                "{key} {} -> {}",
                word(&line.before[key.as_str()]),
                word(value)
            )
        })
        .collect();
    format!("{id}{}", moved.join(", "))
}

fn keys(before: &Value, after: &Value) -> String {
    let source = if after.as_object().is_some_and(|object| !object.is_empty()) {
        after
    } else {
        before
    };
    let parts: Vec<String> = source
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| match value {
            Value::Array(list) => format!("{key}: {}", list.len()),
            Value::Object(object) => format!("{key}: {} entries", object.len()),
            other => format!("{key}: {}", word(other)),
        })
        .collect();
    let text = parts.join(", ");
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_string(),
        other => other.to_string(),
    }
}

fn note(after: &Value) -> String {
    after["note"]
        .as_str()
        .map_or(String::new(), |note| format!(": {note}"))
}

fn step(value: &Value) -> String {
    match (word(&value["step"]).as_str(), &value["share"]) {
        ("hybrid", share) => format!("both {share} %"),
        (other, _) => other.replace('_', " "),
    }
}

fn mode(value: &Value) -> String {
    match (word(&value["mode"]).as_str(), &value["share"]) {
        ("both", share) => format!("both {share} %"),
        (other, _) => other.to_string(),
    }
}
