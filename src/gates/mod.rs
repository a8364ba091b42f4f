//! Verdicts from measured numbers. Pure; measuring is `store` and `bus`, deciding is here.

pub mod backlog;
pub mod baseline;
pub mod blocks;
pub mod broken;
pub mod calibrate;
pub mod closed;
mod counts;
mod draws;
pub mod errors;
mod evidence;
mod excess;
pub mod explain;
mod finding;
pub mod hybrid;
mod joined;
pub mod kernel;
pub mod latency;
mod names;
mod outlook;
pub mod own;
pub mod parity;
pub mod past;
pub mod place;
pub mod plain;
pub mod replay;
mod rules;
pub mod same_bytes;
pub mod signoff;
mod single;
pub mod soak;
pub mod split;
mod step;
pub mod success;
pub mod traffic;
mod verdict;
pub mod window;
pub mod workers;

pub use counts::{
    ArmCounts, Baseline, Block, BlockArm, Calls, Counts, Endpoint, Lately, Latency, MissingEvent,
    QueueCounts, Recent,
};
pub use evidence::{Evidence, Found};
pub use finding::{Finding, Status, worst};
pub use names::Names;
pub use outlook::Pace;
pub use past::Past;
pub use step::{Guarded, needs_webhooks};
pub use verdict::{GateResult, Report, Said, Verdict, combine};
