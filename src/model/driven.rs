//! What a driver of a migration does, what it waits for, and what it tells meanwhile.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Gate;

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deed {
    pub what: DeedKind,
    pub wave: String,
    pub from: String,
    pub to: String,
    pub why: Option<String>,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeedKind {
    Stepped,
    Finished,
    /// A flip that had been committed before came to its end.
    Completed,
    TookBack,
}

/// All that one look led to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Driven {
    pub deeds: Vec<Deed>,
    /// Every wave that does not go on now.
    pub waiting: Vec<WaveWait>,
    /// Every wave is finished.
    pub finished: bool,
}

impl Driven {
    pub fn took_back(&self) -> bool {
        self.deeds
            .iter()
            .any(|deed| deed.what == DeedKind::TookBack)
    }

    /// Nothing goes on, or has to be guarded, before a person resumes what was taken back.
    pub fn rests(&self) -> bool {
        let back = |waiting: &WaveWait| waiting.on == WaitsFor::Resume;
        self.waiting.iter().any(back)
            && self
                .waiting
                .iter()
                .all(|waiting| back(waiting) || (waiting.on == WaitsFor::Order && !waiting.moved))
    }
}

/// What listeners hear.
#[derive(Debug)]
pub enum DriverNews<'a> {
    Deed(&'a Deed),
    /// Why nothing is done now; told when it changed.
    Waits(&'a [WaveWait]),
    /// Somebody else drives.
    StandsBy(&'a Driving),
    /// This one drives from now on.
    Drives,
    /// Somebody should know.
    Notice(&'a str),
}

/// Why one wave does not go forward now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaveWait {
    pub wave: String,
    /// Where it stands.
    pub step: String,
    /// Something of it is NATS's.
    #[serde(skip)]
    pub moved: bool,
    pub on: WaitsFor,
    /// In one line.
    pub why: String,
    /// The gates that keep it, where gates do.
    pub gates: Vec<Gate>,
    /// When that ends by itself, if anybody can tell.
    pub until: Option<DateTime<Utc>>,
    /// What would change it.
    #[serde(rename = "do")]
    pub command: Option<String>,
}

/// What a wave waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// Time or evidence: gates that are inconclusive.
    Evidence,
    /// A gate fails.
    Failure,
    /// Somebody's word: a sign-off, an approval.
    Person,
    /// Another wave.
    Order,
    /// A hold.
    Hold,
    /// It was taken back, and stays so until it is resumed on purpose.
    Resume,
    /// The guard would take it back, and nobody is there to deliver from the queue.
    QueueWorker,
    /// The step was refused, or its gates said something else at the last moment.
    Step,
}

/// Who drives now.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Driving {
    pub who: String,
    pub host: String,
    pub command: String,
    pub since: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}
