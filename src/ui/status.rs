//! The screen of `status`: one line a wave, who is alive, and what needs a look.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone, drift,
    look::{list, values},
    run::{next_due, waits_table},
    table::{Cell, Table, summary, title, wrap},
};
use crate::{
    model::{Look, WaveStatus, WaveStep, counted, drift::Drift, driven::WaveWait, duration::age},
    store::{
        lock::Holder,
        standing::{Standing, WebhookStanding},
    },
};

/// One wave with what was counted.
#[derive(Debug, Clone)]
pub struct WaveLine {
    pub status: WaveStatus,
    /// When its soak or watch is over.
    pub until: Option<DateTime<Utc>>,
    pub standing: Standing,
    /// A step or a rollback of it was begun and did not come to its end.
    pub unfinished: bool,
}

/// The data plane as its heartbeats tell.
#[derive(Debug, Clone, Default)]
pub struct Alive {
    pub relays: usize,
    pub queue_workers: usize,
    pub nats_workers: usize,
    /// Of both paths, for some webhooks only; in neither of the numbers above.
    pub dedicated_workers: usize,
    /// Age of the oldest unpublished event, and when the relay that is furthest behind said so.
    pub lag: Option<(i64, DateTime<Utc>)>,
}

#[derive(Debug)]
pub struct StatusScreen {
    /// Name, start and who started it.
    pub migration: Option<(String, Option<DateTime<Utc>>, String)>,
    pub waves: Vec<WaveLine>,
    /// Webhooks of no wave.
    pub outside: Standing,
    pub alive: Alive,
    pub holder: Option<Holder>,
    /// What each wave waits for, as far as it is known without a look at its events.
    pub waiting: Vec<WaveWait>,
    /// Of one wave, where it was asked for.
    pub webhooks: Option<Vec<WebhookStanding>>,
    /// What somebody changed by hand, of the waves that are shown.
    pub drifts: Vec<Drift>,
    /// What needs a look, worst first.
    pub looks: Vec<Look>,
    pub now: DateTime<Utc>,
}

impl Screen for StatusScreen {
    const KIND: &'static str = "status";

    fn draw(&self, style: &Style) -> String {
        let mut text = match &self.migration {
            Some((name, started, who)) => title(
                style,
                "Migration",
                &format!("{name}, begun {} by {who}", time(*started)),
            ),
            None => title(style, "Migration", "none under way"),
        };
        text.push_str(&self.table().draw(style));
        if self.migration.is_some() {
            text.push('\n');
        }
        if let Some(webhooks) = &self.webhooks {
            text.push_str(&self.one_by_one(webhooks).draw(style));
            text.push('\n');
            if !self.drifts.is_empty() {
                text.push_str(&drift::table(&self.drifts).draw(style));
                text.push('\n');
            }
        }
        if !self.waiting.is_empty() {
            text.push_str(&waits_table(&self.waiting, style));
            text.push('\n');
        }
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        if self.outside.webhooks > 0 {
            let one = &self.outside;
            line(format!(
                "in no wave: {}, {} in queue, {} in both, {} in nats; {} waiting",
                counted(usize::try_from(one.webhooks).unwrap_or(0), "webhook"),
                one.in_queue,
                one.in_both,
                one.in_nats,
                counted(one.waiting, "call")
            ));
        }
        let alive = &self.alive;
        line(format!(
            "alive: {}{}, {}, {}{}",
            counted(alive.relays, "relay"),
            alive.lag.map_or_else(String::new, |(ms, at)| {
                match (self.now - at).num_seconds() {
                    ..=2 => format!(" (lag {ms} ms)"),
                    _ => format!(" (lag {ms} ms {} ago)", age(self.now - at)),
                }
            }),
            counted(alive.nats_workers, "NATS worker"),
            counted(alive.queue_workers, "queue worker"),
            match alive.dedicated_workers {
                0 => String::new(),
                some => format!(", {}", counted(some, "dedicated worker")),
            }
        ));
        if let Some(holder) = &self.holder {
            line(format!(
                "at work: {} on {} since {}: {}",
                holder.who.as_deref().unwrap_or("somebody"),
                holder.host.as_deref().unwrap_or("?"),
                time(holder.since),
                holder.command.as_deref().unwrap_or("?")
            ));
        }
        text.push_str(&list(&self.looks, self.now, style));
        let (tone, verdict) = self.verdict();
        text.push_str(&summary(style, tone, &verdict));
        text
    }

    fn json(&self) -> Value {
        let waves = self.waves.iter().map(|line| {
            json!({
                "wave": line.status, "unfinished": line.unfinished, "until": line.until,
                "left_ms": line.until.map(|until| (until - self.now).num_milliseconds().max(0)),
                "webhooks": line.standing,
            })
        });
        json!({
            "migration": self.migration.as_ref().map(|(name, started_at, started_by)| json!({
                "name": name, "started_at": started_at, "started_by": started_by,
            })),
            "waves": waves.collect::<Vec<_>>(),
            "outside": self.outside,
            "relays": self.alive.relays, "lag_ms": self.alive.lag.map(|(ms, _)| ms),
            "nats_workers": self.alive.nats_workers, "queue_workers": self.alive.queue_workers,
            "dedicated_workers": self.alive.dedicated_workers,
            "lock": self.holder, "waiting": self.waiting, "webhooks": self.webhooks,
            "changed": drift::values(&self.drifts), "attention": values(&self.looks, self.now), "at": self.now,
        })
    }
}

impl StatusScreen {
    fn table(&self) -> Table {
        let header = [
            "Wave",
            "Step",
            "Since",
            "Left",
            "Webhooks",
            "Fenced",
            "Undelivered",
            "Queue",
        ];
        let mut table = Table::new(header).keep(0).keep(2).keep(3);
        for column in 4..8 {
            table = table.right(column);
        }
        for line in &self.waves {
            let status = &line.status;
            let step = match status.attempt {
                1 => status.step.to_string(),
                many => format!("{}, attempt {many}", status.step),
            };
            let step = match line.unfinished {
                true => format!("{step}, half done"),
                false => step,
            };
            let tone = match status.step {
                _ if line.unfinished => Tone::Warn,
                WaveStep::Pending => Tone::Dim,
                WaveStep::Hybrid(_) | WaveStep::Nats => Tone::Strong,
                WaveStep::Finished => Tone::Good,
                WaveStep::RolledBack => Tone::Bad,
            };
            let number = |count: i64| match count {
                0 => Cell::toned(Tone::Dim, "0"),
                more => Cell::new(more.to_string()),
            };
            table.row([
                Cell::new(&status.name),
                Cell::toned(tone, step),
                Cell::new(status.entered_at.map_or_else(String::new, short)),
                Cell::new(self.left(line)),
                number(line.standing.webhooks),
                match line.standing.fenced {
                    0 => Cell::toned(Tone::Dim, "0"),
                    some => Cell::toned(Tone::Warn, some.to_string()),
                },
                number(line.standing.undelivered),
                number(line.standing.waiting),
            ]);
        }
        table
    }

    fn one_by_one(&self, webhooks: &[WebhookStanding]) -> Table {
        let header = [
            "Webhook",
            "Id",
            "Mode",
            "Undelivered",
            "Queue",
            "Circuit",
            "Delivered",
        ];
        let mut table = Table::new(header).right(1).right(3).right(4).keep(6);
        for one in webhooks {
            let mut mode = match one.mode.as_str() {
                "both" => format!("both {} %", one.share),
                mode => mode.to_string(),
            };
            for (holds, word) in [(one.fenced, ", fenced"), (!one.enabled, ", disabled")] {
                if holds {
                    mode.push_str(word);
                }
            }
            table.row([
                Cell::new(&one.name),
                Cell::new(one.webhook_id.to_string()),
                match one.fenced {
                    true => Cell::toned(Tone::Warn, mode),
                    false => Cell::new(mode),
                },
                Cell::new(one.undelivered.to_string()),
                Cell::new(one.waiting.to_string()),
                match (one.circuit.as_str(), one.circuit_until) {
                    ("closed", _) if one.failures == 0 => Cell::toned(Tone::Dim, "closed"),
                    ("closed", _) => Cell::new(format!("closed, {} failed", one.failures)),
                    ("open", Some(until)) => {
                        Cell::toned(Tone::Bad, format!("open, {} left", age(until - self.now)))
                    }
                    _ => Cell::toned(Tone::Warn, "half open"),
                },
                Cell::new(one.delivered_at.map_or_else(String::new, short)),
            ]);
        }
        table
    }

    fn left(&self, line: &WaveLine) -> String {
        match line.until {
            Some(until) if until > self.now => age(until - self.now),
            Some(_) => "over".to_string(),
            None => String::new(),
        }
    }

    fn verdict(&self) -> (Tone, String) {
        let next = next_due(&self.waiting);
        match self.looks.len() {
            0 => (Tone::Good, format!("Nothing needs a look.{next}")),
            1 => (Tone::Warn, format!("1 thing needs a look.{next}")),
            many => (Tone::Warn, format!("{many} things need a look.{next}")),
        }
    }
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(
        || "?".to_string(),
        |at| at.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

fn short(at: DateTime<Utc>) -> String {
    at.format("%m-%d %H:%M").to_string()
}
