//! The screen of `audit`: the first line says whether every event is accounted for, then where they are, then those that are lost.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, clean, summary, title, wrap},
};
use crate::{
    model::{counted, grouped},
    store::audit::Account,
};

#[derive(Debug)]
pub struct AuditScreen {
    /// Which webhooks, in words.
    pub scope: String,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub account: Account,
}

impl Screen for AuditScreen {
    const KIND: &'static str = "audit";

    fn draw(&self, style: &Style) -> String {
        let account = &self.account;
        let (tone, verdict) = self.verdict();
        let mut text = summary(style, tone, &verdict)
            .trim_start_matches('\n')
            .to_string();
        let about = format!("{}, {}", self.scope, self.span());
        text.push_str(&wrap(&about, style.width.into(), "  "));
        text.push('\n');
        text.push_str(&self.places().draw(style));
        if account.nowhere > 0 {
            text.push('\n');
            text.push_str(&title(style, "Nowhere", &self.named()));
            text.push_str(&self.lost(style));
        }
        text
    }

    fn json(&self) -> Value {
        let account = &self.account;
        json!({
            "scope": self.scope, "since": self.since, "until": self.until, "committed": account.committed,
            "delivered": account.delivered, "dead": account.dead, "discarded": account.discarded, "queue": account.queue,
            "outbox": account.outbox, "stream": account.stream, "in_flight": account.in_flight, "parked": account.parked,
            "ambiguous": account.ambiguous, "nowhere": account.nowhere, "events": account.events,
        })
    }
}

impl AuditScreen {
    fn verdict(&self) -> (Tone, String) {
        let account = &self.account;
        match (account.committed, account.nowhere) {
            (0, _) => (Tone::Warn, "No event was committed here.".to_string()),
            (1, 0) => (Tone::Good, "The one event is accounted for.".to_string()),
            (all, 0) => (
                Tone::Good,
                format!("All {} events are accounted for.", grouped(all)),
            ),
            (all, lost) => {
                let verb = if lost == 1 { "IS" } else { "ARE" };
                (
                    Tone::Bad,
                    format!(
                        "{} of {} {verb} NOWHERE: no path will deliver them.",
                        grouped(lost),
                        counted(all, "event")
                    ),
                )
            }
        }
    }

    fn span(&self) -> String {
        let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        match (self.since, self.until) {
            (None, None) => "from the beginning until now".to_string(),
            (Some(since), None) => format!("committed since {}", time(since)),
            (None, Some(until)) => format!("committed before {}", time(until)),
            (Some(since), Some(until)) => {
                format!("committed from {} to {}", time(since), time(until))
            }
        }
    }

    fn places(&self) -> Table {
        let account = &self.account;
        let mut table = Table::new(["Where", "Events", "That is"]).keep(0).right(1);
        let places = [
            ("delivered", account.delivered, "the endpoint has it"),
            (
                "dead",
                account.dead,
                "out of attempts; the payload is kept (wavegate dead list)",
            ),
            (
                "discarded",
                account.discarded,
                "dead, and given up by somebody",
            ),
            (
                "in flight",
                account.in_flight,
                "a worker holds it right now",
            ),
            ("queue", account.queue, "waits in the queue for a worker"),
            (
                "outbox",
                account.outbox,
                "waits for the relay to publish it",
            ),
            (
                "stream",
                account.stream,
                "published, waits for a NATS worker; the payload is still in PostgreSQL",
            ),
            (
                "parked",
                account.parked,
                "waits until its webhook is enabled",
            ),
            (
                "ambiguous",
                account.ambiguous,
                "its worker died without a result: the endpoint may have it; tried again with the same webhook-id",
            ),
            ("NOWHERE", account.nowhere, "no path will deliver it"),
        ];
        for (name, events, meaning) in places {
            let tone = match name {
                _ if events == 0 && name != "delivered" => continue,
                "NOWHERE" => Some(Tone::Bad),
                "dead" | "ambiguous" | "parked" => Some(Tone::Warn),
                "delivered" => Some(Tone::Good),
                _ => None,
            };
            let cell = Cell::new(name);
            table.row([
                match tone {
                    Some(tone) => cell.tone(tone),
                    None => cell,
                },
                grouped(events).into(),
                meaning.into(),
            ]);
        }
        table
    }

    fn named(&self) -> String {
        let (named, all) = (self.account.events.len(), self.account.nowhere);
        if i64::try_from(named).unwrap_or(i64::MAX) < all {
            format!("the oldest {named} of {}", grouped(all))
        } else {
            String::new()
        }
    }

    /// One id a line, so that it can be copied at any width; below it, what is known.
    fn lost(&self, style: &Style) -> String {
        let mut text = String::new();
        for lost in &self.account.events {
            let webhook = lost
                .webhook_id
                .map_or_else(String::new, |id| format!("webhook {id}, "));
            let about = format!(
                "  {webhook}committed {}: {}",
                lost.at.format("%Y-%m-%d %H:%M:%S UTC"),
                clean(&lost.why)
            );
            text.push_str(&style.paint(Tone::Strong, &clean(&lost.event_id)));
            text.push('\n');
            text.push_str(&wrap(&about, style.width.into(), "  "));
        }
        text
    }
}
