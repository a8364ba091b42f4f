//! Carries a migration out: plan, flip, barrier, roll back. Tells what it does by `Progress`, prints nothing.

pub mod amend;
pub mod attention;
pub mod back;
pub mod barrier;
pub mod closing;
pub mod dead;
pub mod drift;
pub mod driver;
pub mod forward;
pub mod gatekeeper;
pub mod operator;
pub mod pinned;
pub mod planner;
pub mod preflight;
pub mod probe;
mod program;
pub mod schema;
pub mod snapshot;
pub mod standstill;
pub mod story;
pub mod strangers;
pub mod unfinished;
mod work;

pub use work::{Checkpoint, Work, no_checkpoint};
