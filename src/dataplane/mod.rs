//! The data plane: relay, workers, delivery. Prints nothing; logs by `tracing`.

mod attempt;
mod board;
mod carrier;
mod counters;
mod delivery;
mod endpoint;
mod flights;
mod host;
mod independent;
mod message;
mod metrics;
mod nats_worker;
mod partitions;
mod pause;
mod publisher;
mod pulse;
mod queue_worker;
mod recorder;
mod relay;
mod rest;
mod retention;
mod signature;
mod split;
mod stop;
mod sweeper;
mod vitals;
mod worker;

pub use endpoint::Endpoint;
pub use relay::{RelayOptions, relay};
pub use retention::Keep;
pub use stop::Stop;
pub use worker::{NatsSource, WorkerOptions, work};
