//! The screen of `drain`: what is left on each path, and whether the workers of one may be stopped.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    apply::{orphan_line, webhooks},
    table::{Cell, Table, summary, title, wrap},
};
use crate::{
    model::{Drain, Path, Routing, counted},
    store::scope::Undelivered,
};

/// Webhooks that are listed unless all are asked for.
const LISTED: usize = 20;

/// The stream holds copies of all webhooks; none of them decides anything.
#[derive(Debug, Clone, Serialize)]
pub struct StreamLeft {
    pub stream: String,
    pub messages: u64,
    /// Not handed out to a worker yet; `None` where there is no consumer.
    pub pending: Option<u64>,
    pub unacknowledged: Option<u64>,
}

#[derive(Debug)]
pub struct DrainScreen {
    pub scope: String,
    /// Whose workers are asked about.
    pub path: Path,
    /// Why they may not go yet; empty if they may.
    pub because: Vec<String>,
    /// Webhooks outside of the scope that need them too.
    pub others: usize,
    pub webhooks: Vec<Routing>,
    pub queue: Drain,
    pub in_queue: BTreeMap<i32, Drain>,
    pub in_nats: BTreeMap<i32, Undelivered>,
    /// Or why it could not be looked at.
    pub stream: Result<StreamLeft, String>,
    pub all: bool,
}

impl DrainScreen {
    fn table(&self) -> (Table, usize) {
        let header = [
            "Webhook", "Mode", "Pending", "Running", "Retrying", "Future", "NATS", "Held",
        ];
        let mut table = Table::new(header).keep(0).keep(1);
        for column in 2..8 {
            table = table.right(column);
        }
        let number = |count: i64| match count {
            0 => Cell::toned(Tone::Dim, "0"),
            more => Cell::new(more.to_string()),
        };
        let mut rows = 0;
        let listed = if self.all { usize::MAX } else { LISTED };
        for row in &self.webhooks {
            let queue = self.in_queue.get(&row.webhook_id);
            let nats = self.in_nats.get(&row.webhook_id);
            if queue.is_none() && nats.is_none() {
                continue;
            }
            rows += 1;
            if rows > listed {
                continue;
            }
            let in_queue = |pick: fn(&Drain) -> i64| number(queue.map_or(0, pick));
            let in_nats = |pick: fn(&Undelivered) -> i64| number(nats.map_or(0, pick));
            table.row([
                Cell::new(if row.enabled {
                    row.name.clone()
                } else {
                    format!("{} (disabled)", row.name)
                }),
                Cell::new(row.columns.publish_mode.to_string()),
                in_queue(|left| left.pending),
                in_queue(|left| left.processing),
                in_queue(|left| left.retrying),
                in_queue(|left| left.future),
                in_nats(|left| left.without_queue_row),
                in_nats(|left| left.held),
            ]);
        }
        (table, rows.saturating_sub(listed))
    }

    fn verdict(&self) -> (Tone, String) {
        let (workers, other) = match self.path {
            Path::Queue => ("Queue workers", "queue worker"),
            Path::Nats => ("NATS workers", "NATS worker"),
        };
        if !self.because.is_empty() {
            let text = format!("{workers}: not yet, because {}.", self.because.join("; "));
            (Tone::Warn, text)
        } else if self.others == 0 {
            (Tone::Good, format!("{workers} may be stopped."))
        } else {
            let text = format!(
                "{workers} may be stopped as far as {} goes; {} outside of it still need a {other}.",
                self.scope,
                webhooks(self.others)
            );
            (Tone::Good, text)
        }
    }
}

impl Screen for DrainScreen {
    const KIND: &'static str = "drain";

    fn draw(&self, style: &Style) -> String {
        let about = format!("{}: {}", self.scope, webhooks(self.webhooks.len()));
        let mut text = title(style, "Drain", &about);
        let (table, more) = self.table();
        text.push_str(&table.draw(style));
        if more > 0 {
            text.push_str(&format!("and {more} more; -v lists all\n"));
        }
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        let nats: Undelivered = self.in_nats.values().copied().sum();
        if !table.is_empty() {
            line(format!(
                "\nNATS: undelivered events that only NATS has; Held: those that a worker holds; {} not published yet",
                counted(nats.unpublished, "event")
            ));
        }
        for orphan in &self.queue.orphaned {
            line(orphan_line(orphan));
        }
        line(match &self.stream {
            Err(why) => format!("the stream could not be looked at: {why}"),
            Ok(left) => match (left.pending, left.unacknowledged) {
                (Some(pending), Some(unacknowledged)) => format!(
                    "stream {}: {} to hand out, {unacknowledged} unacknowledged, of all webhooks",
                    left.stream,
                    counted(pending, "copy").replace("copys", "copies")
                ),
                _ => format!("stream {}: no consumer", left.stream),
            },
        });
        let (tone, verdict) = self.verdict();
        text.push_str(&summary(style, tone, &verdict));
        text
    }

    fn json(&self) -> Value {
        let webhooks = self.webhooks.iter().map(|row| {
            json!({
                "webhook_id": row.webhook_id, "name": row.name, "enabled": row.enabled, "mode": row.columns.publish_mode,
                "queue": self.in_queue.get(&row.webhook_id).cloned().unwrap_or_default(),
                "nats": self.in_nats.get(&row.webhook_id).copied().unwrap_or_default(),
            })
        });
        json!({
            "scope": self.scope, "path": self.path, "drained": self.because.is_empty(), "because": self.because,
            "others": self.others, "webhooks": webhooks.collect::<Vec<_>>(), "queue": self.queue,
            "stream": self.stream.as_ref().ok(), "stream_error": self.stream.as_ref().err(),
        })
    }
}
