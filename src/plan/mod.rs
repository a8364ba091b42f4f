//! The wave plan: YAML as typed, then checked. Pure; it never sees a server.
//! `Plan::parse` reports every fault at once; `membership` says which webhook belongs to which wave.

mod checked;
mod fault;
mod membership;
mod selector;
mod subject;

pub use checked::{
    AutoRollback, CommandGate, Delivery, GateRules, Hooks, NatsTarget, Plan, Promote, SqlGate, Wave,
};
pub use fault::Fault;
pub use membership::{Membership, Overlap, membership};
pub use selector::{Match, Selector, words_of};
pub use subject::{SubjectTemplate, covers};
