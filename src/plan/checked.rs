//! The checked plan: what is in here makes sense by itself. Whether it fits a database is asked by `membership` and `lint`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fault, Selector, SubjectTemplate, Windows};
use crate::model::{Decimal, Gate, GateLimits, Share};

/// A plan without faults. Its hash pins a migration to its text.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) hash: String,
    pub(super) nats: NatsTarget,
    pub(super) delivery: Delivery,
    pub(super) promote: Promote,
    pub(super) waves: Vec<Wave>,
    pub(super) auto_rollback: Option<AutoRollback>,
    pub(super) windows: Option<Windows>,
    pub(super) contacts: BTreeMap<String, String>,
    pub(super) hooks: Hooks,
    pub(super) places: Places,
}

impl Plan {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text as read, comments and all.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// In the order of the plan; at least one.
    pub fn waves(&self) -> &[Wave] {
        &self.waves
    }

    pub fn wave(&self, name: &str) -> Option<&Wave> {
        self.waves.iter().find(|wave| wave.name == name)
    }

    pub fn nats(&self) -> &NatsTarget {
        &self.nats
    }

    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    pub fn promote(&self) -> Promote {
        self.promote
    }

    /// What `run` takes back by itself, if anything.
    pub fn auto_rollback(&self) -> Option<&AutoRollback> {
        self.auto_rollback.as_ref()
    }

    /// Permitted times; `None` permits all.
    pub fn windows(&self) -> Option<&Windows> {
        self.windows.as_ref()
    }

    /// Whom to tell, by topic; shown to people, never dialled.
    pub fn contacts(&self) -> &BTreeMap<String, String> {
        &self.contacts
    }

    /// Programs that `run` calls.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Do both plans say the same, whatever their comments, their order of keys and the way they write a value?
    pub fn means_the_same(&self, other: &Plan) -> bool {
        let Plan {
            name,
            text: _,
            hash: _,
            nats,
            delivery,
            promote,
            waves,
            auto_rollback,
            windows,
            contacts,
            hooks,
            places: _,
        } = self;
        *name == other.name
            && *nats == other.nats
            && *delivery == other.delivery
            && *promote == other.promote
            && *waves == other.waves
            && *auto_rollback == other.auto_rollback
            && *windows == other.windows
            && *contacts == other.contacts
            && *hooks == other.hooks
    }

    /// A fault at the node with this path.
    pub fn fault(&self, path: &str, found: String, wanted: String) -> Fault {
        self.places.fault(path, found, wanted)
    }
}

/// Line and column of every node of a plan, by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(pub BTreeMap<String, (usize, usize)>);

impl Places {
    /// A fault at the node with this path, or at the nearest node above it.
    pub fn fault(&self, path: &str, found: String, wanted: String) -> Fault {
        let mut at = path;
        let (line, column) = loop {
            if let Some(place) = self.0.get(at) {
                break *place;
            }
            at = at.rfind(['.', '[']).map_or("", |end| &at[..end]);
            if at.is_empty() {
                break self.0.get("").copied().unwrap_or((1, 1));
            }
        };
        Fault {
            line,
            column,
            path: path.to_string(),
            found,
            wanted,
        }
    }

    /// Does one of these keys stand below this path? What stands there and yet did not arrive is faulty and was reported.
    pub fn has(&self, path: &str, keys: &[&str]) -> bool {
        keys.iter()
            .any(|key| self.0.contains_key(&format!("{path}.{key}")))
    }
}

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsTarget {
    /// `config_name` of the row in `rule_nats_config`.
    pub config: String,
    pub stream: String,
    pub subject: SubjectTemplate,
}

/// Who delivers what the stream carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// Our workers, through the ledger.
    #[default]
    Ledger,
    /// Foreign NATS workers, which the ledger cannot see.
    Independent,
}

/// When a wave goes on to `nats`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Promote {
    /// As soon as its own gates pass.
    #[default]
    PerWave,
    /// Once every wave is hybrid at its last share.
    Together,
}

/// One wave, with the defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Wave {
    pub name: String,
    /// Place in the plan, from 1.
    pub position: i32,
    pub selector: Selector,
    /// Chooses before the waves that do not claim first, whatever its place.
    pub claims_first: bool,
    /// The whole hybrid time, divided over `shares`.
    pub soak: Duration,
    /// Time in `nats` before the wave is finished.
    pub watch: Duration,
    /// The steps inside hybrid mode, rising; at least one.
    pub shares: Vec<Share>,
    pub takeover_after: Duration,
    pub limits: GateLimits,
    pub gates: GateRules,
    /// Roles that must sign every step forward.
    pub signoff: Vec<String>,
    /// Steps of this wave want its name typed.
    pub typed_confirm: bool,
    /// `run` needs nobody for it.
    pub unattended: bool,
}

impl Wave {
    /// How long each hybrid step soaks.
    pub fn step_soak(&self) -> Duration {
        self.soak / u32::try_from(self.shares.len().max(1)).unwrap_or(1)
    }
}

/// What the plan says of gates beyond the limits.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct GateRules {
    /// Gates that are shown and do not decide.
    pub advisory: BTreeSet<Gate>,
    /// So long after the step began, inconclusive turns into fail.
    pub inconclusive_after: BTreeMap<Gate, Duration>,
    /// Shared by the waves that have them from `defaults`.
    pub sql: Vec<Arc<SqlGate>>,
    pub command: Vec<Arc<CommandGate>>,
}

/// The plan's own query: passes when it returns no row, or when its one value is within the bounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SqlGate {
    pub name: String,
    pub query: String,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    pub timeout: Duration,
}

/// The plan's own program: exit 0 passes, 1 fails, anything else is inconclusive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandGate {
    pub name: String,
    /// Program and arguments; never empty.
    pub run: Vec<String>,
    pub timeout: Duration,
}

/// When the guard takes a wave back by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AutoRollback {
    pub on: Vec<Gate>,
    /// Looks in a row that must fail.
    pub after: u32,
    pub every: Duration,
    /// 1 or 2, as in `rollback --level`.
    pub level: u8,
    /// Without a look for so long, nobody guards.
    pub silent_after: Duration,
}

/// Programs that are told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Hooks {
    pub before_step: Vec<String>,
    pub after_step: Vec<String>,
    pub on_wait: Vec<String>,
    pub on_fail: Vec<String>,
    pub on_rollback: Vec<String>,
    pub on_silence: Vec<String>,
    pub on_finish: Vec<String>,
    pub timeout: Duration,
}
