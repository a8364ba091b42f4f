//! The screens of `apply`: what a step would change, before it is asked for, and how it went.

use serde_json::{Value, json};

use super::{
    GateScreen, Screen, Style, Tone,
    table::{Cell, Table, title, wrap},
};
use crate::{
    gates::Report,
    model::{Change, Columns, Drain, Mode, Orphan, Passed, Routes, Routing, WaveStep, counted},
};

/// Webhooks that are listed unless all are asked for.
const LISTED: usize = 20;

/// The exact change of one step.
#[derive(Debug)]
pub struct StepScreen {
    pub plan: String,
    pub wave: String,
    pub from: WaveStep,
    pub to: Mode,
    pub attempt: i32,
    /// These come back to where their wave is.
    pub joins: bool,
    pub changes: Vec<Change>,
    /// Whose fence is taken away first.
    pub fenced: Vec<i32>,
    pub held_back: Vec<Routing>,
    /// What waits in the queue and goes along, where that was asked for.
    pub moving: Option<Drain>,
    pub gates: Option<Report>,
    /// List every webhook.
    pub all: bool,
}

impl Screen for StepScreen {
    const KIND: &'static str = "apply_effect";

    fn draw(&self, style: &Style) -> String {
        let mut text = String::new();
        if let Some(report) = &self.gates {
            let gates = GateScreen {
                plan: self.plan.clone(),
                reports: vec![report.clone()],
                ..GateScreen::default()
            };
            text.push_str(&gates.draw(style));
            text.push('\n');
        }
        let about = format!(
            "wave {} of {}: {} -> {}, {}{}",
            self.wave,
            self.plan,
            self.from,
            self.to,
            webhooks(self.changes.len()),
            match self.attempt {
                1 => String::new(),
                many => format!(", attempt {many}"),
            }
        );
        text.push_str(&title(style, "Change", &about));
        text.push_str(&changes_table(&self.changes, self.all, style));
        text.push_str(&also(&self.changes, style));
        if !self.fenced.is_empty() {
            text.push_str(&wrap(
                &format!(
                    "Before that, the fence of {} is taken away.",
                    webhooks(self.fenced.len())
                ),
                style.width.into(),
                "",
            ));
        }
        if self.joins {
            let line = format!(
                "They join wave {} in {}. Its soak begins anew, and so does what its gates count: nothing counts of the time behind the fence.",
                self.wave, self.from
            );
            text.push_str(&wrap(&line, style.width.into(), "  "));
        }
        if let Some(waiting) = &self.moving {
            let line = format!(
                "After that, NATS takes over {} of the queue ({} not due yet); {} in flight are left to finish.",
                counted(waiting.pending + waiting.retrying, "waiting call"),
                waiting.future,
                waiting.processing
            );
            text.push_str(&wrap(&line, style.width.into(), "  "));
        }
        if !self.held_back.is_empty() {
            let names: Vec<&str> = self.held_back.iter().map(|row| row.name.as_str()).collect();
            let line = format!(
                "Left out, since taken back alone: {}. --resume brings them back.",
                names.join(", ")
            );
            text.push_str(&style.paint(Tone::Warn, &wrap(&line, style.width.into(), "  ")));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan, "wave": self.wave, "from": self.from, "to": self.to, "attempt": self.attempt, "joins": self.joins,
            "changes": self.changes, "unfenced": self.fenced, "held_back": self.held_back, "move_waiting": self.moving,
            "gates": self.gates.as_ref().map(|report| json!({ "verdict": report.verdict(), "results": report.results })),
        })
    }
}

/// Webhook by webhook what its columns are and become.
pub(super) fn changes_table(changes: &[Change], all: bool, style: &Style) -> String {
    let mut table = Table::new([
        "Webhook",
        "Id",
        "publish_mode",
        "nats_share",
        "nats_subject",
    ])
    .keep(0)
    .right(1)
    .keep(2)
    .keep(3);
    let listed = if all { changes.len() } else { LISTED };
    for change in changes.iter().take(listed) {
        let (before, after) = (&change.before, &change.after);
        let subject =
            |columns: &Columns| columns.nats_subject.clone().unwrap_or_else(|| "-".into());
        table.row([
            Cell::new(if change.enabled {
                change.name.clone()
            } else {
                format!("{} (disabled)", change.name)
            }),
            Cell::new(change.webhook_id.to_string()),
            arrow(before.publish_mode.as_str(), after.publish_mode.as_str()),
            arrow(
                &before.nats_share.to_string(),
                &after.nats_share.to_string(),
            ),
            arrow(&subject(before), &subject(after)),
        ]);
    }
    let mut text = table.draw(style);
    if changes.len() > listed {
        text.push_str(&format!(
            "and {} more; -v lists all\n",
            changes.len() - listed
        ));
    }
    text
}

fn arrow(before: &str, after: &str) -> Cell {
    if before == after {
        Cell::toned(Tone::Dim, before)
    } else {
        Cell::new(format!("{before} -> {after}"))
    }
}

/// The columns that have the same story for many webhooks, in one line each.
pub(super) fn also(changes: &[Change], style: &Style) -> String {
    type Column = (&'static str, fn(&Columns) -> String);
    let columns: [Column; 3] = [
        ("nats_enabled", |c| c.nats_enabled.to_string()),
        ("nats_config_id", |c| {
            c.nats_config_id
                .map_or_else(|| "-".to_string(), |id| id.to_string())
        }),
        ("nats_takeover_after_ms", |c| {
            c.nats_takeover_after_ms.to_string()
        }),
    ];
    let mut parts = Vec::new();
    for (name, value) in columns {
        let mut moves: Vec<(String, String, usize)> = Vec::new();
        for change in changes {
            let (before, after) = (value(&change.before), value(&change.after));
            if before == after {
                continue;
            }
            match moves.iter_mut().find(|m| m.0 == before && m.1 == after) {
                Some(known) => known.2 += 1,
                None => moves.push((before, after, 1)),
            }
        }
        for (before, after, count) in moves {
            parts.push(format!("{name} {before} -> {after} ({count})"));
        }
    }
    if parts.is_empty() {
        return String::new();
    }
    wrap(
        &format!("Also: {}", parts.join(", ")),
        style.width.into(),
        "  ",
    )
}

pub(super) fn webhooks(count: usize) -> String {
    counted(count, "webhook")
}

/// How a step went.
#[derive(Debug)]
pub struct ApplyScreen {
    pub plan: String,
    pub wave: String,
    pub to: Mode,
    pub webhooks: usize,
    pub barrier: Passed,
    pub routes: Option<Routes>,
    pub drain: Option<Drain>,
    /// Waiting calls that went to NATS, where that was asked for.
    pub moved: Option<i64>,
}

impl Screen for ApplyScreen {
    const KIND: &'static str = "apply";

    fn draw(&self, style: &Style) -> String {
        let about = format!(
            "wave {} of {}: {} in {}",
            self.wave,
            self.plan,
            webhooks(self.webhooks),
            self.to
        );
        // After the change that was asked about.
        let mut text = format!("\n{}", title(style, "Done", &about));
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        line(barrier_line(&self.barrier));
        if let Some(routes) = &self.routes {
            line(format!(
                "routes: {} with both since the change, {} of NATS alone, none without its route",
                counted(routes.both_routes, "event"),
                routes.nats_alone
            ));
        }
        if let Some(moved) = self.moved {
            line(format!(
                "moved: {} of the queue went to NATS",
                counted(moved, "waiting call")
            ));
        }
        if let Some(drain) = &self.drain {
            for part in drain_lines(drain) {
                line(part);
            }
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "plan": self.plan, "wave": self.wave, "to": self.to, "webhooks": self.webhooks, "barrier": self.barrier,
            "routes": self.routes, "moved": self.moved, "drain": self.drain, "left": self.drain.as_ref().map(Drain::left),
        })
    }
}

pub(super) fn barrier_line(barrier: &Passed) -> String {
    let mut text = format!(
        "barrier: passed in {} ms, waited for {} that began earlier and {}",
        barrier.waited_ms,
        counted(barrier.noted, "transaction"),
        counted(barrier.prepared, "prepared one")
    );
    if !barrier.ignored.is_empty() {
        let pids: Vec<String> = barrier.ignored.iter().map(|r| r.pid.to_string()).collect();
        text.push_str(&format!(", pid {} left out", pids.join(", ")));
    }
    text
}

fn drain_lines(drain: &Drain) -> Vec<String> {
    if drain.is_empty() {
        return vec!["drained: the queue holds nothing of these webhooks".to_string()];
    }
    let mut lines = vec![format!(
        "still draining: {} in the queue ({} pending, {} processing, {} retrying; {} not due yet); keep a queue worker running",
        counted(drain.left(), "call"),
        drain.pending,
        drain.processing,
        drain.retrying,
        drain.future
    )];
    lines.extend(drain.orphaned.iter().map(orphan_line));
    lines
}

/// A row that nobody works on, and what to do about it.
pub(super) fn orphan_line(orphan: &Orphan) -> String {
    format!(
        "call {} of {} has been processing since {} and nobody works on it: set it to pending or failed",
        orphan.call_id,
        orphan.webhook_name,
        orphan.started_at.map_or_else(
            || "?".to_string(),
            |at| at.format("%Y-%m-%d %H:%M").to_string()
        )
    )
}
