//! The journal: what was done, by whom, and what it changed. Every kind of line stands here, with what it says; nobody else knows them
//! by name.

mod by_hand;
mod status;

pub use by_hand::{Adopt, Restore};
pub use status::{BegunRollback, FlipStatus, Impossible, Status, next_status};

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Columns, Consent, Drain, Goal, Mode, Passed, Routes, WaveStep};

/// One row of `wavegate.journal`; rows are appended and never changed.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct JournalRow {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The database role and, where known, the operating system user.
    pub who: String,
    pub host: String,
    /// The command as typed, without secrets.
    pub command: String,
    /// The name of an `EntryKind`; a later version may have written others.
    pub step: String,
    #[serde(skip)]
    pub migration_id: Option<i32>,
    pub wave: Option<String>,
    pub webhook_id: Option<i32>,
    pub before: Value,
    pub after: Value,
}

impl JournalRow {
    /// What it says; `None` where a later version wrote it.
    pub fn entry(&self) -> Option<serde_json::Result<Entry>> {
        let kind = EntryKind::named(&self.step)?;
        Some(Entry::read(kind, self.before.clone(), self.after.clone()))
    }
}

macro_rules! entries {
    ($($(#[$doc:meta])* $name:ident = $step:literal { before: $before:ty, after: $after:ty })*) => {
        /// The kinds of lines, by what `wavegate.journal.step` says.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EntryKind {
            $($(#[$doc])* $name,)*
        }

        impl EntryKind {
            pub const ALL: &[EntryKind] = &[$(EntryKind::$name),*];

            pub fn as_str(self) -> &'static str {
                match self { $(EntryKind::$name => $step,)* }
            }
        }

        /// What a line says.
        #[derive(Debug, Clone)]
        pub enum Entry {
            $($(#[$doc])* $name { before: $before, after: $after },)*
        }

        impl Entry {
            pub fn kind(&self) -> EntryKind {
                match self { $(Entry::$name { .. } => EntryKind::$name,)* }
            }

            /// As the columns `before` and `after` keep it.
            pub fn stored(&self) -> serde_json::Result<(Value, Value)> {
                match self {
                    $(Entry::$name { before, after } => {
                        Ok((serde_json::to_value(before)?, serde_json::to_value(after)?))
                    })*
                }
            }

            /// Reads what `stored` wrote, in this version or one before.
            pub fn read(kind: EntryKind, before: Value, after: Value) -> serde_json::Result<Self> {
                Ok(match kind {
                    $(EntryKind::$name => Entry::$name {
                        before: serde_json::from_value(before)?,
                        after: serde_json::from_value(after)?,
                    },)*
                })
            }
        }
    };
}

entries! {
    SchemaStep = "schema.step" { before: StepBefore, after: StepMade }
    SchemaApplied = "schema.applied" { before: Nothing, after: SchemaApplied }
    SchemaUndone = "schema.undone" { before: StepMade, after: Nothing }
    Probe = "preflight.probe" { before: Nothing, after: Probe }
    MigrationStart = "migration.start" { before: Nothing, after: Beginning }
    /// Another text from here on; the one before is kept.
    PlanAmended = "plan.amended" { before: PlanText, after: Amended }
    MigrationClosed = "migration.closed" { before: Waves, after: Closing }
    /// Before anything of a flip is done.
    FlipIntent = "flip.intent" { before: Leaving, after: Flip }
    /// In the transaction of the flip.
    FlipDone = "flip.done" { before: Leaving, after: Flip }
    /// The same for each webhook.
    FlipWebhook = "flip.webhook" { before: Columns, after: Columns }
    FlipBarrier = "flip.barrier" { before: Barrier, after: Target }
    FlipChecked = "flip.checked" { before: Checks, after: Target }
    FenceCleared = "fence.cleared" { before: Fenced, after: Nothing }
    MoveBatch = "move.batch" { before: Nothing, after: Moved }
    WaveUnjudged = "wave.unjudged" { before: Unjudged, after: Waiver }
    WaveFinished = "wave.finished" { before: Left, after: Nothing }
    /// Before anything of a rollback is done.
    RollbackIntent = "rollback.intent" { before: Nothing, after: Rollback }
    RollbackFence = "rollback.fence" { before: Nothing, after: Fenced }
    RollbackWebhook = "rollback.webhook" { before: Columns, after: Columns }
    RollbackFlip = "rollback.flip" { before: Nothing, after: Aim }
    RollbackBarrier = "rollback.barrier" { before: Nothing, after: Barrier }
    RollbackSettled = "rollback.settled" { before: Nothing, after: Aim }
    RollbackDone = "rollback.done" { before: Nothing, after: RolledBack }
    /// In the transaction that puts webhooks of a wave back as wavegate wrote them.
    DriftRestore = "drift.restore" { before: Nothing, after: Restore }
    DriftRestored = "drift.restored" { before: Columns, after: Columns }
    DriftBarrier = "drift.barrier" { before: Nothing, after: Barrier }
    /// What somebody changed by hand stands.
    DriftAdopt = "drift.adopt" { before: Nothing, after: Adopt }
    DriftAdopted = "drift.adopted" { before: Columns, after: Columns }
    RedriveIntent = "redrive.intent" { before: Nothing, after: Redrive }
    RedriveDone = "redrive.done" { before: Nothing, after: Redriven }
    DeadRequeue = "dead.requeue" { before: Nothing, after: Dead }
    DeadDiscard = "dead.discard" { before: Nothing, after: Dead }
    /// Consent to exactly one step, for `run`.
    StepApproved = "step.approved" { before: Left, after: Approval }
    HoldSet = "hold.set" { before: Nothing, after: Holding }
    HoldReleased = "hold.released" { before: Nothing, after: Release }
    /// Why the guard is about to take a wave back.
    GuardFired = "guard.fired" { before: Left, after: Fired }
    Signed = "signoff.signed" { before: Nothing, after: Signature }
    Refused = "signoff.refused" { before: Nothing, after: Signature }
}

impl EntryKind {
    /// What was done to the columns of each webhook, as SQL gets them.
    pub fn each_webhook() -> [&'static str; 4] {
        [
            EntryKind::FlipWebhook,
            EntryKind::RollbackWebhook,
            EntryKind::DriftRestored,
            EntryKind::DriftAdopted,
        ]
        .map(EntryKind::as_str)
    }

    /// The lines from which `next_status` learns of waves and of everything.
    pub const STORY: [EntryKind; 10] = [
        EntryKind::FlipIntent,
        EntryKind::FlipDone,
        EntryKind::FlipBarrier,
        EntryKind::FlipChecked,
        EntryKind::RollbackIntent,
        EntryKind::RollbackFence,
        EntryKind::RollbackBarrier,
        EntryKind::RollbackDone,
        EntryKind::DriftRestore,
        EntryKind::DriftBarrier,
    ];
    /// And of a webhook that was taken back alone.
    pub const STORY_OF_ONE: [EntryKind; 5] = [
        EntryKind::FlipWebhook,
        EntryKind::RollbackIntent,
        EntryKind::RollbackFence,
        EntryKind::RollbackBarrier,
        EntryKind::RollbackDone,
    ];
    /// What was before one of these is over.
    pub const ENDS: [EntryKind; 3] = [
        EntryKind::FlipWebhook,
        EntryKind::FlipChecked,
        EntryKind::RollbackDone,
    ];

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Nothing {}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepBefore {
    /// Of the catalogue, before the step.
    pub differences: usize,
    /// The function that it replaced, as it was.
    #[serde(default)]
    pub replaced: Option<Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepMade {
    pub step: String,
    pub made: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SchemaApplied {
    pub steps: usize,
    pub changed: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Probe {
    pub event_id: String,
    pub subject: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beginning {
    pub name: String,
    pub hash: String,
    pub waves: usize,
    pub webhooks: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waves {
    pub name: String,
    pub waves: Vec<(String, WaveStep)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Closing {
    pub status: String,
    pub why: Option<String>,
    pub unfenced: Vec<i32>,
    pub consent: Consent,
}

/// Where a wave stood.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Left {
    pub step: WaveStep,
}

/// Where a wave stood, and how many of its webhooks go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Leaving {
    pub step: WaveStep,
    pub webhooks: usize,
}

/// A flip as it was agreed to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flip {
    #[serde(flatten)]
    pub target: Target,
    pub attempt: i32,
    /// These come back to where their wave is.
    #[serde(default)]
    pub joins: bool,
    pub consent: Consent,
}

/// Where a flip leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub to: Mode,
    /// The webhooks that go.
    pub ids: Vec<i32>,
    #[serde(default)]
    pub move_waiting: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Barrier {
    pub barrier: Passed,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checks {
    pub routes: Option<Routes>,
    pub drain: Option<Drain>,
    #[serde(default)]
    pub moved: Option<i64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fenced {
    pub fenced: Vec<i32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Moved {
    pub moved: i64,
    /// Of these, how many had the NATS route already.
    pub two_route: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unjudged {
    /// In words.
    pub step: String,
    pub since: Option<DateTime<Utc>>,
}

/// Gates passed without evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waiver {
    pub why: String,
    pub gates: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rollback {
    /// `wave NAME`, `webhook NAME` or `everything`.
    pub scope: String,
    pub goal: Goal,
    pub ids: Vec<i32>,
    #[serde(default)]
    pub drain: bool,
    /// Sessions that its barrier leaves out.
    #[serde(default)]
    pub ignore: Vec<i32>,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Aim {
    pub goal: Goal,
    pub scope: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RolledBack {
    pub webhooks: usize,
    pub enqueued: i64,
    pub pulled: i64,
    #[serde(default)]
    pub draining: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redrive {
    pub scope: String,
    pub ids: Vec<i32>,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redriven {
    pub scope: String,
    pub enqueued: i64,
    pub pulled: i64,
    #[serde(default)]
    pub released: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dead {
    pub scope: String,
    pub events: i64,
    pub calls: i64,
    /// Where single events were named.
    pub ids: Option<Vec<String>>,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signature {
    pub role: String,
    pub plan: String,
    pub hash: String,
    /// The step that the wave may leave, in words.
    pub from: String,
    pub note: Option<String>,
    pub consent: Consent,
}

/// The step that `run` may take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approval {
    pub plan: String,
    pub hash: String,
    /// `None`: to call the wave finished.
    pub to: Option<Mode>,
    pub note: Option<String>,
    pub consent: Consent,
}

/// Forward steps stand still.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holding {
    /// `everything`, or of the wave and the webhook that the line names.
    pub scope: String,
    pub why: String,
    pub until: Option<DateTime<Utc>>,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanText {
    pub hash: String,
    pub plan: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Amended {
    pub hash: String,
    /// Those that came, went, or changed their members.
    pub waves: Vec<String>,
    /// Members of all waves together.
    pub webhooks: usize,
    pub why: Option<String>,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// The line that set it.
    pub hold: i64,
    pub consent: Consent,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fired {
    /// The gates that failed so often in a row.
    pub gates: Vec<String>,
    pub fails: u32,
    pub goal: Goal,
}
