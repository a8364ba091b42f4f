//! The data plane: relay, workers, delivery. Prints nothing; logs by `tracing`.

mod attempt;
mod counters;
mod endpoint;
mod independent;
mod metrics;
mod nats_worker;
mod publisher;
mod pulse;
mod queue_worker;
mod recorder;
mod relay;
mod signature;
mod stop;
mod sweeper;
mod worker;

pub use endpoint::Endpoint;
pub use relay::{RelayOptions, relay};
pub use stop::Stop;
pub use worker::{NatsSource, WorkerOptions, work};
