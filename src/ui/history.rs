//! The screen of `history`: the journal, one line an entry, what it changed in words.

use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title},
};
use crate::model::{
    Entry, EntryKind, Goal, JournalRow, Mode, WaveStep, counted, journal::Signature,
};

#[derive(Debug)]
pub struct HistoryScreen {
    /// Oldest first.
    pub lines: Vec<JournalRow>,
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
                Cell::toned(tone(line), &line.step),
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

fn tone(row: &JournalRow) -> Tone {
    match EntryKind::named(&row.step) {
        Some(
            EntryKind::GuardFired
            | EntryKind::RollbackIntent
            | EntryKind::RollbackFence
            | EntryKind::RollbackWebhook
            | EntryKind::RollbackFlip
            | EntryKind::RollbackBarrier
            | EntryKind::RollbackSettled
            | EntryKind::RollbackDone,
        ) => Tone::Bad,
        Some(
            EntryKind::FlipIntent
            | EntryKind::FlipDone
            | EntryKind::FlipWebhook
            | EntryKind::FlipBarrier
            | EntryKind::FlipChecked,
        ) => Tone::Strong,
        _ => Tone::Dim,
    }
}

/// The change in words; what has no words of its own, or cannot be read, is told by its keys.
fn what(row: &JournalRow) -> String {
    match row.entry() {
        Some(Ok(entry)) => words(row, &entry),
        _ => keys(&row.before, &row.after),
    }
}

fn words(row: &JournalRow, entry: &Entry) -> String {
    let webhooks = |ids: &[i32]| counted(ids.len(), "webhook");
    match entry {
        Entry::MigrationStart { after, .. } => format!(
            "{}: {} in {}",
            after.name,
            counted(after.webhooks, "webhook"),
            counted(after.waves, "wave")
        ),
        Entry::FlipIntent { before, after } | Entry::FlipDone { before, after } => format!(
            "{}: {} -> {}",
            webhooks(&after.target.ids),
            step(before.step),
            mode(after.target.to)
        ),
        Entry::FlipBarrier { before: passed, .. }
        | Entry::RollbackBarrier { after: passed, .. }
        | Entry::DriftBarrier { after: passed, .. } => {
            format!("passed in {} ms", passed.barrier.waited_ms)
        }
        Entry::FlipChecked { before, .. } => match (&before.drain, &before.routes) {
            (Some(drain), _) => {
                format!(
                    "in nats; {} left in the queue",
                    counted(drain.left(), "call")
                )
            }
            (None, routes) => {
                let both = routes.map_or(0, |routes| routes.both_routes);
                format!("{} with both routes", counted(both, "event"))
            }
        },
        Entry::FlipWebhook { .. }
        | Entry::RollbackWebhook { .. }
        | Entry::DriftRestored { .. }
        | Entry::DriftAdopted { .. } => columns(row),
        Entry::DriftRestore { after, .. } => format!(
            "{} put back as wavegate wrote {}{}",
            webhooks(&after.ids),
            if after.ids.len() == 1 { "it" } else { "them" },
            if after.anew {
                "; the soak begins anew"
            } else {
                ""
            }
        ),
        Entry::DriftAdopt { after, .. } => format!(
            "{}: {} as it is, {} taken back",
            after.scope,
            webhooks(&after.ids),
            webhooks(&after.taken_back)
        ),
        Entry::SchemaStep { after, .. } => format!("{}, {} made", after.step, after.made.len()),
        Entry::FenceCleared { before, .. } => webhooks(&before.fenced),
        Entry::RollbackIntent { after, .. } => {
            format!(
                "{} to {}, {}",
                after.scope,
                goal(after.goal),
                webhooks(&after.ids)
            )
        }
        Entry::RollbackFence { after, .. } => format!("{} fenced", webhooks(&after.fenced)),
        Entry::RollbackFlip { after, .. } | Entry::RollbackSettled { after, .. } => {
            format!("{} to {}", after.scope, goal(after.goal))
        }
        Entry::RollbackDone { after, .. } => format!(
            "{}; {} got a queue row, {} made due",
            counted(after.webhooks, "webhook"),
            counted(after.enqueued, "event"),
            counted(after.pulled, "row")
        ),
        Entry::DeadRequeue { after, .. } | Entry::DeadDiscard { after, .. } => {
            format!(
                "{}: {}",
                after.scope,
                counted(after.events + after.calls, "event")
            )
        }
        Entry::Signed { after, .. } => format!(
            "{} signs: it may leave `{}`{}",
            after.role,
            after.from,
            note(after)
        ),
        Entry::Refused { after, .. } => format!(
            "{} refuses: it stays in `{}`{}",
            after.role,
            after.from,
            note(after)
        ),
        Entry::StepApproved { before, after } => format!(
            "{} -> {}: `run` may take it{}",
            step(before.step),
            after.to.map_or("finished".to_string(), mode),
            after
                .note
                .as_deref()
                .map_or(String::new(), |note| format!("; {note}"))
        ),
        Entry::HoldSet { after, .. } => format!("{} stands still: {}", after.scope, after.why),
        Entry::HoldReleased { after, .. } => format!("the hold of line {} ends", after.hold),
        Entry::GuardFired { after, .. } => format!(
            "{} failed {} times in a row: back to {}",
            after.gates.join(", "),
            after.fails,
            goal(after.goal)
        ),
        Entry::PlanAmended { after, .. } => format!(
            "another text of the plan; {}{}",
            match after.waves.as_slice() {
                [] => "no wave changes its members".to_string(),
                waves => format!("waves {}", waves.join(", ")),
            },
            after
                .why
                .as_deref()
                .map_or(String::new(), |why| format!("; {why}"))
        ),
        Entry::WaveFinished { .. } => "watched long enough in nats".to_string(),
        Entry::SchemaApplied { .. }
        | Entry::SchemaUndone { .. }
        | Entry::Probe { .. }
        | Entry::MigrationClosed { .. }
        | Entry::MoveBatch { .. }
        | Entry::WaveUnjudged { .. }
        | Entry::RedriveIntent { .. }
        | Entry::RedriveDone { .. } => keys(&row.before, &row.after),
    }
}

/// `nats_share 0 -> 10, publish_mode queue -> both` of one webhook.
fn columns(line: &JournalRow) -> String {
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
    match moved.is_empty() {
        true => format!("{id}so already"),
        false => format!("{id}{}", moved.join(", ")),
    }
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

fn note(signature: &Signature) -> String {
    let note = signature.note.as_deref();
    note.map_or(String::new(), |note| format!(": {note}"))
}

/// In the words of the column, which says what a wave's webhooks are in.
fn step(step: WaveStep) -> String {
    match step {
        WaveStep::Hybrid(share) => format!("both {share} %"),
        other => other.to_string(),
    }
}

fn mode(mode: Mode) -> String {
    match mode {
        Mode::Both(share) => format!("both {} %", share.percent()),
        other => other.publish_mode().to_string(),
    }
}

fn goal(goal: Goal) -> &'static str {
    match goal {
        Goal::Both => "both",
        Goal::Queue => "queue",
    }
}
