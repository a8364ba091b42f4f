//! The screens of `schema`: where it stands, what would be done, what differs, what goes.

use serde_json::{Value, json};

use super::{Cell, Screen, Style, Table, Tone, summary, title};
use crate::{
    model::counted,
    store::{
        QueueShape,
        schema::{Check, Difference, Finding, Obstacles, State, Status},
    },
};

/// `schema status`.
pub struct SchemaStatus<'a>(pub &'a Status);

impl Screen for SchemaStatus<'_> {
    const KIND: &'static str = "schema_status";

    fn draw(&self, style: &Style) -> String {
        let status = self.0;
        let mut text = title(style, "Migration 007", &place(status));
        text.push('\n');
        let mut table = Table::new(["Step", "State", "What"]).keep(0).keep(1);
        for step in &status.steps {
            table.row([
                Cell::new(&step.step),
                state(step.state),
                Cell::new(what(step)),
            ]);
        }
        text.push_str(&table.draw(style));
        let pending = status.pending();
        text.push_str(&match pending {
            0 => summary(
                style,
                Tone::Good,
                "in place: every step has reached its aim",
            ),
            n => summary(
                style,
                Tone::Warn,
                &format!(
                    "{n} of {} steps to do: wavegate schema apply",
                    status.steps.len()
                ),
            ),
        });
        text
    }

    fn json(&self) -> Value {
        let mut value = json!(self.0);
        value["pending"] = json!(self.0.pending());
        value
    }
}

fn place(status: &Status) -> String {
    let shape = match status.shape {
        QueueShape::A => "shape A (rule_webhook_calls)",
        QueueShape::B => "shape B (rule_webhook_queue)",
    };
    format!(
        "database {}, schema {}, {shape}",
        status.database, status.schema
    )
}

fn state(state: State) -> Cell {
    match state {
        State::Done => Cell::toned(Tone::Good, "done"),
        State::Adopted => Cell::toned(Tone::Good, "adopted"),
        State::Missing => Cell::toned(Tone::Warn, "to do"),
        State::Outdated => Cell::toned(Tone::Warn, "outdated"),
        State::Differs => Cell::toned(Tone::Bad, "differs"),
    }
}

fn what(step: &crate::store::schema::StepStatus) -> String {
    match &step.replaced {
        Some(function) => format!("{}; instead of {function}", step.title),
        None => step.title.clone(),
    }
}

/// What `schema apply` is about to do.
pub struct SchemaEffect<'a> {
    pub status: &'a Status,
    pub checks: &'a [Check],
}

impl Screen for SchemaEffect<'_> {
    const KIND: &'static str = "schema_effect";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(style, "Apply migration 007", &place(self.status));
        text.push('\n');
        let mut table = Table::new(["Check", "Result", "Found", "Remedy"])
            .keep(0)
            .keep(1);
        for check in self.checks {
            table.row([
                Cell::from(check.check),
                finding(check.finding),
                Cell::new(&check.found),
                Cell::new(&check.remedy),
            ]);
        }
        text.push_str(&table.draw(style));
        text.push('\n');
        let mut table = Table::new(["Step to do", "What"]).keep(0);
        for step in &self.status.steps {
            if !matches!(step.state, State::Done | State::Adopted) {
                table.row([Cell::new(&step.step), Cell::new(&step.title)]);
            }
        }
        text.push_str(&table.draw(style));
        let mut table = Table::new(["Function that is replaced", "Owned by extension"]);
        for (signature, extension) in &self.status.take_over {
            table.row([
                Cell::new(signature),
                Cell::new(extension.as_deref().unwrap_or("-")),
            ]);
        }
        if !table.is_empty() {
            text.push('\n');
            text.push_str(&table.draw(style));
        }
        let closing = "each step waits at most half a second for a lock, makes way and tries again; no table is rewritten";
        text.push_str(&summary(style, Tone::Dim, closing));
        text
    }

    fn json(&self) -> Value {
        let steps: Vec<&str> = self
            .status
            .steps
            .iter()
            .filter(|step| !matches!(step.state, State::Done | State::Adopted))
            .map(|step| step.step.as_str())
            .collect();
        json!({
            "database": self.status.database, "schema": self.status.schema, "shape": self.status.shape,
            "checks": self.checks, "steps": steps, "take_over": self.status.take_over,
        })
    }
}

fn finding(finding: Finding) -> Cell {
    match finding {
        Finding::Good => Cell::toned(Tone::Good, "ok"),
        Finding::Warning => Cell::toned(Tone::Warn, "warning"),
        Finding::Bad => Cell::toned(Tone::Bad, "refused"),
    }
}

const MISSING: &str = "missing";
/// More missing points of one step than this are one line.
const MANY: usize = 1;
/// The columns of a view could fill the screen; JSON has them all.
const LONGEST: usize = 100;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}

/// `schema verify`.
pub struct SchemaDifferences<'a>(pub &'a [Difference]);

impl Screen for SchemaDifferences<'_> {
    const KIND: &'static str = "schema_differences";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(
            style,
            "Migration 007",
            "live catalogue against what is wanted",
        );
        if self.0.is_empty() {
            text.push_str(&summary(style, Tone::Good, "no difference"));
            return text;
        }
        text.push('\n');
        let mut table = Table::new(["Object", "Found", "Wanted"]);
        for step in self.0.chunk_by(|one, next| one.step == next.step) {
            // A step that was never taken is one line, not its thirty columns.
            if step.len() > MANY && step.iter().all(|difference| difference.found == MISSING) {
                table.row([
                    Cell::new(format!("step {}", step[0].step)),
                    Cell::toned(Tone::Bad, MISSING),
                    Cell::new(format!(
                        "{} and {}",
                        step[0].object,
                        counted(step.len() - 1, "more point")
                    )),
                ]);
                continue;
            }
            for difference in step {
                table.row([
                    Cell::new(&difference.object),
                    Cell::toned(Tone::Bad, &difference.found),
                    Cell::new(shortened(&difference.wanted)),
                ]);
            }
        }
        text.push_str(&table.draw(style));
        text
    }

    fn json(&self) -> Value {
        json!({ "differences": self.0 })
    }
}

/// What `schema revert` is about to do.
pub struct SchemaRevert<'a> {
    pub status: &'a Status,
    pub obstacles: &'a Obstacles,
}

impl SchemaRevert<'_> {
    fn restored(&self) -> Vec<&str> {
        self.status
            .steps
            .iter()
            .filter_map(|step| step.replaced.as_deref())
            .collect()
    }
}

impl Screen for SchemaRevert<'_> {
    const KIND: &'static str = "schema_revert";

    fn draw(&self, style: &Style) -> String {
        let mut text = title(style, "Take migration 007 back", &place(self.status));
        text.push('\n');
        let mut table = Table::new(["Step", "Drops"]).keep(0);
        for step in self
            .status
            .steps
            .iter()
            .rev()
            .filter(|step| !step.made.is_empty())
        {
            let first: Vec<&str> = step.made.iter().take(3).map(String::as_str).collect();
            let more = step.made.len() - first.len();
            let rest = if more > 0 {
                format!(", and {more} more")
            } else {
                String::new()
            };
            table.row([
                Cell::new(&step.step),
                Cell::new(format!("{}{rest}", first.join(", "))),
            ]);
        }
        text.push_str(&table.draw(style));
        let mut table = Table::new(["Function that is put back"]);
        for function in self.restored() {
            table.row([Cell::new(function)]);
        }
        if !table.is_empty() {
            text.push('\n');
            text.push_str(&table.draw(style));
        }
        let obstacles = self.obstacles;
        let lost = format!(
            "gone with it: {} events of the ledger with their history, {} lines of the journal, plans, signatures and verdicts; \
             undelivered now: {}, of which the queue cannot deliver {} by itself",
            obstacles.events, obstacles.journal, obstacles.undelivered, obstacles.stranded
        );
        text.push_str(&summary(style, Tone::Warn, &lost));
        text
    }

    fn json(&self) -> Value {
        json!({
            "database": self.status.database, "obstacles": self.obstacles, "restored": self.restored(),
            "drops": self.status.steps.iter().rev().flat_map(|step| step.made.iter()).collect::<Vec<_>>(),
        })
    }
}

/// `--dry-run`: the statements, ready for psql.
pub struct SchemaSql<'a> {
    /// Step and text.
    pub statements: &'a [(String, String)],
}

impl Screen for SchemaSql<'_> {
    const KIND: &'static str = "schema_sql";

    fn draw(&self, _: &Style) -> String {
        self.statements
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(step, text)| format!("-- {step}\n{};\n\n", text.trim_end_matches([';', '\n'])))
            .collect()
    }

    fn json(&self) -> Value {
        let steps: Vec<Value> = self
            .statements
            .iter()
            .map(|(step, text)| json!({ "step": step, "sql": text }))
            .collect();
        json!({ "steps": steps })
    }
}
