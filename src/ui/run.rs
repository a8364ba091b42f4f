//! What `run` shows: lines while it drives, and what one look did and waits for.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Screen, Style, Tone,
    table::{Cell, Table, summary, title, wrap},
};
use crate::model::{
    driven::{Deed, DeedKind, Driven, DriverNews, WaitsFor, WaveWait},
    duration::age,
};

#[derive(Debug)]
pub struct RunScreen {
    pub plan: String,
    pub outcome: Driven,
    /// What was done stands above already, a line each.
    pub told: bool,
}

impl Screen for RunScreen {
    const KIND: &'static str = "run";

    fn draw(&self, style: &Style) -> String {
        let outcome = &self.outcome;
        let mut text = String::new();
        if !self.told {
            text.push_str(&title(style, "Run", &self.plan));
            for deed in &outcome.deeds {
                text.push_str(&wrap(&did(deed), style.width.into(), "  "));
            }
        }
        text.push_str(&waits_table(&outcome.waiting, style));
        let (tone, verdict) = verdict(outcome);
        text.push_str(&summary(style, tone, &verdict));
        text
    }

    fn json(&self) -> Value {
        let outcome = &self.outcome;
        json!({
            "plan": self.plan, "done": outcome.deeds, "waiting": outcome.waiting,
            "finished": outcome.finished, "took_back": outcome.took_back(),
        })
    }
}

/// What each wave waits for, and what would change it; nothing where none waits.
pub(super) fn waits_table(waiting: &[WaveWait], style: &Style) -> String {
    let mut text = String::new();
    if waiting.is_empty() {
        return text;
    }
    let mut table = Table::new(["Wave", "Step", "Waits for", "Until"])
        .keep(0)
        .keep(1);
    let (later, now): (Vec<&WaveWait>, Vec<&WaveWait>) = waiting
        .iter()
        .partition(|waiting| waiting.on == WaitsFor::Order && !waiting.moved);
    for waiting in &now {
        table.row([
            Cell::new(&waiting.wave),
            Cell::new(&waiting.step),
            Cell::new(briefly(waiting)),
            Cell::new(waiting.until.map_or_else(String::new, short)),
        ]);
    }
    if !now.is_empty() {
        text.push_str(&table.draw(style));
    }
    if !later.is_empty() {
        let names: Vec<&str> = later.iter().map(|one| one.wave.as_str()).collect();
        let line = format!("their turn comes later: {}", names.join(", "));
        text.push_str(&wrap(&line, style.width.into(), "  "));
    }
    for waiting in &now {
        if let Some(command) = &waiting.command {
            let line = format!("{}: {command}", waiting.wave);
            text.push_str(&wrap(&line, style.width.into(), "  "));
        }
    }
    text
}

/// When the first wait ends by itself, in a sentence; nothing where nobody can tell.
pub(super) fn next_due(waiting: &[WaveWait]) -> String {
    let due = waiting.iter().filter_map(|waiting| waiting.until);
    due.min().map_or(String::new(), |at| {
        format!(
            " The next thing is due at {}.",
            at.format("%Y-%m-%d %H:%M:%S UTC")
        )
    })
}

fn verdict(outcome: &Driven) -> (Tone, String) {
    if outcome.took_back() && !outcome.finished {
        return (
            Tone::Bad,
            "Rolled back automatically; it stays so until somebody resumes it.".to_string(),
        );
    }
    if outcome.finished {
        let done = "Every wave is finished. May the queue workers go? `wavegate drain --all` says.";
        return (Tone::Good, done.to_string());
    }
    let next = next_due(&outcome.waiting);
    match outcome.deeds.len() {
        0 => (Tone::Warn, format!("Nothing was due.{next}")),
        1 => (Tone::Good, format!("1 thing was done.{next}")),
        many => (Tone::Good, format!("{many} things were done.{next}")),
    }
}

fn did(deed: &Deed) -> String {
    let why = deed
        .why
        .as_ref()
        .map_or(String::new(), |why| format!("; {why}"));
    let from = match deed.from.is_empty() {
        true => String::new(),
        false => format!("{} -> ", deed.from),
    };
    match deed.what {
        DeedKind::Stepped => format!("wave {}: {from}{}{why}", deed.wave, deed.to),
        DeedKind::Finished => format!("wave {} is finished", deed.wave),
        DeedKind::Completed => format!(
            "wave {}: the step to {} came to its end{why}",
            deed.wave, deed.to
        ),
        DeedKind::TookBack => format!("ROLLED BACK: wave {}: {from}{}{why}", deed.wave, deed.to),
    }
}

/// What a listener hears, each as one line with its time; `true` where it is loud.
pub fn run_line(told: &DriverNews<'_>, now: DateTime<Utc>) -> Vec<(bool, String)> {
    let at = now.format("%m-%d %H:%M:%S");
    match told {
        DriverNews::Deed(deed) => vec![(
            deed.what == DeedKind::TookBack,
            format!("{at} {}", did(deed)),
        )],
        DriverNews::Waits(waiting) => waiting
            .iter()
            .filter(|one| one.on != WaitsFor::Order || one.moved)
            .map(|one| (false, format!("{at} {}", waits(one, now))))
            .collect(),
        DriverNews::StandsBy(by) => vec![(
            false,
            format!(
                "{at} standing by: {} on {} drives since {}",
                by.who,
                by.host,
                by.since.format("%Y-%m-%d %H:%M UTC")
            ),
        )],
        DriverNews::Drives => vec![(false, format!("{at} drives from now on"))],
        DriverNews::Notice(text) => vec![(true, format!("{at} {text}"))],
    }
}

fn waits(waiting: &WaveWait, now: DateTime<Utc>) -> String {
    let until = match waiting.until {
        Some(until) if until - now > TimeDelta::zero() => {
            format!("; {} left", age(until - now))
        }
        _ => String::new(),
    };
    format!(
        "wave {} ({}) waits: {}{until}",
        waiting.wave,
        waiting.step,
        briefly(waiting)
    )
}

/// Many gates by name; `wavegate gate` has their reasons.
fn briefly(waiting: &WaveWait) -> String {
    match waiting.gates.as_slice() {
        [] | [_] => waiting.why.clone(),
        many => {
            let names: Vec<&str> = many.iter().map(|gate| gate.as_str()).collect();
            format!("{} gates: {}", many.len(), names.join(", "))
        }
    }
}

fn short(at: DateTime<Utc>) -> String {
    at.format("%m-%d %H:%M").to_string()
}
