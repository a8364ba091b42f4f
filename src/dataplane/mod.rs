//! The data plane: relay, workers, delivery. Prints nothing; logs by `tracing`.

mod counters;
mod endpoint;
mod metrics;
mod nag;
mod overview;
mod pause;
mod pulse;
mod relay;
mod split;
mod stop;
mod worker;

pub use endpoint::Endpoint;
pub use relay::{Keep, RelayOptions, relay};
pub use stop::Stop;
pub use worker::{
    CallOptions, Dedication, Guard, NatsSource, WorkerOptions, raise_limit, roots, work,
};
