//! The rehearsal: the audit at its end, and the wait for the operator before each command.

use std::io::{BufRead, IsTerminal};

use serde_json::Value;

use super::{Cell, Screen, Style, Table, Tone, Ui, summary, title, wrap};
use crate::{
    error::{Error, Kind, Result},
    model::{Rehearsal, WaveAudit, grouped, typed},
};

/// Emitted against received, wave by wave.
pub struct RehearsalScreen<'a>(pub &'a Rehearsal);

impl Screen for RehearsalScreen<'_> {
    const KIND: &'static str = "rehearsal";

    fn draw(&self, style: &Style) -> String {
        let Rehearsal {
            waves,
            total,
            injuries,
            callers,
            ..
        } = self.0;
        let about = format!("seed {}, shape {}", self.0.seed, self.0.shape);
        let mut text = title(style, "Audit at the receiver", &about);
        text.push('\n');
        let mut table = Table::new([
            "Wave",
            "Hooks",
            "Emitted",
            "Delivered",
            "Lost",
            "Doubled",
            "Ambig.",
            "Ghosts",
            "Dead",
        ])
        .keep(0);
        for column in 1..9 {
            table = table.right(column);
        }
        for wave in waves {
            table.row(row(wave));
        }
        table.row(row(total).map(|cell| cell.tone(Tone::Strong)));
        text.push_str(&table.draw(style));
        text.push('\n');
        let width = style.width.into();
        for injury in injuries {
            let line = format!(
                "{:>6.1} s  {}; {}",
                injury.at.as_secs_f64(),
                injury.what,
                injury.in_flight
            );
            text.push_str(&wrap(&line, width, "          "));
        }
        let lines = [
            format!(
                "{} callers made {} events in committed transactions, {:.0} a second, and took back {} on purpose.",
                callers.sessions,
                many(callers.committed),
                callers.per_second,
                many(callers.rolled_back)
            ),
            format!(
                "{} of their transactions failed; 99 % took at most {:.0} ms, the slowest {:.0} ms.",
                many(callers.failed),
                callers.p99_ms,
                callers.slowest_ms
            ),
            format!(
                "{} calls met an error at the endpoint and were tried again.",
                many(total.retried)
            ),
        ];
        text.push('\n');
        for line in lines {
            text.push_str(&wrap(&line, width, "  "));
        }
        if let Some(error) = &callers.first_error {
            text.push_str(&wrap(
                &format!("First error of a caller: {error}"),
                width,
                "  ",
            ));
        }
        for example in &self.0.examples {
            text.push_str(&style.paint(Tone::Bad, wrap(example, width, "  ").trim_end()));
            text.push('\n');
        }
        let (tone, verdict) = if self.0.holds() {
            (
                Tone::Good,
                "It holds: nothing lost, nothing doubled, nothing invented",
            )
        } else {
            (Tone::Bad, "It does NOT hold")
        };
        let ambiguous = match total.ambiguous {
            0 => String::new(),
            n => format!(
                " ({n} sent again after a kill -9 between POST and result, the one documented ambiguity)"
            ),
        };
        text.push_str(&summary(
            style,
            tone,
            &format!(
                "{verdict}{ambiguous}. {} emitted, {} delivered, {:.0} s.",
                many(total.emitted),
                many(total.delivered),
                self.0.elapsed.as_secs_f64()
            ),
        ));
        text
    }

    fn json(&self) -> Value {
        let mut value = serde_json::to_value(self.0).unwrap_or_default();
        value["holds"] = self.0.holds().into();
        value
    }
}

fn many(count: u64) -> String {
    grouped(count.cast_signed())
}

fn row(wave: &WaveAudit) -> [Cell; 9] {
    let bad = |count: u64| {
        let tone = if count == 0 { Tone::Dim } else { Tone::Bad };
        Cell::toned(tone, many(count))
    };
    [
        Cell::new(&wave.wave),
        many(wave.webhooks).into(),
        many(wave.emitted).into(),
        many(wave.delivered).into(),
        bad(wave.lost),
        bad(wave.duplicated),
        many(wave.ambiguous).into(),
        bad(wave.ghosts),
        bad(wave.dead),
    ]
}

impl Ui {
    /// Fails unless somebody sits at the terminal.
    pub fn want_terminal(&self) -> Result<()> {
        if std::io::stdin().is_terminal() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Declined,
            "--pause-at-prompts wants a terminal: there is nobody to type",
        )
        .hint("leave it out, and every command runs by itself"))
    }

    /// Shows a command and waits: Enter runs it, anything else typed is returned in its stead.
    pub fn wait_for(&self, command: &str) -> Result<String> {
        self.note(&format!(
            "{} {command}\n  Enter runs it; or type another wavegate command first",
            self.style().paint(Tone::Strong, "next:")
        ));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        match (read, line.trim()) {
            (Ok(0) | Err(_), _) => Err(Error::new(Kind::Interrupted, "the terminal went away")),
            (Ok(_), "") => Ok(command.to_string()),
            (Ok(_), typed) => Ok(typed.to_string()),
        }
    }
}

/// Where a lab stands that was started, and what to type next.
pub struct LabUpScreen {
    pub dir: String,
    /// Not in the folder where the commands look by themselves.
    pub elsewhere: bool,
    pub database_url: String,
    pub nats_url: String,
}

impl Screen for LabUpScreen {
    const KIND: &'static str = "lab";

    fn draw(&self, style: &Style) -> String {
        let about = format!("PostgreSQL, nats-server and a receiver, in {}", self.dir);
        let mut text = title(style, "The lab is up", &about);
        text.push_str(&format!(
            "\nIn your shell:\n  export DATABASE_URL={}\n  export NATS_URL={}\n",
            self.database_url, self.nats_url
        ));
        text.push_str("\nThen, for example:\n");
        let dir = typed::word(&self.dir);
        let (traffic, down) = match self.elsewhere {
            true => (
                format!("wavegate lab traffic --dir {dir} &"),
                format!("wavegate lab down --dir {dir}"),
            ),
            false => ("wavegate lab traffic &".into(), "wavegate lab down".into()),
        };
        for (command, what) in [
            ("wavegate init --out plan.yaml", "what is there, as a plan"),
            (
                "wavegate schema apply --take-over-functions",
                "migration 007",
            ),
            ("wavegate stream ensure", "the JetStream stream"),
            ("wavegate relay &", "outbox to JetStream"),
            ("wavegate worker --path both &", "both paths deliver"),
            (&traffic, "50 calls a second"),
            ("wavegate plan plan.yaml", "what would happen"),
            ("wavegate apply plan.yaml", "the first step"),
            (&down, "everything is gone"),
        ] {
            text.push_str(&format!(
                "  {command:<45}  {}\n",
                style.paint(Tone::Dim, what)
            ));
        }
        text
    }

    fn json(&self) -> Value {
        serde_json::json!({ "dir": self.dir, "database_url": self.database_url, "nats_url": self.nats_url })
    }
}
