//! What the calls of the last days did, in cells of time: how often they failed, and in bursts of what length.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One webhook's calls in one cell of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub ended: u32,
    pub failed: u32,
}

/// By webhook and number of the cell.
#[derive(Debug, Clone, Default)]
pub struct Past {
    pub cell_ms: i64,
    /// How many cells the time has that was looked at; those without a call are not kept.
    pub cells: i32,
    pub webhooks: BTreeMap<i32, BTreeMap<i32, Cell>>,
}

/// How many bursts there were, and how long they lasted, in cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bursts {
    pub count: usize,
    pub median: u32,
    pub longest: u32,
}

/// A burst has so many failures, and more than so many standard deviations above what its webhook's rate lets expect.
const FAILED: f64 = 3.0;
const BEYOND: f64 = 4.0;
/// It may have one good cell in between.
const GAP: usize = 2;

impl Past {
    pub fn calls(&self) -> u64 {
        self.sum(|cell| cell.ended)
    }

    pub fn failed(&self) -> u64 {
        self.sum(|cell| cell.failed)
    }

    fn sum(&self, of: impl Fn(&Cell) -> u32) -> u64 {
        let cells = self.webhooks.values().flat_map(BTreeMap::values);
        cells.map(|cell| u64::from(of(cell))).sum()
    }

    /// The same in cells so many times as long.
    pub fn coarser(&self, times: i32) -> Past {
        let times = times.max(1);
        let merged = |cells: &BTreeMap<i32, Cell>| {
            let mut merged: BTreeMap<i32, Cell> = BTreeMap::new();
            for (number, cell) in cells {
                let sum = merged.entry(number / times).or_default();
                sum.ended += cell.ended;
                sum.failed += cell.failed;
            }
            merged
        };
        Past {
            cell_ms: self.cell_ms * i64::from(times),
            cells: (self.cells / times).max(1),
            webhooks: (self.webhooks.iter())
                .map(|(webhook, cells)| (*webhook, merged(cells)))
                .collect(),
        }
    }

    /// Of each webhook by itself: a run of cells with calls in which more failed than chance explains.
    pub fn bursts(&self) -> Bursts {
        let mut lengths: Vec<u32> = self.webhooks.values().flat_map(lengths).collect();
        lengths.sort_unstable();
        Bursts {
            count: lengths.len(),
            median: lengths.get(lengths.len() / 2).copied().unwrap_or(0),
            longest: lengths.last().copied().unwrap_or(0),
        }
    }
}

/// One webhook's cells in the order of time. Of those that can belong to no burst, whatever its rate turns out to be, only the sums
/// are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    cells: usize,
    ended: u64,
    failed: u64,
    suspects: Vec<Suspect>,
}

/// A cell that may belong to a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Suspect {
    number: i32,
    /// How many cells lie before it, and what they had.
    place: usize,
    ended_before: u64,
    failed_before: u64,
    cell: Cell,
}

impl Trail {
    /// The next cell; each has a larger number than the one before.
    pub fn add(&mut self, number: i32, cell: Cell) {
        if cell.most_failed() || f64::from(cell.failed) >= FAILED {
            self.suspects.push(Suspect {
                number,
                place: self.cells,
                ended_before: self.ended,
                failed_before: self.failed,
                cell,
            });
        }
        self.cells += 1;
        self.ended += u64::from(cell.ended);
        self.failed += u64::from(cell.failed);
    }

    pub fn is_empty(&self) -> bool {
        self.cells == 0
    }

    /// How many cells each burst lasted.
    pub fn bursts(&self) -> Vec<u32> {
        let rate = self.failed as f64 / f64::max(self.ended as f64, 1.0);
        let beyond_chance = |ended: u64, failed: u64| {
            let (failed, expected) = (failed as f64, ended as f64 * rate);
            failed >= FAILED && failed > expected + BEYOND * (expected * (1.0 - rate)).sqrt()
        };
        // Of a cell with few calls it says enough that most failed; whether a run of them is chance is asked of the run.
        let bad = |one: &&Suspect| {
            let Cell { ended, failed } = one.cell;
            one.cell.most_failed() || beyond_chance(ended.into(), failed.into())
        };
        let mut runs: Vec<(&Suspect, &Suspect)> = Vec::new();
        for one in self.suspects.iter().filter(bad) {
            match runs.last_mut() {
                Some((_, last)) if one.place - last.place <= GAP => *last = one,
                _ => runs.push((one, one)),
            }
        }
        runs.retain(|(first, last)| {
            let ended = last.ended_before + u64::from(last.cell.ended) - first.ended_before;
            let failed = last.failed_before + u64::from(last.cell.failed) - first.failed_before;
            beyond_chance(ended, failed)
        });
        let length =
            |(first, last): (&Suspect, &Suspect)| (last.number - first.number + 1).unsigned_abs();
        runs.into_iter().map(length).collect()
    }
}

impl Cell {
    fn most_failed(&self) -> bool {
        self.failed > 0 && 2 * self.failed >= self.ended
    }
}

fn lengths(cells: &BTreeMap<i32, Cell>) -> Vec<u32> {
    let mut trail = Trail::default();
    for (number, cell) in cells {
        trail.add(*number, *cell);
    }
    trail.bursts()
}
