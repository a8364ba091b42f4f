//! PostgreSQL: one file a noun, every statement in `sql/`. Knows nothing of NATS, the engine or the screens.

pub mod audit;
pub mod barrier;
pub mod circuit;
pub mod clock;
mod connect;
pub mod dead;
pub mod delivery;
pub mod drain;
pub mod fence;
pub mod flip;
pub mod heartbeat;
pub mod independent;
pub mod inventory;
pub mod journal;
pub mod lead;
pub mod lock;
pub mod measure;
pub mod nats_config;
pub mod outbox;
pub mod own_query;
pub mod probe;
pub mod redrive;
pub mod retention;
pub mod schema;
pub mod scope;
mod shape;
pub mod signoff;
pub mod standing;
pub mod state;
pub mod stats;
pub mod sweep;
pub mod tally;
pub mod verdicts;
pub mod webhook;

pub use connect::{Db, DbOptions};
pub use shape::{QueueShape, Shape};
