//! PostgreSQL: one file a noun, every statement in `sql/`. Knows nothing of NATS, the engine or the screens.

pub mod barrier;
pub mod clock;
mod connect;
pub mod drain;
pub mod fence;
pub mod flip;
pub mod heartbeat;
pub mod journal;
pub mod lock;
pub mod measure;
pub mod nats_config;
pub mod redrive;
pub mod schema;
pub mod scope;
mod shape;
pub mod state;
pub mod webhook;

pub use connect::{Db, DbOptions};
pub use shape::{QueueShape, Shape};
