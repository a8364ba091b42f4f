//! The screens of `redrive`: its effect, before it asks, and what was moved.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    apply::webhooks,
    table::{Cell, Table, title, wrap},
};
use crate::{
    model::{Routing, counted},
    store::scope::Undelivered,
};

/// Webhooks that are listed; the rest is counted.
const LISTED: usize = 20;

/// What a re-drive would do.
#[derive(Debug)]
pub struct RedriveEffect {
    pub scope: String,
    pub webhooks: Vec<Routing>,
    pub fenced: Vec<i32>,
    /// Left alone, with the reason.
    pub skipped: Vec<(Routing, &'static str)>,
    pub undelivered: BTreeMap<i32, Undelivered>,
    pub queue_workers: usize,
    pub nats_workers: usize,
    pub foreign_worker: Option<DateTime<Utc>>,
}

impl RedriveEffect {
    fn table(&self) -> Table {
        let mut table = Table::new(["Webhook", "Id", "Mode", "Undelivered", "No queue row"])
            .keep(0)
            .right(1)
            .keep(2)
            .right(3)
            .right(4);
        let left = |row: &&Routing| self.undelivered.contains_key(&row.webhook_id);
        for row in self.webhooks.iter().filter(left).take(LISTED) {
            let left = self.undelivered[&row.webhook_id];
            let mode = row.columns.publish_mode;
            table.row([
                Cell::new(&row.name),
                Cell::new(row.webhook_id.to_string()),
                Cell::new(if self.fenced.contains(&row.webhook_id) {
                    format!("{mode}, fenced")
                } else {
                    mode.to_string()
                }),
                Cell::new(left.events.to_string()),
                Cell::new(left.without_queue_row.to_string()),
            ]);
        }
        table
    }
}

impl Screen for RedriveEffect {
    const KIND: &'static str = "redrive_effect";

    fn draw(&self, style: &Style) -> String {
        let about = format!("{}: {}", self.scope, webhooks(self.webhooks.len()));
        let mut text = title(style, "Re-drive", &about);
        text.push_str(&self.table().draw(style));
        if self.undelivered.len() > LISTED {
            text.push_str(&format!("and {} more\n", self.undelivered.len() - LISTED));
        }
        if !self.undelivered.is_empty() {
            text.push('\n');
        }
        let all: Undelivered = self.undelivered.values().copied().sum();
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        line(match all.events {
            0 => "nothing of it is undelivered".to_string(),
            _ => format!(
                "{} get a queue row, {} of them when a NATS worker lets go; what waits for NATS in the queue is due at once",
                counted(all.without_queue_row, "undelivered event"),
                all.held
            ),
        });
        line(format!(
            "alive: {}, {}{}",
            counted(self.queue_workers, "queue worker"),
            counted(self.nats_workers, "NATS worker"),
            self.foreign_worker.map_or_else(String::new, |at| format!(
                "; somebody else's queue worker last seen {}",
                at.format("%H:%M:%S UTC")
            ))
        ));
        for (row, reason) in self.skipped.iter().take(LISTED) {
            let left_out = format!("left out: {} ({}), {reason}", row.name, row.webhook_id);
            text.push_str(&style.paint(Tone::Warn, &wrap(&left_out, style.width.into(), "  ")));
        }
        text
    }

    fn json(&self) -> Value {
        let webhooks = self.webhooks.iter().map(|row| {
            json!({
                "webhook_id": row.webhook_id, "name": row.name, "mode": row.columns.publish_mode,
                "fenced": self.fenced.contains(&row.webhook_id),
                "undelivered": self.undelivered.get(&row.webhook_id).copied().unwrap_or_default(),
            })
        });
        let skipped = self.skipped.iter().map(|(row, reason)| {
            json!({ "webhook_id": row.webhook_id, "name": row.name, "reason": reason })
        });
        json!({
            "scope": self.scope, "webhooks": webhooks.collect::<Vec<_>>(), "skipped": skipped.collect::<Vec<_>>(),
            "queue_workers": self.queue_workers, "nats_workers": self.nats_workers, "foreign_worker": self.foreign_worker,
        })
    }
}

/// What a re-drive did.
#[derive(Debug)]
pub struct RedriveScreen {
    pub scope: String,
    pub pulled: i64,
    pub released: i64,
    pub enqueued: i64,
    pub took_ms: u64,
}

impl Screen for RedriveScreen {
    const KIND: &'static str = "redrive";

    fn draw(&self, style: &Style) -> String {
        let about = format!("{} in {} ms", self.scope, self.took_ms);
        let mut text = format!("\n{}", title(style, "Re-driven", &about));
        let line = format!(
            "{} got a queue row, {} made due, {} freed from a dead worker; no undelivered event of before lacks one (seen twice)",
            counted(self.enqueued, "event"),
            counted(self.pulled, "row"),
            self.released
        );
        text.push_str(&wrap(&line, style.width.into(), "  "));
        text
    }

    fn json(&self) -> Value {
        json!({
            "scope": self.scope, "enqueued": self.enqueued, "pulled_forward": self.pulled, "released": self.released,
            "took_ms": self.took_ms,
        })
    }
}
