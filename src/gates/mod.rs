//! Verdicts from measured numbers. Pure; measuring is `store` and `bus`, deciding is here.

pub mod backlog;
mod counts;
pub mod errors;
mod finding;
pub mod hybrid;
pub mod kernel;
pub mod latency;
pub mod parity;
pub mod place;
pub mod soak;
mod step;
pub mod success;
mod verdict;
pub mod workers;

pub use counts::{ArmCounts, Baseline, Counts, MissingEvent, QueueCounts};
pub use finding::{Finding, Status, worst};
pub use step::Guarded;
pub use verdict::{GateResult, Report, Verdict, combine};
