//! PostgreSQL: one file a noun, every statement in `sql/`. Knows nothing of NATS, the engine or the screens.

mod connect;
pub mod heartbeat;
pub mod journal;
pub mod nats_config;
pub mod redrive;
pub mod schema;
mod shape;
pub mod webhook;

pub use connect::{Db, DbOptions};
pub use shape::{QueueShape, Shape};
