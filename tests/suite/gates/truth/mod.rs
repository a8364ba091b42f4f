//! Do the gates say the truth about a path whose truth is known? `scripts/verdicts` plays these at length, and shows the tables.
#![allow(clippy::print_stderr)]

use std::{sync::Arc, time::Duration};

use self::lab::{Call, Found, Lab, Size, Wave};

mod broken;
mod lab;
mod outage;
mod paths;

/// So many seeds of each scenario, and in full length; `None`: in short, as a part of the suite.
fn seeds() -> Option<u32> {
    let seeds = std::env::var("WAVEGATE_VERDICTS_SEEDS").ok()?;
    Some(seeds.parse().unwrap())
}

/// A line for `scripts/verdicts`.
fn print(line: &str) {
    eprintln!("verdicts: {line}");
}
