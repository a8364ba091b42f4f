//! Migration 007: its steps, what they want of the catalogue, how the live catalogue differs, and the record of what was done.

mod checks;
mod default_mode;
mod exposure;
mod facts;
pub mod functions;
mod indexes;
mod locks;
mod record;
mod removal;
mod steps;
mod surroundings;

pub use checks::{Check, Finding, checks};
pub use default_mode::DefaultMode;
pub use exposure::exposure;
pub use facts::{
    ANOTHER_BODY, Difference, Fact, MISSING, Made, Wanted, compare, conflicts, differences, fault,
    names, read, wanted,
};
pub use indexes::{exists, is_empty, leftover};
pub use locks::{TableHolder, backend_pid, blockers, database, lock, lock_holder, waiting_for};
pub use record::{Done, Function, Grant, done, forget, hash, outdated, record};
pub use removal::{Obstacles, all_obstacles, lock_ledger, obstacles};
pub use steps::{SchemaStep, Way, steps};
pub use surroundings::{PG_DUMP, ROW_TYPES, surroundings};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its aim is reached.
    Done,
    /// The engine or an operator reached its aim before us.
    Adopted,
    /// Something is missing.
    Missing,
    /// Something is there, but not as it should be.
    Differs,
    /// Its statements have changed since they ran.
    Outdated,
}

/// One step as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct StepStatus {
    pub step: String,
    pub title: String,
    pub state: State,
    pub applied_at: Option<DateTime<Utc>>,
    /// Objects that revert would drop.
    pub made: Vec<String>,
    /// The function that revert would put back.
    pub replaced: Option<String>,
}

/// Where migration 007 stands in this database.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    pub database: String,
    pub schema: String,
    pub shape: crate::store::QueueShape,
    pub steps: Vec<StepStatus>,
    pub differences: Vec<Difference>,
    /// Existing functions that `apply` would replace, by signature, with the extension that owns each.
    pub take_over: BTreeMap<String, Option<String>>,
}

impl Status {
    /// Steps that `apply` has something to do for.
    pub fn pending(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| !matches!(step.state, State::Done | State::Adopted))
            .count()
    }
}
