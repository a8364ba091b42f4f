//! What an entry of the corpus is. A new one is a line in a table of `entries/`.

use std::time::Duration;

use super::endpoint::Answer;

/// How the bad webhook is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Queue,
    /// `both` at a share of 0 %, 50 %, 100 %.
    Shadow,
    Half,
    Both,
    Nats,
}

impl Mode {
    pub const EVERY: [Mode; 5] = [
        Mode::Queue,
        Mode::Shadow,
        Mode::Half,
        Mode::Both,
        Mode::Nats,
    ];

    /// `publish_mode` and `nats_share`.
    pub fn columns(self) -> (&'static str, i16) {
        match self {
            Mode::Queue => ("queue", 0),
            Mode::Shadow => ("both", 0),
            Mode::Half => ("both", 50),
            Mode::Both => ("both", 100),
            Mode::Nats => ("nats", 0),
        }
    }
}

/// Half of a share adds nothing to a single bad event: it is one of the others.
pub const ALL: &[Mode] = &[Mode::Queue, Mode::Shadow, Mode::Both, Mode::Nats];
/// Modes whose events have a queue row.
pub const ROWS: &[Mode] = &[Mode::Queue, Mode::Shadow, Mode::Both];
/// Modes whose events NATS carries.
pub const ROUTED: &[Mode] = &[Mode::Shadow, Mode::Both, Mode::Nats];

/// What becomes of a bad event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Recorded, after it arrived.
    Delivered,
    Dead,
    /// Set aside by name.
    Stuck,
    /// Still to be delivered, by right: it is not due.
    Waits,
    /// Nobody may take it, and `audit` says so.
    Nowhere,
    /// Recorded as somebody else's delivery: it never arrived from us.
    Elsewhere,
    /// There is no such event.
    Nothing,
    /// What should plant or publish it raised.
    Refused,
}

use Outcome::{Dead, Delivered, Refused, Stuck};

pub const OK: &[Outcome] = &[Delivered];
/// It cannot be delivered, and somebody says so.
pub const GIVEN_UP: &[Outcome] = &[Dead, Stuck];
/// Or it does not even begin.
pub const NEVER: &[Outcome] = &[Dead, Stuck, Refused];
/// Whatever is made of it, it is something.
pub const AN_END: &[Outcome] = &[Delivered, Dead, Stuck];

/// A message that somebody publishes himself.
#[derive(Debug, Clone, Default)]
pub struct Message {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Where a forged message strikes.
#[derive(Debug, Clone)]
pub struct Target {
    pub webhook: i32,
    /// A real event of it.
    pub event: String,
}

/// How the bad thing is planted. SQL knows `{id}` the bad webhook, `{queue}` and `{key}` the queue and its key, `{name}` a
/// name for what is created.
#[derive(Debug, Clone, Copy)]
pub enum Plant {
    /// Events with this payload (an SQL expression).
    Payload(&'static str),
    /// An endpoint that answers so.
    Answer(fn() -> Answer),
    /// Columns of the webhook, as `UPDATE ... SET` takes them.
    Setting(&'static str),
    /// The same with an endpoint that answers 500.
    FailingSetting(&'static str),
    /// Statements before the events.
    Ddl(&'static str),
    /// A queue row by hand instead of events: `INSERT ... RETURNING {key}`.
    Row(&'static str),
    /// A statement in the transaction that publishes; `{event}` and `{call}` are the event's.
    Beside(&'static str),
    /// A message before its event is published (under an id that can be guessed).
    Before(fn(&Target) -> Message),
    /// A message once the event is published.
    After(fn(&Target) -> Message),
    /// Rows, tables or keys that somebody holds for so long; taken again until there is a row. The endpoint is slow.
    Lock(&'static str, Duration),
}

#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    pub plant: Plant,
    pub expect: &'static [Outcome],
    pub modes: &'static [Mode],
    /// Bad events for each mode.
    pub events: u32,
}

impl Entry {
    pub const fn new(name: &'static str, plant: Plant, expect: &'static [Outcome]) -> Entry {
        Entry {
            name,
            plant,
            expect,
            modes: ALL,
            events: 2,
        }
    }

    pub fn locks_a_table(&self) -> bool {
        matches!(self.plant, Plant::Lock(sql, _) if sql.starts_with("LOCK TABLE"))
    }

    pub const fn only(mut self, modes: &'static [Mode]) -> Entry {
        self.modes = modes;
        self
    }

    pub const fn times(mut self, events: u32) -> Entry {
        self.events = events;
        self
    }
}

pub const fn payload(name: &'static str, sql: &'static str, expect: &'static [Outcome]) -> Entry {
    Entry::new(name, Plant::Payload(sql), expect)
}

pub const fn answer(
    name: &'static str,
    answer: fn() -> Answer,
    expect: &'static [Outcome],
) -> Entry {
    Entry::new(name, Plant::Answer(answer), expect)
}

pub const fn setting(name: &'static str, set: &'static str, expect: &'static [Outcome]) -> Entry {
    Entry::new(name, Plant::Setting(set), expect)
}

pub const fn failing(name: &'static str, set: &'static str, expect: &'static [Outcome]) -> Entry {
    Entry::new(name, Plant::FailingSetting(set), expect)
}

pub const fn ddl(name: &'static str, sql: &'static str, expect: &'static [Outcome]) -> Entry {
    Entry::new(name, Plant::Ddl(sql), expect)
}

pub const fn row(name: &'static str, sql: &'static str, expect: &'static [Outcome]) -> Entry {
    Entry::new(name, Plant::Row(sql), expect).only(&[Mode::Queue, Mode::Both])
}

pub const fn lock(name: &'static str, sql: &'static str, seconds: u64) -> Entry {
    Entry::new(name, Plant::Lock(sql, Duration::from_secs(seconds)), OK).times(4)
}
