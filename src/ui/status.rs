//! The screen of `status`: one line a wave, who is alive, and what needs a look.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title, wrap},
};
use crate::{
    model::{WaveStatus, WaveStep, counted},
    store::{
        lock::Holder,
        standing::{SetAside, Standing},
    },
};

/// One wave with what was counted.
#[derive(Debug, Clone)]
pub struct WaveLine {
    pub status: WaveStatus,
    /// When its soak or watch is over.
    pub until: Option<DateTime<Utc>>,
    pub standing: Standing,
    /// Members that were taken back alone, by name.
    pub away: Vec<String>,
}

/// The data plane as its heartbeats tell.
#[derive(Debug, Clone, Default)]
pub struct Alive {
    pub relays: usize,
    pub queue_workers: usize,
    pub nats_workers: usize,
    /// Age of the oldest unpublished event.
    pub lag_ms: Option<i64>,
    pub relay_error: Option<String>,
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
    pub set_aside: SetAside,
    /// What was begun and did not come to its end.
    pub unfinished: Vec<String>,
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
        let mut line = |what: String| text.push_str(&wrap(&what, style.width.into(), "  "));
        if self.outside.webhooks > 0 {
            let one = &self.outside;
            line(format!(
                "in no wave: {}, {} in queue, {} in both, {} in nats; {} calls waiting",
                counted(usize::try_from(one.webhooks).unwrap_or(0), "webhook"),
                one.in_queue,
                one.in_both,
                one.in_nats,
                one.waiting
            ));
        }
        let alive = &self.alive;
        line(format!(
            "alive: {}{}, {}, {}",
            counted(alive.relays, "relay"),
            alive
                .lag_ms
                .map_or_else(String::new, |ms| format!(" (lag {ms} ms)")),
            counted(alive.nats_workers, "NATS worker"),
            counted(alive.queue_workers, "queue worker")
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
        let (tone, verdict) = self.verdict();
        text.push_str(&summary(style, tone, &verdict));
        text
    }

    fn json(&self) -> Value {
        let waves = self.waves.iter().map(|line| {
            json!({
                "wave": line.status, "until": line.until,
                "left_seconds": line.until.map(|until| (until - self.now).num_seconds().max(0)),
                "webhooks": line.standing, "away": line.away,
            })
        });
        json!({
            "migration": self.migration.as_ref().map(|(name, started_at, started_by)| json!({
                "name": name, "started_at": started_at, "started_by": started_by,
            })),
            "waves": waves.collect::<Vec<_>>(),
            "outside": self.outside,
            "relays": self.alive.relays, "lag_ms": self.alive.lag_ms, "relay_error": self.alive.relay_error,
            "nats_workers": self.alive.nats_workers, "queue_workers": self.alive.queue_workers,
            "lock": self.holder, "stuck": self.set_aside,
            "unfinished": self.unfinished, "attention": self.attention(), "at": self.now,
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
            let tone = match status.step {
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

    fn left(&self, line: &WaveLine) -> String {
        match line.until {
            Some(until) if until > self.now => duration(until - self.now),
            Some(_) => "over".to_string(),
            None => String::new(),
        }
    }

    /// What an operator should look at, worst first.
    fn attention(&self) -> Vec<String> {
        let mut all = self.unfinished.clone();
        let moved: i64 = self
            .waves
            .iter()
            .map(|line| &line.standing)
            .chain([&self.outside])
            .map(|one| one.in_both + one.in_nats + one.fenced)
            .sum();
        let waiting: i64 = self.waves.iter().map(|line| line.standing.waiting).sum();
        if moved > 0 && self.alive.relays == 0 {
            all.push("no relay is alive: nothing goes to NATS (wavegate relay)".to_string());
        }
        if moved > 0 && self.alive.nats_workers == 0 {
            all.push("no NATS worker is alive (wavegate worker --path nats)".to_string());
        }
        if moved > 0 && self.alive.queue_workers == 0 && waiting > 0 {
            all.push("no queue worker of ours is alive (wavegate worker --path queue)".to_string());
        }
        for line in &self.waves {
            if !line.away.is_empty() {
                all.push(format!(
                    "wave {0} goes on without {1}, taken back alone (wavegate apply PLAN --wave {0} --resume brings it back)",
                    line.status.name,
                    line.away.join(", ")
                ));
            }
            if line.status.step == WaveStep::RolledBack {
                all.push(format!(
                    "wave {0} was rolled back (wavegate apply PLAN --wave {0} --resume goes forward again)",
                    line.status.name
                ));
            }
        }
        if self.set_aside.events > 0 {
            all.push(format!(
                "{} set aside since {}, sent by nobody until you decide (wavegate dead list)",
                counted(self.set_aside.events, "event"),
                time(self.set_aside.since)
            ));
        }
        if let Some(error) = &self.alive.relay_error {
            all.push(format!("the relay's last error: {error}"));
        }
        all
    }

    fn verdict(&self) -> (Tone, String) {
        let attention = self.attention();
        if attention.is_empty() {
            (Tone::Good, "Nothing needs a look.".to_string())
        } else {
            (Tone::Warn, format!("Look at: {}.", attention.join("; ")))
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

/// The two largest units: "2d 3h", "4m 10s".
fn duration(left: TimeDelta) -> String {
    let seconds = left.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h {}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}
