//! The screens of `rollback`: its effect, before one keystroke is asked for, and what was done.

use crate::model::{Change, Passed, counted};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    apply::{also, barrier_line, changes_table, webhooks},
    table::{summary, title, wrap},
};
use crate::store::scope::Undelivered;

/// What a rollback would do.
#[derive(Debug)]
pub struct EffectScreen {
    pub scope: String,
    /// `both` or `queue`.
    pub goal: &'static str,
    pub drain: bool,
    pub changes: Vec<Change>,
    pub waves: Vec<String>,
    pub deleted: Vec<String>,
    /// All undelivered events of the scope together.
    pub undelivered: Undelivered,
    pub fenced: usize,
    pub queue_workers: usize,
    pub nats_workers: usize,
    pub foreign_worker: Option<DateTime<Utc>>,
    pub all: bool,
}

impl Screen for EffectScreen {
    const KIND: &'static str = "rollback_effect";

    fn draw(&self, style: &Style) -> String {
        let about = format!(
            "{}: {} to {}",
            self.scope,
            webhooks(self.changes.len()),
            self.goal
        );
        let mut text = title(style, "Rollback", &about);
        text.push_str(&changes_table(&self.changes, self.all, style));
        text.push_str(&also(&self.changes, style));
        text.push('\n');
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        if self.drain {
            line("no fence: NATS workers finish the events that NATS has".to_string());
        } else {
            line(format!(
                "fence: from the first second NATS delivers nothing of these webhooks ({} fenced already)",
                self.fenced
            ));
        }
        let left = &self.undelivered;
        line(format!(
            "undelivered events: {}, of which {} have no queue row yet and {} are in the hands of a NATS worker{}",
            left.events,
            left.without_queue_row,
            left.held,
            if self.drain || left.events == 0 {
                ""
            } else {
                "; the queue delivers them"
            }
        ));
        if !self.waves.is_empty() {
            line(format!("rolled back as a whole: {}", self.waves.join(", ")));
        }
        if !self.deleted.is_empty() {
            line(format!("deleted, so left out: {}", self.deleted.join(", ")));
        }
        line(format!(
            "alive: {}, {}{}",
            counted(self.queue_workers, "queue worker"),
            counted(self.nats_workers, "NATS worker"),
            self.foreign_worker.map_or_else(String::new, |at| format!(
                "; somebody else's queue worker last seen {}",
                at.format("%H:%M:%S UTC")
            ))
        ));
        text
    }

    fn json(&self) -> Value {
        json!({
            "scope": self.scope, "goal": self.goal, "drain": self.drain, "changes": self.changes, "waves": self.waves,
            "deleted": self.deleted, "undelivered": self.undelivered, "fenced": self.fenced,
            "queue_workers": self.queue_workers, "nats_workers": self.nats_workers, "foreign_worker": self.foreign_worker,
        })
    }
}

/// What a rollback did.
#[derive(Debug)]
pub struct RollbackScreen {
    pub scope: String,
    pub goal: &'static str,
    pub fenced: usize,
    pub changed: usize,
    pub drifted: Vec<String>,
    pub pulled: i64,
    pub enqueued: i64,
    pub draining: i64,
    pub drain: bool,
    /// Foreign NATS workers deliver.
    pub independent: bool,
    pub barrier: Passed,
    pub took_ms: u64,
}

impl Screen for RollbackScreen {
    const KIND: &'static str = "rollback";

    fn draw(&self, style: &Style) -> String {
        let about = format!("{} in {} ms", self.scope, self.took_ms);
        let mut text = format!("\n{}", title(style, "Rolled back", &about));
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        line(format!(
            "{} newly fenced, {} changed to {}",
            webhooks(self.fenced),
            self.changed,
            self.goal
        ));
        line(barrier_line(&self.barrier));
        if !self.drain {
            line(format!(
                "re-driven: {} got a queue row, {} made due; no undelivered event lacks one (seen twice)",
                counted(self.enqueued, "event"),
                counted(self.pulled, "row")
            ));
        }
        for drifted in &self.drifted {
            line(format!("changed by somebody meanwhile: {drifted}"));
        }
        if self.drain {
            let (tone, what) = match self.draining {
                0 => (Tone::Good, "NATS has nothing left of it.".to_string()),
                left if self.independent => (
                    Tone::Warn,
                    format!(
                        "The foreign NATS workers still have {left} events to finish; keep them and the relay running. \
                         `wavegate rollback` again tells how many are left."
                    ),
                ),
                left => (
                    Tone::Warn,
                    format!(
                        "NATS workers still have {left} events to finish; keep them running, and run `wavegate rollback` \
                         again without --drain once a queue worker is alive."
                    ),
                ),
            };
            text.push_str(&summary(style, tone, &what));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "scope": self.scope, "goal": self.goal, "fenced": self.fenced, "changed": self.changed, "drifted": self.drifted,
            "pulled_forward": self.pulled, "enqueued": self.enqueued, "draining": self.draining, "barrier": self.barrier,
            "took_ms": self.took_ms,
        })
    }
}
