//! The plan as typed: every key there is. The JSON Schema, the check for unknown keys and types, and reading all come from
//! these types; what the values mean together is checked in `check`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Delivery, Promote, SubjectTemplate,
    driven::{AutoRollbackFile, HooksFile},
    span::{Span, Takeover, Time},
    units::{Margin, Number, Percent, Quantile},
    window::{Freeze, Slot, Zone},
    words::{GateName, Label, Role, StreamName, Word},
};

/// A wavegate plan: which webhooks move from the queue to NATS, in which waves, under which gates.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Version of this format.
    #[schemars(required, extend("const" = 1))]
    pub version: Option<u32>,
    /// Name of the migration; it identifies the migration in the database.
    #[schemars(required)]
    pub name: Option<Label>,
    /// Where events go.
    pub nats: Option<NatsFile>,
    /// Who delivers what the stream carries.
    pub delivery: Option<Delivery>,
    /// When a wave goes on to NATS alone.
    pub promote: Option<Promote>,
    /// What holds for every wave that does not say otherwise.
    pub defaults: Option<DefaultsFile>,
    /// When the guard takes a wave back by itself. Under `wavegate run` alone.
    pub auto_rollback: Option<AutoRollbackFile>,
    /// Permitted times: gate `window`.
    pub windows: Option<WindowsFile>,
    /// The waves in their order.
    #[schemars(required, length(min = 1, max = 500))]
    pub waves: Option<Vec<WaveFile>>,
    /// Whom to tell, by topic; shown to people.
    pub contacts: Option<BTreeMap<String, String>>,
    /// Programs that are told. Under `wavegate run` alone.
    pub hooks: Option<HooksFile>,
}

/// Where events go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NatsFile {
    /// `config_name` of a row in `rule_nats_config`; `default` unless given.
    #[schemars(length(min = 1))]
    pub config: Option<String>,
    /// The stream; `WEBHOOKS` unless given.
    pub stream: Option<StreamName>,
    /// The subject of a webhook; `webhooks.{id}` unless given.
    pub subject: Option<SubjectTemplate>,
}

/// What holds for every wave that does not say otherwise.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultsFile {
    /// The whole hybrid time of a wave, divided over its shares; 48h unless given.
    pub soak: Option<Span>,
    /// Time in `nats` before the wave is finished; 48h unless given.
    pub watch: Option<Span>,
    /// Percentages that NATS delivers in hybrid mode, step by step; [0, 10, 50, 100] unless given.
    #[schemars(length(min = 1))]
    pub shares: Option<Shares>,
    /// After this long without a delivery by the preferred path the other one takes over; 30s unless given.
    pub takeover_after: Option<Takeover>,
    /// Limits of the gates.
    pub gates: Option<GatesFile>,
}

/// Percentages, rising, from 0 to 100.
pub type Shares = Vec<SharePercent>;

/// A percentage of events, without its sign.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct SharePercent(#[schemars(range(min = 0, max = 100))] pub u8);

/// One wave.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["webhooks"] }, { "required": ["match"] }]))]
pub struct WaveFile {
    /// Name of the wave, as typed after --wave.
    #[schemars(required)]
    pub name: Option<Label>,
    /// Names of webhooks; `*` and `?` make a pattern. Names beat matches.
    #[schemars(length(min = 1))]
    pub webhooks: Option<Vec<String>>,
    /// What the wave asks for.
    #[serde(rename = "match")]
    pub matching: Option<MatchFile>,
    /// Choose before the waves that do not; the order of the waves stays.
    pub claims_first: Option<bool>,
    /// The whole hybrid time of this wave, divided over its shares.
    pub soak: Option<Span>,
    /// Time in `nats` before this wave is finished.
    pub watch: Option<Span>,
    /// Percentages that NATS delivers in hybrid mode, step by step: rising, ending with 100, or [0] alone.
    #[schemars(length(min = 1))]
    pub shares: Option<Shares>,
    /// After this long without a delivery by the preferred path the other one takes over.
    pub takeover_after: Option<Takeover>,
    /// Limits of the gates, over those of `defaults`.
    pub gates: Option<GatesFile>,
    /// Roles that must sign every step forward of this wave, by `wavegate signoff`: gate `signoff`.
    #[schemars(extend("uniqueItems" = true))]
    pub signoff: Option<Vec<Role>>,
    /// How steps of this wave are confirmed.
    pub confirm: Option<Confirm>,
    /// `wavegate run` takes every step of this wave by itself, the one to nats too: nobody need approve.
    pub unattended: Option<bool>,
}

/// How a step is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// A yes is enough where no rule asks for more.
    Yes,
    /// The name of the wave is typed.
    Typed,
}

/// Which webhooks: names, words, tags and ids pick, any one entry is enough; volumes narrow what was picked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["names"] },
    { "required": ["words"] },
    { "required": ["tags"] },
    { "required": ["ids"] },
    { "required": ["min_calls_7d"] },
    { "required": ["max_calls_7d"] },
    { "required": ["rest"], "properties": { "rest": { "const": true } } },
]))]
pub struct MatchFile {
    /// Names or patterns with `*` and `?`.
    #[schemars(length(min = 1))]
    pub names: Option<Vec<String>>,
    /// Whole words of the name, whatever their case: `latest_payment` has `payment` and not `test`; `payment2go` has `payment`.
    #[schemars(length(min = 1))]
    pub words: Option<Vec<Word>>,
    /// Tags, whatever their case.
    #[schemars(length(min = 1))]
    pub tags: Option<Vec<String>>,
    /// Values of `webhook_id`.
    #[schemars(length(min = 1))]
    pub ids: Option<Vec<i32>>,
    /// At least so many calls in the last seven days.
    #[schemars(range(min = 0))]
    pub min_calls_7d: Option<i64>,
    /// At most so many calls in the last seven days.
    #[schemars(range(min = 0))]
    pub max_calls_7d: Option<i64>,
    /// What no other wave asks for.
    pub rest: Option<bool>,
}

/// Limits of the gates.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatesFile {
    /// Is every event of both routes published, seen and delivered?
    pub parity: Option<ParityFile>,
    /// Does what was counted tell of today?
    pub traffic: Option<TrafficFile>,
    /// Was every event sent as it was born?
    pub same_bytes: Option<SameBytesFile>,
    /// Do the lots fall as the share says?
    pub split: Option<SplitFile>,
    /// Is there a webhook of which one path delivers nothing?
    pub broken: Option<BrokenFile>,
    /// Does NATS fail more often than the queue?
    pub success: Option<SuccessFile>,
    /// Does NATS fail more often than the queue did before? Decides at share 100 and in `nats`.
    pub baseline: Option<BaselineFile>,
    /// Is NATS fast enough?
    pub latency: Option<LatencyFile>,
    /// Failures per minute.
    pub errors: Option<ErrorsFile>,
    /// Dead events of the step.
    pub dead: Option<MostFile>,
    /// Attempts of the step without a result: each may have doubled a delivery.
    pub duplicates: Option<MostFile>,
    /// Are enough workers alive?
    pub workers: Option<WorkersFile>,
    /// Does work pile up?
    pub backlog: Option<BacklogFile>,
    /// Queries of the plan's own.
    #[schemars(length(max = 50))]
    pub sql: Option<Vec<SqlFile>>,
    /// Programs of the plan's own.
    #[schemars(length(max = 50))]
    pub command: Option<Vec<CommandFile>>,
}

/// One gate's settings; each gate also takes `advisory` and `inconclusive_after`.
macro_rules! gate {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// Show the gate without letting it decide.
            pub advisory: Option<bool>,
            /// So long after the step began, inconclusive turns into fail.
            pub inconclusive_after: Option<Span>,
        }
    };
}

gate!(
    /// Gate `parity`.
    ParityFile {
        /// Younger events, from their due time, are in grace.
        horizon: Time,
        /// Later events, from their due time, are lost; until then they are late. Unset, five horizons.
        lost_after: Time,
    }
);
gate!(
    /// Gate `traffic`.
    TrafficFile {
        /// The newest event may be so old. Unset, a tenth of the step, at least an hour.
        within: Time,
    }
);
gate!(
    /// Gate `same_bytes`.
    SameBytesFile {}
);
gate!(
    /// Gate `split`.
    SplitFile {}
);
gate!(
    /// Gate `broken`.
    BrokenFile {}
);
gate!(
    /// Gate `success`.
    SuccessFile {
        /// How much more often NATS may fail.
        margin: Margin,
        /// Fewer events than this are too few to judge.
        min_events: u64,
        /// The least success rate of NATS: gate `min_rate`.
        min_rate: Percent,
        /// Length of the blocks of time; unset, a nine-hundredth of the step, within 1 s and 15 min.
        block: Time,
    }
);
gate!(
    /// Gate `baseline`.
    BaselineFile {
        /// How much more often NATS may fail than the queue did before.
        margin: Percent,
    }
);
gate!(
    /// Gate `latency`.
    LatencyFile {
        /// NATS is at least this many times as fast; 0.8 tolerates 1.25 times slower.
        #[schemars(range(min = 0.01, max = 100))]
        ratio: f64,
        /// Which quantile is compared.
        quantile: Quantile,
        /// The longest p99 of NATS.
        max_p99: Time,
    }
);
gate!(
    /// Gate `errors`.
    ErrorsFile {
        /// Failures per minute of NATS beyond the queue's.
        #[schemars(range(min = 0))]
        max_per_minute: f64,
    }
);
gate!(
    /// A plain limit.
    MostFile {
        /// The most there may be.
        max: u64,
    }
);
gate!(
    /// Gate `workers`.
    WorkersFile {
        /// Least number of live NATS workers.
        nats: u32,
        /// Least number of live queue workers.
        queue: u32,
        /// A worker that was not heard from for this long is not alive.
        silent_after: Time,
        /// So long nobody must have missed their heartbeats, and their memory must not have grown.
        stable_for: Span,
    }
);
gate!(
    /// Gate `backlog`.
    BacklogFile {
        /// Most queue rows that are due and wait.
        queue: u64,
        /// Most stream messages that are pending or unacknowledged.
        stream: u64,
        /// Greatest age of an unpublished event.
        lag: Time,
        /// At so many looks in a row, half a minute apart or more, it may not have grown; 0 lets it grow up to the limits.
        growth_looks: u32,
    }
);

/// A query of the plan's own: it must return no row or, with `min` or `max`, one number within them. It runs read-only.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlFile {
    /// Name of the gate.
    #[schemars(required)]
    pub name: Option<GateName>,
    /// One SELECT.
    #[schemars(required, length(min = 1))]
    pub query: Option<String>,
    /// The value is at least this.
    pub min: Option<Number>,
    /// The value is at most this.
    pub max: Option<Number>,
    /// Statement timeout; 10s unless given.
    pub timeout: Option<Time>,
    /// Show the gate without letting it decide.
    pub advisory: Option<bool>,
    /// So long after the step began, inconclusive turns into fail.
    pub inconclusive_after: Option<Span>,
}

/// A program of the plan's own: exit 0 passes, 1 fails, anything else is inconclusive.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandFile {
    /// Name of the gate.
    #[schemars(required)]
    pub name: Option<GateName>,
    /// Program and arguments; no shell reads them.
    #[schemars(required, length(min = 1), extend("prefixItems" = [{ "$ref": "#/$defs/Program" }]))]
    pub run: Option<Vec<String>>,
    /// The program is ended after this long; 60s unless given.
    pub timeout: Option<Time>,
    /// Show the gate without letting it decide.
    pub advisory: Option<bool>,
    /// So long after the step began, inconclusive turns into fail.
    pub inconclusive_after: Option<Span>,
}

/// Permitted times. Who writes this and no time has not finished: all would be permitted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(extend("minProperties" = 1))]
#[serde(deny_unknown_fields)]
pub struct WindowsFile {
    /// Weekly slots; without this key, all times.
    #[schemars(length(min = 1))]
    pub allow: Option<Vec<Slot>>,
    /// Days on which nothing moves.
    pub freeze: Option<Vec<Freeze>>,
    /// Time zone of both; UTC unless given.
    pub timezone: Option<Zone>,
}
