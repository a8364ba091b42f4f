//! Danger needs a value: functions that change state take a `Confirmed`.

use serde::{Deserialize, Serialize};

/// How somebody agreed; goes into the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Answered at a prompt.
    Prompt,
    /// `--yes` or `--confirm NAME` on the command line.
    Flag,
    /// By the plan: steps that `run` takes alone and the automatic rollback, agreed to when it was started.
    Policy,
    /// Approved, or signed by every role, beforehand; carried out by `run`.
    Approved,
}

/// How hard the question is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Rollback: one keystroke, faster than panic.
    Key,
    /// `--yes` answers it.
    Yes,
    /// What cannot be taken back lightly: this name is typed; `--confirm NAME` answers it, `--yes` does not.
    Typed(String),
}

/// Proof that the effect was shown and agreed to. Only `ui` (a prompt or a flag) and the guard make one.
#[derive(Debug, Clone, Copy)]
pub struct Confirmed(Consent);

impl Confirmed {
    /// To be called by the prompt, the flags and the automatic rollback alone (`tests/layout.rs` checks).
    pub fn by(consent: Consent) -> Self {
        Confirmed(consent)
    }

    pub fn consent(self) -> Consent {
        self.0
    }
}
