//! The wave plan: YAML as typed, then checked. Pure; it never sees a server.
//! `Plan::parse` reports every fault at once; `membership` says which webhook belongs to which wave.

mod check;
mod checked;
mod choose;
mod draft;
mod driven;
mod fault;
mod file;
mod lint;
mod membership;
mod merge;
mod query;
mod schema;
mod selector;
mod span;
mod subject;
mod units;
mod unknown;
mod walk;
mod window;
mod words;
mod yaml;

pub use checked::{
    AutoRollback, CommandGate, Delivery, GateRules, Hooks, NatsTarget, Plan, Promote, SqlGate, Wave,
};
pub use draft::{Advised, Draft, DraftWave, draft};
pub use fault::{Fault, Faults};
pub use lint::{Findings, Hazard, Surroundings, lint};
pub use membership::{Membership, Overlap, membership};
pub use schema::{schema, schema_text};
pub use selector::{Match, Selector};
pub use span::Span;
pub use subject::{SubjectTemplate, covers};
pub use units::Wrong;
pub use unknown::{unknown_wave, unknown_webhook};
pub use window::Windows;
pub use words::{Label, StreamName, words_of};
