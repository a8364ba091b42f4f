//! More hosts than the worker may have descriptors.

use super::super::{
    endpoint::Answer,
    entry::{Entry, Mode, OK, answer},
};

const SLOW: Entry = answer(
    "a slow host",
    || Answer::Slow(std::time::Duration::from_millis(700)),
    OK,
)
.only(&[Mode::Queue, Mode::Nats])
.times(1);

/// Each has an address of its own.
pub const HOSTS: &[Entry] = &[SLOW; 60];
