//! What needs a look: one vocabulary for `status`, `gate`, preflight and metrics.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Why somebody should look. The order is that of the screens: worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Unfinished,
    NoRelay,
    NoNatsWorker,
    NoQueueWorker,
    Unguarded,
    SilentRelay,
    SilentWorker,
    RelayBehind,
    Undelivered,
    QueueLate,
    CircuitOpen,
    Stuck,
    Dead,
    ChangedByHand,
    Held,
    Fenced,
    RolledBack,
    LastError,
}

/// One thing that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    pub cause: Cause,
    /// A sentence without its full stop, its age and the command.
    pub text: String,
    /// Since when, where that is known.
    pub since: Option<DateTime<Utc>>,
    /// What to type, where a command helps.
    pub command: Option<String>,
}

impl Look {
    pub fn new(cause: Cause, text: String) -> Look {
        Look {
            cause,
            text,
            since: None,
            command: None,
        }
    }

    pub fn since(self, since: impl Into<Option<DateTime<Utc>>>) -> Look {
        Look {
            since: since.into(),
            ..self
        }
    }

    pub fn command(self, command: impl Into<String>) -> Look {
        Look {
            command: Some(command.into()),
            ..self
        }
    }

    /// Text and age.
    pub fn told(&self, now: DateTime<Utc>) -> String {
        match self.since {
            Some(since) => format!("{}, since {}", self.text, super::duration::age(now - since)),
            None => self.text.clone(),
        }
    }
}
