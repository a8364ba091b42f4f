//! What a plan says, as typed, of those who drive it: the guard, and the programs that are told.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    span::{Interval, Time},
    words::{Program, Watched},
};

/// When the guard takes a wave back by itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoRollbackFile {
    /// Gates whose failure counts.
    #[schemars(length(min = 1))]
    pub on: Option<Vec<Watched>>,
    /// Looks in a row that must fail; 2 unless given.
    #[schemars(range(min = 1))]
    pub after: Option<u32>,
    /// Time between looks; 30s unless given.
    pub every: Option<Interval>,
    /// 1 keeps publishing to both routes, 2 goes back to the queue alone; 1 unless given.
    #[schemars(range(min = 1, max = 2))]
    pub level: Option<u8>,
    /// Nobody has looked for so long: it is said that nobody guards; ten times `every` unless given.
    pub silent_after: Option<Time>,
}

/// Programs that are told.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HooksFile {
    /// Before each step; a failure holds the step.
    pub before_step: Option<Vec<Program>>,
    /// After each step; here and below a failure is shown.
    pub after_step: Option<Vec<Program>>,
    /// When a step begins to wait for a person.
    pub on_wait: Option<Vec<Program>>,
    /// When a gate begins to fail, or the guard cannot act.
    pub on_fail: Option<Vec<Program>>,
    /// After each rollback of the guard.
    pub on_rollback: Option<Vec<Program>>,
    /// When it turns out that nobody looked for longer than `silent_after`.
    pub on_silence: Option<Vec<Program>>,
    /// When the last wave is finished.
    pub on_finish: Option<Vec<Program>>,
    /// A program is ended after this long; 30s unless given.
    pub timeout: Option<Time>,
}
