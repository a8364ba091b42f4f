//! The screens of `dead`: what is dead, one event in full, and what was done about it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, clean, summary, title, wrap},
};
use crate::{
    model::{counted, grouped},
    store::dead::{Act, DeadEvent, Inspected, Toll},
};

/// `dead list`, and what `requeue` and `discard` show before they ask.
#[derive(Debug)]
pub struct DeadScreen {
    /// Which events, in words.
    pub scope: String,
    pub toll: Toll,
    /// One by one, where that was asked for.
    pub events: Option<Vec<DeadEvent>>,
}

impl Screen for DeadScreen {
    const KIND: &'static str = "dead";

    fn draw(&self, style: &Style) -> String {
        let toll = &self.toll;
        if toll.events == 0 {
            return title(style, "Dead", &format!("none ({})", self.scope));
        }
        let about = format!(
            "{}, {}; a requeue would bring back {}",
            counted(toll.events, "event"),
            self.scope,
            if toll.able == toll.events {
                "all of them".to_string()
            } else {
                grouped(toll.able)
            }
        );
        let mut text = title(style, "Dead", &about);
        match &self.events {
            None => text.push_str(&self.groups(style)),
            Some(events) => {
                for event in events {
                    text.push_str(&one(event, style));
                }
            }
        }
        let shown: i64 = match &self.events {
            None => toll.groups.iter().map(|group| group.events).sum(),
            Some(events) => i64::try_from(events.len()).unwrap_or(i64::MAX),
        };
        if shown < toll.events {
            let more = format!(
                "and {} older; --limit shows more",
                grouped(toll.events - shown)
            );
            text.push_str(&wrap(&more, style.width.into(), "  "));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "scope": self.scope, "dead": self.toll.events, "able": self.toll.able, "groups": self.toll.groups,
            "events": self.events,
        })
    }
}

impl DeadScreen {
    fn groups(&self, style: &Style) -> String {
        let mut table = Table::new(["Webhook", "Events", "Newest", "Error"])
            .keep(0)
            .right(1)
            .keep(2);
        for group in &self.toll.groups {
            let mut error = why(group.http_status, &group.error);
            if group.without_payload > 0 {
                error.push_str(&format!(
                    "; {} without payload",
                    grouped(group.without_payload)
                ));
            }
            if group.waiting > 0 {
                error.push_str(&format!("; {} wait for the relay", grouped(group.waiting)));
            }
            table.row([
                Cell::new(webhook(group.webhook_id, group.webhook_name.as_deref())),
                Cell::new(grouped(group.events)),
                Cell::new(
                    group
                        .newest
                        .map_or_else(String::new, |at| at.format("%m-%d %H:%M:%S").to_string()),
                ),
                Cell::new(error),
            ]);
        }
        table.draw(style)
    }
}

/// The id on a line of its own, so that it can be copied at any width.
fn one(event: &DeadEvent, style: &Style) -> String {
    let about = format!(
        "  {}, committed {}, {}: {}{}",
        webhook(event.webhook_id, event.webhook_name.as_deref()),
        time(event.created_at),
        counted(event.attempt, "attempt"),
        why(event.http_status, &event.error),
        if event.has_payload {
            ""
        } else {
            "; its payload is gone"
        }
    );
    format!(
        "{}\n{}",
        style.paint(Tone::Strong, &clean(&event.event_id)),
        wrap(&clean(&about), style.width.into(), "  ")
    )
}

fn webhook(id: Option<i32>, name: Option<&str>) -> String {
    match (id, name) {
        (Some(id), Some(name)) => format!("{name} ({id})"),
        (Some(id), None) => format!("deleted ({id})"),
        (None, _) => "none".to_string(),
    }
}

fn why(status: Option<i32>, error: &str) -> String {
    match (status, error) {
        (Some(status), "") => format!("HTTP {status}"),
        (None, "") => "no error was recorded".to_string(),
        (Some(status), error) if !error.contains(&status.to_string()) => {
            format!("HTTP {status}: {error}")
        }
        (_, error) => error.to_string(),
    }
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(
        || "?".to_string(),
        |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// `dead inspect`.
#[derive(Debug)]
pub struct InspectScreen {
    pub event: Inspected,
    /// Only where it was asked for.
    pub payload: Option<String>,
}

impl Screen for InspectScreen {
    const KIND: &'static str = "dead_event";

    fn draw(&self, style: &Style) -> String {
        let event = &self.event;
        let id = event.event_id.as_deref().unwrap_or("?");
        let mut text = title(style, "Event", id);
        let mut line = |what: &str, value: String| {
            let text_of = format!("{what}: {}", clean(&value));
            text.push_str(&wrap(&text_of, style.width.into(), "  "));
        };
        line("state", self.state());
        if let Some(call) = event.call_id {
            line("call", call.to_string());
        }
        let hook = event.webhook.as_ref();
        let name = hook.and_then(|hook| hook["name"].as_str());
        line("webhook", webhook(event.webhook_id, name));
        if let Some(hook) = hook {
            line("of the webhook", pairs(hook, &["name"]));
        }
        line("payload", self.place());
        for (what, value) in [
            ("ledger", &event.ledger),
            ("queue row", &event.queue_row),
            ("outbox", &event.outbox),
            ("set aside", &event.stuck),
        ] {
            if what == "set aside" && value.is_none() {
                continue;
            }
            line(
                what,
                value
                    .as_ref()
                    .map_or_else(|| "none".to_string(), |value| pairs(value, &[])),
            );
        }
        for (what, list) in [
            ("attempt without a result", &event.ambiguous),
            ("said by somebody else", &event.foreign_results),
        ] {
            for one in list.as_array().into_iter().flatten() {
                line(what, pairs(one, &[]));
            }
        }
        if let Some(payload) = &self.payload {
            text.push('\n');
            text.push_str(&clean(payload));
            text.push('\n');
        }
        text
    }

    fn json(&self) -> Value {
        let payload = self
            .payload
            .as_deref()
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        json!({ "event": self.event, "payload": payload })
    }
}

impl InspectScreen {
    fn state(&self) -> String {
        let of = |row: &Option<Value>, key: &str| {
            row.as_ref()
                .and_then(|row| row[key].as_str())
                .map(str::to_string)
        };
        match (
            of(&self.event.ledger, "discarded_at"),
            of(&self.event.ledger, "state"),
            of(&self.event.queue_row, "status"),
        ) {
            (Some(at), _, _) => format!("discarded {at}"),
            (None, Some(state), _) => state,
            (None, None, Some(status)) => format!("{status} (only the queue knows it)"),
            (None, None, None) => "nowhere: neither the ledger nor the queue knows it".to_string(),
        }
    }

    fn place(&self) -> String {
        let outbox = self.event.outbox.as_ref();
        let mut places = Vec::new();
        if let Some(bytes) = outbox.and_then(|outbox| outbox["payload_bytes"].as_i64()) {
            places.push(format!("in the outbox ({bytes} bytes)"));
        }
        if let Some(bytes) = self.event.queue_payload_bytes {
            places.push(format!("in the queue ({bytes} bytes)"));
        }
        if places.is_empty() {
            return "gone".to_string();
        }
        places.join(", ")
    }
}

/// `key value, key value`, without what is not set.
fn pairs(value: &Value, left_out: &[&str]) -> String {
    let pairs: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| !value.is_null() && !left_out.contains(&key.as_str()))
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key} {text}"),
            other => format!("{key} {other}"),
        })
        .collect();
    pairs.join(", ")
}

/// What `requeue` or `discard` did.
#[derive(Debug)]
pub struct DeadDoneScreen {
    pub scope: String,
    pub act: Act,
    pub events: i64,
    pub calls: i64,
    pub left: i64,
}

impl Screen for DeadDoneScreen {
    const KIND: &'static str = "dead_done";

    fn draw(&self, style: &Style) -> String {
        let (word, after) = match self.act {
            Act::Requeue => ("Requeued", "due now; a worker takes them when it may"),
            Act::Discard => ("Discarded", "their payloads are gone"),
        };
        let about = format!(
            "{}, {}: {after}",
            counted(self.events + self.calls, "event"),
            self.scope
        );
        let mut text = title(style, word, &about);
        if self.left > 0 {
            let left = format!(
                "{} left: without payload or webhook, or in somebody else's hands. Run it again when the relay has caught up.",
                counted(self.left, "event")
            );
            text.push_str(&summary(style, Tone::Warn, &left));
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "act": match self.act { Act::Requeue => "requeue", Act::Discard => "discard" },
            "scope": self.scope, "events": self.events, "calls": self.calls, "left": self.left,
        })
    }
}
