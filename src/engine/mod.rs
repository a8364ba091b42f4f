//! Carries a migration out: plan, flip, barrier, roll back. Tells what it does by `Progress`, prints nothing.

pub mod attention;
pub mod barrier;
pub mod choice;
pub mod closing;
pub mod dead;
pub mod drain;
pub mod executor;
pub mod gatekeeper;
pub mod moving;
pub mod planner;
pub mod prepare;
pub mod redrive;
pub mod rollback;
pub mod schema;
pub mod snapshot;
pub mod strangers;
pub mod undo;
pub mod unfinished;
mod work;

pub use work::{Checkpoint, Work, no_checkpoint};
pub mod preflight;
pub mod probe;
