//! The screen of `audit`: the first line says whether every event is accounted for, then where they are, then those that are lost.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, clean, summary, title, wrap},
};
use crate::{
    model::{Strangers, counted, grouped},
    store::audit::Account,
};

/// Attempts without a result on the screen; JSON has more.
const SHOWN: usize = 10;

#[derive(Debug)]
pub struct AuditScreen {
    /// Which webhooks, in words.
    pub scope: String,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub account: Account,
    /// Where somebody asked for them.
    pub strangers: Option<Strangers>,
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
        if account.ambiguous_attempts > 0 {
            text.push('\n');
            text.push_str(&title(style, "Attempts without a result", &self.doubtful()));
            text.push_str(&self.ambiguities(style));
        }
        if let Some(strangers) = &self.strangers {
            text.push('\n');
            text.push_str(&strange(strangers, style));
        }
        text
    }

    fn json(&self) -> Value {
        let account = &self.account;
        json!({
            "scope": self.scope, "since": self.since, "until": self.until, "committed": account.committed,
            "delivered": account.delivered, "dead": account.dead, "discarded": account.discarded, "queue": account.queue,
            "outbox": account.outbox, "stream": account.stream, "in_flight": account.in_flight, "parked": account.parked,
            "ambiguous": account.ambiguous, "stuck": account.stuck, "nowhere": account.nowhere, "events": account.events,
            "ambiguous_attempts": account.ambiguous_attempts, "ambiguities": account.ambiguities,
            "strangers": self.strangers,
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
            (
                "stuck",
                account.stuck,
                "set aside: it cannot be read, claimed, published or written; you decide (wavegate dead list)",
            ),
            ("NOWHERE", account.nowhere, "no path will deliver it"),
        ];
        for (name, events, meaning) in places {
            let tone = match name {
                _ if events == 0 && name != "delivered" => continue,
                "NOWHERE" => Some(Tone::Bad),
                "dead" | "ambiguous" | "parked" | "stuck" => Some(Tone::Warn),
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

    fn doubtful(&self) -> String {
        let all = self.account.ambiguous_attempts;
        let mut text = format!(
            "{}: the endpoint may have had it, and may have got the event twice",
            grouped(all)
        );
        if usize::try_from(all).unwrap_or(usize::MAX) > SHOWN {
            text.push_str(&format!("; the newest {SHOWN}"));
        }
        text
    }

    fn ambiguities(&self, style: &Style) -> String {
        let mut text = String::new();
        for one in self.account.ambiguities.iter().take(SHOWN) {
            let id = one.event_id.clone();
            let id = id.unwrap_or_else(|| format!("call-{}", one.call_id));
            let about = format!(
                "  webhook {}, attempt {} through {} by {}, noticed {}",
                one.webhook_id,
                one.attempt,
                one.path,
                clean(one.worker_id.as_deref().unwrap_or("somebody else's worker")),
                one.at.format("%Y-%m-%d %H:%M:%S UTC")
            );
            text.push_str(&named(&id, &about, style));
        }
        text
    }

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
            text.push_str(&named(&lost.event_id, &about, style));
        }
        text
    }
}

/// One id a line, so that it can be copied at any width; below it, what is known.
fn named(id: &str, about: &str, style: &Style) -> String {
    format!(
        "{}\n{}",
        style.paint(Tone::Strong, &clean(id)),
        wrap(about, style.width.into(), "  ")
    )
}

fn strange(strangers: &Strangers, style: &Style) -> String {
    let about = format!(
        "{} of {} in {} that PostgreSQL never knew; nothing was touched",
        grouped(i64::try_from(strangers.found).unwrap_or(i64::MAX)),
        counted(strangers.looked_at, "message"),
        strangers.stream
    );
    let mut text = title(style, "Strangers", &about);
    let mut table = Table::new(["Sequence", "Since", "Subject", "Why"])
        .right(0)
        .keep(1);
    for one in strangers.messages.iter().take(SHOWN) {
        let why = match &one.event_id {
            Some(id) => format!("{}: {id}", one.why),
            None => one.why.clone(),
        };
        table.row([
            one.sequence.to_string().into(),
            one.at.format("%m-%d %H:%M:%S").to_string().into(),
            one.subject.as_str().into(),
            why.into(),
        ]);
    }
    text.push_str(&table.draw(style));
    text
}
