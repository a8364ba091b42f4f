//! The plan's own gates: `sql`, a query that must find nothing or one number within bounds, and `command`, a program's exit code.
//! Whatever goes wrong while asking is inconclusive: never a pass.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{GateResult, errors::shorten, explain::Explains};
use crate::model::{Decimal, Gate, duration::words, milliseconds};

/// Characters of one row or one line that are shown.
const SHOWN: usize = 160;
/// Characters of a program's output that are kept, of each stream.
const KEPT: usize = 2_000;

/// What a query must answer.
#[derive(Debug, Clone)]
pub struct Asked<'q> {
    pub gate: &'q Gate,
    pub query: &'q str,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
}

/// The first rows, each as PostgreSQL writes a row: `(17,stuck)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<String>,
    /// There are more than these.
    pub more: bool,
    /// They have one column, of a type of numbers.
    pub numeric: bool,
}

/// What a query of the plan's own was asked, and answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    kind: ByQuery,
    pub query: String,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<bool>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum ByQuery {
    #[serde(rename = "sql")]
    Sql,
}

impl Explains for Query {}

/// Without bounds no row may come; with them, one row with one number within.
pub fn sql(asked: Asked<'_>, answer: &Result<Rows, String>) -> GateResult {
    let mut inputs = Query {
        kind: ByQuery::Sql,
        query: asked.query.to_string(),
        min: asked.min.clone(),
        max: asked.max.clone(),
        error: None,
        rows: None,
        more: None,
    };
    let found = match answer {
        Ok(found) => found,
        Err(why) => {
            inputs.error = Some(why.clone());
            let remedy = "mend the query in the plan, or give it a longer `timeout`";
            return GateResult::inconclusive(asked.gate, shorten(why, 2 * SHOWN), remedy, inputs);
        }
    };
    inputs.rows = Some(found.rows.clone());
    inputs.more = Some(found.more);
    match (&asked.min, &asked.max) {
        (None, None) => no_row(asked.gate, found, inputs),
        _ => within(asked, found, inputs),
    }
}

fn no_row(gate: &Gate, found: &Rows, inputs: Query) -> GateResult {
    let Some(first) = found.rows.first() else {
        return GateResult::pass(gate, "the query found no row", inputs);
    };
    let count = match (found.more, found.rows.len()) {
        (true, n) => format!("more than {n} rows"),
        (false, 1) => "1 row".to_string(),
        (false, n) => format!("{n} rows"),
    };
    let reason = format!(
        "the query found {count}, wanted none: {}",
        shorten(first, SHOWN)
    );
    GateResult::fail(gate, reason, "see to what the query found", inputs)
}

fn within(asked: Asked<'_>, found: &Rows, inputs: Query) -> GateResult {
    let bounds = match (&asked.min, &asked.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any".to_string(),
    };
    let number = match found.rows.as_slice() {
        [row] if !found.more && found.numeric => number(row),
        _ => None,
    };
    let Some(number) = number else {
        let first = found.rows.first().map_or("no row", String::as_str);
        let reason = format!(
            "the query answered {}; wanted one row with one number",
            shorten(first, SHOWN)
        );
        let remedy = "mend the query in the plan, such as SELECT count(*) ...";
        return GateResult::inconclusive(asked.gate, reason, remedy, inputs);
    };
    let reason = format!("{number}, wanted {bounds}");
    if asked.min.is_none_or(|min| number >= min) && asked.max.is_none_or(|max| number <= max) {
        return GateResult::pass(asked.gate, reason, inputs);
    }
    GateResult::fail(asked.gate, reason, "see to what the query counts", inputs)
}

/// The number of a row that has one column and nothing else in it; NULL, NaN and infinities are none.
fn number(row: &str) -> Option<Decimal> {
    let inside = row.strip_prefix('(')?.strip_suffix(')')?;
    inside.parse().ok()
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Code(i32),
    Signal(i32),
    /// It had this long, and was ended.
    TimedOut(Duration),
    /// It printed more than this many bytes, and was ended.
    TooMuch(usize),
    NotStarted(String),
}

impl End {
    /// Why this is no success, `program` being what was run; `None` where it is one.
    pub fn trouble(&self, program: &str) -> Option<String> {
        match self {
            End::Code(0) => None,
            End::Code(code) => Some(format!("{program}: exit {code}")),
            End::Signal(signal) => Some(format!("{program} was ended by signal {signal}")),
            End::TimedOut(limit) => Some(format!(
                "no answer within {}; {program} was ended",
                words(*limit)
            )),
            End::TooMuch(bytes) => Some(format!(
                "{program} printed more than {} KiB and was ended",
                bytes / 1024
            )),
            End::NotStarted(why) => Some(format!("cannot run {program}: {why}")),
        }
    }
}

/// What became of a program.
#[derive(Debug, Clone)]
pub struct Ran {
    pub end: End,
    pub took: Duration,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// What a program of the plan's own said.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    kind: ByProgram,
    pub run: Vec<String>,
    pub took_ms: u64,
    pub stdout: Option<String>,
    pub stderr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum ByProgram {
    #[serde(rename = "command")]
    Command,
}

impl Explains for Program {}

/// Exit 0 passes, 1 fails, all else is inconclusive; so is output that is no text, whatever the exit code says.
pub fn command(gate: &Gate, run: &[String], ran: &Ran) -> GateResult {
    let (stdout, stderr) = (text(&ran.stdout), text(&ran.stderr));
    let said = [&stdout, &stderr]
        .into_iter()
        .flatten()
        .find_map(|text| last_line(text));
    let said = said.map_or(String::new(), |line| format!(": {}", shorten(line, SHOWN)));
    let mut inputs = Program {
        kind: ByProgram::Command,
        run: run.to_vec(),
        took_ms: milliseconds(ran.took),
        stdout: stdout.as_deref().map(|text| shorten(text, KEPT)),
        stderr: stderr.as_deref().map(|text| shorten(text, KEPT)),
        exit: None,
        signal: None,
    };
    let program = run.first().map_or("", String::as_str);
    let held = |why: String, remedy: &str, inputs: Program| {
        GateResult::inconclusive(gate, why, remedy, inputs)
    };
    let readable = stdout.is_some() && stderr.is_some();
    let trouble = || ran.end.trouble(program).unwrap_or_default();
    match &ran.end {
        End::Code(code) => {
            inputs.exit = Some(*code);
            match code {
                0 | 1 if !readable => held(
                    format!("exit {code}, and what {program} printed is no text"),
                    "mend the program: it should print text, in UTF-8",
                    inputs,
                ),
                0 => GateResult::pass(gate, format!("exit 0{said}"), inputs),
                1 => GateResult::fail(
                    gate,
                    format!("exit 1{said}"),
                    "see to what the program says",
                    inputs,
                ),
                code => held(
                    format!("exit {code}, neither 0 (pass) nor 1 (fail){said}"),
                    "see to what the program says",
                    inputs,
                ),
            }
        }
        End::Signal(signal) => {
            inputs.signal = Some(*signal);
            held(format!("{}{said}", trouble()), "mend the program", inputs)
        }
        End::TimedOut(_) => held(
            format!("{}{said}", trouble()),
            "mend the program, or give it a longer `timeout` in the plan",
            inputs,
        ),
        End::TooMuch(_) => held(
            trouble(),
            "mend the program: it should print a few lines",
            inputs,
        ),
        End::NotStarted(_) => held(
            trouble(),
            "name a program that is there and may be run; relative paths begin where wavegate runs",
            inputs,
        ),
    }
}

/// Printable text, line breaks kept; `None` where the bytes are none.
fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.contains('\0') {
        return None;
    }
    let plain = |c: &char| *c == '\n' || !c.is_control();
    Some(text.chars().filter(plain).collect())
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}
