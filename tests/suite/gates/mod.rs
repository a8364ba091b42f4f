//! What decides whether a step may be taken.

pub mod arms;
pub mod calibrate;
mod command;
pub mod evaluate;
pub mod explain;
pub mod histories;
pub mod kept;
pub mod kernel;
pub mod lots;
mod many;
pub mod measure;
pub mod own;
pub mod plain;
pub mod preflight;
pub mod preflight_stream;
pub mod probe;
pub mod ready;
pub mod tally;
pub mod truth;
pub mod verdicts;
pub mod watch;
