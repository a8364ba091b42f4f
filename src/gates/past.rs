//! What the calls of the last days did, in cells of time: how often they failed, and in bursts of what length.

use std::collections::BTreeMap;

/// One webhook's calls in one cell of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

/// How many cells each burst of one webhook lasted.
pub fn lengths(cells: &BTreeMap<i32, Cell>) -> Vec<u32> {
    let sum = |cells: &[(&i32, &Cell)]| {
        cells.iter().fold((0.0, 0.0), |(ended, failed), (_, cell)| {
            (
                ended + f64::from(cell.ended),
                failed + f64::from(cell.failed),
            )
        })
    };
    let cells: Vec<(&i32, &Cell)> = cells.iter().collect();
    let (ended, failed) = sum(&cells);
    let rate = failed / f64::max(ended, 1.0);
    let beyond_chance = |(ended, failed): (f64, f64)| {
        let expected = ended * rate;
        failed >= FAILED && failed > expected + BEYOND * (expected * (1.0 - rate)).sqrt()
    };
    // Of a cell with few calls it says enough that most failed; whether a run of them is chance is asked of the run.
    let bad = |cell: &Cell| {
        let most = cell.failed > 0 && 2 * cell.failed >= cell.ended;
        most || beyond_chance((f64::from(cell.ended), f64::from(cell.failed)))
    };
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (place, _) in cells.iter().enumerate().filter(|(_, (_, cell))| bad(cell)) {
        match runs.last_mut() {
            Some((_, last)) if place - *last <= GAP => *last = place,
            _ => runs.push((place, place)),
        }
    }
    runs.retain(|(first, last)| beyond_chance(sum(&cells[*first..=*last])));
    let length =
        |(first, last): (usize, usize)| (cells[last].0 - cells[first].0 + 1).unsigned_abs();
    runs.into_iter().map(length).collect()
}
