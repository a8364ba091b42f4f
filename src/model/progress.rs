//! What the engine tells while it works; table, progress bar and JSON lines are listeners.

use serde::Serialize;

/// One thing that happened. Listeners decide how to show it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// A piece of long work begins; `total` steps where known.
    Begin { what: String, total: Option<u64> },
    /// `done` of the total steps are behind us; `now` is what runs.
    Step { done: u64, now: String },
    /// The piece of work ended well.
    End { what: String },
    /// Waiting for something outside of us, for example a transaction in the barrier.
    Waiting { on: String },
    /// What is done for good from now on, and what the same command, run again, goes on with. Shown only where the command ends
    /// before it is done.
    Stands { what: String, rest: String },
    /// Worth a line of its own.
    Note { text: String },
    /// Worth a line in yellow.
    Warning { text: String },
}

/// Where progress goes.
pub type Listener<'a> = &'a (dyn Fn(Progress) + Send + Sync);
