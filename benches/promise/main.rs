//! The long proofs of the promise: nobody's lock, refusal, poison, look-alike or local trouble loses, doubles or stops another's
//! event. They play the tables of the corpus (`tests/suite/corpus`), longer and at more events a second, and what takes minutes.
//!   cargo bench --bench promise -- [PART ...] [--rate N] [--seconds N] [--lock N] [--minutes N] [--program FILE]
#![allow(dead_code, clippy::unwrap_used)]

mod away;
mod calm;
#[path = "../common/mod.rs"]
mod common;
#[path = "../../tests/suite/corpus/endpoint.rs"]
mod endpoint;
#[path = "../../tests/suite/corpus/entries/mod.rs"]
mod entries;
#[path = "../../tests/suite/corpus/entry.rs"]
mod entry;
mod hosts;
#[path = "../../tests/suite/corpus/judge.rs"]
mod judge;
mod locks;
mod pauses;
#[path = "../../tests/suite/corpus/plant.rs"]
mod plant;
mod poison;
#[path = "../../tests/suite/corpus/scene.rs"]
mod scene;
mod servers;
mod switch;
#[path = "../../tests/suite/corpus/traffic.rs"]
mod traffic;

use std::time::Duration;

use common::{option, show};
use scene::Report;

/// How late a healthy event may be.
const LATE: Duration = Duration::from_secs(2);
/// Healthy webhooks in each mode.
const COPIES: usize = 3;

/// What the command line says.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Healthy events a second.
    rate: f64,
    /// For how long beside a poison.
    seconds: f64,
    /// How long locks are held.
    lock: u64,
    /// For how long relays and workers are restarted one after the other.
    minutes: f64,
}

const PARTS: [&str; 8] = [
    "locks", "poison", "pauses", "switch", "hosts", "deaf", "restarts", "away",
];

fn main() {
    common::run(async {
        let plan = Plan {
            rate: option("rate", 300.0),
            seconds: option("seconds", 60.0),
            lock: option("lock", 40),
            minutes: option("minutes", 10.0),
        };
        let words: Vec<String> = std::env::args().skip(1).collect();
        let chosen: Vec<&str> = PARTS
            .into_iter()
            .filter(|part| words.iter().any(|word| word == part))
            .collect();
        for part in if chosen.is_empty() {
            PARTS.to_vec()
        } else {
            chosen
        } {
            match part {
                "locks" => locks::prove(plan).await,
                "poison" => poison::prove(plan).await,
                "pauses" => pauses::prove(plan).await,
                "switch" => switch::prove().await,
                "hosts" => hosts::prove().await,
                "away" => away::prove(plan).await,
                "deaf" => calm::beside_a_deaf_relay(plan).await,
                _ => calm::rolling_restarts(plan).await,
            }
        }
    });
}

/// One line for `scripts/promise`.
fn line(part: &str, figure: &str, found: f64, wanted: &str, met: bool) {
    show::criterion(part, figure, found, wanted, met);
}

/// What every run owes: `settled` where it held a lock.
fn lines(part: &str, what: &str, report: &Report, late: Duration, settled: Option<Duration>) {
    let figure = |name: &str| format!("{what}: {name}");
    show::note(&format!(
        "{part}: {what}: {} healthy events{}",
        report.healthy,
        report
            .faults
            .iter()
            .map(|fault| format!("\n    {fault}"))
            .collect::<String>()
    ));
    line(
        part,
        &figure("healthy events too often"),
        report.doubled as f64,
        "0",
        report.doubled == 0,
    );
    line(
        part,
        &figure("healthy events that never came"),
        report.lost as f64,
        "0",
        report.lost == 0,
    );
    let latest = report.latest.as_secs_f64();
    line(
        part,
        &figure("latest healthy event, s"),
        latest,
        &format!("<= {}", late.as_secs()),
        report.latest <= late,
    );
    if let Some(bound) = settled {
        let found = report.settled.as_secs_f64();
        line(
            part,
            &figure("all delivered after the lock, s"),
            found,
            &format!("<= {}", bound.as_secs()),
            report.settled <= bound,
        );
    }
    let stopped = report.stopped.as_secs_f64();
    line(
        part,
        &figure("SIGTERM to the end, s"),
        stopped,
        "<= 30",
        stopped <= 30.0,
    );
    let others = report
        .faults
        .iter()
        .filter(|fault| !fault.starts_with("healthy: "))
        .count();
    line(
        part,
        &figure("bad ones otherwise than wanted"),
        others as f64,
        "0",
        others == 0,
    );
}
