//! Forward and back: flips, barrier, rollback, re-drive.

pub mod amend;
pub mod back_again;
pub mod barrier;
pub mod command;
pub mod drain;
pub mod drift;
pub mod forward;
pub mod moving;
pub mod redrive;
pub mod rollback;
pub mod shares;
